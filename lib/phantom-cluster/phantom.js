// The module phantom as it was then: what it gives comes by callbacks, and properties are read and written by `get` and `set`.

/** @typedef {import("../../index.js").Page} Page */
/** @typedef {(...args: any[]) => void} Callback */

const nothing = () => {};

/** The browser of this process. Its pages are those of the worker's turns. */
class Phantom {
  /** What the turn under way has not made use of yet. @type {Page | undefined} */
  #unused;
  /** From which further ones are opened. @type {Page | undefined} */
  #latest;
  #exit;

  /** @param {() => void} exit */
  constructor(exit) {
    this.#exit = exit;
  }

  /** A turn begins, with this page. @param {Page} page */
  turn(page) {
    this.#unused = page;
    this.#latest = page;
  }

  /** The turn's page, and then others, which end with it. @param {Callback} callback */
  createPage(callback) {
    const page = this.#unused;
    this.#unused = undefined;
    if (page) setImmediate(callback, this.page(page));
    else if (this.#latest) opened(this.#latest).then((other) => callback(this.page(other)), failed);
    else
      failed(
        new Error("phantom-cluster: ph.createPage() is for the time of a request: it was called before the first"),
      );
  }

  /** @param {Callback} [callback] */
  exit(callback = nothing) {
    setImmediate(callback);
    this.#exit();
  }

  /** phantom's page over ours. @param {Page} page @returns {any} */
  page(page) {
    return new Proxy(page, { get: (_page, name) => (name === "then" ? undefined : method(page, String(name))) });
  }
}

/** @param {Page} page @returns {Promise<Page>} */
async function opened(page) {
  const popup = new Promise((resolve) => page.once("popup", resolve));
  await page.evaluate("void window.open()");
  return await popup;
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

module.exports = { Phantom };
