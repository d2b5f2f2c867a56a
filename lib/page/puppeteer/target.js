// A page as a target of the DevTools protocol, as Puppeteer shows it.

const { publish } = require("../calls.js");

/** @typedef {InstanceType<typeof import("../index.js").Page>} Page */

class Target {
  #page;

  /** @param {Page} page */
  constructor(page) {
    this.#page = page;
  }

  /** The protocol's id. */
  get _targetId() {
    return this.#page._frameStates()[0].id;
  }

  type() {
    return "page";
  }

  url() {
    return this.#page._puppeteer.part("content").url();
  }

  async page() {
    return this.#page;
  }

  async asPage() {
    return this.#page;
  }

  async worker() {
    return null;
  }

  async createCDPSession() {
    return await this.#page._puppeteer.part("devtools").createCDPSession();
  }

  browser() {
    return this.#page._puppeteer.part("surroundings").browser();
  }

  browserContext() {
    return this.#page._puppeteer.part("surroundings").browserContext();
  }

  /** The one that it was opened from. @returns {Target | undefined} */
  opener() {
    const opener = /** @type {Page | undefined} */ (this.#page._opener);
    return opener?._puppeteer.part("surroundings").target();
  }
}

publish(Target);

module.exports = { Target };
