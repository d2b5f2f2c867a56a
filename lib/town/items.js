// The items of a town that have not settled, in this process: each is told to the core, started, retried and settled as the
// core's events say.

const { onAbort } = require("../abort-signals.js");
const { Attempt } = require("./attempt.js");
const { Entry } = require("./item.js");
const { coreItemOptions } = require("../options.js");
const { outcomeError } = require("./outcome.js");
const { Admission } = require("./admission.js");

/** @typedef {import("./item.js").Manner} Manner */

/** What the core says of an item. @typedef {Extract<import("../native.js").CoreEvent, { item: number }>} ItemEvent */
/** @typedef {Extract<ItemEvent, { kind: "start" }>} StartEvent */
/** @typedef {Extract<ItemEvent, { kind: "retry" }>} RetryEvent */
/** @typedef {{ kind: "fulfilled" } | import("./outcome.js").Failing} End */

/** @typedef {"itemStart" | "itemRetry" | "itemDone" | "backlog"} TownsOwn */

/**
 * What becomes of an item, as the town hears it.
 * @typedef {object} Observer
 * @property {(event: TownsOwn) => boolean} hears whether anybody does
 * @property {(event: TownsOwn, ...args: unknown[]) => void} tell
 * @property {(returned: unknown) => void} [unsettled] a handler returned what settles nothing
 * @property {(worker: number) => number} placeOf a worker's place
 */

class Items {
  /** Decides who may queue more items. */
  admission;
  #port;
  #options;
  #observer;
  #contract;
  /** The items by their numbers. @type {Map<number, InstanceType<typeof Entry>>} */
  #entries = new Map();
  #lastNumber = 0;

  /**
   * @param {InstanceType<typeof import("./core-port.js").CorePort>} port
   * @param {{ queueLimit: number, pageDeath: number }} options
   * @param {Observer} observer
   * @param {import("../contract.js").Contract} contract
   */
  constructor(port, options, observer, contract) {
    this.#contract = contract;
    this.admission = new Admission(options.queueLimit);
    this.#port = port;
    this.#options = options;
    this.#observer = observer;
  }

  /** How many items wait or run. */
  get count() {
    return this.#entries.size;
  }

  [Symbol.iterator]() {
    return this.#entries.values();
  }

  /**
   * @param {unknown} data
   * @param {any} options checked ones
   * @param {Manner} manner
   */
  add(data, options, manner) {
    const { signal, id, timeout, deadline } = options;
    const number = ++this.#lastNumber;
    const entry = new Entry(number, id, data, manner);
    if (timeout !== undefined || deadline !== undefined) entry.note({ timeout, deadline });
    this.#entries.set(number, entry);
    this.admission.queued();
    this.#port.hold();
    if (this.#port.fault !== undefined) {
      this.#refuse(number);
      return entry;
    }
    if (signal?.aborted) {
      entry.note({ abortReason: signal.reason });
    } else if (signal) {
      entry.note({ forget: onAbort(signal, () => this.abort(number, signal.reason)) });
    }
    this.#port.receiveSoon();
    this.#port.core.enqueue(number, manner.acquired, coreItemOptions(options));
    return entry;
  }

  /** @param {number} number @param {unknown} reason */
  abort(number, reason) {
    const entry = this.#entries.get(number);
    if (!entry) return;
    if (entry.more.abortReason === undefined) entry.note({ abortReason: reason });
    this.#port.core.abort(number);
  }

