// The methods of a page that carry Puppeteer's names, options and meaning. Arguments are checked before anything is sent.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const fs = require("node:fs/promises");
const path = require("node:path");
const { compile, refuseUnparsable, statement } = require("../evaluate.js");
const { fail } = require("../../errors.js");
const { contentOf, titleOf, urlOf } = require("../document.js");
const { PLAYWRIGHT, PUPPETEER, clientOptions, connectClient } = require("./client.js");
const { inches, paper } = require("../paper.js");
const { oneOfEach } = require("../request.js");
const v = require("../../validate.js");

const TIMEOUT = v.milliseconds({ default: 30_000 });
const MOMENT = v.oneOf(["load", "domcontentloaded", "networkidle0", "networkidle2"]);
const WAIT_UNTIL = v.anyOf([MOMENT, v.arrayOf(MOMENT)], { default: "load" });
const DELAY = v.milliseconds({ default: 0 });
const TEXT = v.string({ required: true });
const SELECTOR = v.string({ empty: false, required: true });
const BOOLEAN = v.boolean({ required: true });
const SCRIPT = v.anyOf([v.func(), v.string()], { required: true });
const LENGTH = v.anyOf([v.number({ min: 0 }), v.string()]);

const NAVIGATION = { waitUntil: WAIT_UNTIL, timeout: TIMEOUT };

const CLICK = {
  button: v.oneOf(["left", "right", "middle"], { default: "left" }),
  clickCount: v.integer({ min: 1, max: 100, default: 1 }),
  delay: DELAY,
  offset: v.shape({ x: v.number({ required: true }), y: v.number({ required: true }) }),
};

const TAG = {
  url: v.string({ empty: false }),
  path: v.string({ empty: false }),
  content: v.string(),
  id: v.string(),
  timeout: TIMEOUT,
};

const SCRIPT_TAG = { ...TAG, type: v.string() };

const SCREENSHOT = {
  type: v.oneOf(["png", "jpeg", "webp"]),
  quality: v.integer({ min: 0, max: 100 }),
  clip: v.shape({
    x: v.number({ required: true }),
    y: v.number({ required: true }),
    width: v.number({ above: 0, required: true }),
    height: v.number({ above: 0, required: true }),
    scale: v.number({ above: 0 }),
  }),
  fullPage: v.boolean({ default: false }),
  omitBackground: v.boolean({ default: false }),
  optimizeForSpeed: v.boolean({ default: false }),
  selector: v.string({ empty: false }),
  path: v.string({ empty: false }),
  encoding: v.oneOf(["binary", "base64"], { default: "binary" }),
};

const PDF = {
  format: v.string(),
  width: LENGTH,
  height: LENGTH,
  landscape: v.boolean({ default: false }),
  margin: v.shape({ top: LENGTH, right: LENGTH, bottom: LENGTH, left: LENGTH }, { default: {} }),
  scale: v.number({ min: 0.1, max: 2, default: 1 }),
  printBackground: v.boolean({ default: false }),
  displayHeaderFooter: v.boolean(),
  headerTemplate: v.string({ default: "" }),
  footerTemplate: v.string({ default: "" }),
  pageRanges: v.string({ default: "" }),
  preferCSSPageSize: v.boolean({ default: false }),
  path: v.string({ empty: false }),
};

const VIEWPORT = {
  width: v.integer({ min: 1, max: 10_000_000, required: true }),
  height: v.integer({ min: 1, max: 10_000_000, required: true }),
  deviceScaleFactor: v.number({ above: 0, default: 1 }),
  isMobile: v.boolean({ default: false }),
  hasTouch: v.boolean({ default: false }),
  isLandscape: v.boolean({ default: false }),
};

/** A string is the site at the top; `topLevelSite` is the protocol's name of `sourceOrigin`. */
const PARTITION = v.anyOf([
  v.string({ empty: false }),
  v.shape({ sourceOrigin: v.string(), topLevelSite: v.string(), hasCrossSiteAncestor: v.boolean({ default: false }) }),
]);

