// One thing queued: a promise of its result, with its state, its events and a way to abort it.

const { EventEmitter } = require("node:events");
const { emitSafely } = require("./emit.js");

/** @typedef {"waiting" | "running" | "fulfilled" | "rejected" | "aborted"} ItemState */

/**
 * What the town may do with an item and a program may not.
 * @typedef {object} ItemControl
 * @property {(result: unknown) => void} fulfil
 * @property {(error: unknown, state?: "rejected" | "aborted") => void} reject
 * @property {(attempt: number) => void} start
 * @property {(reason: string) => void} retry
 * @property {() => void} timeout
 * @property {(value: unknown) => void} progress
 */

/** @extends {Promise<any>} */
class Item extends Promise {
  /** `then` gives plain promises. */
  static get [Symbol.species]() {
    return Promise;
  }

  /** @type {ItemState} */
  #state = "waiting";
  #attempts = 0;
  #id;
  #data;
  #abort;
  /**
   * Made when somebody listens: a million items may wait.
   * @type {EventEmitter | undefined}
   */
  #events;

  /**
   * @param {string} id
   * @param {unknown} data
   * @param {(reason: unknown) => void} abort
   * @param {(control: ItemControl) => void} take gets the other end
   */
  constructor(id, data, abort, take) {
    /** @type {(result: unknown) => void} */
    let resolve = () => {};
    /** @type {(error: unknown) => void} */
    let reject = () => {};
    super((/** @type {(value: any) => void} */ onResult, /** @type {(error: any) => void} */ onError) => {
      resolve = onResult;
      reject = onError;
    });
    this.#id = id;
    this.#data = data;
    this.#abort = abort;
    take({
      fulfil: (result) => {
        this.#state = "fulfilled";
        resolve(result);
        this.#emit("settled");
      },
      reject: (error, state = "rejected") => {
        this.#state = state;
        reject(error);
        this.#emit("settled");
      },
      start: (attempt) => {
        this.#state = "running";
        this.#attempts = attempt;
        this.#emit("start", attempt);
      },
      retry: (reason) => {
        this.#state = "waiting";
        this.#emit("retry", reason);
      },
      timeout: () => this.#emit("timeout", this.#attempts),
      progress: (value) => this.#emit("progress", value),
    });
  }

  get id() {
    return this.#id;
  }

  get data() {
    return this.#data;
  }

  get state() {
    return this.#state;
  }

  get attempts() {
    return this.#attempts;
  }

  /** @param {unknown} [reason] */
  abort(reason) {
    this.#abort(reason);
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  on(event, listener) {
    this.#listenable().on(event, listener);
    return this;
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  once(event, listener) {
    this.#listenable().once(event, listener);
    return this;
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  off(event, listener) {
    this.#events?.off(event, listener);
    return this;
  }

  #listenable() {
    this.#events ??= new EventEmitter();
    return this.#events;
  }

  /** @param {string} event @param {...unknown} args */
  #emit(event, ...args) {
    if (this.#events) emitSafely(this.#events, event, ...args);
  }
}

module.exports = { Item };
