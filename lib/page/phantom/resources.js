// PhantomJS's view of requests and responses: numbers for ids, text for times, headers as they are written, and Qt's errors.

const { fileURLToPath } = require("node:url");

/** Qt's numbers of HTTP errors; others of a hundred have one together. @type {Record<number, number>} */
const OF_STATUS = {
  400: 302,
  401: 204,
  403: 202,
  404: 203,
  405: 202,
  407: 105,
  409: 206,
  410: 207,
  418: 302,
  500: 401,
  501: 402,
  503: 403,
};

/** What Qt says of those that have words of their own. @type {Record<number, string>} */
const WORDS_OF_STATUS = { 401: "Host requires authentication", 407: "Proxy requires authentication" };

const CANCELED = 5;
const CANCELED_WORDS = "Operation canceled";
const UNKNOWN_PROTOCOL = 301;

/** Qt's numbers of a connection's errors, and its words for them. @type {[RegExp, number, (url: string) => string][]} */
const OF_CONNECTION = [
  [/CONNECTION_REFUSED|UNSAFE_PORT|ADDRESS_UNREACHABLE/, 1, () => "Connection refused"],
  [/CONNECTION_(?:CLOSED|RESET|ABORTED)|EMPTY_RESPONSE|LENGTH_MISMATCH|INCOMPLETE/, 2, () => "Connection closed"],
  [/NAME_NOT_RESOLVED/, 3, (url) => `Host ${hostOf(url)} not found`],
  [/TIMED_OUT/, 4, () => "Socket operation timed out"],
  [/ERR_(?:ABORTED|FAILED)|BLOCKED_BY|INTERNET_DISCONNECTED/, CANCELED, () => CANCELED_WORDS],
  [/SSL|CERT/, 6, () => "SSL handshake failed"],
  [/FILE_NOT_FOUND/, 203, (url) => `Error opening ${fileURLToPath(url)}: No such file or directory`],
];

/** What either knows. */
const SCHEMES = /^(?:https?|file|data|ftp|blob|about|filesystem|wss?|javascript):/i;

/** What an answer says; of a request that had none, nothing. @typedef {{ status: number | null, statusText: string | null, headers: Record<string, string> }} Answer */

/** @type {Answer} */
const NO_ANSWER = { status: null, statusText: null, headers: {} };

/** @param {string} url */
function hostOf(url) {
  return URL.canParse(url) ? new URL(url).hostname : url;
}

const now = () => new Date().toISOString();

/** As they are written: browsers tell them in lower case. @param {Record<string, string>} headers */
const pairs = (headers) => Object.entries(headers).map(([name, value]) => ({ name: written(name), value }));

/** @param {string} name */
function written(name) {
  return name.startsWith("sec-") || name.startsWith(":")
    ? name
    : name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/** @param {any} response of Puppeteer's shape @returns {Answer} */
function answerOf(response) {
  // Nobody has answered what the URL itself says.
  const [status, statusText] = response.url().startsWith("data:")
    ? [null, null]
    : [response.status(), response.statusText()];
  return { status, statusText, headers: response.headers() };
}

/**
 * @param {{ id: number, url: string }} seen
 * @param {Answer} answer
 * @param {"start" | "end"} stage
 */
function resource({ id, url }, { status, statusText, headers }, stage) {
  return {
    ...(stage === "start" ? { body: "", bodySize: Number(headers["content-length"] ?? 0) } : {}),
    contentType: headers["content-type"] ?? null,
    headers: pairs(headers),
    id,
    redirectURL: isRedirect(status, headers) ? absolute(headers.location, url) : null,
    stage,
    status,
    statusText,
    time: now(),
    url,
  };
}

/** @param {number | null} status @param {Record<string, string>} headers */
const isRedirect = (status, headers) => Math.floor(Number(status) / 100) === 3 && headers.location !== undefined;

/** @param {string} url @param {string} base */
const absolute = (url, base) => (URL.canParse(url, base) ? new URL(url, base).href : url);

/** @param {{ id: number, url: string }} seen @param {Answer} answer @param {number} errorCode @param {string} errorString */
function errorOf({ id, url }, { status, statusText }, errorCode, errorString) {
  return { errorCode, errorString, id, status, statusText, url };
}

/** @param {number} status */
const isError = (status) => status >= 400;

/** Of an answer that is an error. @param {{ id: number, url: string }} seen @param {Answer} answer */
function statusError(seen, answer) {
  const status = Number(answer.status);
  const words = WORDS_OF_STATUS[status] ?? `Error downloading ${seen.url} - server replied: ${answer.statusText ?? ""}`;
  return errorOf(seen, answer, OF_STATUS[status] ?? (status < 500 ? 299 : 499), words);
}

/**
 * @param {{ id: number, url: string }} seen
 * @param {Answer} answer
 * @param {string} text the browser's
 */
function connectionError(seen, answer, text) {
  if (!SCHEMES.test(seen.url)) {
    const scheme = /^[^:]*/.exec(seen.url)?.[0] ?? "";
    return errorOf(seen, answer, UNKNOWN_PROTOCOL, `Protocol "${scheme}" is unknown`);
  }
  const [, code, words] = OF_CONNECTION.find(([pattern]) => pattern.test(text)) ?? [undefined, 99, () => text];
  return errorOf(seen, answer, code, words(seen.url));
}

/** @param {{ id: number, url: string }} seen @param {Answer} answer */
const canceled = (seen, answer) => errorOf(seen, answer, CANCELED, CANCELED_WORDS);

/**
 * @param {{ id: number, url: string }} seen
 * @param {{ method: string, headers: Record<string, string>, postData?: string }} request
 */
function requested({ id, url }, { method, headers, postData }) {
  const sent = { headers: pairs(headers), id, method, time: now(), url };
  return postData === undefined ? sent : { ...sent, postData };
}

/** @param {{ id: number, url: string }} seen @param {Parameters<typeof requested>[1]} request */
function timedOut(seen, request) {
  return { ...requested(seen, request), errorCode: 408, errorString: "Network timeout on resource." };
}

module.exports = {
  NO_ANSWER,
  SCHEMES,
  answerOf,
  canceled,
  connectionError,
  errorOf,
  isError,
  isRedirect,
  requested,
  resource,
  statusError,
  timedOut,
};
