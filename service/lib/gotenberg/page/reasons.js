// Why a conversion failed, in Gotenberg's words.

const { HttpError } = require("../../errors.js");

/** What Chromium says about paper and pages. @type {[RegExp, (wanted: import("./index.js").Conversion) => string][]} */
const PRINTING = [
  [
    /page range syntax error/i,
    ({ print }) => `Chromium does not handle the page ranges '${print?.pageRanges}' (nativePageRanges) syntax`,
  ],
  [
    /page range exceeds page count/i,
    ({ print }) => `The page ranges '${print?.pageRanges}' (nativePageRanges) exceeds the page count`,
  ],
  [/printing failed/i, () => "Chromium failed to print the PDF; this usually happens when the page is too large"],
];
const SETTINGS = "Chromium does not handle the provided settings; please check for aberrant form values";

/**
 * @param {any} error
 * @param {import("./index.js").Conversion} wanted
 * @returns {unknown}
 */
function reasonOf(error, wanted) {
  const { code, message } = error;
  if (error instanceof HttpError) return error;
  if (code === "ERR_NAVIGATION") {
    const [reason = message] = /net::ERR_\w+/.exec(message) ?? [];
    return new HttpError(400, `Chromium returned ${reason}`);
  }
  const [, text] = PRINTING.find(([pattern]) => pattern.test(message)) ?? [];
  if (text) return new HttpError(400, text(wanted));
  // What the browser refuses is an argument: a size, a header, a cookie.
  if (code === "ERR_BROWSER" || code === "ERR_INVALID_OPTION") return new HttpError(400, SETTINGS);
  return error;
}

module.exports = { reasonOf };