  /** A broken core cannot be asked; on the next tick, so that the program can listen to the item first. @param {number} number */
  #refuse(number) {
    process.nextTick(() => {
      const entry = this.#entries.get(number);
      if (entry) this.#settle(entry, { kind: "broken" });
      this.#port.holdOrLetGo();
    });
  }

  /** Resolves when nothing waits and nothing runs. */
  idle() {
    return this.count === 0 ? Promise.resolve() : this.admission.idle();
  }

  /** @param {ItemEvent} event */
  hear(event) {
    const entry = this.#entries.get(event.item);
    if (!entry) return;
    switch (event.kind) {
      case "start":
        this.#start(entry, event);
        break;
      case "attemptTimedOut":
        entry.note({ pending: entry.attempt?.pending });
        entry.attempt?.end("timed out");
        entry.timeout();
        break;
      case "retry":
        this.#retry(entry, event);
        break;
      case "backlog":
        this.#tell("backlog", entry);
        break;
      case "pageEnded":
        entry.more.pageEnded?.();
        break;
      default:
        this.#settle(entry, event);
    }
  }

  /** The core has broken, and settles no item any more. */
  breakAll() {
    for (const entry of this) this.#settle(entry, { kind: "broken" });
  }

  /** @param {InstanceType<typeof Entry>} entry @param {StartEvent} event */
  #start(entry, { attempt: attemptId, number, worker, slot }) {
    this.admission.left();
    const { id, manner } = entry;
    const done = (/** @type {{ fulfilled: boolean }} */ { fulfilled }) => {
      this.#port.receiveSoon();
      this.#port.core.finish(attemptId, fulfilled);
    };
    const progress = (/** @type {unknown} */ value) => entry.progress(value);
    const { packed: data } = manner;
    entry.attempt = data && manner.send?.({ worker, slot }, { attempt: attemptId, id, number, data, done, progress });
    if (entry.attempt) return this.#started(entry, number);
    const attempt = new Attempt({
      id,
      number,
      done,
      progress,
      worker: { id: worker, place: this.#observer.placeOf(worker) },
      engine: this.#port.engine,
      wire: this.#port.wire(() => this.#port.core.page(attemptId), worker),
      unsettled: this.#observer.unsettled,
      contract: this.#contract,
      release: manner.acquired ? () => release(entry, attempt) : undefined,
    });
    entry.attempt = attempt;
    this.#started(entry, number);
    manner.run(attempt, entry.data);
  }

  /** @param {InstanceType<typeof Entry>} entry @param {number} number */
  #started(entry, number) {
    entry.start(number);
    this.#tell("itemStart", entry);
  }

  /** @param {InstanceType<typeof Entry>} entry @param {RetryEvent} event */
  #retry(entry, { reason }) {
    entry.attempt?.end(reason === "error" ? "rejected" : reason);
    if (reason === "error") entry.note({ lastError: entry.attempt?.outcome?.value });
    entry.attempt = undefined;
    this.admission.requeued();
    entry.retry(reason);
    this.#tell("itemRetry", entry, reason);
  }

  /** @param {InstanceType<typeof Entry>} entry @param {End} end */
  #settle(entry, end) {
    this.#entries.delete(entry.number);
    entry.more.forget?.();
    if (!entry.attempt) this.admission.left();
    const { answer } = entry.attempt?.outcome ?? {};
    if (answer && (end.kind === "fulfilled" || end.kind === "failed")) entry.note({ answer });
    entry.attempt?.end(end.kind);
    if (end.kind === "fulfilled") entry.fulfil(entry.attempt?.outcome?.value);
    else this.#reject(entry, end);
    // Whoever keeps the item does not keep its page.
    entry.attempt = undefined;
    this.#tell("itemDone", entry);
    if (this.count === 0) this.admission.emptied();
  }

  /**
   * @param {TownsOwn} event
   * @param {InstanceType<typeof Entry>} entry
   * @param {...unknown} more
   */
  #tell(event, entry, ...more) {
    // An acquired page is no item of the program's.
    if (!entry.manner.acquired && this.#observer.hears(event)) this.#observer.tell(event, entry.item, ...more);
  }

  /** @param {InstanceType<typeof Entry>} entry @param {import("./outcome.js").Failing} end */
  #reject(entry, end) {
    const { queueLimit, pageDeath } = this.#options;
    const { timeout = pageDeath, deadline, pending, abortReason, lastError } = entry.more;
    const details = {
      attempts: entry.attempts,
      timeout,
      deadline,
      pending,
      abortReason,
      queueLimit,
      fault: this.#port.fault,
      thrown: entry.attempt?.outcome?.value,
      lastError,
      acquired: entry.manner.acquired,
    };
    entry.reject(outcomeError(end, entry.id, details), end.kind === "aborted" ? "aborted" : "rejected");
  }
}

/** @param {InstanceType<typeof Entry>} entry @param {InstanceType<typeof Attempt>} attempt */
async function release(entry, attempt) {
  attempt.next();
  attempt.end("released");
  await entry.item.then(undefined, () => {});
}

module.exports = { Items };
