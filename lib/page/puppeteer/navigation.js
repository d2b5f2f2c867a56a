// Going to documents, and waiting for them.

const { NAVIGATION, TEXT } = require("./types.js");
const v = require("../../validate.js");

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
    return await this.#page._call("goto", { url: target, ...checked });
  }

  /** @param {object} [options] */
  async reload(options) {
    return await this.#page._call("reload", v.check("page.reload", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async goBack(options) {
    return await this.#page._call("goBack", v.check("page.goBack", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async goForward(options) {
    return await this.#page._call("goForward", v.check("page.goForward", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async waitForNavigation(options) {
    return await this.#page._call("waitForNavigation", v.check("page.waitForNavigation", NAVIGATION, options));
  }
}

module.exports = { Navigation };
