// Files that a form names by their URLs instead of bringing them: they are fetched into the request's folder.

const { Readable } = require("node:stream");
const { HttpError } = require("../errors.js");
const { notHere } = require("./pdf-fields.js");
const { withRetries } = require("./retries.js");

/** What Gotenberg does with files of these is not here. @type {Record<string, string>} */
const MISSING = { embedded: "embedding files", watermark: "watermarks", stamp: "stamps" };

/**
 * @param {import("./upload.js").Upload} upload
 * @param {InstanceType<typeof import("./upload.js").Inbox>} inbox
 * @param {{ timeout: number, trace: string, signal: AbortSignal }} options `timeout` in milliseconds, 0 is no limit
 */
async function download({ values }, inbox, { timeout, trace, signal }) {
  const [text = ""] = values.get("downloadFrom") ?? [];
  if (text === "") return;
  const limit = timeout > 0 ? AbortSignal.any([signal, AbortSignal.timeout(timeout)]) : signal;
  for (const [index, entry] of entries(text).entries()) {
    const { url, extraHttpHeaders = {}, field, embedded } = entry ?? {};
    const what = MISSING[embedded ? "embedded" : String(field ?? "")];
    if (what) throw notHere(what, `'downloadFrom' entry ${index}'s '${embedded ? "embedded" : "field"}'`);
    if (typeof url !== "string" || url.trim() === "") {
      throw new HttpError(400, `Invalid 'downloadFrom' form field entry ${index}: URL must be set`);
    }
    await fetchInto(inbox, url, { "User-Agent": "Gotenberg", ...extraHttpHeaders, "Gotenberg-Trace": trace }, limit);
  }
}

/** @param {string} text @returns {any[]} */
function entries(text) {
  try {
    const list = JSON.parse(text);
    if (!Array.isArray(list)) throw new Error("expected a list");
    return list;
  } catch (error) {
    throw new HttpError(400, `Invalid 'downloadFrom' form field value: ${/** @type {Error} */ (error).message}`);
  }
}

/**
 * @param {InstanceType<typeof import("./upload.js").Inbox>} inbox
 * @param {string} url
 * @param {Record<string, string>} headers
 * @param {AbortSignal} signal
 */
async function fetchInto(inbox, url, headers, signal) {
  const response = await reach(url, headers, signal);
  if (response.status !== 200 || !response.body) {
    const status = `${response.status} ${response.statusText}`.trim();
    throw new HttpError(400, `Unable to download file from '${url}': got status: '${status}'`);
  }
  const name = filename(response.headers.get("content-disposition"), url);
  await inbox.keep(name, Readable.fromWeb(/** @type {any} */ (response.body)));
}

/** @param {string} url @param {Record<string, string>} headers @param {AbortSignal} signal */
async function reach(url, headers, signal) {
  try {
    const { response } = await withRetries(async () => {
      const answer = await fetch(url, { headers, signal });
      return { status: answer.status, retryAfter: answer.headers.get("retry-after"), response: answer };
    }, signal);
    return response;
  } catch (error) {
    const { message, cause } = /** @type {Error} */ (error);
    const reason = cause instanceof Error ? cause.message : message;
    throw new HttpError(400, `Unable to download file from '${url}': ${reason}`);
  }
}

/** @param {string | null} disposition @param {string} url */
function filename(disposition, url) {
  if (disposition === null) throw new HttpError(400, `No 'Content-Disposition' header from '${url}'`);
  const [, encoded] = /;\s*filename\*\s*=\s*utf-8''([^;\s]+)/i.exec(disposition) ?? [];
  const [, quoted, plain] = /;\s*filename\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]+))/i.exec(disposition) ?? [];
  const name = decoded(encoded) ?? quoted?.replaceAll(/\\(.)/g, "$1") ?? plain;
  if (name === undefined) {
    throw new HttpError(400, `Invalid 'Content-Disposition' header '${disposition}' from '${url}': no filename`);
  }
  return name;
}

/** @param {string | undefined} text */
function decoded(text) {
  try {
    return text === undefined ? undefined : decodeURIComponent(text);
  } catch {
    return undefined;
  }
}

module.exports = { download };
