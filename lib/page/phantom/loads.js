// The order in which PhantomJS tells of a load: asked for, started, at its URL, finished. The core's news come in the order in
// which Chromium has them; who opens a page knows its end before Chromium tells it.

/** @typedef {[event: string, args: unknown[]]} Told */

class Loads {
  /** A load has begun of which onLoadStarted has not been told. */
  #held = false;
  /** The end of the load has been told, or there is none to tell. */
  #over = false;
  /** A method of phantom's waits for the load, and tells its end. */
  #opening = false;
  /** The load that the method waits for has its document. */
  #arrived = false;
  /** The end has come while a method waits. @type {boolean | undefined} */
  #end;
  #url = "";
  /** Why the next navigation happens, where a method of ours is the reason. @type {string | undefined} */
  #reason;
  #clicked = false;

  /** Where the last load that has not failed has led to, as far as is known. */
  get url() {
    return this.#url;
  }

  /** A method waits for a load. @param {string} [reason] */
  open(reason = "Other") {
    this.#opening = true;
    this.#arrived = false;
    this.#over = false;
    this.#end = undefined;
    this.#reason = reason;
  }

  /** The method knows how the load has ended. @param {boolean} ok @param {string} [url] where it has led to @returns {Told[]} */
  opened(ok, url) {
    this.#opening = false;
    this.#reason = undefined;
    if (url !== undefined) this.#url = url;
    if (this.#over) return [];
    return this.#finish(ok);
  }

  /** There was nothing to load. */
  kept() {
    this.#opening = false;
    this.#over = true;
    this.#reason = undefined;
  }

  /** The mouse has clicked, which may have been at a link. */
  clicked() {
    this.#clicked = true;
  }

  /** @returns {Told[]} */
  started() {
    const before = this.#end === undefined ? [] : this.#finish(this.#end);
    this.#over = false;
    this.#held = true;
    return before;
  }

  /** @param {any} request @param {boolean} locked @returns {Told[]} */
  requested(request, locked) {
    if (!request.isNavigationRequest() || request.redirectChain().length > 0) return [];
    const main = request.isMainFrame();
    const asked = /** @type {Told} */ (["onNavigationRequested", [request.url(), this.#type(request), !locked, main]]);
    return main ? [asked, ...this.#start()] : [asked];
  }

  /** @param {any} request */
  #type(request) {
    const [reason, clicked] = [this.#reason, this.#clicked];
    [this.#reason, this.#clicked] = [undefined, false];
    if (reason !== undefined) return reason;
    if (request.method() === "POST") return "FormSubmitted";
    return clicked ? "LinkClicked" : "Other";
  }

  /** @returns {Told[]} */
  initialized() {
    return [...this.#start(), ["onInitialized", []]];
  }

  /** @param {any} frame @param {boolean} locked @returns {Told[]} */
  navigated(frame, locked) {
    if (!frame.isMainFrame()) return [];
    this.#arrived = true;
    const [before, url] = [this.#url, frame.url()];
    // The browser's own page about what went wrong.
    if (url.startsWith("chrome-error:")) return this.#start();
    this.#url = url;
    const isSameDocument =
      this.#held && before !== url && url.includes("#") && withoutHash(before) === withoutHash(url);
    if (!isSameDocument) return [...this.#start(), ["onUrlChanged", [url]]];
    this.#held = false;
    this.#over = true;
    // PhantomJS tells twice of a place in the same document.
    return [
      ["onNavigationRequested", [url, "Other", !locked, true]],
      ["onUrlChanged", [url]],
      ["onUrlChanged", [url]],
    ];
  }

  /** @param {boolean} ok @returns {Told[]} */
  finished(ok) {
    if (this.#over) return [];
    if (!this.#opening) return this.#finish(ok);
    // Without a document of the load that is waited for, this is the end of the load before.
    if (this.#arrived) this.#end = ok;
    return [];
  }

  /** @returns {Told[]} */
  #start() {
    if (!this.#held) return [];
    this.#held = false;
    return [["onLoadStarted", []]];
  }

  /** @param {boolean} ok @returns {Told[]} */
  #finish(ok) {
    this.#over = true;
    this.#opening = false;
    this.#end = undefined;
    return [...this.#start(), ["onLoadFinished", [ok ? "success" : "fail"]]];
  }
}

/** @param {string} url */
const withoutHash = (url) => url.split("#", 1)[0];

module.exports = { Loads };
