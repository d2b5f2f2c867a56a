// What the page asks of the network.

const { WANTED, nextEvent, wish } = require("../next-event.js");
const { oneOfEach } = require("../headers.js");
const { fail } = require("../../errors.js");
const { BOOLEAN, TEXT, WAIT } = require("./types.js");
const v = require("./checks.js");

/** @typedef {import("../next-event.js").Wanted} Wanted */

class Network {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {Record<string, string>} headers */
  async setExtraHTTPHeaders(headers) {
    const type = v.recordOf(v.anything(), { required: true });
    const given = Object.entries(v.argument("page.setExtraHTTPHeaders", "headers", type, headers));
    for (const [name, value] of given) {
      if (typeof value === "string") continue;
      const message = `Expected value of header "${name}" to be String, but "${typeof value}" is found.`;
      throw fail("ERR_INVALID_OPTION", message);
    }
    await this.#page._call("setExtraHTTPHeaders", { headers: oneOfEach(Object.fromEntries(given)) });
  }

  /** @param {object | null} credentials */
  async authenticate(credentials) {
    const schema = { username: TEXT, password: TEXT };
    await this.#page._call(
      "authenticate",
      credentials === null ? {} : v.check("page.authenticate", schema, credentials),
    );
  }

  /** @param {boolean} [enabled] */
  async setCacheEnabled(enabled = true) {
    await this.#page._call("setCacheEnabled", {
      enabled: v.argument("page.setCacheEnabled", "enabled", BOOLEAN, enabled),
    });
  }

  /** @param {Function | boolean} handler true leaves it to the listeners of "request" */
  async setRequestInterception(handler) {
    const type = v.anyOf([v.func(), v.boolean()], { required: true });
    v.argument("page.setRequestInterception", "handler", type, handler);
    const command = this.#page._interceptByListeners(handler === true);
    await this.#page._call(
      ...(typeof handler === "function" ? this.#page._intercept("decides", /** @type {any} */ (handler)) : command),
    );
  }

  /** @param {string | URL | Wanted} wanted @param {object} [options] */
  async waitForRequest(wanted, options) {
    return await this.#next("waitForRequest", "request", wanted, options);
  }

  /** @param {string | URL | Wanted} wanted @param {object} [options] */
  async waitForResponse(wanted, options) {
    return await this.#next("waitForResponse", "response", wanted, options);
  }

  /** @param {string} operation @param {string} event @param {string | URL | Wanted} wanted @param {object} [options] */
  async #next(operation, event, wanted, options) {
    v.argument(`page.${operation}`, "urlOrPredicate", WANTED, wanted);
    const wait = v.check(`page.${operation}`, WAIT, options);
    return await nextEvent(this.#page, { operation, events: [event], ...wish(event, wanted), ...wait });
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
