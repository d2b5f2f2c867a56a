// One attempt of one item: the page and the `next` that a handler gets, and the first outcome that it gives.

const { currentPage, makePage } = require("../page/index.js");

/**
 * @typedef {object} AttemptOutcome
 * @property {boolean} fulfilled
 * @property {unknown} value the result, or what the attempt failed with
 * @property {[error: unknown, result: unknown]} [answer] what `next` was given, for a callback that gets both as they are
 */
/** @typedef {{ id: number, place: number }} Worker */
/** @typedef {((error?: unknown, result?: unknown) => void) & { id: string, attempt: number, worker: Worker, signal: AbortSignal, progress: (value: unknown) => void }} Next */

/**
 * @typedef {object} AttemptPlace where an attempt runs
 * @property {string} id the item's
 * @property {number} number 1, 2, ...
 * @property {Worker} worker
 * @property {string} engine
 * @property {import("../page/core.js").Wire} wire
 * @property {(outcome: AttemptOutcome) => void} done hears the first outcome
 * @property {(value: unknown) => void} progress
 * @property {(returned: unknown) => void} [unsettled] hears of a handler that returned what settles nothing
 * @property {() => Promise<void>} [release]
 * @property {import("../contract.js").Contract} contract
 */

const ATTEMPT = Symbol("attempt");

/** What every `next` inherits: few handlers ask for it, and it costs more than the rest of an attempt. */
const NEXT = Object.create(Function.prototype, {
  id: told(({ id }) => id),
  attempt: told(({ number }) => number),
  worker: told(({ worker }) => worker),
  signal: told(({ signal }) => signal),
  progress: told(({ progress }) => progress),
});

/** @param {(attempt: Attempt) => unknown} get @returns {PropertyDescriptor & ThisType<{ [ATTEMPT]: Attempt }>} */
function told(get) {
  return {
    enumerable: true,
    get() {
      return get(this[ATTEMPT]);
    },
  };
}

class Attempt {
  /** @type {AttemptOutcome | undefined} */
  outcome;
  /** Made when somebody asks for the signal. @type {AbortController | undefined} */
  #abort;
  #done;
  #progress;
  #unsettled;
  #link;
  #contract;
  /** @type {((value: unknown) => void) | undefined} */
  #report;

  /** @param {AttemptPlace} place */
  constructor({ id, number, worker, engine, wire, done, progress, unsettled = ignore, release, contract }) {
    this.number = number;
    this.worker = worker;
    this.#contract = contract;
    this.#done = done;
    this.#progress = progress;
    this.#unsettled = unsettled;
    this.#link = /** @type {import("../page/core.js").Link} */ ({
      wire,
      engine,
      item: id,
      closed: undefined,
      release,
      phantom: contract.phantomPage,
      within: this.#knowing(),
    });
    this.page = makePage(this.#link);
    this.next = this.#newNext();
  }

  #newNext() {
    const next = /** @type {Next & { [ATTEMPT]: Attempt }} */ (
      /** @param {unknown} [error] @param {unknown} [result] */
      (error, result) => {
        /** @type {AttemptOutcome} */
        const outcome = error ? { fulfilled: false, value: error } : { fulfilled: true, value: result };
        if (this.#contract.nextDecides) outcome.answer = [error, result];
        this.#finish(outcome);
      }
    );
    next[ATTEMPT] = this;
    return /** @type {Next} */ (Object.setPrototypeOf(next, NEXT));
  }

  get id() {
    return this.#link.item;
  }

  /** What the handler reports progress by, also apart from `next`. */
  get progress() {
    this.#report ??= (/** @type {unknown} */ value) => {
      if (!this.#over) this.#progress(value);
    };
    return this.#report;
  }

  /**
   * What listeners of the page are called by: their code is known by it too.
   * @param {(call: () => void) => void} [within]
   */
  #knowing(within) {
    if (!this.#contract.knowsPage) return within;
    return (/** @type {() => void} */ call) => currentPage.run(this.page, () => (within ? within(call) : call()));
  }

  get #over() {
    return this.#link.closed !== undefined;
  }

  get signal() {
    if (!this.#abort) {
      this.#abort = new AbortController();
      this.#abortIfCutShort();
    }
    return this.#abort.signal;
  }

  /** The attempt is over, and has no outcome. */
  #abortIfCutShort() {
    const { closed } = this.#link;
    if (closed !== undefined && this.outcome === undefined) {
      this.#abort?.abort(new Error(`the attempt is over: ${closed}`));
    }
  }

  /**
   * Makes the attempt, whose page was prepared before there was an item, that of an item.
   * @param {Pick<AttemptPlace, "id" | "number" | "worker" | "done" | "progress"> & Pick<import("../page/core.js").Link, "within">} item
   * @returns {() => void} gives the page back; whoever assigns calls it once
   */
  assign({ id, number, worker, done, progress, within }) {
    const release = this.#done;
    [this.#done, this.#progress] = [done, progress];
    Object.assign(this.#link, { item: id, release: undefined, within: this.#knowing(within) });
    [this.number, this.worker] = [number, worker];
    return () => release({ fulfilled: true, value: undefined });
  }

  /**
   * Does nothing when the attempt is over already.
   * @param {readonly Function[]} handlers
   * @param {object} self
   * @param {unknown} data
   */
  run(handlers, self, data) {
    if (this.#over) return;
    for (const handler of handlers) {
      try {
        const call = () => handler.call(self, this.page, data, this.next);
        const returned = this.#contract.knowsPage ? currentPage.run(this.page, call) : call();
        const ignored = this.#contract.nextDecides && takesNext(handler);
        if (typeof returned?.then !== "function") {
          if (returned !== undefined && this.outcome === undefined && !ignored) this.#unsettled(returned);
          continue;
        }
        returned.then(
          (/** @type {unknown} */ value) => ignored || this.#finish({ fulfilled: true, value }),
          (/** @type {unknown} */ value) => this.#finish({ fulfilled: false, value }),
        );
      } catch (value) {
        this.#finish({ fulfilled: false, value });
      }
    }
  }

  /** What is under way on the attempt's page, in words. @returns {readonly string[]} */
  get pending() {
    return this.page._pending();
  }

  /**
   * The attempt is over: its page is closed, and what its handler still says is ignored.
   * @param {string} reason
   */
  end(reason) {
    if (this.#over) return;
    this.#link.closed = reason;
    this.#abortIfCutShort();
    this.page._ended(reason);
  }

  /** @param {AttemptOutcome} outcome */
  #finish(outcome) {
    if (this.#over || this.outcome !== undefined) return;
    this.outcome = outcome;
    this.#done(outcome);
  }
}

function ignore() {}

/** Of a listener that is called once Node makes another. @param {Function & { listener?: Function }} handler */
function takesNext({ listener, length }) {
  return (listener?.length ?? length) >= 3;
}

module.exports = { Attempt };