/** What `cookies()` tells of a cookie, and nobody can set. */
const COOKIE_FACTS = {
  size: v.number(),
  session: v.boolean(),
  sameParty: v.boolean(),
  sourcePort: v.number(),
  partitionKeyOpaque: v.boolean(),
};

/** The last second that a date can tell of has 13 digits, as the milliseconds of today have; seconds have 10 until 2286. */
const LATEST_EXPIRY = 1e11;

const COOKIE = {
  name: v.string({ empty: false, required: true }),
  value: v.string({ required: true }),
  url: v.string(),
  domain: v.string(),
  path: v.string(),
  secure: v.boolean(),
  httpOnly: v.boolean(),
  sameSite: v.oneOf(["Strict", "Lax", "None", "Default"]),
  expires: v.number({ min: 0, never: true }),
  priority: v.oneOf(["Low", "Medium", "High"]),
  sourceScheme: v.oneOf(["Unset", "NonSecure", "Secure"]),
  partitionKey: PARTITION,
  ...COOKIE_FACTS,
};

/** A whole cookie says which one is meant. */
const COOKIE_KEY = { ...COOKIE, value: v.string() };

const MEDIA = {
  media: v.oneOf(["screen", "print", null]),
  colorScheme: v.oneOf(["light", "dark", "no-preference", null]),
  reducedMotion: v.oneOf(["reduce", "no-preference", null]),
};

