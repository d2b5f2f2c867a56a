// The windows that a page has opened, as PhantomJS knows them: a page's `pages`, and one of them by its name.

const { now } = require("./steps.js");

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */
/** A page with phantom's names. @typedef {any} PhantomsPage */

/** What a program gets of a window, which it reads and no more. */
const DESCRIBED = [
  "canGoBack",
  "canGoForward",
  "clipRect",
  "content",
  "cookies",
  "customHeaders",
  "focusedFrameName",
  "frameContent",
  "frameName",
  "framePlainText",
  "frameTitle",
  "frameUrl",
  "framesCount",
  "framesName",
  "libraryPath",
  "loading",
  "loadingProgress",
  "navigationLocked",
  "offlineStoragePath",
  "offlineStorageQuota",
  "ownsPages",
  "pages",
  "pagesWindowName",
  "paperSize",
  "plainText",
  "scrollPosition",
  "title",
  "url",
  "viewportSize",
  "windowName",
  "zoomFactor",
];

class Windows {
  /** @type {Set<PhantomsPage>} */
  #open = new Set();

  /** @param {PhantomsPage} page it goes when it closes */
  add(page) {
    this.#open.add(page);
    page.once("close", () => this.#open.delete(page));
  }

  /** As a callback on phantom has them. */
  get all() {
    return [...this.#open];
  }

  /** @returns {Steps<string[]>} */
  *names() {
    const names = [];
    for (const page of this.#open) names.push(yield* read(page, "windowName"));
    return names;
  }

  /** @returns {Steps<Record<string, unknown>[]>} */
  *described() {
    const all = [];
    for (const page of this.#open) all.push(yield* described(page));
    return all;
  }

  /** The window of a name. @param {unknown} name @returns {Steps<PhantomsPage | undefined>} */
  *named(name) {
    for (const page of this.#open) if ((yield* read(page, "windowName")) === name) return page;
    return undefined;
  }

  /** No window is null. @param {unknown} name @returns {Steps} */
  *getPage(name) {
    const page = yield* this.named(name);
    return page ? yield* described(page) : null;
  }
}

/** @param {PhantomsPage} page @param {string} name @returns {Steps} */
function* read(page, name) {
  return yield { later: () => page.property(name), now: () => now(page, page._phantom.properties.read(name)) };
}

/** @param {PhantomsPage} page @returns {Steps<Record<string, unknown>>} */
function* described(page) {
  /** @type {Record<string, unknown>} */
  const description = {};
  for (const name of DESCRIBED) description[name] = yield* read(page, name);
  return description;
}

module.exports = { Windows };
