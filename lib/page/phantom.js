// The page's methods that carry the names of the npm package phantom, with the meaning PhantomJS gave them: what ghost-town's
// handlers call. They are built on the methods of puppeteer.js and on the same commands.
/// <reference lib="dom" />

const { randomUUID } = require("node:crypto");
const fs = require("node:fs/promises");
const path = require("node:path");
const { types } = require("node:util");
const { fail } = require("../errors.js");
const { uncaught, unhandled } = require("../emit.js");
const { statement } = require("./evaluate.js");
const { NEEDS } = require("./events.js");
const { ANSWERED, MADE_FROM, detached, isPhantomEvent, requested, seenOf, timedOut } = require("./phantom-events.js");
const { PuppeteerPage } = require("./puppeteer.js");
const { inches, paper } = require("./paper.js");
const v = require("../validate.js");

const FORMATS = ["png", "jpeg", "jpg", "webp", "bmp", "gif", "pdf"];
const MOUSE = ["mousemove", "mousedown", "mouseup", "click", "doubleclick"];
const KEYBOARD = ["keydown", "keyup", "keypress"];
const NAME = v.string({ empty: false, required: true });
const QUALITY = v.integer({ min: 0, max: 100 });
/** @type {import("../validate.js").Type} */
const QUALITY_AS_TEXT = { allowed: "the same as text", is: (text) => /^\d+$/.test(text) && QUALITY.is(Number(text)) };
const COORDINATE = v.number();
const SIDE = v.anyOf([v.number({ min: 0 }), v.string()]);
const HEADING = v.shape({ height: SIDE, contents: v.anyOf([v.func(), v.string()], { required: true }) });

const CLIP_RECT = v.shape({
  top: v.number({ default: 0 }),
  left: v.number({ default: 0 }),
  width: v.number({ min: 0, default: 0 }),
  height: v.number({ min: 0, default: 0 }),
});

const PAPER_SIZE = v.shape({
  format: v.string(),
  orientation: v.oneOf(["portrait", "landscape"]),
  width: SIDE,
  height: SIDE,
  margin: v.anyOf([v.number({ min: 0 }), v.string(), v.shape({ top: SIDE, right: SIDE, bottom: SIDE, left: SIDE })]),
  header: HEADING,
  footer: HEADING,
});

const REQUEST = {
  operation: v.string(),
  encoding: v.string(),
  headers: v.recordOf(v.string()),
  data: v.anyOf([v.string(), v.recordOf(v.anything())]),
};

const COOKIE = {
  name: NAME,
  value: v.string({ required: true }),
  domain: v.string(),
  path: v.string(),
  httponly: v.boolean(),
  secure: v.boolean(),
  expires: v.anyOf([v.number(), v.string()]),
  expiry: v.number(),
};

/** PhantomJS numbers keys and modifiers as Qt does. @type {Record<number, string>} */
const QT_KEYS = {
  16777216: "Escape",
  16777217: "Tab",
  16777219: "Backspace",
  16777220: "Enter",
  16777221: "NumpadEnter",
  16777222: "Insert",
  16777223: "Delete",
  16777224: "Pause",
  16777225: "PrintScreen",
  16777232: "Home",
  16777233: "End",
  16777234: "ArrowLeft",
  16777235: "ArrowUp",
  16777236: "ArrowRight",
  16777237: "ArrowDown",
  16777238: "PageUp",
  16777239: "PageDown",
  16777248: "Shift",
  16777249: "Control",
  16777250: "Meta",
  16777251: "Alt",
  16777252: "CapsLock",
};
const QT_F1 = 16777264;
const QT_F24 = QT_F1 + 23;

/** @type {[number, string][]} */
const QT_MODIFIERS = [
  [0x02000000, "Shift"],
  [0x04000000, "Control"],
  [0x08000000, "Alt"],
  [0x10000000, "Meta"],
];

/** What PhantomJS starts a page with, and the engines' own security rules cannot depart from. */
const FIXED_SETTINGS = { localToRemoteUrlAccessEnabled: false, XSSAuditingEnabled: false, webSecurityEnabled: true };

