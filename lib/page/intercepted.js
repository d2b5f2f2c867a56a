// A request that interception holds until it goes on, is answered or fails.

const { STATUS_CODES } = require("node:http");
const { fail, isOver, itemOf } = require("../errors.js");
const { publish } = require("./calls.js");
const { HEADERS, joined, oneOfEach } = require("./headers.js");
const { warn } = require("./warn.js");
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

/**
 * What the core is told of each decision, by its name.
 * @type {Record<Kind, { method: string, params: (operation: string, argument: any) => Record<string, unknown> }>}
 */
const DECISIONS = {
  continue: {
    method: "continueRequest",
    params: (operation, overrides) => {
      const { postData, body = postData, headers, ...rest } = v.check(operation, OVERRIDES, overrides, warn);
      return v.defined({ ...rest, body, headers: headers && joined(headers) });
    },
  },
  respond: {
    method: "fulfillRequest",
    params: (operation, response) => {
      const { status, headers = {}, contentType, body } = v.check(operation, RESPONSE, response, warn);
      const bytes = Buffer.from(body ?? "");
      const length = body === undefined ? {} : { "content-length": String(bytes.length) };
      const type = contentType === undefined ? {} : { "content-type": contentType };
      return {
        status,
        statusText: STATUS_CODES[status],
        headers: { ...length, ...oneOfEach(headers), ...type },
        body: bytes.toString("base64"),
      };
    },
  },
  abort: {
    method: "failRequest",
    params: (operation, reason = "failed") => {
      v.argument(operation, "reason", v.oneOf(Object.keys(ABORT_REASONS)), reason);
      return { reason: ABORT_REASONS[reason] };
    },
  },
};

/** @typedef {"continue" | "respond" | "abort"} Kind */

/** What the core gets for a decision, whose argument is checked. @param {Kind} kind @param {unknown} argument */
function paramsOf(kind, argument) {
  return DECISIONS[kind].params(`request.${kind}`, argument);
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

  get _data() {
    return this.#data;
  }

  /** @param {any} [overrides] */
  async continue(overrides) {
    await this.#decide("continue", overrides);
  }

  /** Has it go on another way, whoever lets it go on. @param {{ url?: string, headers?: Record<string, unknown> }} changes */
  change({ url, headers }) {
    if (url !== undefined) this.url = url;
    if (headers) this.headers = joined(v.argument("request.change", "headers", HEADERS, headers));
    this.#changes = v.defined({ url, headers: headers && this.headers });
  }

  /** @param {any} response */
  async respond(response) {
    await this.#decide("respond", response);
  }

  /** @param {string} [reason] one of Puppeteer's names, such as "blockedbyclient" */
  async abort(reason) {
    await this.#decide("abort", reason);
  }

  /** Lets it go on if the handler has not decided and cannot decide any more. */
  async letGo() {
    if (!this.#handled) await this.continue();
  }

  /** Aborts it if the handler has failed before it decided. */
  async refuse() {
    if (!this.#handled) await this.abort();
  }

  /** @param {Kind} kind @param {unknown} argument */
  async #decide(kind, argument) {
    const params = paramsOf(kind, argument);
    if (this.#handled)
      throw fail("ERR_INVALID_OPTION", `request.${kind}: the request to ${v.brief(this.url)} has been handled already`);
    await this._carryOut(kind, params);
  }

  /**
   * @param {Kind} kind
   * @param {Record<string, unknown>} params see `paramsOf`
   */
  async _carryOut(kind, params) {
    this.#handled = true;
    const operation = `request.${kind}`;
    const changes = kind === "continue" ? this.#changes : {};
    try {
      await this.#call(DECISIONS[kind].method, { id: this.#data.interception, ...changes, ...params }, operation);
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

publish(InterceptedRequest);

module.exports = { InterceptedRequest, ofRequest, paramsOf };