class Puppeteer {
  #page;
  /** The pages of other libraries, while they are connected. @type {Map<string, { client: Promise<any>, options: object }> | undefined} */
  #connected;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  get #clients() {
    this.#connected ??= new Map();
    return this.#connected;
  }

  /** @param {string | URL} url @param {object} [options] */
  async goto(url, options) {
    const target = v.argument("page.goto", "url", TEXT, url instanceof URL ? url.href : url);
    const checked = v.check("page.goto", { ...NAVIGATION, referer: v.string() }, options);
    return await this.#page._call("goto", { url: target, ...checked });
  }

  /** @param {object} [options] */
  async reload(options) {
    return await this.#page._call("reload", v.check("page.reload", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async goBack(options) {
    return await this.#page._call("goBack", v.check("page.goBack", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async goForward(options) {
    return await this.#page._call("goForward", v.check("page.goForward", NAVIGATION, options));
  }

  /** @param {string} html @param {any} [options] */
  async setContent(html, options) {
    v.argument("page.setContent", "html", TEXT, html);
    const checked = v.check("page.setContent", NAVIGATION, options);
    this.#page._deliver("contentstarted", []);
    await this.#page._call("setContent", { html, ...checked });
    this.#page._deliver("contentfinished", []);
  }

  async content() {
    return await contentOf(this.#page, "content");
  }

  async title() {
    return await titleOf(this.#page, "title");
  }

  async url() {
    return await urlOf(this.#page, "url");
  }

  /** @param {Function | string} script @param {unknown[]} args */
  async evaluate(script, ...args) {
    v.argument("page.evaluate", "script", SCRIPT, script);
    return await this.#page._run("evaluate", script, args, { gesture: true });
  }

  /** @param {Function | string} script @param {unknown[]} args */
  async evaluateOnNewDocument(script, ...args) {
    v.argument("page.evaluateOnNewDocument", "script", SCRIPT, script);
    refuseUnparsable("page.evaluateOnNewDocument", script);
    const identifier = await this.#page._call(
      "addInitScript",
      { source: statement(script, args) },
      "evaluateOnNewDocument",
    );
    return { identifier };
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args */
  async $eval(selector, script, ...args) {
    v.argument("page.$eval", "selector", SELECTOR, selector);
    v.argument("page.$eval", "script", SCRIPT, script);
    return await this.#page._run("$eval", script, args, { within: ["onFirst", selector], gesture: true });
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args */
  async $$eval(selector, script, ...args) {
    v.argument("page.$$eval", "selector", SELECTOR, selector);
    v.argument("page.$$eval", "script", SCRIPT, script);
    return await this.#page._run("$$eval", script, args, { within: ["onAll", selector], gesture: true });
  }

  /** @param {object} options */
  async addScriptTag(options) {
    const { source, url, type, id, wait } = await tagSource("page.addScriptTag", SCRIPT_TAG, options);
    /** @param {Document} document @param {any} given */
    const add = async (document, given) => {
      const script = document.createElement("script");
      if (given.id) script.id = given.id;
      if (given.type) script.type = given.type;
      if (!given.url) {
        // It has no load event: a classic script has run when it is there, and a module is about to, as with Puppeteer.
        script.text = given.source;
        document.head.append(script);
        return;
      }
      await new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = () => reject(new Error(`could not load the script ${given.url}`));
        script.src = given.url;
        document.head.append(script);
      });
    };
    await this.#page._look("addScriptTag", add, [{ source, url, type, id }], { gesture: true, ...wait });
  }

  /** @param {object} options */
  async addStyleTag(options) {
    const { source, url, id, wait } = await tagSource("page.addStyleTag", TAG, options);
    /** @param {Document} document @param {any} given */
    const add = async (document, given) => {
      const element = document.createElement(given.url ? "link" : "style");
      if (given.id) element.id = given.id;
      const loaded = new Promise((resolve, reject) => {
        element.onload = resolve;
        element.onerror = () => reject(new Error(`could not load the style sheet ${given.url ?? "given as content"}`));
      });
      if (element instanceof HTMLLinkElement) {
        element.rel = "stylesheet";
        element.href = given.url;
      } else {
        element.append(given.source);
      }
      document.head.append(element);
      await loaded;
    };
    await this.#page._look("addStyleTag", add, [{ source, url, id }], wait);
  }

  /** @param {string} name @param {Function} fn */
  async exposeFunction(name, fn) {
    v.argument("page.exposeFunction", "name", SELECTOR, name);
    v.argument("page.exposeFunction", "fn", v.func({ required: true }), fn);
    await this.#page._expose(name, fn);
  }

  /** @param {string} selector @param {object} [options] */
  async click(selector, options) {
    v.argument("page.click", "selector", SELECTOR, selector);
    await this.#page._call("click", { selector, ...v.check("page.click", CLICK, options) });
  }

  /** @param {string} selector */
  async hover(selector) {
    await this.#page._call("hover", { selector: v.argument("page.hover", "selector", SELECTOR, selector) });
  }

  /** @param {string} selector */
  async focus(selector) {
    await this.#page._call("focus", { selector: v.argument("page.focus", "selector", SELECTOR, selector) });
  }

  /** @param {string} selector @param {string} text @param {object} [options] */
  async type(selector, text, options) {
    v.argument("page.type", "selector", SELECTOR, selector);
    v.argument("page.type", "text", TEXT, text);
    await this.#page._call("type", { selector, text, ...v.check("page.type", { delay: DELAY }, options) });
  }

  /** @param {string} key @param {object} [options] */
  async press(key, options) {
    v.argument("page.press", "key", SELECTOR, key);
    await this.#page._call("press", { key, ...v.check("page.press", { delay: DELAY, text: v.string() }, options) });
  }

  /** @param {string} selector @param {string[]} values */
  async select(selector, ...values) {
    v.argument("page.select", "selector", SELECTOR, selector);
    v.argument("page.select", "values", v.arrayOf(v.string()), values);
    /** @param {Document} document @param {string} wanted @param {string} name @param {string[]} chosen */
    const choose = (document, wanted, name, chosen) => {
      const element = document.querySelector(wanted);
      if (!element) throw new Error(`failed to find element matching selector "${name}"`);
      if (!(element instanceof HTMLSelectElement)) throw new TypeError(`"${name}" is not a <select> element`);
      const options = [...element.options];
      if (element.multiple) for (const option of options) option.selected = chosen.includes(option.value);
      else element.selectedIndex = options.findIndex((option) => chosen.includes(option.value));
      element.dispatchEvent(new Event("input", { bubbles: true }));
      element.dispatchEvent(new Event("change", { bubbles: true }));
      return [...element.selectedOptions].map((option) => option.value);
    };
    return await this.#page._look("select", choose, [selector, v.shortened(selector), values], { gesture: true });
  }

  /** @param {string} selector @param {(string | string[])[]} files */
  async uploadFile(selector, ...files) {
    v.argument("page.uploadFile", "selector", SELECTOR, selector);
    v.argument("page.uploadFile", "paths", v.arrayOf(v.string({ empty: false })), files.flat());
    const paths = files.flat().map((file) => path.resolve(file));
    for (const file of paths) {
      await fs.access(file).catch((cause) => {
        throw fail("ERR_INVALID_OPTION", `page.uploadFile: cannot read the file ${file}`, { cause });
      });
    }
    /** @param {Document} document @param {string} wanted @param {string} name */
    const check = (document, wanted, name) => {
      const input = document.querySelector(wanted);
      if (input && !(input instanceof HTMLInputElement && input.type === "file")) {
        throw new TypeError(`"${name}" is not an <input type="file">`);
      }
    };
    await this.#page._look("uploadFile", check, [selector, v.shortened(selector)]);
    await this.#page._call("uploadFile", { selector, paths });
  }

  /** @param {string} selector @param {object} [options] */
  async waitForSelector(selector, options) {
    v.argument("page.waitForSelector", "selector", SELECTOR, selector);
    const schema = { visible: v.boolean({ default: false }), hidden: v.boolean({ default: false }), timeout: TIMEOUT };
    const { visible, hidden, timeout } = v.check("page.waitForSelector", schema, options);
    if (visible && hidden) {
      throw fail(
        "ERR_INVALID_OPTION",
        'page.waitForSelector: options "visible" and "hidden" exclude each other; give one of them',
      );
    }
    /** @param {Document} document @param {string} wanted @param {boolean} mustShow @param {boolean} mustHide */
    const found = (document, wanted, mustShow, mustHide) => {
      const element = document.querySelector(wanted);
      if (!mustShow && !mustHide) return element !== null;
      // The element's own would be hidden by a field of its form that is called so.
      const box = element && Element.prototype.getBoundingClientRect.call(element);
      const shown =
        element &&
        box &&
        box.width > 0 &&
        box.height > 0 &&
        !/hidden|collapse/.test(getComputedStyle(element).visibility);
      return mustHide ? !shown : Boolean(shown);
    };
    const state = hidden ? ", hidden" : visible ? ", visible" : "";
    const what = `waitForSelector(${JSON.stringify(v.shortened(selector))}${state})`;
    const polling = visible || hidden || hasPseudoClass(selector) ? "raf" : "mutation";
    const script = compile(found, [selector, visible, hidden], { within: ["look", false] });
    const params = { script, timeout, polling, what, world: "own" };
    this.#page._decode(await this.#page._call("waitFor", params, "waitForSelector"));
  }

  /** @param {Function | string} script @param {object} [options] @param {unknown[]} args */
  async waitForFunction(script, options, ...args) {
    v.argument("page.waitForFunction", "script", SCRIPT, script);
    const schema = {
      polling: v.anyOf([v.oneOf(["raf", "mutation"]), v.milliseconds({ above: 0 })], { default: "raf" }),
      timeout: TIMEOUT,
    };
    const { polling, timeout } = v.check("page.waitForFunction", schema, options);
    const text = String(script).replace(/\s+/g, " ");
    const what = `waitForFunction(${text.length > 60 ? `${text.slice(0, 60)}...` : text})`;
    const params = { script: compile(script, args, { lenient: true }), timeout, polling, what };
    return this.#page._decode(await this.#page._call("waitFor", params, "waitForFunction"));
  }

  /** @param {object} [options] */
  async waitForNavigation(options) {
    return await this.#page._call("waitForNavigation", v.check("page.waitForNavigation", NAVIGATION, options));
  }

  /** @param {object} [options] */
  async waitForNetworkIdle(options) {
    const schema = {
      idleTime: v.milliseconds({ default: 500 }),
      concurrency: v.integer({ min: 0, default: 0 }),
      timeout: TIMEOUT,
    };
    await this.#page._call("waitForNetworkIdle", v.check("page.waitForNetworkIdle", schema, options));
  }

  /** @param {object} [options] @returns {Promise<Buffer | string>} */
  async screenshot(options) {
    const { path: file, encoding, ...params } = v.check("page.screenshot", SCREENSHOT, options);
    params.type ??= file ? pictureType(file) : "png";
    const scope = ["clip", "fullPage", "selector"].filter((name) => params[name]);
    if (scope.length > 1) {
      throw fail(
        "ERR_INVALID_OPTION",
        `page.screenshot: options "${scope.join('" and "')}" exclude each other; give one of them`,
      );
    }
    if (params.type === "png" && params.quality !== undefined) {
      throw fail(
        "ERR_INVALID_OPTION",
        `page.screenshot: option "quality" is for jpeg and webp, got ${params.quality} with png`,
      );
    }
    if (params.type === "jpeg" && params.omitBackground) {
      throw fail(
        "ERR_INVALID_OPTION",
        'page.screenshot: option "omitBackground" is for png and webp, got true with jpeg, which has no transparency',
      );
    }
    const picture = await this.#page._call("screenshot", params);
    if (file) await fs.writeFile(file, picture);
    return encoding === "base64" ? picture.toString("base64") : picture;
  }

  /** @param {object} [options] @returns {Promise<Buffer>} */
  async pdf(options) {
    const {
      path: file,
      format,
      width,
      height,
      margin,
      displayHeaderFooter,
      ...params
    } = v.check("page.pdf", PDF, options);
    const [paperWidth, paperHeight] = format ? paper("page.pdf", format) : paper("page.pdf", "letter");
    /** @param {string} name @param {string | number} length */
    const length = (name, length) => inches("page.pdf", name, length);
    const document = await this.#page._call("pdf", {
      ...params,
      displayHeaderFooter: displayHeaderFooter ?? Boolean(params.headerTemplate || params.footerTemplate),
      paperWidth: format || width === undefined ? paperWidth : length("width", width),
      paperHeight: format || height === undefined ? paperHeight : length("height", height),
      marginTop: length("margin.top", margin.top ?? 0),
      marginRight: length("margin.right", margin.right ?? 0),
      marginBottom: length("margin.bottom", margin.bottom ?? 0),
      marginLeft: length("margin.left", margin.left ?? 0),
    });
    if (file) await fs.writeFile(file, document);
    return document;
  }

  /** @param {object} viewport */
  async setViewport(viewport) {
    await this.#page._call("setViewport", v.check("page.setViewport", VIEWPORT, viewport));
  }

  /** @param {string} userAgent */
  async setUserAgent(userAgent) {
    await this.#page._call("setUserAgent", {
      userAgent: v.argument("page.setUserAgent", "userAgent", TEXT, userAgent),
    });
  }

  /** @param {Record<string, string>} headers */
  async setExtraHTTPHeaders(headers) {
    const type = v.recordOf(v.string(), { required: true });
    await this.#page._call("setExtraHTTPHeaders", {
      headers: oneOfEach(v.argument("page.setExtraHTTPHeaders", "headers", type, headers)),
    });
  }

  /** @param {object | null} credentials */
  async authenticate(credentials) {
    const schema = { username: TEXT, password: TEXT };
    await this.#page._call(
      "authenticate",
      credentials === null ? {} : v.check("page.authenticate", schema, credentials),
    );
  }

  /** @param {boolean} enabled */
  async setJavaScriptEnabled(enabled) {
    await this.#page._call("setJavaScriptEnabled", {
      enabled: v.argument("page.setJavaScriptEnabled", "enabled", BOOLEAN, enabled),
    });
  }

  /** @param {object[]} cookies */
  async setCookie(...cookies) {
    const checked = cookies.map((cookie) => settable(v.check("page.setCookie", COOKIE, cookie)));
    for (const { name, sameSite, secure, expires } of checked) {
      if (expires > LATEST_EXPIRY) {
        const seconds = "seconds since 1970, as Puppeteer has it";
        const mend = `Date.now() / 1000 is now, and -1 the end of the session`;
        throw fail(
          "ERR_INVALID_OPTION",
          `page.setCookie: option "expires" of "${name}" must be in ${seconds}, got ${expires}, which looks like milliseconds; ${mend}`,
        );
      }
      if (sameSite === "None" && !secure) {
        throw fail(
          "ERR_INVALID_OPTION",
          `page.setCookie: browsers keep a cookie of sameSite "None" only with secure: true; "${name}" has it not`,
        );
      }
    }
    await this.#page._call("setCookies", { cookies: await this.#placed("setCookie", checked) }, "setCookie");
  }

  /** @param {string[]} urls */
  async cookies(...urls) {
    v.argument("page.cookies", "urls", v.arrayOf(v.url()), urls);
    return (await this.#page._call("cookies", { urls })).map(told);
  }

  /** @param {(object | string)[]} cookies @returns {Promise<boolean>} whether there were any */
  async deleteCookie(...cookies) {
    const checked = cookies.map((cookie) => {
      const { name, url, domain, path, partitionKey } = settable(v.check("page.deleteCookie", COOKIE_KEY, cookie));
      return v.defined({ name, url, domain, path, partitionKey });
    });
    return await this.#page._call(
      "deleteCookies",
      { cookies: await this.#placed("deleteCookie", checked) },
      "deleteCookie",
    );
  }

  /**
   * A cookie without a place is the page's.
   * @param {string} operation
   * @param {any[]} cookies
   */
  async #placed(operation, cookies) {
    if (cookies.every(({ url, domain }) => url || domain)) return cookies;
    const here = await this.url();
    return cookies.map((cookie) => {
      if (cookie.url || cookie.domain) return cookie;
      if (/^https?:/.test(here)) return { ...cookie, url: here };
      throw fail(
        "ERR_INVALID_OPTION",
        `page.${operation}: the cookie "${cookie.name}" needs a "url" or a "domain", because the page is at ${here.slice(0, 80)}`,
      );
    });
  }

  /** @param {object} media */
  async emulateMedia(media) {
    await this.#page._call("emulateMedia", v.check("page.emulateMedia", MEDIA, media));
  }

  /** @param {string} timezone */
  async emulateTimezone(timezone) {
    await this.#page._call("emulateTimezone", {
      timezone: v.argument("page.emulateTimezone", "timezone", SELECTOR, timezone),
    });
  }

  /** @param {object} position */
  async setGeolocation(position) {
    const schema = {
      latitude: v.number({ min: -90, max: 90, required: true }),
      longitude: v.number({ min: -180, max: 180, required: true }),
      accuracy: v.number({ min: 0, default: 0 }),
    };
    await this.#page._call("setGeolocation", v.check("page.setGeolocation", schema, position));
  }

  /** @param {boolean} offline */
  async setOfflineMode(offline) {
    await this.#page._call("setOfflineMode", {
      offline: v.argument("page.setOfflineMode", "offline", BOOLEAN, offline),
    });
  }

  /** @param {boolean} enabled */
  async setCacheEnabled(enabled) {
    await this.#page._call("setCacheEnabled", {
      enabled: v.argument("page.setCacheEnabled", "enabled", BOOLEAN, enabled),
    });
  }

  /** @param {Function | false} handler */
  async setRequestInterception(handler) {
    const type = v.anyOf([v.func(), v.oneOf([false])], { required: true });
    v.argument("page.setRequestInterception", "handler", type, handler);
    await this.#page._call(
      ...this.#page._intercept("decides", handler === false ? undefined : /** @type {any} */ (handler)),
    );
  }

  /** @param {string} method @param {object} [params] */
  async cdp(method, params = {}) {
    v.argument("page.cdp", "method", SELECTOR, method);
    v.argument("page.cdp", "params", v.recordOf(v.anything()), params);
    return await this.#page._call("cdp", { method, params });
  }

  /** @param {object} [options] */
  async puppeteer(options = {}) {
    return await this.#client("puppeteer", PUPPETEER, options);
  }

  /** @param {object} [options] */
  async playwright(options = {}) {
    return await this.#client("playwright", PLAYWRIGHT, options);
  }

  /** @param {string} operation @param {import("./client.js").Library & import("./client.js").Choice} library @param {object} options */
  #client(operation, library, options) {
    const given = clientOptions(operation, library, options);
    const connected = this.#clients.get(operation);
    if (connected) {
      if (Object.keys(options).length === 0 || sameOptions(options, connected.options)) return connected.client;
      const mend = "disconnect its browser first, or leave the options out";
      throw fail("ERR_INVALID_OPTION", `page.${operation}: it is connected already, with other options; ${mend}`);
    }
    const client = connectClient(library, {
      ...given,
      open: (receive) => this.#page._openRelay(operation, receive),
      missing: (name) =>
        this.#page._unsupported(
          `page.${operation}: the package ${name} is not installed beside boomtown; run \`npm install ${name}\``,
        ),
      ended: () => {
        if (this.#clients.get(operation)?.client === client) this.#clients.delete(operation);
      },
    });
    this.#clients.set(operation, { client, options });
    return client;
  }
}

