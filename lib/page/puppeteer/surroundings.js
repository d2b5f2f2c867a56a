// Where the page is: its target, its browser context and its browser, one object each for a page and those opened from it.

const { Browser } = require("./browser.js");
const { BrowserContext } = require("./browser-context.js");
const { Target } = require("./target.js");

/** @typedef {InstanceType<typeof import("../index.js").Page>} Page */
/** @typedef {InstanceType<typeof Browser>} PagesBrowser */
/** @typedef {InstanceType<typeof BrowserContext>} PagesContext */

class Surroundings {
  #page;
  #world;
  /** @type {PagesBrowser | undefined} */
  #browser;
  /** @type {PagesContext | undefined} */
  #context;
  /** @type {InstanceType<typeof Target> | undefined} */
  #target;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, { world }) {
    this.#page = /** @type {Page} */ (page);
    this.#world = world;
  }

  /** @returns {PagesBrowser} */
  browser() {
    const opener = this.#opener;
    if (opener) return opener.browser();
    this.#browser ??= new Browser(this.#page);
    return this.#browser;
  }

  /** @returns {PagesContext} */
  browserContext() {
    const opener = this.#opener;
    if (opener) return opener.browserContext();
    const connect = async (/** @type {string} */ operation) =>
      (await this.#world.part("devtools").connection(operation)).connection;
    this.#context ??= new BrowserContext(this.#page, connect);
    return this.#context;
  }

  target() {
    this.#target ??= new Target(this.#page);
    return this.#target;
  }

  /** The same of the page that has opened this one. @returns {Surroundings | undefined} */
  get #opener() {
    const opener = /** @type {Page | undefined} */ (this.#page._opener);
    return opener?._puppeteer.part("surroundings");
  }
}

module.exports = { Surroundings };
