// What the page asks of the network.

const { oneOfEach } = require("../request.js");
const { BOOLEAN, TEXT, WAIT } = require("./types.js");
const v = require("../../validate.js");

class Network {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {Record<string, string>} headers */
  async setExtraHTTPHeaders(headers) {
    const type = v.recordOf(v.string(), { required: true });
    await this.#page._call("setExtraHTTPHeaders", {
      headers: oneOfEach(v.argument("page.setExtraHTTPHeaders", "headers", type, headers)),
    });
  }

  /** @param {object | null} credentials */
  async authenticate(credentials) {
    const schema = { username: TEXT, password: TEXT };
    await this.#page._call(
      "authenticate",
      credentials === null ? {} : v.check("page.authenticate", schema, credentials),
    );
  }

  /** @param {boolean} enabled */
  async setCacheEnabled(enabled) {
    await this.#page._call("setCacheEnabled", {
      enabled: v.argument("page.setCacheEnabled", "enabled", BOOLEAN, enabled),
    });
  }

  /** @param {Function | false} handler */
  async setRequestInterception(handler) {
    const type = v.anyOf([v.func(), v.oneOf([false])], { required: true });
    v.argument("page.setRequestInterception", "handler", type, handler);
    await this.#page._call(
      ...this.#page._intercept("decides", handler === false ? undefined : /** @type {any} */ (handler)),
    );
  }

  /** @param {object} [options] */
  async waitForNetworkIdle(options) {
    const schema = {
      idleTime: v.milliseconds({ default: 500 }),
      concurrency: v.integer({ min: 0, default: 0 }),
      ...WAIT,
    };
    await this.#page._wait("waitForNetworkIdle", v.check("page.waitForNetworkIdle", schema, options));
  }
}

module.exports = { Network };
