// What every page method stands on: one call to the engine and its errors, scripts and their results, events.

const { EventEmitter } = require("node:events");
const { compile, decode } = require("../evaluate.js");
const { emitSafely } = require("../emit.js");
const { fail, fromNative } = require("../errors.js");

/**
 * The attempt that a page belongs to.
 * @typedef {object} Link
 * @property {(method: string, params: object) => Promise<any>} call rejects with a failure of the core (see errors.js)
 * @property {string | undefined} closed why the attempt is over
 * @property {string} engine
 * @property {string} item
 * @property {() => Promise<void> | void} [release] ends the attempt of an acquired page
 */

/** What only an engine with an event stream can deliver. */
const ENGINE_EVENTS = new Set([
  ...["console", "pageerror", "dialog", "request", "response", "requestfailed", "domcontentloaded", "load"],
  ...["framenavigated", "popup", "download", "crash"],
  ...[
    "onLoadStarted",
    "onLoadFinished",
    "onInitialized",
    "onUrlChanged",
    "onNavigationRequested",
    "onResourceRequested",
  ],
  ...[
    "onResourceReceived",
    "onResourceError",
    "onResourceTimeout",
    "onConsoleMessage",
    "onError",
    "onAlert",
    "onConfirm",
  ],
  ...["onPrompt", "onCallback", "onClosing", "onPageCreated", "onRepaintRequested", "onFilePicker"],
]);

class PageCore extends EventEmitter {
  #link;
  /** @type {string | undefined} */
  #closed;

  /** @param {Link} link */
  constructor(link) {
    super();
    this.#link = link;
    this.#refuseUnknownEvents();
  }

  #refuseUnknownEvents() {
    const link = this.#link;
    this.on("newListener", (event) => {
      if (!ENGINE_EVENTS.has(String(event))) return;
      throw fail(
        "ERR_UNSUPPORTED",
        `page.on: the ${link.engine} engine cannot deliver the event "${String(event)}"; the cdp engine can`,
        { item: link.item },
      );
    });
  }

  /** The program's listeners; the page's own stay. @param {[event?: string | symbol]} event */
  removeAllListeners(...event) {
    super.removeAllListeners(...event);
    if (this.listenerCount("newListener") === 0) this.#refuseUnknownEvents();
    return this;
  }

  /**
   * The attempt is over: from now on every method rejects.
   * @param {string} reason
   */
  ended(reason) {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    emitSafely(this, "close", reason);
  }

  /** Gives back a page that `town.acquire()` gave out. */
  async release() {
    if (!this.#link.release) {
      throw fail(
        "ERR_UNSUPPORTED",
        "page.release: this page belongs to a queued item and goes when its handler ends; only a page of town.acquire() is released",
        { item: this.#link.item },
      );
    }
    await this.#link.release();
  }

  async [Symbol.asyncDispose]() {
    await this.release();
  }

  /** Ends the use of the page: an acquired one is released, another one goes when its handler ends. */
  async close() {
    this.ended("closed");
    await this.#link.release?.();
  }

  /**
   * The Error is made here, after an await, so that its stack leads to the line that called the page's method.
   * @protected
   * @param {string} method
   * @param {object} [params]
   * @param {string} [operation] what the user called
   * @returns {Promise<any>}
   */
  async _call(method, params = {}, operation = method) {
    const closed = this.#link.closed ?? this.#closed;
    if (closed !== undefined) {
      throw fail(
        "ERR_PAGE_CLOSED",
        `page.${operation}: the page is closed, because its attempt is over (${closed}); await every page method before the handler ends`,
        { item: this.#link.item },
      );
    }
    try {
      return await this.#link.call(method, params);
    } catch (failure) {
      throw fromNative(failure, this.#link.item);
    }
  }

  /**
   * @protected
   * @param {string} operation
   * @param {Function | string} script
   * @param {readonly unknown[]} [args]
   * @param {import("../evaluate.js").CompileOptions} [options]
   * @returns {Promise<any>}
   */
  async _run(operation, script, args, options) {
    return this._decode(await this._call("evaluate", { script: compile(script, args, options) }, operation));
  }

  /**
   * @protected
   * @param {string} envelope
   * @returns {any}
   */
  _decode(envelope) {
    return decode(envelope, this.#link.item);
  }

  /**
   * @protected
   * @param {string} message
   */
  _unsupported(message) {
    return fail("ERR_UNSUPPORTED", message, { item: this.#link.item });
  }
}

module.exports = { PageCore };
