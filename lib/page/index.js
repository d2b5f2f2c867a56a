// The page that a handler drives: Puppeteer's names (puppeteer/) and phantom's (phantom/) beside each other, over one attempt (core.js).

const { publish } = require("./calls.js");
const { PageCore } = require("./core.js");
const { NAMES, Phantom } = require("./phantom/index.js");
const { Puppeteer } = require("./puppeteer/index.js");
const { NAMES: PHANTOM_EVENTS, isPhantomEvent, needsOf } = require("./phantom/sources.js");

/** Names that both have, and whether a call's arguments are phantom's. @type {Record<string, (args: any[]) => boolean>} */
const SHARED = {
  setContent: ([, url]) => typeof url === "string",
  deleteCookie: (cookies) => cookies.some((cookie) => typeof cookie === "string"),
};

/** What a page has of either is made when it is needed, since many a handler needs but one. */
class Page extends PageCore {
  /** @type {InstanceType<typeof Puppeteer> | undefined} */
  #puppeteer;
  /** @type {InstanceType<typeof Phantom> | undefined} */
  #phantom;

  get _puppeteer() {
    this.#puppeteer ??= new Puppeteer(this);
    return this.#puppeteer;
  }

  get _phantom() {
    this.#phantom ??= new Phantom(this, this._puppeteer);
    return this.#phantom;
  }

  /** @param {string} event @param {any[]} rest the listener; of phantom's events `[runOnPhantom], listener, ...args` */
  on(event, ...rest) {
    return super.on(event, isPhantomEvent(event) ? this._phantom.events.listener(rest) : rest[0]);
  }

  /** @param {string} event @param {any} [listener] all of them without one */
  off(event, listener) {
    if (listener !== undefined) return super.off(event, listener);
    if (typeof event === "string") this._refuseUnknown("off", event);
    return this.removeAllListeners(event);
  }

  /** @returns {string[]} */
  _knownEvents() {
    return [...super._knownEvents(), ...PHANTOM_EVENTS];
  }

  /** @param {string} event */
  _needs(event) {
    return needsOf(event) ?? super._needs(event);
  }

  /** @param {readonly (string | symbol)[]} events @param {string} [added] */
  _follow(events, added) {
    super._follow(events, added);
    const phantom = events.some((event) => isPhantomEvent(String(event))) ? this._phantom : this.#phantom;
    phantom?.events.follow(events, added);
  }

  /** @param {string} name @param {unknown[]} args */
  _deliver(name, args) {
    const heard = super._deliver(name, args);
    return this.#phantom?.events.deliver(name, args, heard) || heard;
  }
}

/** @param {string} name @param {(page: Page, args: unknown[]) => any} ownerOf */
function forward(name, ownerOf) {
  const value = {
    [name](/** @type {unknown[]} */ ...args) {
      return ownerOf(/** @type {any} */ (this), args)[name](...args);
    },
  }[name];
  Object.defineProperty(Page.prototype, name, { value, configurable: true, writable: true });
}

const puppeteers = Object.getOwnPropertyNames(Puppeteer.prototype).filter((name) => name !== "constructor");
for (const name of puppeteers) forward(name, (page) => page._puppeteer);
for (const [name, part] of Object.entries(NAMES)) {
  if (!puppeteers.includes(name)) forward(name, (page) => page._phantom[part]);
  else forward(name, (page, args) => (SHARED[name](args) ? page._phantom[part] : page._puppeteer));
}
publish(Page, PageCore);

module.exports = { Page };
