// The methods of a page that carry Puppeteer's names, options and meaning, by subject. Arguments are checked before anything is
// sent.

const { Capture } = require("./capture.js");
const { DevTools } = require("./devtools.js");
const { Content } = require("./content.js");
const { Cookies } = require("./cookies.js");
const { Elements } = require("./elements.js");
const { Emulation } = require("./emulation.js");
const { Navigation } = require("./navigation.js");
const { Network } = require("./network.js");
const { Scripts } = require("./scripts.js");

const PARTS = {
  capture: Capture,
  devtools: DevTools,
  content: Content,
  cookies: Cookies,
  elements: Elements,
  emulation: Emulation,
  navigation: Navigation,
  network: Network,
  scripts: Scripts,
};

/** Which part has which of Puppeteer's names. @type {Record<string, keyof typeof PARTS>} */
const METHODS = {
  $$eval: "scripts",
  $eval: "scripts",
  addScriptTag: "content",
  addStyleTag: "content",
  authenticate: "network",
  cdp: "devtools",
  click: "elements",
  content: "content",
  cookies: "cookies",
  deleteCookie: "cookies",
  emulateMedia: "emulation",
  emulateTimezone: "emulation",
  evaluate: "scripts",
  evaluateOnNewDocument: "scripts",
  exposeFunction: "scripts",
  focus: "elements",
  goBack: "navigation",
  goForward: "navigation",
  goto: "navigation",
  hover: "elements",
  pdf: "capture",
  playwright: "devtools",
  press: "elements",
  puppeteer: "devtools",
  reload: "navigation",
  screenshot: "capture",
  select: "elements",
  setCacheEnabled: "network",
  setContent: "content",
  setCookie: "cookies",
  setExtraHTTPHeaders: "network",
  setGeolocation: "emulation",
  setJavaScriptEnabled: "emulation",
  setOfflineMode: "network",
  setRequestInterception: "network",
  setUserAgent: "emulation",
  setViewport: "emulation",
  title: "content",
  type: "elements",
  uploadFile: "elements",
  url: "content",
  waitForFunction: "scripts",
  waitForNavigation: "navigation",
  waitForNetworkIdle: "network",
  waitForSelector: "elements",
};

/** Its parts are made when they are needed: many a handler calls but two of the methods. */
class Puppeteer {
  #page;
  /** @type {{ [Part in keyof typeof PARTS]?: InstanceType<(typeof PARTS)[Part]> }} */
  #parts = {};

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /**
   * @template {keyof typeof PARTS} Part
   * @param {Part} name
   * @returns {InstanceType<(typeof PARTS)[Part]>}
   */
  part(name) {
    const parts = /** @type {any} */ (this.#parts);
    parts[name] ??= new PARTS[name](this.#page);
    return parts[name];
  }
}

module.exports = { METHODS, Puppeteer };
