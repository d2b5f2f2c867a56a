// Errors as Gotenberg answers them: a text and a status.

const { HttpError } = require("../errors.js");

/** @typedef {import("../errors.js").Failure} Failure */

/** By boomtown's codes, and the system's. @type {Record<string, [number, string]>} */
const ANSWERS = {
  ERR_ITEM_TIMEOUT: [503, "The request exceeded the time limit. Increase it with --timeout, or reduce the workload."],
  ERR_QUEUE_FULL: [429, "The request queue is full. Retry shortly, or raise the limit with --queue-limit."],
  // The client has left, and only the log hears of it.
  ERR_ITEM_ABORTED: [499, "Client Closed Request"],
  ENOSPC: [507, "The service has no room on its disk for the request's files."],
};

/** Of these the message says what the operator has to know, and nothing of the machine. */
const UNAVAILABLE = new Set(["ERR_BROWSER_NOT_FOUND", "ERR_BROWSER_LAUNCH", "ERR_TOWN_CLOSED"]);

/** What the parser of multipart bodies throws. @type {Record<string, [number, string]>} */
const UPLOADS = {
  FST_REQ_FILE_TOO_LARGE: [413, "The request body exceeds the configured size limit."],
  FST_PARTS_LIMIT: [413, "The request has too many parts."],
  FST_FILES_LIMIT: [413, "The request has too many files."],
  FST_FIELDS_LIMIT: [413, "The request has too many fields."],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: [415, "Invalid 'Content-Type' header value: want 'multipart/form-data'"],
  FST_INVALID_MULTIPART_CONTENT_TYPE: [415, "Invalid 'Content-Type' header value: want 'multipart/form-data'"],
};

/** @param {unknown} error @returns {{ status: number, message: string }} */
function answerOf(error) {
  const { code = "", message, statusCode } = /** @type {Failure} */ (error);
  const [status, text] = ANSWERS[code] ?? UPLOADS[code] ?? [];
  if (status !== undefined) return { status, message: String(text) };
  if (error instanceof HttpError) return { status: error.statusCode, message };
  if (UNAVAILABLE.has(code)) return { status: 503, message };
  // What fastify refuses, such as a body that does not come to its end.
  if (statusCode !== undefined && statusCode < 500) return { status: statusCode, message };
  return { status: 500, message: "Internal Server Error" };
}

/** @param {string[]} complaints */
const invalid = (complaints) => new HttpError(400, `Invalid form data: ${complaints.join("\n")}`);

module.exports = { answerOf, invalid };
