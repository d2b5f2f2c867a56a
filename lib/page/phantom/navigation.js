// phantom's ways to load a page. None of them rejects because of what a server or a network does.
/// <reference lib="dom" />

const fs = require("node:fs");
const path = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");
const { EXCHANGE } = require("../events.js");
const { numberOf, recordOf, textOf, warn } = require("./lenient.js");
const { later } = require("./steps.js");
const { FAILED, STALLED, Timeouts } = require("./timeouts.js");
const v = require("../../validate.js");

const OPERATIONS = ["GET", "HEAD", "POST", "PUT", "DELETE"];

/** ms that a page may take without a resourceTimeout. */
const PATIENCE = 30_000;

const HISTORY = { method: "Page.getNavigationHistory", params: {} };

/** Qt's numbers and words of what no file can be had for. */
const IS_FOLDER = 202;
const NO_FILE = 203;

/** What a load may end with that is the site's, and no error of the program or the browser. */
const OF_THE_SITE = ["ERR_NAVIGATION", "ERR_TIMEOUT"];

class Navigation {
  #page;
  #state;
  #settings;
  #events;
  /** Whether the page has a document that is its own, which it keeps where the next one cannot be had. @type {"none" | "had" | "kept"} */
  #document = "none";
  /** Ends the watch over what the load before has begun. @type {() => void} */
  #unwatch = () => {};

  /**
   * @param {any} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {InstanceType<typeof import("./settings.js").Settings>} settings
   * @param {InstanceType<typeof import("./events.js").Events>} events
   */
  constructor(page, state, settings, events) {
    this.#page = page;
    this.#state = state;
    this.#settings = settings;
    this.#events = events;
  }

  /**
   * @param {unknown} place a URL, or the path of a file
   * @param {any} [settings] `{ operation, encoding, headers, data }`, or the method
   * @param {any} [data]
   * @param {any} [headers]
   * @returns {Promise<"success" | "fail">}
   */
  async open(place, settings, data, headers) {
    const url = urlOf(textOf(place));
    const trouble = troubleOf(url);
    if (trouble) {
      this.#events.tellRefused(url, ...trouble);
      return "fail";
    }
    const request = requestOf(
      typeof settings === "string" ? { operation: settings, data, headers } : recordOf(settings),
    );
    return await this.#load(url, request);
  }

  /** Starts a load, and waits for it. @param {unknown} place @param {any} [request] @param {unknown} [settings] */
  async openUrl(place, request, settings) {
    await later(this.#page, this.#settings.assign(settings));
    return await this.open(place, request);
  }

  /** What a browser shows of a failure takes the place of what was there before. Engines that cannot keep it go on without. */
  #keepDocument() {
    this.#document = "kept";
    this.#page._first([["keepDocument", { enabled: true }]]);
  }

  /** @param {boolean} ok @param {string} [url] */
  #opened(ok, url) {
    if (ok && this.#document === "none") this.#document = "had";
    this.#events.tell(this.#events.loads.opened(ok, url));
    return ok ? "success" : "fail";
  }