/** @param {any} some @param {any} others */
function sameOptions(some, others) {
  const names = Object.keys({ ...some, ...others });
  return names.every((name) => Object.is(some[name], others[name]));
}

/** A cookie for the core. @param {any} cookie */
function settable({ sameSite, partitionKey, size, session, sameParty, sourcePort, partitionKeyOpaque, ...cookie }) {
  return v.defined({
    ...cookie,
    sameSite: sameSite === "Default" ? undefined : sameSite,
    partitionKey:
      typeof partitionKey === "string"
        ? partition(partitionKey)
        : partitionKey &&
          partition(partitionKey.sourceOrigin ?? partitionKey.topLevelSite, partitionKey.hasCrossSiteAncestor),
  });
}

/** @param {string} topLevelSite */
const partition = (topLevelSite, hasCrossSiteAncestor = false) => ({ topLevelSite, hasCrossSiteAncestor });

/** A cookie of the core, as Puppeteer tells it; of a partition, all that is needed to set it again. @param {any} cookie */
function told({ sourcePort, partitionKey, ...cookie }) {
  // Firefox calls what the server left open "None", with which it keeps secure cookies only.
  if (cookie.sameSite === "None" && !cookie.secure) delete cookie.sameSite;
  if (!partitionKey) return cookie;
  const { topLevelSite: sourceOrigin, hasCrossSiteAncestor } = partitionKey;
  return { ...cookie, partitionKey: hasCrossSiteAncestor ? { sourceOrigin, hasCrossSiteAncestor } : sourceOrigin };
}

