// Going to documents, and waiting for them.

const { NAVIGATION, TEXT, TIMEOUT } = require("./types.js");
const v = require("../../validate.js");

const LIMIT = { ...TIMEOUT, required: true };

class Navigation {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {string | URL} url @param {object} [options] */
  async goto(url, options) {
    const target = v.argument("page.goto", "url", TEXT, url instanceof URL ? url.href : url);
    const checked = v.check("page.goto", { ...NAVIGATION, referer: v.string() }, options);
    return await this.#page._navigate("goto", { url: target, ...checked });
  }

  /** @param {object} [options] */
  async reload(options) {
    return await this.#page._navigate("reload", v.check("page.reload", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async goBack(options) {
    return await this.#page._navigate("goBack", v.check("page.goBack", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async goForward(options) {
    return await this.#page._navigate("goForward", v.check("page.goForward", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async waitForNavigation(options) {
    return await this.#page._navigate("waitForNavigation", v.check("page.waitForNavigation", NAVIGATION, options));
  }

  /** @param {number} timeout ms of whatever waits and is given no time of its own */
  setDefaultTimeout(timeout) {
    this.#page._limits.any = v.argument("page.setDefaultTimeout", "timeout", LIMIT, timeout);
  }

  /** @param {number} timeout the same of navigations, whatever the other is */
  setDefaultNavigationTimeout(timeout) {
    this.#page._limits.navigation = v.argument("page.setDefaultNavigationTimeout", "timeout", LIMIT, timeout);
  }

  getDefaultTimeout() {
    return this.#page._limits.any;
  }

  getDefaultNavigationTimeout() {
    return this.#page._limits.navigation;
  }
}

module.exports = { Navigation };
