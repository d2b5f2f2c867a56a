// Takes what is made to the client's own server, or the error, and tells of both as events.

const { createReadStream } = require("node:fs");
const http = require("node:http");
const https = require("node:https");
const { pipeline } = require("node:stream/promises");
const { HttpError } = require("../errors.js");
const { answerOf } = require("./errors.js");
const { disposition } = require("./output.js");
const { withRetries } = require("./retries.js");

/** Milliseconds for one try, as Gotenberg has it. */
const PATIENCE = 30_000;
const METHODS = ["POST", "PUT", "PATCH"];

/** @typedef {{ url: string, method: string }} Target */
/** @typedef {import("./output.js").Output} Output */

/**
 * The webhook of a request that asks for one.
 * @param {import("fastify").FastifyRequest} request
 * @param {string} trace
 * @param {import("fastify").FastifyBaseLogger} log
 */
function webhookOf({ headers }, trace, log) {
  const url = text(headers, "gotenberg-webhook-url");
  if (url === "") return undefined;
  const error = text(headers, "gotenberg-webhook-error-url");
  const events = text(headers, "gotenberg-webhook-events-url");
  if (error === "" && events === "") {
    throw new HttpError(
      400,
      "At least one of 'Gotenberg-Webhook-Error-Url' or 'Gotenberg-Webhook-Events-Url' headers must be provided",
    );
  }
  return new Webhook({
    success: target(headers, "Gotenberg-Webhook-Url", "Gotenberg-Webhook-Method"),
    failure:
      error === "" ? undefined : target(headers, "Gotenberg-Webhook-Error-Url", "Gotenberg-Webhook-Error-Method"),
    events: events === "" ? undefined : target(headers, "Gotenberg-Webhook-Events-Url"),
    headers: { ...extraHeaders(headers), "gotenberg-trace": trace, ...traceParent(headers) },
    trace,
    log,
  });
}

class Webhook {
  #to;

  /**
   * @param {{ success: Target, failure?: Target, events?: Target, headers: Record<string, string>, trace: string,
   *   log: import("fastify").FastifyBaseLogger }} to
   */
  constructor(to) {
    this.#to = to;
  }

  /** Never throws: there is nobody left to tell. @param {() => Promise<Output>} produce */
  async deliver(produce) {
    const { success, failure, trace } = this.#to;
    try {
      const output = await produce();
      const headers = { "content-type": output.type, "content-length": String(output.size) };
      await this.#send(
        success,
        { "content-disposition": disposition(output.name), ...this.#to.headers, ...headers },
        () => createReadStream(output.path),
      );
      await this.#tell({ event: "webhook.success", correlationId: trace });
    } catch (error) {
      const { status, message } = answerOf(error);
      this.#to.log.warn({ status, trace, reason: /** @type {Error} */ (error).message }, "a webhook gets an error");
      if (failure) await this.#sendJson(failure, { status, message });
      await this.#tell({ event: "webhook.error", correlationId: trace, error: { status, message } });
    }
  }

  /** @param {object} event */
  async #tell(event) {
    const { events } = this.#to;
    if (events) await this.#sendJson(events, { ...event, timestamp: new Date().toISOString() });
  }

  /** @param {Target} to @param {object} body */
  async #sendJson(to, body) {
    const json = Buffer.from(JSON.stringify(body));
    const headers = { "content-type": "application/json", "content-length": String(json.length) };
    try {
      await this.#send(to, { ...this.#to.headers, ...headers }, () => [json]);
    } catch (error) {
      this.#to.log.error(
        { trace: this.#to.trace, reason: /** @type {Error} */ (error).message },
        "a webhook is not reached",
      );
    }
  }

  /**
   * @param {Target} to
   * @param {Record<string, string>} headers
   * @param {() => AsyncIterable<Buffer> | Iterable<Buffer>} body anew for each try
   */
  async #send({ url, method }, headers, body) {
    const { status } = await withRetries(() =>
      exchange(url, method, { "user-agent": "Gotenberg", ...headers }, body()),
    );
    if (status >= 400) throw new Error(`${method} to the webhook: got status ${status}`);
  }
}

/**
 * One request, of whose answer only the status counts.
 * @param {string} url
 * @param {string} method
 * @param {Record<string, string>} headers
 * @param {AsyncIterable<Buffer> | Iterable<Buffer>} body
 * @returns {Promise<{ status: number, retryAfter?: string }>}
 */
function exchange(url, method, headers, body) {
  const { request } = url.startsWith("https:") ? https : http;
  return new Promise((resolve, reject) => {
    const asked = request(url, { method, headers, signal: AbortSignal.timeout(PATIENCE) });
    asked.on("response", (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? 0, retryAfter: response.headers["retry-after"] });
    });
    asked.on("error", reject);
    // A server may answer before it has read all of it: then its answer counts.
    pipeline(body, asked).catch(() => {});
  });
}

/** @param {import("node:http").IncomingHttpHeaders} headers @param {string} urlHeader @param {string} [methodHeader] @returns {Target} */
function target(headers, urlHeader, methodHeader) {
  const url = text(headers, urlHeader);
  const { protocol = "" } = URL.canParse(url) ? new URL(url) : {};
  if (protocol !== "http:" && protocol !== "https:") {
    throw new HttpError(400, `Invalid '${urlHeader}' header value: expected an http or https URL, but got '${url}'`);
  }
  const method = (methodHeader === undefined ? "" : text(headers, methodHeader)).toUpperCase() || "POST";
  if (!METHODS.includes(method)) {
    throw new HttpError(
      400,
      `Invalid '${methodHeader}' header value: expected 'POST', 'PATCH' or 'PUT', but got '${method}'`,
    );
  }
  return { url, method };
}

/** @param {import("node:http").IncomingHttpHeaders} headers @returns {Record<string, string>} with names in lower case */
function extraHeaders(headers) {
  const name = "Gotenberg-Webhook-Extra-Http-Headers";
  const given = text(headers, name);
  if (given === "") return {};
  try {
    const entries = Object.entries(JSON.parse(given));
    for (const [header, value] of entries) {
      http.validateHeaderName(header);
      http.validateHeaderValue(header, value);
    }
    return Object.fromEntries(entries.map(([header, value]) => [header.toLowerCase(), String(value)]));
  } catch (error) {
    throw new HttpError(400, `Invalid '${name}' header value: ${/** @type {Error} */ (error).message}`);
  }
}

/** The trace that the request is part of (W3C Trace Context). @param {import("node:http").IncomingHttpHeaders} headers */
function traceParent(headers) {
  const parent = text(headers, "traceparent");
  return parent === "" ? undefined : { traceparent: parent };
}

/** @param {import("node:http").IncomingHttpHeaders} headers @param {string} name */
const text = (headers, name) => String(headers[name.toLowerCase()] ?? "").trim();

module.exports = { webhookOf };