/**
 * Whether a selector asks for a state such as `:checked` or `:hover`, of which no change of the document tells. What is in an
 * attribute's brackets, and what is escaped, is a name.
 * @param {string} selector
 */
function hasPseudoClass(selector) {
  return selector.replace(/\\.|"[^"]*"|'[^']*'|\[[^\]]*\]/g, "").includes(":");
}

/** @param {string} owner @param {import("../../validate.js").Schema} schema @param {object} options */
async function tagSource(owner, schema, options) {
  const { url, path: file, content, type, id, timeout } = v.check(owner, schema, options);
  const wait = { timeout, what: `${owner.slice("page.".length)}(${v.shortened(url ?? file ?? "text")})` };
  if ([url, file, content].filter((source) => source !== undefined).length !== 1) {
    throw fail("ERR_INVALID_OPTION", `${owner}: give exactly one of the options "url", "path" and "content"`);
  }
  if (file === undefined) return { url, source: content, type, id, wait };
  const text = await fs.readFile(file, "utf8").catch((cause) => {
    throw fail("ERR_INVALID_OPTION", `${owner}: cannot read the file ${path.resolve(file)}`, { cause });
  });
  return { url, source: text, type, id, wait };
}

/** @param {string} file */
function pictureType(file) {
  const extension = path.extname(file).slice(1).toLowerCase();
  if (extension === "" || extension === "png") return "png";
  if (extension === "jpg" || extension === "jpeg") return "jpeg";
  if (extension === "webp") return "webp";
  throw fail(
    "ERR_INVALID_OPTION",
    `page.screenshot: option "path" must end in .png, .jpeg, .jpg or .webp, or come with a "type", got ${JSON.stringify(file)}`,
  );
}

module.exports = { Puppeteer };
