// Headers as programs give them, and as the core takes them.

const v = require("../validate.js");

/** As Puppeteer makes text of it. @type {import("../validate.js").Type} */
const VALUE = {
  allowed: "text or a number",
  is: (value) => value === null || ["string", "number", "bigint", "boolean"].includes(typeof value),
  into: String,
};

/** An array is several headers of one name, and undefined is none. */
const HEADERS = v.recordOf(v.anyOf([VALUE, v.arrayOf(VALUE)]), { sparse: true });

/** What the core gets: @typedef {Record<string, string | string[]>} Headers */

/**
 * Of several spellings of a header the last one counts, be it that there is none. Responses tell of several cookies in lines.
 * @param {Record<string, string | string[] | undefined>} headers
 * @returns {Headers}
 */
function oneOfEach(headers) {
  const spelled = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  const { "set-cookie": cookies, ...rest } = v.defined(Object.fromEntries(spelled));
  return typeof cookies === "string"
    ? { ...rest, "set-cookie": cookies.split("\n") }
    : v.defined({ ...rest, "set-cookie": cookies });
}

/**
 * Headers of a request, each in one line: of several of one name the browser would send the last (RFC 9110, 5.3).
 * @param {Record<string, string | string[] | undefined>} headers
 * @returns {Record<string, string>}
 */
function joined(headers) {
  const lines = Object.entries(oneOfEach(headers)).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(name === "cookie" ? "; " : ", ") : value,
  ]);
  return Object.fromEntries(lines);
}

module.exports = { HEADERS, joined, oneOfEach };
