// Requests of the page and their responses, in Puppeteer's shapes. A request that interception holds goes on when one of its
// methods `continue`, `respond` or `abort` is called.

const { fail, isOver, itemOf } = require("../errors.js");
const { publish } = require("./calls.js");
const v = require("../validate.js");

/** @typedef {(method: string, params: object, operation: string) => Promise<any>} Call */

/** Puppeteer's names of the reasons that a request can be aborted for, and the protocol's. @type {Record<string, string>} */
const ABORT_REASONS = {
  aborted: "Aborted",
  accessdenied: "AccessDenied",
  addressunreachable: "AddressUnreachable",
  blockedbyclient: "BlockedByClient",
  blockedbyresponse: "BlockedByResponse",
  connectionaborted: "ConnectionAborted",
  connectionclosed: "ConnectionClosed",
  connectionfailed: "ConnectionFailed",
  connectionrefused: "ConnectionRefused",
  connectionreset: "ConnectionReset",
  internetdisconnected: "InternetDisconnected",
  namenotresolved: "NameNotResolved",
  timedout: "TimedOut",
  failed: "Failed",
};

/** As Puppeteer makes text of it. @type {import("../validate.js").Type} */
const VALUE = {
  allowed: "text or a number",
  is: (value) => value === null || ["string", "number", "bigint", "boolean"].includes(typeof value),
  into: String,
};

/** An array is several headers of one name, and undefined is none. */
const HEADERS = v.recordOf(v.anyOf([VALUE, v.arrayOf(VALUE)]), { sparse: true });

/** What the core gets: @typedef {Record<string, string | string[]>} Headers */

const OVERRIDES = {
  url: v.string({ empty: false }),
  method: v.string({ empty: false }),
  headers: HEADERS,
  postData: v.string(),
  body: v.string(),
};

const BYTES = {
  allowed: "a string or bytes",
  is: (/** @type {unknown} */ value) => typeof value === "string" || value instanceof Uint8Array,
};
const RESPONSE = {
  status: v.integer({ min: 100, max: 599, default: 200 }),
  headers: HEADERS,
  contentType: v.string(),
  body: BYTES,
};

/** ms; a body that a script of the page does not read never ends. */
const BODY_TIMEOUT = 30_000;

class Request {
  #data;
  #redirects;
  /** @type {Response | null} */
  #response = null;
  /** @type {string | null} */
  #failure = null;
  #servedFromCache = false;
  /** A response that the browser has kept from the page. @type {{ status: number, statusText: string, headers: Record<string, string> } | undefined} */
  #kept;

  /**
   * @param {any} data see the event "request" in src/engine/event.rs
   * @param {Request[]} redirects the requests that led to this one
   */
  constructor(data, redirects) {
    this.#data = data;
    this.#redirects = redirects;
  }

  get id() {
    return this.#data.id;
  }

  url() {
    return this.#data.url;
  }

  method() {
    return this.#data.method;
  }

  /** Names in lower case. @returns {Record<string, string>} */
  headers() {
    return this.#data.headers;
  }

  /** @returns {string | undefined} */
  postData() {
    return this.#data.postData ?? undefined;
  }

  /** "document", "stylesheet", "image", "media", "font", "script", "xhr", "fetch", "websocket", "other", ... */
  resourceType() {
    return this.#data.resourceType;
  }

  isNavigationRequest() {
    return this.#data.navigation;
  }

  /** Whether the frame that asks for it is the main one. */
  isMainFrame() {
    return this.#data.main;
  }

