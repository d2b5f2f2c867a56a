// phantom's properties of a page.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const os = require("node:os");
const { readContent, readTitle, readUrl } = require("../document.js");
const { QT_KEYS, QT_MODIFIERS } = require("./input.js");
const { numberOf, recordOf, textOf, truthOf, warn } = require("./lenient.js");
const { isPhantomEvent } = require("./sources.js");
const { isSteps, look, run } = require("./steps.js");
const v = require("../../validate.js");

const LARGEST = 10_000_000;
/** PhantomJS's own, in bytes. */
const STORAGE_QUOTA = 5_242_880;

/** The numbers by which sendEvent knows keys and modifiers. */
const EVENT = {
  key: Object.fromEntries([
    ...Object.entries(QT_KEYS).map(([code, name]) => [qtName(name), Number(code)]),
    ...[..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"].map((name) => [name, name.charCodeAt(0)]),
    ["Space", " ".charCodeAt(0)],
  ]),
  modifier: Object.fromEntries(
    QT_MODIFIERS.map(([bit, name]) => [name === "Control" ? "ctrl" : name.toLowerCase(), bit]),
  ),
};

/** Qt's names of keys, where a browser has others. @param {string} name */
function qtName(name) {
  const others = { NumpadEnter: "Enter", Enter: "Return", PrintScreen: "Print" };
  return /** @type {Record<string, string>} */ (others)[name] ?? name.replace("Arrow", "");
}

/**
 * The parts that some properties are of.
 * @typedef {object} Parts
 * @property {InstanceType<typeof import("./cookies.js").Cookies>} cookies
 * @property {InstanceType<typeof import("./callbacks.js").Callbacks>} callbacks
 * @property {InstanceType<typeof import("./events.js").Events>} events
 * @property {InstanceType<typeof import("./frames.js").Frames>} frames
 * @property {InstanceType<typeof import("./navigation.js").Navigation>} navigation
 * @property {InstanceType<typeof import("./settings.js").Settings>} settings
 * @property {InstanceType<typeof import("./windows.js").Windows>} windows
 */

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */

class Properties {
  #page;
  #state;
  #parts;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {Parts} parts
   */
  constructor(page, state, parts) {
    this.#page = page;
    this.#state = state;
    this.#parts = parts;
  }

  /**
   * As PhantomJS, it keeps what it has no meaning for, and leaves alone what can only be read.
   * @param {unknown} given its name
   * @param {any[]} value of a callback also what its calls get after the event's own arguments
   * @returns {Steps}
   */
  *property(given, ...value) {
    const name = String(given);
    if (isPhantomEvent(name)) return this.#parts.callbacks.callback(name, ...value);
    if (value.length === 0) return yield* this.read(name);
    const properties = this.#properties;
    if (!Object.hasOwn(properties, name)) {
      const near = v.nearest(name, Object.keys(properties));
      warn(`page.property: PhantomJS has no property "${name}"${near ? `; did you mean "${near}"?` : ""}`);
    }
    yield* this.assign(name, value[0]);
  }

  /** @param {string} name @returns {Steps} */
  *read(name) {
    const properties = this.#properties;
    if (!Object.hasOwn(properties, name)) return this.#state.unknown.get(name);
    const given = properties[name].read();
    return isSteps(given) ? yield* given : given;
  }

  /** What a callback on phantom assigns, which may be a name of its own. @param {string} name @param {any} value @returns {Steps} */
  *assign(name, value) {
    if (isPhantomEvent(name)) return this.#parts.callbacks.callback(name, value);
    const properties = this.#properties;
    if (!Object.hasOwn(properties, name)) return void this.#state.unknown.set(name, value);
    const written = properties[name].write?.(value);
    if (isSteps(written)) yield* written;
  }

  /** @param {string} name */
  has(name) {
    return isPhantomEvent(name) || Object.hasOwn(this.#properties, name) || this.#state.unknown.has(name);
  }

  /** What is known without asking the browser: undefined where that has to be asked. @param {string} name @returns {any} */
  known(name) {
    if (isPhantomEvent(name)) return this.#parts.callbacks.callback(name);
    switch (name) {
      case "settings":
        return this.#parts.settings.live();
      case "url":
        return shown(this.#parts.events.loads.url);
      case "event":
        return EVENT;
      case "clipRect":
      case "customHeaders":
      case "libraryPath":
      case "navigationLocked":
      case "paperSize":
      case "viewportSize":
      case "zoomFactor":
        return copied(this.#state[name]);
      default:
        return this.#state.unknown.get(name);
    }
  }

  /** @returns {Record<string, { read: () => any, write?: (value: any) => any }>} */
  get #properties() {
    const state = this.#state;
    const { cookies, frames, navigation, settings, windows } = this.#parts;
    return {
      canGoBack: { read: () => this.#canGo(-1) },
      canGoForward: { read: () => this.#canGo(1) },
      clipRect: { read: () => state.clipRect, write: (rect) => this.#clip(recordOf(rect)) },
      content: {
        read: () => this.#look(readContent, undefined, true),
        write: (html) => navigation.write(textOf(html)),
      },
      cookies: { read: () => cookies.all(), write: (all) => cookies.addAll(all) },
      customHeaders: { read: () => state.customHeaders, write: (headers) => this.#setHeaders(recordOf(headers)) },
      event: { read: () => EVENT },
      focusedFrameName: { read: () => frames.currentFrameName() },
      frameContent: {
        read: () => this.#look((document) => document.documentElement.outerHTML),
        write: (html) => this.#look(writeDocument, textOf(html)),
      },
      frameName: { read: () => frames.currentFrameName() },
      framePlainText: { read: () => this.#look((document) => document.body?.innerText ?? "") },
      frameTitle: { read: () => this.#look((document) => document.title) },
      frameUrl: { read: () => this.#frameUrl() },
      framesCount: { read: () => frames.childFramesCount() },
      framesName: { read: () => frames.childFramesName() },
      libraryPath: {
        read: () => state.libraryPath,
        write: (path) => {
          state.libraryPath = textOf(path);
        },
      },
      loading: { read: () => this.#look((document) => document.readyState !== "complete") },
      loadingProgress: {
        read: () => this.#look((document) => ({ loading: 10, interactive: 50, complete: 100 })[document.readyState]),
      },
      navigationLocked: { read: () => state.navigationLocked, write: (locked) => this.#lock(truthOf(locked)) },
      offlineStoragePath: { read: () => os.tmpdir() },
      offlineStorageQuota: { read: () => STORAGE_QUOTA },
      ownsPages: this.#unknown("ownsPages", true),
      pages: { read: () => windows.described() },
      pagesWindowName: { read: () => windows.names() },
      paperSize: {
        read: () => state.paperSize,
        write: (size) => {
          state.paperSize = recordOf(size);
        },
      },
      plainText: { read: () => this.#look((document) => document.body?.innerText ?? "", undefined, true) },
      scrollPosition: {
        read: () => this.#look(() => ({ top: scrollY, left: scrollX })),
        write: (position) => this.#scroll(recordOf(position)),
      },
      settings: { read: () => settings.all(), write: (all) => settings.assign(all) },
      title: { read: () => this.#look(readTitle, undefined, true) },
      url: { read: () => this.#url() },
      viewportSize: {
        read: () => this.#look(() => ({ width: innerWidth, height: innerHeight })),
        write: (size) => this.#resize(recordOf(size)),
      },
      windowName: { read: () => this.#look(() => /** @type {Window} */ (window.top).name, undefined, true) },
      zoomFactor: {
        read: () => state.zoomFactor,
        write: (factor) => {
          const zoom = numberOf(factor) ?? 0;
          if (zoom > 0) state.zoomFactor = zoom;
        },
      },
    };
  }

  /**
   * @param {(document: Document, value: any) => unknown} script
   * @param {unknown} [value]
   * @param {boolean} [main]
   * @returns {Steps}
   */
  #look(script, value, main) {
    return look(this.#page, "property", script, [value], { main });
  }

  /** @param {number} step @returns {Steps<boolean>} */
  *#canGo(step) {
    // A page that does not know has more often come from somewhere than gone back.
    return (yield* this.#parts.navigation.canGo(step)) ?? step < 0;
  }

  /** @returns {Steps<string>} */
  *#frameUrl() {
    return shown(yield* this.#look(() => location.href));
  }

  /** @returns {Steps<string>} */
  *#url() {
    const url = yield* run(this.#page, "property", readUrl, [], { main: true });
    // What the browser shows of a failure has a URL of its own, where PhantomJS keeps the last page's.
    return shown(url.startsWith("chrome-error:") ? this.#parts.events.loads.url : url);
  }

  /** @param {string} name @param {unknown} first what it is until it is set */
  #unknown(name, first) {
    const { unknown } = this.#state;
    return {
      read: () => (unknown.has(name) ? unknown.get(name) : first),
      /** @param {unknown} value */
      write: (value) => void unknown.set(name, value),
    };
  }

  /** @param {Record<string, unknown>} rect */
  #clip(rect) {
    const [top, left, width, height] = [rect.top, rect.left, rect.width, rect.height].map((side) =>
      Math.round(numberOf(side) ?? 0),
    );
    this.#state.clipRect = { top, left, width, height };
  }

  /** PhantomJS keeps the size that it has for one that is none. @param {Record<string, unknown>} size @returns {Steps} */
  *#resize(size) {
    const [width, height] = [size.width, size.height].map((side) => Math.round(numberOf(side) ?? 0));
    if (width < 1 || height < 1) return;
    const sides = { width: Math.min(width, LARGEST), height: Math.min(height, LARGEST) };
    this.#state.viewportSize = sides;
    const screen = { deviceScaleFactor: 1, isMobile: false, hasTouch: false, isLandscape: false };
    this.#page._viewport = { ...sides, ...screen };
    yield ["setViewport", { ...sides, ...screen }, "property"];
  }

  /** @param {Record<string, unknown>} headers @returns {Steps} */
  *#setHeaders(headers) {
    const texts = Object.entries(headers).map(([name, value]) => [name, textOf(value)]);
    const sent = Object.fromEntries(texts.map(([name, value]) => [name.toLowerCase(), value]));
    this.#state.customHeaders = Object.fromEntries(texts);
    yield ["setExtraHTTPHeaders", { headers: sent }, "property"];
  }

  /** @param {boolean} locked @returns {Steps} */
  *#lock(locked) {
    if (locked === this.#state.navigationLocked) return;
    yield ["lockNavigation", { locked }, "property"];
    this.#state.navigationLocked = locked;
  }

  /** @param {Record<string, unknown>} position @returns {Steps} */
  *#scroll({ top, left }) {
    /** @param {Document} _document @param {number[]} to */
    const scroll = (_document, [x, y]) => window.scrollTo(x, y);
    yield* this.#look(scroll, [numberOf(left) ?? 0, numberOf(top) ?? 0]);
    this.#state.scrolled = true;
  }
}

/** PhantomJS gives such objects anew each time. @param {any} value */
const copied = (value) => (typeof value === "object" && value !== null ? { ...value } : value);

/** A page that has loaded nothing yet has no URL in PhantomJS. @param {string} url */
const shown = (url) => (url === "about:blank" ? "" : url);

/** @param {Document} document @param {string} html */
function writeDocument(document, html) {
  document.open();
  document.write(html);
  document.close();
}

module.exports = { Properties };
