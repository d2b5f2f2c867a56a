// The page that a handler drives: Puppeteer's names (puppeteer/) and phantom's (phantom/) beside each other, over one attempt (core.js).
//
// Some names are of both, and mean what their owner says: Puppeteer is the owner on a Page, phantom on a PhantomPage, which the
// handlers of boomtown/ghost-town get.

const { publish } = require("./calls.js");
const { PageCore } = require("./core.js");
const { currentPage } = require("./current.js");
const { METHODS: PHANTOMS, Phantom } = require("./phantom/index.js");
const { PhantomProcess } = require("./phantom/process.js");
const { EVENTS: PHANTOM_EVENTS, isPhantomEvent, needsOf } = require("./phantom/sources.js");
const { METHODS: PUPPETEERS, OBJECTS, Puppeteer } = require("./puppeteer/index.js");

/** Calls of Puppeteer's names whose arguments are phantom's all the same. @type {Record<string, (args: any[]) => boolean>} */
const ARE_PHANTOMS = {
  setContent: ([, url]) => typeof url === "string",
  deleteCookie: (cookies) => cookies.some((cookie) => typeof cookie === "string"),
};

/** The size that PhantomJS gives a page. */
const VIEWPORT = {
  width: 400,
  height: 300,
  deviceScaleFactor: 1,
  isMobile: false,
  hasTouch: false,
  isLandscape: false,
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
    this.#phantom ??= new Phantom(this, this._isPhantoms);
    return this.#phantom;
  }

  /** Whether the names of both are phantom's. */
  get _isPhantoms() {
    return false;
  }

  /** @param {string} event @param {any[]} rest the listener; of phantom's events `[runOnPhantom], listener, ...args` @returns {any} */
  on(event, ...rest) {
    const isPhantoms = typeof event === "string" && isPhantomEvent(event) && rest[0]?.answers === undefined;
    return super.on(event, isPhantoms ? this._phantom.callbacks.listener(event, rest) : rest[0]);
  }

  /** @param {string} event @param {any} [listener] all of them without one @returns {any} */
  off(event, listener) {
    if (listener !== undefined) return super.off(event, listener);
    if (typeof event === "string") this._warnUnknown("off", event);
    return this.removeAllListeners(event);
  }

  /** @returns {string[]} */
  _knownEvents() {
    return [...super._knownEvents(), ...PHANTOM_EVENTS];
  }

  /** @param {string} method @param {string} event */
  _warnUnknown(method, event) {
    if (!isPhantomEvent(event)) super._warnUnknown(method, event);
  }

  /** @param {string} event */
  _needs(event) {
    return needsOf(event) ?? super._needs(event);
  }

  /** @param {readonly (string | symbol)[]} events @param {string} [added] */
  _follow(events, added) {
    super._follow(events, added);
    const phantom = events.some((event) => isPhantomEvent(String(event))) ? this._phantom : this.#phantom;
    phantom?.events.follow(events);
  }

  /** @param {string} id */
  _frame(id) {
    return this._puppeteer.world.known(id);
  }

  /** @param {{ id: string, parent?: string, url?: string, name?: string }} told @param {boolean} main */
  _frameTold(told, main) {
    return this._puppeteer.world.told(told, main);
  }

  /** @param {string} id */
  _forgetFrame(id) {
    this.#puppeteer?.world.forget(id);
  }

  /** @param {any} object */
  _wrap(object) {
    return this._puppeteer.world.wrap(object);
  }

  /** @param {string} event @param {import("../native.js").CoreWorker} state */
  _worker(event, state) {
    const workers = this._puppeteer.part("workers");
    return event === "workerdestroyed" ? workers.gone(state) : workers.of(state);
  }

  /** @param {string} id @param {string} event @param {unknown} subject */
  _ofWorker(id, event, subject) {
    this.#puppeteer?.part("workers").hear(id, event, subject);
  }

  /** Puppeteer's programs call it too, though its documentation has it not. @param {string} [id] */
  _client(id) {
    return this._puppeteer.world.client(id);
  }

  /** What tells where it is goes on telling that. @param {{ runBeforeUnload?: boolean }} [options] @returns {Promise<void>} */
  async close(options) {
    if (this._engine === "cdp") this._puppeteer.world.mainFrame();
    await super.close(options);
  }

  /** @param {string} reason */
  _ended(reason) {
    super._ended(reason);
    this.#phantom?.callbacks.end();
  }

  /** @param {string} name @param {unknown[]} args */
  _deliver(name, args) {
    const heard = super._deliver(name, args);
    // Of a frame phantom's events need what it was at that moment.
    return this.#phantom?.events.deliver(name, args.at(-1), heard) || heard;
  }
}

/** The page of a program that was written for ghost-town. */
class PhantomPage extends Page {
  #process = new PhantomProcess();

  /** @param {import("./core.js").Link} link */
  constructor(link) {
    super(link);
    this._first([["setViewport", VIEWPORT]]);
    this._viewport = { ...VIEWPORT };
    this._phantom.state.viewportSize = { width: VIEWPORT.width, height: VIEWPORT.height };
    this._attend(["dialog", "popup"]);
    this._phantom.begin();
  }

  get _isPhantoms() {
    return true;
  }

  /** phantom's name of the page in its process. */
  get target() {
    return "page$1";
  }

  get phantom() {
    return this.#process;
  }

  /** @param {string} event @param {any[]} rest */
  on(event, ...rest) {
    super.on(event, ...rest);
    return /** @type {any} */ (Promise.resolve());
  }

  /** @param {string} event @param {any} [listener] */
  off(event, listener) {
    super.off(event, listener);
    return /** @type {any} */ (Promise.resolve());
  }

  // Plain functions, as all of phantom's were: programs tell those from async ones.

  close() {
    return super.close();
  }

  /** The page goes when its handler ends. */
  async release() {}
}

/**
 * @param {Function} Class
 * @param {string} name
 * @param {(page: Page, args: unknown[]) => any} call
 */
function define(Class, name, call) {
  const value = {
    [name](/** @type {unknown[]} */ ...args) {
      return call(/** @type {any} */ (this), args);
    },
  }[name];
  Object.defineProperty(Class.prototype, name, { value, configurable: true, writable: true });
}

/** @type {Map<string, (page: Page, args: unknown[]) => any>} */
const puppeteers = new Map();
for (const [name, part] of Object.entries(PUPPETEERS)) {
  const call = (/** @type {Page} */ page, /** @type {unknown[]} */ args) =>
    /** @type {any} */ (page._puppeteer.part(part))[name](...args);
  puppeteers.set(name, call);
  define(Page, name, call);
}
for (const name of Object.keys(PHANTOMS)) {
  const [isPhantoms, ofPuppeteer] = [ARE_PHANTOMS[name] ?? (() => false), puppeteers.get(name)];
  const call = (/** @type {Page} */ page, /** @type {unknown[]} */ args) => page._phantom.call(name, args);
  define(Page, name, (page, args) => (ofPuppeteer && !isPhantoms(args) ? ofPuppeteer : call)(page, args));
  define(PhantomPage, name, call);
}
for (const [name, part] of Object.entries(OBJECTS)) {
  const get = /** @this {Page} */ function () {
    return /** @type {any} */ (this._puppeteer.part(part))[name];
  };
  Object.defineProperty(Page.prototype, name, { get, configurable: true });
}
publish(Page, PageCore);
publish(PhantomPage);

/** @param {import("./core.js").Link} link */
function makePage(link) {
  return link.phantom ? new PhantomPage(link) : new Page(link);
}

module.exports = { Page, makePage, currentPage };