  redirectChain() {
    return [...this.#redirects];
  }

  response() {
    return this.#response;
  }

  failure() {
    return this.#failure === null ? null : { errorText: this.#failure };
  }

  /** What went over the wire, cookies among it. @param {Record<string, string>} headers */
  sent(headers) {
    Object.assign(this.#data.headers, headers);
  }

  /** The renderer's own cache had its answer. */
  servedFromCache() {
    this.#servedFromCache = true;
  }

  get isServedFromCache() {
    return this.#servedFromCache;
  }

  /** @param {Response} response */
  answered(response) {
    this.#response = response;
    return response;
  }

  /** @param {string} errorText @param {{ status: number, statusText: string, headers: Record<string, string> }} [kept] */
  failed(errorText, kept) {
    this.#failure = errorText;
    this.#kept = kept;
  }

  get kept() {
    return this.#kept;
  }

  /** The chain of redirects for the request that follows this one. */
  redirected() {
    return [...this.#redirects, this];
  }
}

class Response {
  #request;
  #data;
  #call;
  /** @type {Promise<Buffer> | undefined} */
  #body;

  /** @param {Request} request @param {any} data see the event "response" in src/engine/event.rs @param {Call} call */
  constructor(request, data, call) {
    this.#request = request;
    this.#data = data;
    this.#call = call;
  }

  request() {
    return this.#request;
  }

  /** With the fragment, as it was asked for. */
  url() {
    return this.#request.url();
  }

  status() {
    return this.#data.status;
  }

  statusText() {
    return this.#data.statusText;
  }

  ok() {
    return this.status() === 0 || (this.status() >= 200 && this.status() <= 299);
  }

  /** Names in lower case. @returns {Record<string, string>} */
  headers() {
    return this.#data.headers;
  }

  fromCache() {
    return this.#data.fromCache || this.#request.isServedFromCache;
  }

  /** The body, once it is there. @returns {Promise<Buffer>} */
  buffer() {
    this.#body ??= this.#call("responseBody", { id: this.#request.id, timeout: BODY_TIMEOUT }, "response.buffer").catch(
      (/** @type {unknown} */ error) => {
        // It may come yet.
        this.#body = undefined;
        throw isOver(error) ? error : ofRequest(error, "response.buffer", this.url());
      },
    );
    return this.#body;
  }

  async text() {
    return (await this.buffer()).toString("utf8");
  }

  async json() {
    return JSON.parse(await this.text());
  }
}

/** What `setRequestInterception` gives its handler. */
class InterceptedRequest {
  #data;
  #call;
  #handled = false;
  /** @type {Record<string, unknown>} */
  #changes = {};

  /** @param {any} data see the event "intercepted" in src/engine/event.rs @param {Call} call */
  constructor(data, call) {
    this.#data = data;
    this.#call = call;
    this.id = data.id;
    this.url = data.url;
    this.method = data.method;
    this.headers = data.headers;
    this.resourceType = data.resourceType;
    this.body = data.postData ?? undefined;
    this.isNavigation = data.navigation;
  }

  /** @param {any} [overrides] */
  async continue(overrides) {
    const { postData, body = postData, headers, ...rest } = v.check("request.continue", OVERRIDES, overrides);
    const changed = { ...this.#changes, ...v.defined({ ...rest, body, headers: headers && joined(headers) }) };
    await this.#handle("continueRequest", changed, "request.continue");
  }

  /** Has it go on another way, whoever lets it go on. @param {{ url?: string, headers?: Record<string, unknown> }} changes */
  change({ url, headers }) {
    if (url !== undefined) this.url = url;
    if (headers) this.headers = joined(v.argument("request.change", "headers", HEADERS, headers));
    this.#changes = v.defined({ url, headers: headers && this.headers });
  }

  /** @param {any} response */
  async respond(response) {
    const { status, headers = {}, contentType, body } = v.check("request.respond", RESPONSE, response);
    const bytes = Buffer.from(body ?? "");
    const length = body === undefined ? {} : { "content-length": String(bytes.length) };
    const type = contentType === undefined ? {} : { "content-type": contentType };
    const sent = { ...length, ...oneOfEach(headers), ...type };
    await this.#handle("fulfillRequest", { status, headers: sent, body: bytes.toString("base64") }, "request.respond");
  }

  /** @param {string} [reason] one of Puppeteer's names, such as "blockedbyclient" */
  async abort(reason = "failed") {
    v.argument("request.abort", "reason", v.oneOf(Object.keys(ABORT_REASONS)), reason);
    await this.#handle("failRequest", { reason: ABORT_REASONS[reason] }, "request.abort");
  }

  /** Lets it go on if the handler has not decided and cannot decide any more. */
  async letGo() {
    if (!this.#handled) await this.continue();
  }

  /** Aborts it if the handler has failed before it decided. */
  async refuse() {
    if (!this.#handled) await this.abort();
  }

  /** @param {string} method @param {object} params @param {string} operation */
  async #handle(method, params, operation) {
    if (this.#handled)
      throw fail("ERR_INVALID_OPTION", `${operation}: the request to ${v.brief(this.url)} has been handled already`);
    this.#handled = true;
    try {
      await this.#call(method, { id: this.#data.interception, ...params }, operation);
    } catch (error) {
      // A page that is over has no requests; as with Puppeteer, nobody needs to mind.
      if (isOver(error)) return;
      // It still waits for a decision.
      this.#handled = false;
      throw ofRequest(error, operation, this.url);
    }
  }
}

/**
 * The core knows requests by ids that mean nothing to the program, which knows their URLs.
 * @param {unknown} error @param {string} operation @param {string} url
 */
function ofRequest(error, operation, url) {
  const { code, message } = /** @type {import("../errors.js").CodedError} */ (error);
  return fail(code, `${operation}: the request to ${v.brief(url)}: ${message}`, { cause: error, item: itemOf(error) });
}

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

for (const Class of [Response, InterceptedRequest]) publish(Class);

module.exports = { Request, Response, InterceptedRequest, oneOfEach };
