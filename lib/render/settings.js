// The values of the command's options, as the page wants them. What is wrong with one is an Error that names option and value.

const { inches, paper } = require("../page/paper.js");

/** @typedef {import("./page.js").Settings} Settings */
/** @typedef {import("./page.js").Wait} Wait */

/** The longest that timers and the core take, about 24 days. */
const LONGEST = 2 ** 31 - 1;
/** Chromium makes no larger picture. */
const MOST_PIXELS = 16_384;

/**
 * Options that have a meaning for one kind of output only.
 * @type {[option: "full-page" | "selector" | "quality" | "format" | "landscape" | "margin", kind: "pictures" | "PDFs"][]}
 */
const OF_ONE_KIND = [
  ["full-page", "pictures"],
  ["selector", "pictures"],
  ["quality", "pictures"],
  ["format", "PDFs"],
  ["landscape", "PDFs"],
  ["margin", "PDFs"],
];

/**
 * The options as they stand on the command line.
 * @typedef {object} Given
 * @property {string} [viewport]
 * @property {boolean} [full-page]
 * @property {string} [selector]
 * @property {string} [quality]
 * @property {string} [format]
 * @property {boolean} [landscape]
 * @property {string} [margin]
 * @property {string[]} [wait]
 * @property {string[]} [header]
 * @property {string[]} [cookie]
 * @property {string} [scale]
 */

/**
 * @param {Given} given
 * @param {import("./outputs.js").Job[]} jobs
 * @returns {Settings}
 */
function settingsOf(given, jobs) {
  const type = jobs[0]?.type;
  const kind = type === "pdf" ? "PDFs" : "pictures";
  for (const [option, owner] of OF_ONE_KIND) {
    if (given[option] !== undefined && owner !== kind)
      throw new Error(`--${option} is for ${owner}, and the output is ${kind}`);
  }
  if (given["full-page"] && given.selector !== undefined)
    throw new Error("--full-page and --selector exclude each other");
  if (given.quality !== undefined && type === "png")
    throw new Error("--quality is for jpeg and webp: a png loses nothing");
  const cookies = (given.cookie ?? []).map(cookie);
  refuseHomeless(cookies, jobs);
  return {
    waits: (given.wait ?? ["load"]).map(wait),
    viewport: given.viewport === undefined ? undefined : viewport(given.viewport),
    scale: given.scale === undefined ? undefined : scale(given.scale, kind),
    headers: Object.fromEntries((given.header ?? []).map(header)),
    cookies,
    picture: {
      fullPage: given["full-page"],
      selector: given.selector,
      quality: given.quality === undefined ? undefined : numberIn("quality", given.quality, 0, 100),
    },
    pdf: { format: format(given.format), landscape: given.landscape, margin: margin(given.margin) },
  };
}

/** @param {string} option @param {string} text @param {number} min @param {number} max */
function numberIn(option, text, min, max, isWhole = true) {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max && (Number.isInteger(value) || !isWhole)) return value;
  throw new Error(
    `--${option} is ${isWhole ? "a whole number" : "a number"} from ${min} to ${max}, not ${JSON.stringify(text)}`,
  );
}

/** @param {string} text */
function viewport(text) {
  const [, width, height] = /^(\d+)x(\d+)$/i.exec(text)?.map(Number) ?? [];
  if (width > 0 && height > 0 && width <= MOST_PIXELS && height <= MOST_PIXELS) return { width, height };
  throw new Error(
    `--viewport is WIDTHxHEIGHT in CSS pixels, each up to ${MOST_PIXELS}, as 1280x800, not ${JSON.stringify(text)}`,
  );
}

/** @param {string} text @param {"pictures" | "PDFs"} kind */
function scale(text, kind) {
  return kind === "PDFs" ? numberIn("scale", text, 0.1, 2, false) : numberIn("scale", text, 0.1, 10, false);
}

/** @param {string} [name] */
function format(name) {
  if (name !== undefined) paper("--format", name);
  return name;
}

/** As in CSS, one to four lengths: all; top and bottom, sides; top, sides, bottom; clockwise from the top. @param {string} [text] */
function margin(text) {
  if (text === undefined) return undefined;
  const lengths = text.trim().split(/[\s,]+/);
  if (lengths.length > 4)
    throw new Error(`--margin has one to four lengths, as "1cm" or "1cm 2cm", not ${JSON.stringify(text)}`);
  for (const length of lengths) inches("--margin", "margin", length);
  const [top, right = top, bottom = top, left = right] = lengths;
  return { top, right, bottom, left };
}

/** @param {string} text @returns {Wait} */
function wait(text) {
  if (text === "ready" || text === "load" || text === "networkidle") return { kind: text };
  if (/^\d+$/.test(text)) return { kind: "time", milliseconds: numberIn("wait", text, 0, LONGEST) };
  if (text.trim() === "")
    throw new Error("--wait is ready, load, networkidle, a number of milliseconds or a selector, not empty");
  return { kind: "selector", selector: text };
}

/** @param {string} text @returns {[name: string, value: string]} */
function header(text) {
  const [, name, value] = /^([!#$%&'*+.^_`|~\w-]+):\s*([^\r\n\0]*)$/.exec(text) ?? [];
  if (name === undefined) throw new Error(`--header is "Name: value", not ${JSON.stringify(text)}`);
  return [name, value.trimEnd()];
}

/** As a server sets one: "name=value; Domain=example.com; Path=/; Secure". @param {string} text */
function cookie(text) {
  const [pair, ...attributes] = text.split(";").map((part) => part.trim());
  const [, name, value] = /^([^=\s]+)=(.*)$/.exec(pair) ?? [];
  if (name === undefined)
    throw new Error(`--cookie is "name=value", with attributes after a semicolon, not ${JSON.stringify(text)}`);
  /** @type {import("../../index.js").CookieParam} */
  const made = { name, value };
  for (const attribute of attributes) {
    const [, key, given = ""] = /^([^=]*)=?(.*)$/.exec(attribute) ?? [];
    Object.assign(made, cookieAttribute(key.toLowerCase(), given, text));
  }
  return made;
}

/** @type {Record<string, "Strict" | "Lax" | "None">} */
const SAME_SITE = { strict: "Strict", lax: "Lax", none: "None" };

/** @param {string} key @param {string} value @param {string} text of the whole cookie */
function cookieAttribute(key, value, text) {
  if (key === "domain" && value !== "") return { domain: value };
  if (key === "path" && value !== "") return { path: value };
  if (key === "secure") return { secure: true };
  if (key === "httponly") return { httpOnly: true };
  const sameSite = Object.hasOwn(SAME_SITE, value.toLowerCase()) ? SAME_SITE[value.toLowerCase()] : undefined;
  if (key === "samesite" && sameSite) return { sameSite };
  throw new Error(
    `--cookie ${JSON.stringify(text)}: "${key}" is none of Domain=, Path=, Secure, HttpOnly, SameSite=Strict, Lax or None`,
  );
}

/** A cookie belongs to a site. @param {import("../../index.js").CookieParam[]} cookies @param {import("./outputs.js").Job[]} jobs */
function refuseHomeless(cookies, jobs) {
  const homeless = cookies.find(({ domain }) => domain === undefined);
  const input = jobs.map((job) => job.input).find(({ url, problem }) => !problem && !/^https?:/.test(url ?? ""));
  if (homeless && input) {
    throw new Error(
      `--cookie ${homeless.name}: ${input.name} has no site that it could be of; say whose it is: "${homeless.name}=...; Domain=example.com"`,
    );
  }
}

module.exports = { LONGEST, numberIn, settingsOf };
