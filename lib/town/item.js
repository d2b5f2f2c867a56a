// One thing queued: a promise of its result, with its state, its events and a way to abort it; and what the town keeps of it.

const { EventEmitter } = require("node:events");
const { emitSafely } = require("../emit.js");
const v = require("../validate.js");

/** @typedef {"waiting" | "running" | "fulfilled" | "rejected" | "aborted"} ItemState */

/** @typedef {Pick<InstanceType<typeof import("./attempt.js").Attempt>, "outcome" | "end" | "pending">} RunningAttempt */

/**
 * An attempt that runs in another process.
 * @typedef {object} Task
 * @property {number} attempt its number, unique in the town
 * @property {string} id the item's
 * @property {number} number 1, 2, ...
 * @property {Buffer} data packed
 * @property {(outcome: import("./attempt.js").AttemptOutcome) => void} done hears the first outcome
 * @property {(value: unknown) => void} progress
 */

/**
 * How an item is run, which many may share.
 * @typedef {object} Manner
 * @property {boolean} acquired a page acquired without the queue
 * @property {(attempt: InstanceType<typeof import("./attempt.js").Attempt>, data: unknown) => void} run
 * @property {(number: number, reason: unknown) => void} abort
 * @property {Buffer} [packed] the data, for workers in other processes
 * @property {(place: { worker: number, slot: number }, task: Task) => RunningAttempt | undefined} [send]
 *   with packed data, to the process where the place is, if it is in another than this
 */

const EVENTS = ["start", "progress", "retry", "timeout", "settled"];

/** Until a promise gives its own. @type {(result: unknown) => void} */
const unset = () => {};

/**
 * Nobody but the town emits, so another event never comes. Node's `events.once` listens to "error" beside any other.
 * @param {string} method @param {string} event
 */
function refuseUnknown(method, event) {
  if (event === "error") return;
  v.argument(`item.${method}`, "event", v.oneOf(EVENTS, { required: true }), event);
}

/** The function that resolves the promise which was made last; one executor is enough for all. */
let given = unset;

/** @param {(result: unknown) => void} resolve */
function keepResolve(resolve) {
  given = resolve;
}

/** @extends {Promise<any>} */
class Item extends Promise {
  #entry;

  /** @param {Entry} entry */
  constructor(entry) {
    super(keepResolve);
    this.#entry = entry;
    entry.promised(given);
  }

  get id() {
    return this.#entry.id;
  }

  get data() {
    return this.#entry.data;
  }

  get state() {
    return this.#entry.state;
  }

  get attempts() {
    return this.#entry.attempts;
  }

  /** @param {unknown} [reason] */
  abort(reason) {
    this.#entry.manner.abort(this.#entry.number, reason);
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  on(event, listener) {
    refuseUnknown("on", event);
    this.#entry.listenable().on(event, listener);
    return this;
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  once(event, listener) {
    refuseUnknown("once", event);
    this.#entry.listenable().once(event, listener);
    return this;
  }

  /** @param {string} event @param {(...args: any[]) => void} listener */
  off(event, listener) {
    refuseUnknown("off", event);
    this.#entry.events?.off(event, listener);
    return this;
  }
}

// `then` gives plain promises, and `await` takes the item as the promise that it is: of a class of its own it would make
// another one, which costs more than the item.
Object.defineProperty(Item.prototype, "constructor", { value: Promise, configurable: true, writable: true });

/**
 * The parts of an item that few items have.
 * @typedef {object} Rarity
 * @property {string} [id] given by the program
 * @property {() => void} [forget] removes the listener from the item's signal
 * @property {() => void} [pageEnded] hears that the page has ended by itself
 * @property {number} [timeout] its own, milliseconds
 * @property {number} [deadline] milliseconds from its queueing
 * @property {readonly string[]} [pending] what the attempt whose time is over waited for
 * @property {[error: unknown, result: unknown]} [answer] for its callback, as its handler gave it
 * @property {unknown} [abortReason]
 * @property {unknown} [lastError] of an attempt that was to be followed by another
 */

/** @type {Rarity} */
const NOTHING = Object.freeze({});

/** The town's side of an item. A million may wait, so it has no closures but the promise's own. */
class Entry {
  /** @type {ItemState} */
  state = "waiting";
  attempts = 0;
  /** Made when somebody listens. @type {EventEmitter | undefined} */
  events;
  /** The attempt that runs. @type {RunningAttempt | undefined} */
  attempt;
  more = NOTHING;
  /** @type {(result: unknown) => void} */
  #resolve = unset;

  /**
   * @param {number} number unique in the town
   * @param {string | undefined} id the item's, if the program has given it one
   * @param {unknown} data
   * @param {Manner} manner
   */
  constructor(number, id, data, manner) {
    this.number = number;
    this.data = data;
    this.manner = manner;
    if (id !== undefined) this.note({ id });
    this.item = new Item(this);
  }

  /** @param {(result: unknown) => void} resolve the promise's own */
  promised(resolve) {
    this.#resolve = resolve;
  }

  /** @param {Rarity} what */
  note(what) {
    this.more = { ...this.more, ...what };
  }

  get id() {
    return this.more.id ?? String(this.number);
  }

  listenable() {
    this.events ??= new EventEmitter();
    return this.events;
  }

  /** @param {unknown} result */
  fulfil(result) {
    this.state = "fulfilled";
    this.#resolve(result);
    this.#emit("settled");
  }

  /** @param {unknown} error @param {"rejected" | "aborted"} [state] */
  reject(error, state = "rejected") {
    this.state = state;
    // Of the promise's two functions one is enough to keep.
    this.#resolve(Promise.reject(error));
    this.#emit("settled");
  }

  /** @param {number} attempt */
  start(attempt) {
    this.state = "running";
    this.attempts = attempt;
    this.#emit("start", attempt);
  }

  /** @param {string} reason */
  retry(reason) {
    this.state = "waiting";
    this.#emit("retry", reason);
  }

  timeout() {
    this.#emit("timeout", this.attempts);
  }

  /** @param {unknown} value */
  progress(value) {
    this.#emit("progress", value);
  }

  /** @param {string} event @param {...unknown} args */
  #emit(event, ...args) {
    if (this.events) emitSafely(this.events, event, ...args);
  }
}

module.exports = { Entry, Item };
