// The methods of a page that carry the names of the npm package phantom, with the meaning PhantomJS gave them: what ghost-town's
// handlers call.

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

/** Which part of a Phantom has which of phantom's names. @type {Record<string, Exclude<keyof Phantom, "prototype">>} */
const NAMES = {
  addCookie: "cookies",
  clearCookies: "cookies",
  defineMethod: "methods",
  deleteCookie: "cookies",
  evaluateAsync: "scripts",
  evaluateJavaScript: "scripts",
  includeJs: "scripts",
  injectJs: "scripts",
  invokeAsyncMethod: "methods",
  invokeMethod: "methods",
  open: "navigation",
  openUrl: "navigation",
  property: "properties",
  render: "render",
  renderBase64: "render",
  sendEvent: "input",
  setContent: "navigation",
  setProxy: "navigation",
  setting: "settings",
  stop: "navigation",
  switchToFrame: "frames",
  switchToMainFrame: "frames",
};

class Phantom {
  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {InstanceType<typeof import("../puppeteer/index.js").Puppeteer>} puppeteer */
  constructor(page, puppeteer) {
    const state = new State();
    this.cookies = new Cookies(page, puppeteer);
    this.events = new Events(page, state);
    this.frames = new Frames(page);
    this.input = new Input(page);
    this.methods = new Methods(page);
    this.render = new Render(page, state);
    this.scripts = new Scripts(page, state, puppeteer);
    this.settings = new Settings(page, state, puppeteer);
    this.navigation = new Navigation(page, state, this.settings, puppeteer);
    this.properties = new Properties(page, state, puppeteer, this);
  }
}

module.exports = { NAMES, Phantom };