  /**
   * @param {string} url
   * @param {{ method?: string, body?: string, headers?: Record<string, string> }} request
   * @param {{ written?: boolean }} [load]
   * @returns {Promise<"success" | "fail">}
   */
  async #load(url, request, load) {
    this.#unwatch();
    const limit = numberOf(this.#state.settings.get("resourceTimeout")) ?? 0;
    if (this.#document === "had") this.#keepDocument();
    this.#events.loads.open(load);
    const stalled = limit > 0 ? this.#watchTime(limit) : undefined;
    const params = { url, waitUntil: "load", timeout: stalled?.isDeaf ? limit : PATIENCE, ...request };
    try {
      const loaded = this.#page._call("goto", params, "open");
      const answer = await (stalled ? Promise.race([loaded, stalled.over]) : loaded);
      if (answer === STALLED || answer === FAILED) {
        // What it is rejected with, by its end here, is nobody's. Until that, nothing that is called next begins.
        loaded.catch(() => {});
        await this.stop();
      }
      const isGiven = answer !== FAILED && !(await this.#isNone(answer));
      return this.#opened(isGiven, isGiven ? answer?.url : undefined);
    } catch (error) {
      const { code } = /** @type {import("../../errors.js").CodedError} */ (error);
      if (!OF_THE_SITE.includes(String(code))) throw error;
      if (code === "ERR_TIMEOUT") this.#tellLate(url, request);
      return this.#opened(false);
    }
  }

  /** PhantomJS gives up a page that asks for a password which it does not have, and an error without a text. @param {any} answer */
  async #isNone(answer) {
    const { status = 0, headers = {} } = answer?.response ?? {};
    if (status < 400) return false;
    if (status === 401 && headers["www-authenticate"] !== undefined) return true;
    const isEmpty = (/** @type {Document} */ { head, body }) => !head?.hasChildNodes() && !body?.hasChildNodes();
    return await this.#page._look("open", isEmpty, [], { main: true });
  }

  /**
   * Where the engine tells of requests, each has its own time, until the next load; elsewhere the page has.
   * @param {number} limit
   */
  #watchTime(limit) {
    /** @type {(outcome: any) => void} */
    let settle = () => {};
    const over = new Promise((resolve) => {
      settle = resolve;
    });
    const { network } = this.#events;
    const timeouts = new Timeouts(limit, (request) => this.#events.tell(network.late(request)), settle);
    const leave = this.#page._attend(EXCHANGE);
    const unwatch = this.#events.watch((name, request) => timeouts.hear(name, request));
    this.#unwatch = () => {
      this.#unwatch = () => {};
      timeouts.stop();
      unwatch();
      leave?.();
    };
    return { over, isDeaf: leave === undefined };
  }