/** What phantom's names remember. */
class Memory {
  settings = new Map(Object.entries({ ...FIXED_SETTINGS, javascriptEnabled: true, loadImages: true }));
  properties = {
    clipRect: { top: 0, left: 0, width: 0, height: 0 },
    customHeaders: {},
    libraryPath: process.cwd(),
    navigationLocked: false,
    /** @type {any} */
    paperSize: {},
    zoomFactor: 1,
  };
  /** @type {Map<string, Function>} */
  methods = new Map();
  /** Those that are set as properties. @type {Map<string, Function>} */
  callbacks = new Map();
  mouse = { x: 0, y: 0 };
  watchesRequests = false;
  /** The navigations given up while an open runs: news of that may overtake the news that its time is over. @type {any[] | undefined} */
  aborted;
  /** By which a dialog is known as a call of `window.callPhantom`. */
  callMark = `boomtown:${randomUUID()}:`;
}

class PhantomPage extends PuppeteerPage {
  /** @type {Memory | undefined} */
  #made;

  get #memory() {
    this.#made ??= new Memory();
    return this.#made;
  }

  /** @param {string} event @param {any[]} rest `[runOnPhantom], listener, ...args` */
  on(event, ...rest) {
    if (!isPhantomEvent(event)) return super.on(event, rest[0]);
    const [onPhantom, listener, ...args] = typeof rest[0] === "boolean" ? rest : [false, ...rest];
    v.argument("page.on", "listener", v.func({ required: true }), listener);
    const run = onPhantom ? detached(listener) : listener;
    // Node finds the wrapped listener by this property when it is to be removed.
    const original = listener.listener ?? listener;
    const wrapper = Object.assign((/** @type {any[]} */ ...given) => run.call(this, ...given, ...args), {
      listener: original,
    });
    return super.on(event, wrapper);
  }

  /** @param {string} event @param {any} [listener] all of them without one */
  off(event, listener) {
    if (listener !== undefined) return super.off(event, listener);
    if (typeof event === "string") this._refuseUnknown("off", event);
    return this.removeAllListeners(event);
  }

  /** @protected @returns {string[]} */
  _knownEvents() {
    return [...super._knownEvents(), ...Object.keys(MADE_FROM), ...Object.keys(ANSWERED)];
  }

  /** @protected @param {string} event */
  _needs(event) {
    const sources = Object.hasOwn(MADE_FROM, event) ? MADE_FROM[event].map(([source]) => source) : ANSWERED[event];
    if (!sources) return super._needs(event);
    return sources.flatMap((source) => (Object.hasOwn(NEEDS, source) ? NEEDS[source] : [source]));
  }

  /** @protected @param {readonly (string | symbol)[]} events @param {string} [added] */
  _follow(events, added) {
    super._follow(events, added);
    if (added === "onCallback" && this.listenerCount(added) === 0) this._first(this.#callPhantom());
    const watches = events.includes("onResourceRequested");
    if (watches !== this.#memory.watchesRequests) {
      this.#memory.watchesRequests = watches;
      this._first([this._intercept("watches", watches ? (request) => this.#askOfRequest(request) : undefined)]);
    }
  }

  /** @protected @param {string} name @param {unknown[]} args */
  _deliver(name, args) {
    let heard = super._deliver(name, args);
    if (name === "requestfailed" && /** @type {any} */ (args[0]).isNavigationRequest())
      this.#memory.aborted?.push(args[0]);
    const place = { page: this, navigationLocked: this.#memory.properties.navigationLocked };
    for (const event of this.eventNames().map(String)) {
      for (const [source, make] of Object.hasOwn(MADE_FROM, event) ? MADE_FROM[event] : []) {
        const made = source === name ? make(args[0], place) : undefined;
        if (made) heard = super._deliver(event, made) || heard;
      }
    }
    if (name === "dialog" && !heard) return this.#answerDialog(/** @type {any} */ (args[0]));
    if (name === "filechooser") this.#pickFiles();
    return heard;
  }

  /**
   * Calls the listeners of an event whose answer counts.
   * @param {string} event
   * @param {unknown[]} args
   * @returns {any} the last listener's answer
   */
  #ask(event, ...args) {
    let given;
    for (const listener of this.rawListeners(event)) {
      try {
        given = listener.apply(this, args);
        // One that answers later is heard out by whoever asked, and failed for the program.
        if (types.isPromise(given)) given.then(undefined, (error) => this._overlooks(error) || unhandled(error));
      } catch (error) {
        uncaught(error);
      }
    }
    return given;
  }

  /**
   * @param {InstanceType<typeof import("./dialog.js").Dialog>} dialog
   * @returns {boolean} whether somebody has answered it
   */
  #answerDialog(dialog) {
    const message = dialog.message();
    const isCall = dialog.type() === "prompt" && message.startsWith(this.#memory.callMark);
    const event = isCall ? "onCallback" : `on${dialog.type()[0].toUpperCase()}${dialog.type().slice(1)}`;
    if (this.listenerCount(event) === 0) return false;
    let args = [message, ...(event === "onPrompt" ? [dialog.defaultValue()] : [])];
    try {
      if (isCall) args = [JSON.parse(message.slice(this.#memory.callMark.length))];
    } catch {
      // A page that has found out the mark may send anything.
      return false;
    }
    const given = this.#ask(event, ...args);
    /** @param {any} answer */
    const answered = (answer) => {
      const accepted =
        isCall || event === "onAlert" || (event === "onPrompt" ? typeof answer === "string" : Boolean(answer));
      const text = isCall ? (JSON.stringify(answer) ?? "") : event === "onPrompt" ? answer : undefined;
      // A page that is over has no dialogs.
      (accepted ? dialog.accept(text) : dialog.dismiss()).catch(() => {});
    };
    // The page waits in the dialog, so a listener may take its time.
    if (typeof given?.then !== "function") answered(given);
    else
      given.then(answered, (/** @type {unknown} */ error) => {
        if (!types.isPromise(given) && !this._overlooks(error)) unhandled(error);
        answered(undefined);
      });
    return true;
  }

  /** `window.callPhantom` gives back what the listener does, at once: a dialog is the one thing that a script waits for. */
  #callPhantom() {
    /** @param {string} mark */
    const install = (mark) => {
      const ask = window.prompt.bind(window);
      Object.assign(window, {
        callPhantom: (/** @type {unknown} */ data) => {
          const answer = ask(mark + (JSON.stringify(data) ?? "null"));
          return answer ? JSON.parse(answer) : undefined;
        },
      });
    };
    const source = statement(install, [this.#memory.callMark]);
    /** @type {[string, object][]} */
    const commands = [
      ["addInitScript", { source }],
      ["evaluate", { script: source }],
    ];
    return commands;
  }

  /** @param {InstanceType<typeof import("./request.js").InterceptedRequest>} request */
  async #askOfRequest(request) {
    /** @type {{ url?: string, headers?: Record<string, string> }} */
    const overrides = {};
    let aborted = false;
    this.#ask("onResourceRequested", requested(request), {
      abort: () => {
        aborted = true;
      },
      changeUrl: (/** @type {string} */ url) => {
        overrides.url = url;
      },
      setHeader: (/** @type {string} */ name, /** @type {string} */ value) => {
        overrides.headers = { ...(overrides.headers ?? request.headers), [name.toLowerCase()]: value };
      },
    });
    if (aborted) await request.abort("blockedbyclient");
    else request.change(overrides);
  }

  #pickFiles() {
    const given = this.#ask("onFilePicker", "");
    const paths = [given ?? []].flat().map(String);
    // A page that is over has no choosers.
    this._call("chooseFiles", { paths }, "on").catch(() => {});
  }

  /**
   * @param {string} url
   * @param {any} [settings] `{ operation, encoding, headers, data }`, or the method
   * @param {any} [data]
   * @param {any} [headers]
   * @returns {Promise<"success" | "fail">}
   */
  async open(url, settings = {}, data, headers) {
    v.argument("page.open", "url", v.string({ required: true }), url);
    const given = typeof settings === "string" ? { operation: settings, data, headers } : settings;
    const request = v.check("page.open", REQUEST, given);
    const form = typeof request.data === "object";
    const sent = {
      method: request.operation?.toUpperCase(),
      body: form ? String(new URLSearchParams(request.data)) : request.data,
      headers:
        request.data !== undefined || request.encoding
          ? { "Content-Type": contentType(request.encoding), ...request.headers }
          : request.headers,
    };
    const timeout = this.#memory.settings.get("resourceTimeout") ?? 30_000;
    this.#memory.aborted = [];
    try {
      await this._call("goto", { url, waitUntil: "load", timeout, ...v.defined(sent) }, "open");
      return "success";
    } catch (error) {
      const { code } = /** @type {import("../errors.js").CodedError} */ (error);
      if (code === "ERR_TIMEOUT") {
        const late = [...(this.#memory.aborted ?? []), ...this._pendingRequests()].map(seenOf);
        // A busy browser may not have told of it yet.
        if (late.length === 0) late.push({ id: "", url, method: "GET", headers: {}, ...v.defined(sent) });
        for (const seen of late) super._deliver("onResourceTimeout", [timedOut(seen)]);
      }
      if (code === "ERR_NAVIGATION" || code === "ERR_TIMEOUT") return "fail";
      throw error;
    } finally {
      this.#memory.aborted = undefined;
    }
  }

  /** @param {string} url @param {any} [request] @param {Record<string, any>} [settings] */
  async openUrl(url, request, settings = {}) {
    for (const [name, value] of Object.entries(settings)) await this.setting(name, value);
    return await this.open(url, request);
  }

  async stop() {
    await this._call("stop");
  }

  /**
   * @param {string} html
   * @param {any} [options] Puppeteer's options, or the URL that relative links start from
   */
  async setContent(html, options) {
    if (typeof options !== "string") return await this.#load(html, options);
    v.argument("page.setContent", "html", v.string({ required: true }), html);
    const [head] = /** @type {RegExpExecArray} */ (
      /^\s*(?:<!doctype[^>]*>\s*)?(?:<html[^>]*>\s*)?(?:<head[^>]*>)?/i.exec(html)
    );
    const base = `<base href="${options.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">`;
    await this.#load(head + base + html.slice(head.length));
  }

  /**
   * PhantomJS loads what it is given, and tells so; a browser writes it into the document that is there.
   * @param {string} html
   * @param {object} [options]
   */
  async #load(html, options) {
    super._deliver("onLoadStarted", []);
    await super.setContent(html, options);
    super._deliver("onLoadFinished", ["success"]);
  }

  /** @param {Function} fn @param {number} [delay] ms @param {unknown[]} args */
  async evaluateAsync(fn, delay = 0, ...args) {
    v.argument("page.evaluateAsync", "script", v.func({ required: true }), fn);
    v.argument("page.evaluateAsync", "delay", v.number({ min: 0 }), delay);
    await this._run("evaluateAsync", fn, args, { within: ["later", delay], gesture: true });
  }

  /** @param {string} script the text of a function */
  async evaluateJavaScript(script) {
    v.argument("page.evaluateJavaScript", "script", NAME, script);
    return await this._run("evaluateJavaScript", script, [], { within: ["called"], gesture: true });
  }

  /** @param {string} url */
  async includeJs(url) {
    await this.addScriptTag({ url });
  }

  /** @param {string} file @returns {Promise<boolean>} false when there is no such file, here or in libraryPath */
  async injectJs(file) {
    v.argument("page.injectJs", "file", NAME, file);
    for (const place of [file, path.resolve(this.#memory.properties.libraryPath, file)]) {
      const script = await fs.readFile(place, "utf8").catch(() => undefined);
      if (script === undefined) continue;
      await this._run("injectJs", `${script}\n;void 0;`, [], { gesture: true });
      return true;
    }
    return false;
  }

  /** @param {string} file @param {{ format?: string, quality?: number | string }} [options] */
  async render(file, options = {}) {
    v.argument("page.render", "file", NAME, file);
    const schema = { format: v.string(), quality: v.anyOf([QUALITY, QUALITY_AS_TEXT]) };
    const { format = path.extname(file).slice(1) || "png", quality } = v.check("page.render", schema, options);
    const picture = await this.#picture("render", format, quality);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, picture);
    return true;
  }

  /** @param {string} [format] */
  async renderBase64(format = "png") {
    v.argument("page.renderBase64", "format", v.string(), format);
    return (await this.#picture("renderBase64", format)).toString("base64");
  }

  /**
   * The whole page, or its clipRect; transparent, as PhantomJS made it, where the format can be.
   * @param {string} operation
   * @param {string} format
   * @param {number | string} [quality]
   * @returns {Promise<Buffer>}
   */
  async #picture(operation, format, quality) {
    const name = format.toLowerCase();
    v.argument(`page.${operation}`, "format", v.oneOf(FORMATS), name);
    const { clipRect, zoomFactor } = this.#memory.properties;
    if (zoomFactor !== 1) await this.#zoom(operation, zoomFactor);
    try {
      if (name === "pdf") return await this._call("pdf", await this.#paper(operation), operation);
      const { left, top, width, height } = clipRect;
      const clip = width > 0 && height > 0 ? { x: left, y: top, width, height } : undefined;
      const type = name === "jpg" ? "jpeg" : name;
      const params = {
        type,
        clip,
        fullPage: clip === undefined,
        omitBackground: type === "png",
        optimizeForSpeed: false,
      };
      const lossy = type === "jpeg" || type === "webp";
      return await this._call(
        "screenshot",
        v.defined({ ...params, quality: lossy && quality !== undefined ? Number(quality) : undefined }),
        operation,
      );
    } finally {
      if (zoomFactor !== 1) await this.#zoom(operation, 1);
    }
  }

  /** @param {string} operation @param {number} factor */
  async #zoom(operation, factor) {
    /** @param {Document} document @param {number} zoom */
    const apply = (document, zoom) => {
      const { style } = document.documentElement;
      style.setProperty("zoom", zoom === 1 ? "" : String(zoom));
    };
    await this._look(operation, apply, [factor], { main: true });
  }

  /**
   * Without a paperSize, one page as large as the document.
   * @param {string} operation
   */
  async #paper(operation) {
    const { format, orientation, width, height, margin = 0, header, footer } = this.#memory.properties.paperSize;
    /** @param {string} name @param {string | number} value */
    const length = (name, value) => inches("page.property", `paperSize.${name}`, value);
    const sides = typeof margin === "object" ? margin : { top: margin, right: margin, bottom: margin, left: margin };
    /** @type {number[]} */
    let size;
    if (format) size = paper("page.property", format);
    else if (width !== undefined && height !== undefined) size = [length("width", width), length("height", height)];
    else size = (await this.#documentSize(operation)).map((pixels) => pixels / 96);
    return {
      landscape: orientation === "landscape",
      scale: 1,
      printBackground: true,
      paperWidth: size[0],
      paperHeight: size[1],
      marginTop: length("margin.top", sides.top ?? 0) + length("header.height", header?.height ?? 0),
      marginRight: length("margin.right", sides.right ?? 0),
      marginBottom: length("margin.bottom", sides.bottom ?? 0) + length("footer.height", footer?.height ?? 0),
      marginLeft: length("margin.left", sides.left ?? 0),
      pageRanges: "",
      headerTemplate: heading(header),
      footerTemplate: heading(footer),
      displayHeaderFooter: Boolean(header || footer),
      preferCSSPageSize: false,
    };
  }

  /** @param {string} operation @returns {Promise<number[]>} */
  async #documentSize(operation) {
    /** @param {Document} document */
    const measure = ({ documentElement }) => {
      const { width, height } = documentElement.getBoundingClientRect();
      return [
        Math.max(documentElement.scrollWidth, Math.ceil(width)),
        Math.max(documentElement.scrollHeight, Math.ceil(height)),
      ];
    };
    return await this._look(operation, measure, [], { main: true });
  }

  /**
   * @param {string} type
   * @param {any} [first] x, or the key
   * @param {any} [second] y
   * @param {string} [button]
   * @param {number} [modifier] a sum of Qt's modifiers
   */
  async sendEvent(type, first, second, button = "left", modifier = 0) {
    v.argument("page.sendEvent", "type", v.oneOf([...MOUSE, ...KEYBOARD], { required: true }), type);
    v.argument("page.sendEvent", "modifier", v.integer({ min: 0 }), modifier ?? 0);
    const modifiers = QT_MODIFIERS.filter(([bit]) => (modifier ?? 0) & bit).map(([, name]) => name);
    if (KEYBOARD.includes(type)) {
      const key = v.argument(
        "page.sendEvent",
        "key",
        v.anyOf([v.string({ empty: false }), v.integer({ min: 1 })], { required: true }),
        first,
      );
      await this._call("key", { type: type.slice(3), ...keyOf(type, key), modifiers }, "sendEvent");
      return;
    }
    const x = v.argument("page.sendEvent", "x", COORDINATE, first ?? undefined) ?? this.#memory.mouse.x;
    const y = v.argument("page.sendEvent", "y", COORDINATE, second ?? undefined) ?? this.#memory.mouse.y;
    v.argument("page.sendEvent", "button", v.oneOf(["left", "right", "middle"]), button ?? "left");
    this.#memory.mouse = { x, y };
    await this._call(
      "mouse",
      { type: type.replace("mouse", ""), x, y, button: button ?? "left", modifiers },
      "sendEvent",
    );
  }

  /** @param {object} cookie */
  async addCookie(cookie) {
    const { httponly, expires, expiry, ...rest } = v.check("page.addCookie", COOKIE, cookie);
    const date = expires === undefined ? undefined : new Date(expires).getTime() / 1000;
    if (Number.isNaN(date))
      throw fail("ERR_INVALID_OPTION", `page.addCookie: option "expires" must be a date, got ${v.brief(expires)}`);
    await this.setCookie(v.defined({ ...rest, httpOnly: httponly, expires: expiry ?? date }));
    return true;
  }

  /** @param {...any} cookies names as phantom, or objects as Puppeteer */
  async deleteCookie(...cookies) {
    await super.deleteCookie(...cookies.map((cookie) => (typeof cookie === "string" ? { name: cookie } : cookie)));
    return true;
  }

  async clearCookies() {
    await this._call("clearCookies");
  }

  /** @param {string} url */
  async setProxy(url) {
    await this._call("setProxy", { url: v.argument("page.setProxy", "url", v.string({ required: true }), url) });
  }

  /** @param {number | string} frame its index or its name @returns {Promise<boolean>} false when there is none */
  async switchToFrame(frame) {
    v.argument("page.switchToFrame", "frame", v.anyOf([v.integer({ min: 0 }), v.string()], { required: true }), frame);
    /** @param {Document} document @param {number | string} wanted */
    const exists = (document, wanted) =>
      typeof wanted === "number"
        ? wanted < window.frames.length
        : [...document.querySelectorAll("iframe, frame")].some((element) => element.getAttribute("name") === wanted);
    if (!(await this._look("switchToFrame", exists, [frame]))) return false;
    await this._call("switchToFrame", { frame });
    return true;
  }

  async switchToMainFrame() {
    await this._call("switchToMainFrame");
  }

  /** @param {string} name @param {Function} fn called with the page as `this` */
  async defineMethod(name, fn) {
    v.argument("page.defineMethod", "name", NAME, name);
    this.#memory.methods.set(name, v.argument("page.defineMethod", "fn", v.func({ required: true }), fn));
  }

  /** @param {string} name @param {unknown[]} args */
  async invokeMethod(name, ...args) {
    return await this.#method("invokeMethod", name).apply(this, args);
  }

  /**
   * Resolves with what a defined method passes to its callback, or with the result of a method of the page.
   * @param {string} name
   * @param {unknown[]} args
   */
  async invokeAsyncMethod(name, ...args) {
    const method = this.#method("invokeAsyncMethod", name);
    if (!this.#memory.methods.has(name)) return await method.apply(this, args);
    return await new Promise((resolve) => method.call(this, ...args, resolve));
  }

  /** @param {string} operation @param {string} name @returns {Function} */
  #method(operation, name) {
    const own = this.#memory.methods.get(name) ?? (name.startsWith("_") ? undefined : Reflect.get(this, name));
    if (typeof own === "function") return own;
    throw fail(
      "ERR_INVALID_OPTION",
      `page.${operation}: there is no method "${name}"; define it with page.defineMethod`,
    );
  }

  /** @param {string} name @param {any[]} value of a callback also what its calls get after the event's own arguments */
  async property(name, ...value) {
    if (isPhantomEvent(name)) return this.#callback(name, ...value);
    const properties = this.#properties;
    if (!Object.hasOwn(properties, name)) {
      const names = [properties, MADE_FROM, ANSWERED].flatMap(Object.keys);
      const near = v.nearest(String(name), names);
      throw fail(
        "ERR_INVALID_OPTION",
        `page.property: there is no property "${name}"${near ? `; did you mean "${near}"?` : ""}`,
      );
    }
    const { read, write } = properties[name];
    if (value.length === 0) return await read();
    if (!write) throw fail("ERR_INVALID_OPTION", `page.property: "${name}" can only be read`);
    return await write(value[0]);
  }

  /**
   * A property has one value, so the callback that was set before goes; what listens by `on` stays.
   * @param {string} event
   * @param {any[]} value nothing to read it
   */
  #callback(event, ...value) {
    const { callbacks } = this.#memory;
    const before = callbacks.get(event);
    if (value.length === 0) return before;
    const [callback, ...args] = value;
    v.argument("page.property", event, v.func(), callback ?? undefined);
    if (before) this.off(event, before);
    callbacks.delete(event);
    if (!callback) return;
    this.on(event, true, callback, ...args);
    callbacks.set(event, callback);
  }

  /** @returns {Record<string, { read: () => any, write?: (value: any) => any }>} */
  get #properties() {
    return {
      clipRect: this.#kept("clipRect", CLIP_RECT),
      content: { read: () => this.content(), write: (html) => this.setContent(html) },
      cookies: {
        read: async () => (await this.cookies()).map(phantomCookie),
        write: (cookies) => this.#addCookies(cookies),
      },
      customHeaders: {
        read: () => this.#memory.properties.customHeaders,
        write: async (headers) => {
          await this.setExtraHTTPHeaders(headers);
          this.#memory.properties.customHeaders = headers;
        },
      },
      frameContent: {
        read: () => this._look("property", (/** @type {Document} */ document) => document.documentElement.outerHTML),
        write: (html) =>
          this._look("property", writeDocument, [v.argument("page.property", "frameContent", v.string(), html)]),
      },
      frameName: { read: () => this._look("property", () => window.name) },
      frameTitle: { read: () => this._look("property", (/** @type {Document} */ document) => document.title) },
      frameUrl: { read: () => this._look("property", () => location.href) },
      framesCount: { read: () => this._look("property", () => window.frames.length) },
      framesName: {
        read: () =>
          this._look("property", (/** @type {Document} */ document) =>
            [...document.querySelectorAll("iframe, frame")].map((frame) => frame.getAttribute("name") ?? ""),
          ),
      },
      libraryPath: this.#kept("libraryPath", NAME),
      loading: {
        read: () => this._look("property", (/** @type {Document} */ document) => document.readyState !== "complete"),
      },
      loadingProgress: {
        read: () =>
          this._look(
            "property",
            (/** @type {Document} */ document) =>
              ({ loading: 10, interactive: 50, complete: 100 })[document.readyState],
          ),
      },
      navigationLocked: {
        read: () => this.#memory.properties.navigationLocked,
        write: async (locked) => {
          v.argument("page.property", "navigationLocked", v.boolean({ required: true }), locked);
          if (locked === this.#memory.properties.navigationLocked) return;
          await this._call("lockNavigation", { locked }, "property");
          this.#memory.properties.navigationLocked = locked;
        },
      },
      paperSize: {
        read: () => this.#memory.properties.paperSize,
        write: (size) => {
          const checked = v.argument("page.property", "paperSize", { ...PAPER_SIZE, required: true }, size);
          if (checked.format) paper("page.property", checked.format);
          this.#memory.properties.paperSize = checked;
        },
      },
      plainText: {
        read: () =>
          this._look("property", (/** @type {Document} */ document) => document.body?.innerText ?? "", [], {
            main: true,
          }),
      },
      scrollPosition: {
        read: () => this._look("property", () => ({ top: scrollY, left: scrollX })),
        write: (position) => this.#scroll(position),
      },
      title: { read: () => this.title() },
      url: { read: () => this.url() },
      viewportSize: {
        read: () => this._look("property", () => ({ width: innerWidth, height: innerHeight })),
        write: (size) => this.setViewport(size),
      },
      windowName: {
        read: () => this._look("property", () => /** @type {Window} */ (window.top).name, [], { main: true }),
      },
      zoomFactor: this.#kept("zoomFactor", v.number({ above: 0 })),
    };
  }

  /**
   * A property that nothing but this page's own methods look at.
   * @param {"clipRect" | "libraryPath" | "paperSize" | "zoomFactor"} name
   * @param {import("../validate.js").Type} type
   */
  #kept(name, type) {
    /** @type {any} */
    const remembered = this.#memory.properties;
    return {
      read: () => remembered[name],
      /** @param {any} value */
      write: (value) => {
        remembered[name] = v.argument("page.property", name, { ...type, required: true }, value);
      },
    };
  }

  /** @param {any} cookies */
  async #addCookies(cookies) {
    v.argument("page.property", "cookies", v.arrayOf(v.recordOf(v.anything()), { required: true }), cookies);
    for (const cookie of cookies) await this.addCookie(cookie);
  }

  /** @param {any} position */
  async #scroll(position) {
    const type = v.shape({ top: v.number({ default: 0 }), left: v.number({ default: 0 }) }, { required: true });
    const { top, left } = v.argument("page.property", "scrollPosition", type, position);
    /** @param {Document} _document @param {number} x @param {number} y */
    const scroll = (_document, x, y) => window.scrollTo(x, y);
    await this._look("property", scroll, [left, top]);
  }

  /** @param {string} name @param {any[]} value */
  async setting(name, ...value) {
    const writers = this.#writers;
    const write = Object.hasOwn(writers, name) ? writers[name] : undefined;
    if (!write) {
      const near = v.nearest(String(name), Object.keys(writers));
      throw fail(
        "ERR_INVALID_OPTION",
        `page.setting: there is no setting "${name}"${near ? `; did you mean "${near}"?` : ""}`,
      );
    }
    if (value.length === 0) {
      if (name === "userAgent" && !this.#memory.settings.has(name))
        return await this._look("setting", () => navigator.userAgent);
      return this.#memory.settings.get(name);
    }
    await write(value[0]);
    this.#memory.settings.set(name, value[0]);
  }

  /** @returns {Record<string, (value: any) => any>} */
  get #writers() {
    return {
      javascriptEnabled: (enabled) => this.setJavaScriptEnabled(enabled),
      loadImages: (enabled) =>
        this._call(
          "setLoadImages",
          { enabled: v.argument("page.setting", "loadImages", v.boolean({ required: true }), enabled) },
          "setting",
        ),
      userAgent: (userAgent) => this.setUserAgent(userAgent),
      userName: (userName) => this.#authenticate({ userName }),
      password: (password) => this.#authenticate({ password }),
      resourceTimeout: (timeout) => v.argument("page.setting", "resourceTimeout", v.integer({ min: 0 }), timeout),
      ...Object.fromEntries(
        Object.entries(FIXED_SETTINGS).map(([name, fixed]) => [
          name,
          (/** @type {any} */ value) => this.#fixed(name, fixed, value),
        ]),
      ),
    };
  }

  /** @param {{ userName?: string, password?: string }} changed undefined is what it is at first */
  async #authenticate(changed) {
    const { settings } = this.#memory;
    const now = { userName: settings.get("userName"), password: settings.get("password"), ...changed };
    const nobody = now.userName === undefined && now.password === undefined;
    await this.authenticate(nobody ? null : { username: now.userName ?? "", password: now.password ?? "" });
  }

  /** @param {string} name @param {boolean} fixed @param {any} value */
  #fixed(name, fixed, value) {
    v.argument("page.setting", name, v.boolean({ required: true }), value);
    if (value === fixed) return;
    const mend =
      name === "XSSAuditingEnabled"
        ? "browsers no longer have an XSS auditor"
        : "start the browser with the phantomFlags of that effect, such as web-security";
    throw this._unsupported(`page.setting: "${name}" cannot be ${value} for one page; ${mend}`);
  }
}

