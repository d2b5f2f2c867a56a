// Going to documents, and waiting for them.

const { WANTED, nextEvent, wish } = require("../next-event.js");
const { NAVIGATION, TEXT, TIMEOUT, WAIT } = require("./types.js");
const v = require("./checks.js");

const GOTO = { ...NAVIGATION, referer: v.string(), referrerPolicy: v.string() };
const RELOAD = { ...NAVIGATION, ignoreCache: v.boolean({ default: false }) };
const LIMIT = { ...TIMEOUT, required: true };

/** @typedef {import("../next-event.js").Wanted} Wanted */

class Navigation {
  #page;
  #place;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, place) {
    this.#page = page;
    this.#place = place;
  }

  /** @param {string | URL} url @param {object} [options] */
  async goto(url, options) {
    const operation = `${this.#place.owner}.goto`;
    const target = v.argument(operation, "url", TEXT, url instanceof URL ? url.href : url);
    const { referrerPolicy, ...checked } = v.check(operation, GOTO, options);
    return await this.#go("goto", { url: target, referrerPolicy: inProtocol(referrerPolicy), ...checked });
  }

  /** @param {object} [options] */
  async reload(options) {
    return await this.#go("reload", v.check("page.reload", RELOAD, options));
  }

  /** @param {object} [options] */
  async goBack(options) {
    return await this.#go("goBack", v.check("page.goBack", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async goForward(options) {
    return await this.#go("goForward", v.check("page.goForward", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async waitForNavigation(options) {
    return await this.#go("waitForNavigation", v.check(`${this.#place.owner}.waitForNavigation`, NAVIGATION, options));
  }

  /** @param {string} method @param {Record<string, unknown>} params */
  async #go(method, params) {
    const { owner, frame } = this.#place;
    return this.#page._arrived(await this.#page._navigate(method, { frame, ...params }, `${owner}.${method}`));
  }

  /** @param {string | URL | Wanted} wanted a frame's URL, or what accepts a frame @param {object} [options] */
  async waitForFrame(wanted, options) {
    const operation = "waitForFrame";
    v.argument("page.waitForFrame", "urlOrPredicate", WANTED, wanted);
    const { is, what } = wish("frame", wanted);
    const wait = v.check("page.waitForFrame", WAIT, options);
    const events = ["frameattached", "framenavigated"];
    const first = () => this.#place.world.frames();
    return await nextEvent(this.#page, { operation, events, first, is, what, ...wait });
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

/** HTTP's names of policies have hyphens, and the protocol's have none: "strict-origin". @param {string | undefined} policy */
const inProtocol = (policy) => policy?.replaceAll(/-./g, ([, letter]) => letter.toUpperCase());

module.exports = { Navigation };
