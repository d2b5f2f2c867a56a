// The module phantom as it was then: what it gives comes by callbacks, and properties are read and written by `get` and `set`.

const { currentPage } = require("../page/current.js");
const { openPage } = require("../page/phantom/open-page.js");

/** @typedef {InstanceType<typeof import("../page/index.js").Page>} Page */
/** @typedef {(...args: any[]) => void} Callback */

const nothing = () => {};

/** The browser of this process. Its pages are those of the worker's turns. */
class CallbackPhantom {
  #pages;
  #exit;
  /** Pages that a program has already. @type {WeakSet<Page>} */
  #given = new WeakSet();

  /**
   * @param {object} worker
   * @param {() => Page[]} worker.pages of the turns that are not over, the oldest first
   * @param {() => void} worker.exit
   */
  constructor({ pages, exit }) {
    this.#pages = pages;
    this.#exit = exit;
  }

  /** The turn's page, and then others, which end with it. @param {Callback} callback */
  createPage(callback) {
    const page = this.#page();
    if (!page) {
      const why = "ph.createPage() is for the time of a request: it was called when there was none";
      return failed(new Error(`phantom-cluster: ${why}`));
    }
    if (this.#given.has(page)) openPage(page).then((other) => callback(this.give(other)), failed);
    else setImmediate(callback, this.give(page));
  }

  /**
   * That of the turn whose code calls. Code that belongs to none, as what hears the program's own messages, means a turn that
   * has no page yet, or else the latest.
   */
  #page() {
    const current = currentPage.getStore();
    const pages = this.#pages();
    if (pages.includes(current)) return current;
    return pages.find((page) => !this.#given.has(page)) ?? pages.at(-1);
  }

  /** @param {Callback} [callback] */
  exit(callback = nothing) {
    setImmediate(callback);
    this.#exit();
  }

  /** phantom's page over ours, which is then in use. @param {Page} page @returns {any} */
  give(page) {
    this.#given.add(page);
    return new Proxy(page, { get: (_page, name) => (name === "then" ? undefined : method(page, String(name))) });
  }
}

/** What phantom has nobody to tell of. @param {unknown} error */
function failed(error) {
  const { code } = /** @type {{ code?: string }} */ (error);
  // The end of a turn is no fault of the program's.
  if (code !== "ERR_PAGE_CLOSED" && code !== "ERR_BROWSER_GONE") process.emitWarning(/** @type {Error} */ (error));
}

/** @param {any} page @param {string} name @returns {unknown} */
function method(page, name) {
  if (name === "evaluate")
    return (/** @type {Function} */ script, /** @type {Callback} */ callback, /** @type {any[]} */ ...args) =>
      answer(page.evaluate(script, ...args), callback);
  if (name === "get")
    return (/** @type {string} */ key, /** @type {Callback} */ callback) => answer(property(page, key), callback);
  if (name === "set")
    return (/** @type {string} */ key, /** @type {any} */ value, /** @type {Callback} */ callback) =>
      answer(property(page, key, value), callback);
  if (name === "close" || name === "release")
    return (/** @type {Callback} */ callback = nothing) => setImmediate(callback);
  // Of phantom's, by which a program listens.
  if (/^on[A-Z]/.test(name)) return (/** @type {Callback} */ listener) => void page.on(name, listener);
  if (typeof page[name] !== "function") return page[name];
  return (/** @type {any[]} */ ...args) => {
    const callback = typeof args.at(-1) === "function" ? args.pop() : undefined;
    return answer(page[name](...args), callback);
  };
}

/** A name with a dot is that of a setting. @param {any} page @param {string} key @param {unknown[]} value */
function property(page, key, ...value) {
  const [owner, setting] = key.split(".");
  if (owner === "settings" && setting) return page.setting(setting, ...value);
  return page.property(key, ...value);
}

/** Calls back with what a call comes to: null where it has failed, as with phantom. @param {unknown} called @param {Callback} [callback] */
function answer(called, callback = nothing) {
  if (!(called instanceof Promise)) return called;
  called.then(callback, (error) => {
    failed(error);
    callback(null);
  });
}

module.exports = { CallbackPhantom };