  /** @param {string} url @param {{ method?: string, body?: string }} request */
  #tellLate(url, { method, body }) {
    const { network } = this.#events;
    const late = this.#page._pendingRequests();
    for (const request of late) this.#events.tell(network.late(request));
    // A busy browser may not have told of it yet.
    if (late.length === 0) this.#events.tell(network.lateUnseen({ url, method, postData: body }));
  }

  async stop() {
    await this.#page._call("stop");
  }

  /**
   * Has the page show a text as if it came from a URL.
   * @param {unknown} html
   * @param {unknown} [place]
   */
  async setContent(html, place) {
    const [text, url] = [textOf(html), urlOf(textOf(place))];
    if (textOf(place) === "" || url.startsWith("about:") || troubleOf(url))
      return await later(this.#page, this.write(text));
    /** @param {InstanceType<typeof import("../intercepted.js").InterceptedRequest>} request */
    const answer = async (request) => {
      if (!request.isNavigation || request.url !== new URL(url).href.split("#")[0]) return false;
      this.#events.network.hide(request.id);
      await request.respond({ contentType: "text/html; charset=utf-8", body: text });
      return true;
    };
    try {
      await this.#page._call(...this.#page._intercept("answers", answer));
    } catch (error) {
      if (/** @type {import("../../errors.js").CodedError} */ (error).code !== "ERR_UNSUPPORTED") throw error;
      return await later(this.#page, this.write(withBase(text, url)));
    }
    try {
      await this.#load(url, {}, { written: true });
    } finally {
      this.#page._first([this.#page._intercept("answers", undefined)]);
    }
  }

  /** Has the page's document be a text. @param {string} html @returns {import("./steps.js").Steps} */
  *write(html) {
    this.#page._deliver("contentstarted", []);
    try {
      yield ["setContent", { html, waitUntil: "load", timeout: PATIENCE }, "setContent"];
    } catch (error) {
      if (!OF_THE_SITE.includes(String(/** @type {any} */ (error).code))) throw error;
    }
    this.#page._deliver("contentfinished", []);
    if (this.#document === "none") this.#document = "had";
  }

  async reload() {
    await this.#move("reload", "Reload");
  }

  async goBack() {
    return await this.go(-1);
  }

  async goForward() {
    return await this.go(1);
  }

  /** @param {unknown} steps in the page's history @returns {Promise<boolean>} false where there is no such place */
  async go(steps) {
    const count = Math.trunc(numberOf(steps) ?? 0);
    if (count === 0) return await this.#move("reload", "BackOrForward");
    if ((await later(this.#page, this.canGo(count))) === false) return false;
    for (let step = 0; step < Math.abs(count); step++) {
      if (!(await this.#move(count < 0 ? "goBack" : "goForward", "BackOrForward"))) return false;
    }
    return true;
  }

  /** @param {string} method @param {string} reason @returns {Promise<boolean>} */
  async #move(method, reason) {
    this.#events.loads.open({ reason });
    try {
      const answer = await this.#page._call(method, { waitUntil: "load", timeout: PATIENCE });
      if (answer) this.#opened(true, answer.url);
      else this.#events.loads.kept();
      return answer !== null;
    } catch (error) {
      this.#opened(false);
      if (!OF_THE_SITE.includes(String(/** @type {any} */ (error).code))) throw error;
      return true;
    }
  }

  /**
   * Whether the page's history has a place there. What a page shows before its first load is none.
   * @param {number} step
   * @returns {import("./steps.js").Steps<boolean | undefined>}
   */
  *canGo(step) {
    try {
      const { currentIndex, entries } = yield ["cdp", HISTORY, "property"];
      const there = entries[currentIndex + step];
      return there !== undefined && there.url !== "about:blank";
    } catch (error) {
      if (/** @type {any} */ (error).code !== "ERR_UNSUPPORTED") throw error;
      // A driver tells nothing of the history.
      return undefined;
    }
  }

  /** @param {unknown} url */
  async setProxy(url) {
    await this.#page._call("setProxy", { url: textOf(url) });
  }

  /** Chromium's own cache of decoded things is its own matter. */
  async clearMemoryCache() {}
}

/** PhantomJS opens the paths of files too; what has no scheme is one. @param {string} place @returns {string} */
function urlOf(place) {
  const isUrl = /^[a-z][a-z\d+.-]+:/i.test(place) && URL.canParse(place);
  return isUrl ? place : pathToFileURL(path.resolve(place)).href;
}

/** Why there is no file of a URL, by Qt's number and words. @param {string} url @returns {[code: number, words: string] | undefined} */
function troubleOf(url) {
  if (!url.startsWith("file:")) return undefined;
  try {
    const isFolder = fs.statSync(fileURLToPath(url), { throwIfNoEntry: false })?.isDirectory();
    if (isFolder === undefined) return [NO_FILE, `Error opening ${fileURLToPath(url)}: No such file or directory`];
    return isFolder ? [IS_FOLDER, `Cannot open ${url}: Path is a directory`] : undefined;
  } catch {
    // The browser may know better.
    return undefined;
  }
}

/** @param {Record<string, any>} settings */
function requestOf({ operation, encoding, headers, data }) {
  const method = operation === undefined ? undefined : methodOf(textOf(operation).toUpperCase());
  const body = typeof data === "object" && data !== null ? String(new URLSearchParams(data)) : data;
  const sent = Object.fromEntries(Object.entries(recordOf(headers)).map(([name, value]) => [name, textOf(value)]));
  const isForm = body !== undefined && body !== null && method !== "PUT";
  const type = `application/x-www-form-urlencoded${encoding ? `; charset=${textOf(encoding)}` : ""}`;
  const all = isForm || encoding ? { "Content-Type": type, ...sent } : sent;
  return v.defined({
    method,
    body: body === undefined || body === null ? undefined : textOf(body),
    headers: Object.keys(all).length > 0 ? all : undefined,
  });
}

/** @param {string} operation */
function methodOf(operation) {
  if (OPERATIONS.includes(operation)) return operation;
  warn(`page.open: PhantomJS has no operation "${operation}"; the page is opened with GET`);
  return "GET";
}

/** @param {string} html @param {string} url what its relative links start from */
function withBase(html, url) {
  const [head] = /** @type {RegExpExecArray} */ (
    /^\s*(?:<!doctype[^>]*>\s*)?(?:<html[^>]*>\s*)?(?:<head[^>]*>)?/i.exec(html)
  );
  const base = `<base href="${url.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">`;
  return head + base + html.slice(head.length);
}

module.exports = { Navigation };
