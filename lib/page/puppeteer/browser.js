// The browser that a page is in, as Puppeteer shows it: what a page of one item may know of it. The browser itself is a town's,
// which starts and ends it, and pages of other items may be in it: they are not seen.

const { AttentiveEmitter, emitSafely } = require("../../emit.js");
const { publish } = require("../calls.js");
const { nextEvent } = require("../next-event.js");
const { WAIT } = require("./types.js");
const { refuse } = require("./refusals.js");
const v = require("./checks.js");

/** @typedef {InstanceType<typeof import("../index.js").Page>} Page */
/** @typedef {InstanceType<typeof import("./target.js").Target>} Target */

const ANOTHER = "boomtown makes and ends pages; queue another item, or use town.acquire()";
const WHOLE = "it is of the whole browser, where pages of other items are too";
/** What Puppeteer's browser has and this one refuses, and why. */
const REFUSED = {
  newPage: ANOTHER,
  createBrowserContext: `${ANOTHER}; option isolation: "context" gives each item a context of its own`,
  close: "the browser is the town's, and pages of other items may be in it; town.close() ends it",
  disconnect: "the browser is the town's; page.close() ends the use of the page",
  target: WHOLE,
  screens: WHOLE,
  addScreen: WHOLE,
  removeScreen: WHOLE,
  getWindowBounds: WHOLE,
  setWindowBounds: WHOLE,
  installExtension: WHOLE,
  uninstallExtension: WHOLE,
  extensions: WHOLE,
  wsEndpoint:
    "boomtown speaks to its browser over a pipe, which has no address; page.puppeteer() gives Puppeteer's page",
};
const AT_ONCE = new Set(["wsEndpoint", "target"]);

class Browser extends AttentiveEmitter {
  #page;
  #host;
  #tellsNavigations = false;

  /** @param {Page} page that no other page has opened */
  constructor(page) {
    super();
    this.#page = page;
    this.#host = page._host;
    if (page._engine === "cdp") this.#watch(page);
    page.once("close", () => emitSafely(this, "disconnected"));
  }

  /** The browser's process; null where it runs elsewhere. */
  process() {
    const pid = this.#host?.pid;
    return pid ? { pid } : null;
  }

  async version() {
    return this.#host?.browser.replace(/ (?=[\d.]+$)/, "/") ?? "";
  }

  /** Of pages that were given none of their own. @returns {Promise<string>} */
  async userAgent() {
    return (await this.#page._call("cdp", { method: "Browser.getVersion" }, "browser.userAgent")).userAgent;
  }

  get connected() {
    return !this.#page.isClosed();
  }

  isConnected() {
    return this.connected;
  }

  /** The page, and those opened from it of which it was told. @returns {Promise<Page[]>} */
  async pages() {
    return opened(this.#page);
  }

  /** @returns {Target[]} */
  targets() {
    return opened(this.#page).map(targetOf);
  }

  /** @param {(target: Target) => unknown} predicate @param {object} [options] @returns {Promise<Target>} */
  async waitForTarget(predicate, options) {
    const operation = "browser.waitForTarget";
    v.argument(operation, "predicate", v.func({ required: true }), predicate);
    const wait = v.check(operation, WAIT, options);
    const events = ["targetcreated", "targetchanged"];
    const wish = { operation, events, first: () => this.targets(), is: predicate, what: "a target", ...wait };
    return await nextEvent(this.#page, wish, this);
  }

  browserContexts() {
    return [this.defaultBrowserContext()];
  }

  /** The page's. @returns {InstanceType<typeof import("./browser-context.js").BrowserContext>} */
  defaultBrowserContext() {
    return this.#page._puppeteer.part("surroundings").browserContext();
  }

  cookies() {
    return this.defaultBrowserContext().cookies();
  }

  /** @param {object[]} cookies */
  setCookie(...cookies) {
    return this.defaultBrowserContext().setCookie(...cookies);
  }

  /** @param {object[]} cookies */
  deleteCookie(...cookies) {
    return this.defaultBrowserContext().deleteCookie(...cookies);
  }

  /** @param {object[]} filters */
  deleteMatchingCookies(...filters) {
    return this.defaultBrowserContext().deleteMatchingCookies(...filters);
  }

  /** @param {string} origin @param {{ permission: object, state: string }[]} permissions */
  setPermission(origin, ...permissions) {
    return this.defaultBrowserContext().setPermission(origin, ...permissions);
  }

  /** @param {string | symbol} event */
  _listenerComes(event) {
    if (event !== "targetchanged" || this.#tellsNavigations || this.#page._engine !== "cdp") return;
    this.#tellsNavigations = true;
    for (const page of opened(this.#page)) this.#tellNavigations(page);
  }

  /** @param {Page} page */
  #watch(page) {
    page.on("popup", (/** @type {Page} */ popup) => {
      this.#watch(popup);
      if (this.#tellsNavigations) this.#tellNavigations(popup);
      popup.once("close", () => emitSafely(this, "targetdestroyed", targetOf(popup)));
      emitSafely(this, "targetcreated", targetOf(popup));
    });
  }

  /** @param {Page} page */
  #tellNavigations(page) {
    page.on("framenavigated", (/** @type {any} */ frame) => {
      if (frame.isMainFrame()) emitSafely(this, "targetchanged", targetOf(page));
    });
  }
}

/** A page, and those opened from it, that are not closed. @param {Page} page @returns {Page[]} */
function opened(page) {
  const popups = /** @type {readonly Page[]} */ (page._popups).flatMap(opened);
  return page.isClosed() ? popups : [page, ...popups];
}

/** @param {Page} page */
const targetOf = (page) => page._puppeteer.part("surroundings").target();

refuse(Browser, "browser", REFUSED, AT_ONCE);
publish(Browser);

module.exports = { Browser };
