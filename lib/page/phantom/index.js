// The methods of a page that carry the names of the npm package phantom, with the meaning PhantomJS gave them: what ghost-town's
// handlers call. They are as lenient as PhantomJS: what it ignores is ignored, and what it accepts is accepted.

const { Callbacks } = require("./callbacks.js");
const { Cookies } = require("./cookies.js");
const { Events } = require("./events.js");
const { Frames } = require("./frames.js");
const { Input } = require("./input.js");
const { Methods } = require("./methods.js");
const { Navigation } = require("./navigation.js");
const { Properties } = require("./properties.js");
const { Render } = require("./render.js");
const { Scripts } = require("./scripts.js");
const { Settings } = require("./settings.js");
const { State } = require("./state.js");
const { Uploads } = require("./uploads.js");

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
  getPage: "frames",
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
  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {boolean} strict whether phantom is the owner of the names that Puppeteer has too, as in boomtown/ghost-town
   */
  constructor(page, strict) {
    const state = new State();
    this.state = state;
    const own = (/** @type {string} */ name) => this.method(name);
    this.callbacks = new Callbacks(page, strict, own, () => this.properties);
    this.events = new Events(page, state, strict, this.callbacks);
    this.cookies = new Cookies(page);
    this.frames = new Frames(page);
    this.input = new Input(page);
    this.methods = new Methods(page, own);
    this.render = new Render(page, state, strict);
    this.scripts = new Scripts(page, state, (thrown) => this.events.tellError(thrown));
    this.settings = new Settings(page, state);
    this.navigation = new Navigation(page, state, this.settings, this.events);
    this.properties = new Properties(page, state, this);
    this.uploads = new Uploads(page);
  }

  /** @param {string} name @returns {((...args: any[]) => any) | undefined} */
  method(name) {
    if (!Object.hasOwn(METHODS, name)) return undefined;
    const part = /** @type {any} */ (this[METHODS[name]]);
    return (...args) => part[name](...args);
  }
}

module.exports = { METHODS, Phantom };
