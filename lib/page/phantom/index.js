// The methods of a page that carry the names of the npm package phantom, with the meaning PhantomJS gave them: what ghost-town's
// handlers call. They are as lenient as PhantomJS: what it ignores is ignored, and what it accepts is accepted.

const { Callbacks } = require("./callbacks.js");
const { Cookies } = require("./cookies.js");
const { Events } = require("./events.js");
const { everywhere } = require("./everywhere.js");
const { SELECT_ON_FOCUS } = require("./focus.js");
const { Frames } = require("./frames.js");
const { Input } = require("./input.js");
const { Methods } = require("./methods.js");
const { Navigation } = require("./navigation.js");
const { Properties } = require("./properties.js");
const { Render } = require("./render.js");
const { Scripts } = require("./scripts.js");
const { Settings } = require("./settings.js");
const { State } = require("./state.js");
const { isSteps, later } = require("./steps.js");
const { Uploads } = require("./uploads.js");
const { Windows } = require("./windows.js");

/** Which part has which of phantom's names. @type {Record<string, Exclude<keyof Phantom, "state">>} */
const METHODS = {
  addCookie: "cookies",
  childFramesCount: "frames",
  childFramesName: "frames",
  clearCookies: "cookies",
  clearMemoryCache: "navigation",
  currentFrameName: "frames",
  defineMethod: "methods",
  deleteCookie: "cookies",
  evaluate: "scripts",
  evaluateAsync: "scripts",
  evaluateJavaScript: "scripts",
  getPage: "windows",
  go: "navigation",
  goBack: "navigation",
  goForward: "navigation",
  includeJs: "scripts",
  injectJs: "scripts",
  invokeAsyncMethod: "methods",
  invokeMethod: "methods",
  open: "navigation",
  openUrl: "navigation",
  property: "properties",
  reload: "navigation",
  render: "render",
  renderBase64: "render",
  sendEvent: "input",
  setContent: "navigation",
  setProxy: "navigation",
  setting: "settings",
  stop: "navigation",
  switchToChildFrame: "frames",
  switchToFocusedFrame: "frames",
  switchToFrame: "frames",
  switchToMainFrame: "frames",
  switchToParentFrame: "frames",
  uploadFile: "uploads",
};

class Phantom {
  #page;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {boolean} strict whether phantom is the owner of the names that Puppeteer has too, as in boomtown/ghost-town
   */
  constructor(page, strict) {
    const state = new State();
    this.#page = page;
    this.state = state;
    const own = (/** @type {string} */ name) => this.method(name);
    this.windows = new Windows();
    this.callbacks = new Callbacks(page, strict, {
      method: own,
      properties: () => this.properties,
      windows: this.windows,
      isLeaving: () => this.events.loads.isLeaving,
    });
    this.events = new Events(page, state, strict, this.callbacks, this.windows);
    this.cookies = new Cookies(page);
    this.frames = new Frames(page);
    this.input = new Input();
    this.methods = new Methods(page, (name) =>
      Object.hasOwn(METHODS, name) ? (/** @type {unknown[]} */ ...args) => this.call(name, args) : undefined,
    );
    this.render = new Render(page, state, strict);
    this.scripts = new Scripts(page, state, (thrown) => this.events.tellError(thrown));
    this.settings = new Settings(page, state);
    this.navigation = new Navigation(page, state, this.settings, this.events);
    this.properties = new Properties(page, state, this);
    this.uploads = new Uploads(page);
  }

  /** Has every document of the page have what PhantomJS's have. */
  begin() {
    everywhere(this.#page, this.events.dialogs.callPhantom() + SELECT_ON_FOCUS);
  }

  /** Calls a method as a program does. @param {string} name @param {unknown[]} args */
  call(name, args) {
    const given = this.method(name)?.(...args);
    return isSteps(given) ? later(this.#page, given) : given;
  }

  /** One that gives steps, or a promise. @param {string} name @returns {((...args: any[]) => any) | undefined} */
  method(name) {
    if (!Object.hasOwn(METHODS, name)) return undefined;
    const part = /** @type {any} */ (this[METHODS[name]]);
    return (...args) => part[name](...args);
  }
}

module.exports = { METHODS, Phantom };