/** @param {Document} document @param {string} html */
function writeDocument(document, html) {
  document.open();
  document.write(html);
  document.close();
}

/** @param {string} [encoding] */
function contentType(encoding) {
  return `application/x-www-form-urlencoded${encoding ? `; charset=${encoding}` : ""}`;
}

/**
 * PhantomJS types the whole text of a keypress; a key goes down or up alone.
 * @param {string} type
 * @param {string | number} key
 * @returns {{ key?: string, text?: string }}
 */
function keyOf(type, key) {
  if (typeof key === "string") return type === "keypress" ? { text: key } : { key };
  if (QT_KEYS[key]) return { key: QT_KEYS[key] };
  if (key >= QT_F1 && key <= QT_F24) return { key: `F${key - QT_F1 + 1}` };
  if (key <= 0x10ffff) return keyOf(type, String.fromCodePoint(key));
  throw fail(
    "ERR_INVALID_OPTION",
    `page.sendEvent: argument "key" must be a string or a key code of PhantomJS, got ${key}`,
  );
}

/**
 * Chromium fills in the numbers of pages, so the callback gets placeholders for them.
 * @param {{ height?: string | number, contents: string | ((page: string, pages: string) => string) } | undefined} part
 */
function heading(part) {
  if (!part) return "<span></span>";
  const { contents } = part;
  const html =
    typeof contents === "string"
      ? contents
      : contents('<span class="pageNumber"></span>', '<span class="totalPages"></span>');
  return `<div style="width: 100%; font-size: 12px">${html}</div>`;
}

/** @param {any} cookie */
function phantomCookie({ name, value, domain, path: place, httpOnly, secure, expires }) {
  const lasting = typeof expires === "number" && expires > 0;
  const cookie = { name, value, domain, path: place, httponly: httpOnly, secure };
  return lasting ? { ...cookie, expires: new Date(expires * 1000).toUTCString(), expiry: expires } : cookie;
}

module.exports = { PhantomPage };
