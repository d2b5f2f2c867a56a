// The methods of a page that carry Puppeteer's names, options and meaning, by subject. Arguments are checked before anything is
// sent.

const { Capture } = require("./capture.js");
const { DevTools } = require("./devtools.js");
const { Content } = require("./content.js");
const { Cookies } = require("./cookies.js");
const { Elements } = require("./elements.js");
const { Emulation } = require("./emulation.js");
const { METHODS: FRAMES_METHODS } = require("./frame.js");
const { Frames } = require("./frames.js");
const { Input } = require("./input.js");
const { Instruments } = require("./instruments.js");
const { Locators } = require("./locators.js");
const { Navigation } = require("./navigation.js");
const { Network } = require("./network.js");
const { Scripts } = require("./scripts.js");
const { Surroundings } = require("./surroundings.js");
const { Workers } = require("./workers.js");
const { World } = require("./world.js");

const PARTS = {
  capture: Capture,
  devtools: DevTools,
  content: Content,
  cookies: Cookies,
  elements: Elements,
  emulation: Emulation,
  frames: Frames,
  input: Input,
  instruments: Instruments,
  locators: Locators,
  navigation: Navigation,
  network: Network,
  scripts: Scripts,
  surroundings: Surroundings,
  workers: Workers,
};

/** Which part has which of Puppeteer's names. @type {Record<string, keyof typeof PARTS>} */
const METHODS = {
  ...FRAMES_METHODS,
  authenticate: "network",
  bringToFront: "instruments",
  browser: "surroundings",
  browserContext: "surroundings",
  captureHeapSnapshot: "instruments",
  cdp: "devtools",
  cookies: "cookies",
  createCDPSession: "devtools",
  createPDFStream: "capture",
  deleteCookie: "cookies",
  emulate: "emulation",
  emulateCPUThrottling: "emulation",
  emulateFocusedPage: "emulation",
  emulateIdleState: "emulation",
  emulateMedia: "emulation",
  emulateMediaFeatures: "emulation",
  emulateMediaType: "emulation",
  emulateNetworkConditions: "emulation",
  emulateTimezone: "emulation",
  emulateVisionDeficiency: "emulation",
  evaluateOnNewDocument: "scripts",
  exposeFunction: "scripts",
  frames: "frames",
  getDefaultNavigationTimeout: "navigation",
  getDefaultTimeout: "navigation",
  goBack: "navigation",
  goForward: "navigation",
  isDragInterceptionEnabled: "input",
  isJavaScriptEnabled: "emulation",
  isServiceWorkerBypassed: "emulation",
  mainFrame: "frames",
  metrics: "instruments",
  pdf: "capture",
  playwright: "devtools",
  press: "elements",
  removeScriptToEvaluateOnNewDocument: "scripts",
  puppeteer: "devtools",
  queryObjects: "scripts",
  reload: "navigation",
  removeExposedFunction: "scripts",
  screenshot: "capture",
  setBypassCSP: "emulation",
  setBypassServiceWorker: "emulation",
  setCacheEnabled: "network",
  setCookie: "cookies",
  setDefaultNavigationTimeout: "navigation",
  setDefaultTimeout: "navigation",
  setDragInterception: "input",
  setExtraHTTPHeaders: "network",
  setGeolocation: "emulation",
  setJavaScriptEnabled: "emulation",
  setOfflineMode: "emulation",
  setRequestInterception: "network",
  setUserAgent: "emulation",
  setViewport: "emulation",
  target: "surroundings",
  uploadFile: "elements",
  url: "content",
  viewport: "emulation",
  waitForFrame: "navigation",
  waitForFileChooser: "input",
  waitForNetworkIdle: "network",
  waitForRequest: "network",
  waitForResponse: "network",
  workers: "workers",
};

/** Which part has which of Puppeteer's objects. @type {Record<string, keyof typeof PARTS>} */
const OBJECTS = {
  accessibility: "instruments",
  coverage: "instruments",
  keyboard: "input",
  mouse: "input",
  touchscreen: "input",
  tracing: "instruments",
};

/** Its parts are made when they are needed: many a handler calls but two of the methods. */
class Puppeteer {
  #page;
  /** @type {{ [Part in keyof typeof PARTS]?: InstanceType<(typeof PARTS)[Part]> }} */
  #parts = {};

  #world;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
    this.#world = new World(page, (name) => this.part(/** @type {keyof typeof PARTS} */ (name)));
  }

  get world() {
    return this.#world;
  }

  /**
   * @template {keyof typeof PARTS} Part
   * @param {Part} name
   * @returns {InstanceType<(typeof PARTS)[Part]>}
   */
  part(name) {
    const parts = /** @type {any} */ (this.#parts);
    parts[name] ??= new PARTS[name](this.#page, { owner: "page", frame: undefined, world: this.#world });
    return parts[name];
  }
}

module.exports = { METHODS, OBJECTS, Puppeteer };
