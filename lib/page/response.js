// A response to a request of the page, in Puppeteer's shape.

const { fail, isOver } = require("../errors.js");
const { publish } = require("./calls.js");
const { ofRequest } = require("./intercepted.js");

/** ms; a body that a script of the page does not read never ends. */
const BODY_TIMEOUT = 30_000;

/** What a server has shown of itself, where the connection is encrypted. */
class SecurityDetails {
  #data;

  /** @param {any} data of the DevTools protocol */
  constructor(data) {
    this.#data = data;
  }

  issuer() {
    return this.#data.issuer;
  }

  /** Seconds since 1970, as `validTo`. */
  validFrom() {
    return this.#data.validFrom;
  }

  validTo() {
    return this.#data.validTo;
  }

  /** "TLS 1.3", for instance. */
  protocol() {
    return this.#data.protocol;
  }

  subjectName() {
    return this.#data.subjectName;
  }

  subjectAlternativeNames() {
    return this.#data.sanList;
  }
}

class HTTPResponse {
  #request;
  #data;
  #call;
  /** @type {Promise<Buffer> | undefined} */
  #body;

  /**
   * @param {InstanceType<typeof import("./request.js").HTTPRequest>} request
   * @param {any} data see the event "response" in src/engine/event.rs
   * @param {import("./intercepted.js").Call} call
   */
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

  /** 0 where no server tells one, or the engine cannot. */
  status() {
    return this.#data.status ?? 0;
  }

  statusText() {
    return this.#data.statusText ?? "";
  }

  ok() {
    return this.status() === 0 || (this.status() >= 200 && this.status() <= 299);
  }

  /** Names in lower case. @returns {Record<string, string>} */
  headers() {
    return this.#data.headers ?? {};
  }

  remoteAddress() {
    return { ip: this.#data.ip ?? undefined, port: this.#data.port ?? undefined };
  }

  securityDetails() {
    return this.#data.security ? new SecurityDetails(this.#data.security) : null;
  }

  /** As the DevTools protocol tells it. */
  timing() {
    return this.#data.timing ?? null;
  }

  fromCache() {
    return Boolean(this.#data.fromCache) || this.#request._isServedFromCache;
  }

  fromServiceWorker() {
    return Boolean(this.#data.fromServiceWorker);
  }

  frame() {
    return this.#request.frame();
  }

  /** The body, once it is there. @returns {Promise<Buffer>} */
  buffer() {
    this.#body ??= this.#read().catch((/** @type {unknown} */ error) => {
      // It may come yet.
      this.#body = undefined;
      throw error;
    });
    return this.#body;
  }

  /** The same. */
  content() {
    return this.buffer();
  }

  async text() {
    return (await this.buffer()).toString("utf8");
  }

  async json() {
    return JSON.parse(await this.text());
  }

  async #read() {
    if (this.#data.redirects) {
      const message = "Response body is unavailable for redirect responses";
      throw ofRequest(fail("ERR_BROWSER", message), "response.buffer", this.url());
    }
    try {
      return await this.#call("responseBody", { id: this.#request.id, timeout: BODY_TIMEOUT }, "response.buffer");
    } catch (error) {
      throw isOver(error) ? error : ofRequest(error, "response.buffer", this.url());
    }
  }
}

publish(HTTPResponse);

module.exports = { HTTPResponse };
