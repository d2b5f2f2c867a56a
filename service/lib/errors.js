// What a request is answered with when it cannot be served: a status, a text, and the code and item that boomtown gives it.

/** @typedef {Error & { code?: string, id?: string, statusCode?: number }} Failure */

/** An error that knows its status. */
class HttpError extends Error {
  /** @param {number} statusCode @param {string} message @param {string} [code] */
  constructor(statusCode, message, code) {
    super(message);
    this.statusCode = statusCode;
    this.code = code;
  }
}

/** By boomtown's codes. What is wrong with the request is 4xx, what is wrong with the other side or here 5xx. @type {Record<string, number>} */
const STATUS = {
  ERR_INVALID_OPTION: 400,
  ERR_EVALUATION: 400,
  // What it refuses is mostly an argument: a range of pages, a header, a size.
  ERR_BROWSER: 400,
  ERR_TIMEOUT: 408,
  ERR_QUEUE_FULL: 429,
  // The client has left, and only the log hears of it.
  ERR_ITEM_ABORTED: 499,
  ERR_UNSUPPORTED: 501,
  ERR_NAVIGATION: 502,
  ERR_BROWSER_NOT_FOUND: 503,
  ERR_BROWSER_LAUNCH: 503,
  ERR_TOWN_CLOSED: 503,
  ERR_ITEM_TIMEOUT: 504,
};

/** Fastify's, in the words of browserless where that has some. @type {Record<string, string>} */
const TEXTS = {
  FST_ERR_CTP_EMPTY_JSON_BODY: "Couldn't parse JSON body",
  FST_ERR_CTP_INVALID_JSON_BODY: "Couldn't parse JSON body",
};

/** @param {Failure & { validation?: object[], validationContext?: string }} error */
function answerOf(error) {
  const { code, id, message, validation, validationContext } = error;
  if (validation) {
    const what = validationContext === "body" ? "POST Body" : "Query-parameter";
    return { status: 400, body: { error: `${what} validation failed: ${message}` } };
  }
  const status = Object.hasOwn(STATUS, code ?? "") ? STATUS[String(code)] : (error.statusCode ?? 500);
  const isOurs = code?.startsWith("ERR_") || error instanceof HttpError;
  // Of what nobody has foreseen the log has the details, and a client nothing.
  const text = status === 500 && !isOurs ? "Internal Server Error" : (TEXTS[String(code)] ?? message);
  return { status, body: { error: text, code: isOurs ? code : undefined, id } };
}

module.exports = { HttpError, answerOf };
