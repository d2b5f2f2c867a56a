// The order in which PhantomJS tells of a load: asked for, started, at its URL, finished. The core's news come in the order in
// which Chromium has them; who opens a page knows its end before Chromium tells it.

/** @typedef {[event: string, args: unknown[]]} Told */

/**
 * A load that a method of phantom's waits for, and tells the end of.
 * @typedef {object} Awaited
 * @property {string} reason why the page navigates
 * @property {boolean} arrived it has its document
 * @property {boolean} written the document is a text, whose load starts when it is there
 * @property {boolean} [end] how it has ended, where Chromium has told that already
 */

/** How far a load has been told. */
const OVER = "over";
/** It has begun, and onLoadStarted is to come. */
const BEGUN = "begun";
const STARTED = "started";
/** Its document is there, and not yet all of it. */
const ARRIVED = "arrived";

/** PhantomJS's types of navigations, by Chromium's reasons. @type {[RegExp, string][]} */
const TYPES = [
  [/^anchorClick/, "LinkClicked"],
  [/^formSubmission/, "FormSubmitted"],
  [/^reload/, "Reload"],
  [/^(?:history|restore)/, "BackOrForward"],
];
const OTHER = "Other";

class Loads {
  /** @type {typeof OVER | typeof BEGUN | typeof STARTED | typeof ARRIVED} */
  #state = OVER;
  /** @type {Awaited | undefined} */
  #awaited;
  #url = "";
  /** No document of the page's has been told of. PhantomJS makes its world of scripts when the text is there. */
  #isFirst = true;
  /** Of the navigation that a frame has asked for last. @type {{ url: string, type: string } | undefined} */
  #asked;
  #asksFirst;

  /** @param {() => boolean} asksFirst whether the program is asked about every request, before which no load starts */
  constructor(asksFirst) {
    this.#asksFirst = asksFirst;
  }

  /** Where the last load that has not failed has led to, as far as is known. */
  get url() {
    return this.#url;
  }

  /** Whether the page goes to another document, and has left the one before. */
  get isLeaving() {
    return this.#state === BEGUN || this.#state === STARTED;
  }

  /** A method waits for a load. @param {{ reason?: string, written?: boolean }} [load] */
  open({ reason = OTHER, written = false } = {}) {
    this.#state = BEGUN;
    this.#awaited = { reason, written, arrived: false };
  }

  /** The method knows how the load has ended. @param {boolean} ok @param {string} [url] where it has led to @returns {Told[]} */
  opened(ok, url) {
    this.#awaited = undefined;
    if (url !== undefined) this.#url = url;
    if (ok) this.#isFirst = false;
    return this.#state === OVER ? [] : this.#finish(ok);
  }

  /** There was nothing to load. */
  kept() {
    this.#state = OVER;
    this.#awaited = undefined;
  }

  /** A method has the page's document be a text, which has no URL. @returns {Told[]} */
  writing() {
    this.#url = "";
    return [["onUrlChanged", [""]], ...this.#initialized(!this.#isFirst), ["onLoadStarted", []]];
  }

  /** @returns {Told[]} */
  written() {
    return [["onLoadFinished", ["success"]], ...this.#initialized(this.#isFirst)];
  }

  /** @param {boolean} isDue @returns {Told[]} */
  #initialized(isDue) {
    if (!isDue) return [];
    this.#isFirst = false;
    return [["onInitialized", []]];
  }

  /** @returns {Told[]} */
  started() {
    const end = this.#awaited?.end;
    const before = end === undefined ? [] : this.#finish(end);
    this.#state = BEGUN;
    return before;
  }

  /** A frame or a script has asked for a navigation. @param {{ url: string, reason: string }} asked @returns {Told[]} */
  asked({ url, reason }) {
    const [, type] = TYPES.find(([pattern]) => pattern.test(reason)) ?? [undefined, OTHER];
    this.#asked = { url, type };
    return [];
  }

  /** @param {any} request @param {boolean} locked @returns {Told[]} */
  requested(request, locked) {
    if (!request.isNavigationRequest()) return [];
    const main = request.isMainFrame();
    const before = request.redirectChain().at(-1)?.url();
    // PhantomJS asks about what a page is redirected to as well.
    if (before !== undefined && (!main || before === request.url())) return [];
    const asked = /** @type {Told} */ ([
      "onNavigationRequested",
      [request.url(), this.#type(request.url(), before), !locked, main],
    ]);
    return main && !this.#asksFirst() ? [asked, ...this.#start()] : [asked];
  }

  /** The program has been asked about the request of the page itself. @returns {Told[]} */
  decided() {
    return this.#start();
  }

  /** @param {string} url @param {string} [before] what has redirected there */
  #type(url, before) {
    if (this.#awaited) return this.#awaited.reason;
    return this.#asked?.url === (before ?? url) ? this.#asked.type : OTHER;
  }

  /** @param {any} frame @param {boolean} locked @returns {Told[]} */
  navigated(frame, locked) {
    if (!frame.isMainFrame()) return [];
    if (this.#awaited) this.#awaited.arrived = true;
    const [before, url] = [this.#url, frame.url()];
    // The browser's own page about what went wrong.
    if (url.startsWith("chrome-error:")) return this.#start();
    this.#url = url;
    if (frame.isSameDocument) return this.#moved(before, url, locked);
    const arrived = /** @type {Told[]} */ ([["onUrlChanged", [url]], ...this.#initialized(true)]);
    const started = this.#started();
    this.#state = ARRIVED;
    return this.#awaited?.written ? [...arrived, ...started] : [...started, ...arrived];
  }

  /** @param {string} before @param {string} url @param {boolean} locked @returns {Told[]} */
  #moved(before, url, locked) {
    if (this.#state === BEGUN) this.#state = OVER;
    if (withoutHash(before) !== withoutHash(url)) return [["onUrlChanged", [url]]];
    // PhantomJS tells twice of a place in the same document.
    return [
      ["onNavigationRequested", [url, this.#type(url), !locked, true]],
      ["onUrlChanged", [url]],
      ["onUrlChanged", [url]],
    ];
  }

  /** @param {boolean} ok @returns {Told[]} */
  finished(ok) {
    if (this.#state === OVER) return [];
    if (!this.#awaited) return this.#finish(ok);
    // Without a document of the load that is waited for, this is the end of the load before.
    if (this.#awaited.arrived) this.#awaited.end = ok;
    return [];
  }

  /** @returns {Told[]} */
  #start() {
    return this.#awaited?.written ? [] : this.#started();
  }

  /** @returns {Told[]} */
  #started() {
    if (this.#state !== BEGUN) return [];
    this.#state = STARTED;
    return [["onLoadStarted", []]];
  }

  /** @param {boolean} ok @returns {Told[]} */
  #finish(ok) {
    const told = this.#started();
    this.#state = OVER;
    this.#awaited = undefined;
    return [...told, ["onLoadFinished", [ok ? "success" : "fail"]]];
  }
}

/** @param {string} url */
const withoutHash = (url) => url.split("#", 1)[0];

module.exports = { Loads };
