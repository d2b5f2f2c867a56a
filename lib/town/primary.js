// The side of a town that has the queue: items come in here, and are handled in this process or sent to forked ones.

const { canFork } = require("../can-fork.js");
const { leaveTown } = require("../cluster/identity.js");
const { Forks } = require("../cluster/forks.js");
const { pack } = require("../cluster/serialize.js");
const { emitSafely } = require("../emit.js");
const { fail, fromNative } = require("../errors.js");
const { MS, coreOptions, itemOptions, townOptions } = require("../options.js");
const { outcomeError } = require("./outcome.js");
const { drainOnSignals, forget } = require("./signals.js");
const v = require("../validate.js");
const { CorePort } = require("./core-port.js");
const { answer } = require("./launch.js");
const { Items } = require("./items.js");
const { Mode } = require("./mode.js");
const { Output } = require("./output.js");

/** Items that wait so long without a handler are more likely a mistake than a plan. */
const NO_HANDLER_WARNING = 10_000;
const CLOSE = { drain: v.boolean({ default: false }), timeout: v.integer({ ...MS, infinity: true }) };
const ACQUIRE = { signal: v.abortSignal(), timeout: v.integer({ ...MS, infinity: true, default: 0 }) };
const WORKERS = v.integer({ min: 1, max: 10_000, required: true });

/** @typedef {import("./item.js").Manner} Manner */
/** @typedef {InstanceType<typeof import("./attempt.js").Attempt>} Attempt */

class Primary {
  #town;
  #options;
  #port;
  #items;
  #mode;
  #output;
  /** The town's number among those of the program that may fork. @type {number} */
  #number;
  /** The forked processes, in mode "cluster". @type {InstanceType<typeof Forks> | undefined} */
  #forks;
  #contract;
  #workerCount;
  /** How many workers the core keeps: fewer once the program has decided that none is forked again. */
  #kept;
  /** How most items are run. @type {Manner} */
  #queued = {
    acquired: false,
    run: (attempt, data) => this.#handle(attempt, data),
    abort: (number, reason) => this.#items.abort(number, reason),
    send: (place, task) => this.#forks?.run(place, task),
  };
  /** Attempts that were started when the last handler had just gone. @type {{ attempt: Attempt, data: unknown }[]} */
  #unhandled = [];
  #running = false;
  /** Whether the town has workers, whatever the program has made of `isRunning`. */
  #live = false;
  #closed = false;
  /** Whether the town was stopped, until the core says that the workers are gone. */
  #stopping = false;
  /** The folder in which the workers have theirs. @type {string} */
  #temporary;
  #warnedOfReturn = false;
  /** Of the options of single workers. @type {Set<string>} */
  #warned = new Set();
  /** Of the workers, by their numbers. @type {Map<number, number>} */
  #places = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #noHandler;

  /**
   * @param {InstanceType<typeof import("./index.js").Town>} town
   * @param {unknown} options
   * @param {number} number among the towns of the program that may fork; 0 is none of them
   * @param {import("../contract.js").Contract} contract
   */
  constructor(town, options, number, contract) {
    this.#town = town;
    this.#contract = contract;
    this.#options = townOptions(options, (message, code) => town._warn(message, code), contract);
    this.#number = number;
    this.#workerCount = this.#options.workerCount;
    this.#kept = this.#workerCount;
    this.#output = new Output(this.#options.browser);
    const limits = contract.forkCounts ? { workerDeath: -1, workerShift: -1, pageCount: 1 } : {};
    const core = coreOptions({ ...this.#options, ...limits }, (message) => town._warn(message), contract);
    this.#temporary = core.temporary;
    this.#port = new CorePort(core, this.#output.isWanted, {
      hear: (event) => this.#hear(event),
      wantsBacklog: () => town.listenerCount("backlog") > 0,
      isBusy: () => this.#items.count > 0 || this.#stopping,
      broke: () => this.#broke(),
    });
    const observer = {
      hears: (/** @type {string} */ event) => town.listenerCount(event) > 0,
      tell: (/** @type {string} */ event, /** @type {unknown[]} */ ...args) => emitSafely(town, event, ...args),
      unsettled: (/** @type {unknown} */ returned) => this.#handlerReturned(returned),
      placeOf: (/** @type {number} */ worker) => this.#placeOf(worker),
    };
    this.#items = new Items(this.#port, this.#options, observer, contract);
    const { mode } = this.#options;
    this.#mode = new Mode(mode, {
      hasItems: () => this.#items.count > 0,
      decided: (mode) => this.#decided(mode),
    });
    if (this.#options.handleSignals) drainOnSignals(this);
    this.start();
    if (mode === "cluster") this.#mode.decide("cluster");
    else if (mode === "inline" || !canFork()) this.#mode.decide("inline");
  }

  get isMaster() {
    this.#mode.askedForMaster();
    return true;
  }

  get isRunning() {
    return this.#running;
  }

  set isRunning(isRunning) {
    this.#running = isRunning;
  }

  /** None here: each worker has one. */
  get browser() {
    return undefined;
  }

  /** @param {string | symbol} event a listener is about to be added */
  listenerComes(event) {
    if (event !== "queue" || this.#town.listenerCount("queue") > 0) return;
    if (this.#mode.isCluster) {
      this.#town._warn(
        `this town's handlers run in worker processes, because ${this.#mode.why}: a "queue" listener where town.isMaster is true is never called`,
      );
      return;
    }
    this.#mode.decide("inline");
    this.#handlerCame();
  }

  /** @param {string | symbol} event a listener has been removed */
  listenerGone(event) {
    if (event !== "queue" || this.#mode.isCluster) return;
    if (this.#town.listenerCount("queue") === 0) this.#port.core.setHandler(false);
  }

  start() {
    if (this.#closed) return;
    const again = this.#running;
    this.#running = true;
    this.#live = true;
    this.#stopping = false;
    if (this.#mode.isKnown) this.#launch(again);
    if (again) return;
    process.nextTick(() => this.#town.emit("started"));
  }

  stop() {
    this.#running = false;
    if (!this.#live) return;
    this.#live = false;
    this.#stopping = true;
    this.#forks?.terminate();
    this.#port.core.stop();
    this.#port.holdOrLetGo();
  }

  /** @param {import("./mode.js").Decided} mode */
  #decided(mode) {
    if (mode === "cluster") {
      this.#port.core.forkWorkers();
      this.#port.core.setHandler(true);
      this.#forks = new Forks(this.#port.core, {
        town: this.#number,
        grace: this.#options.closeTimeout,
        why: this.#mode.why,
        temporary: this.#temporary,
        // A town that closes may have items to finish first.
        mayFork: () => this.#running || this.#closed,
        refused: () => this.#port.core.resize(--this.#kept),
        contract: this.#contract,
      });
      for (const entry of this.#items) this.#packLate(entry);
    }
    if (this.#running) this.#launch();
  }

  /** A copy of the data as it is now, whatever the program does to it next. @param {unknown} data */
  #pack(data) {
    try {
      return pack(data, "town.queue: data", this.#contract.lenient);
    } catch (error) {
      if (this.#mode.isKnown) throw error;
      // It may never be sent.
      return undefined;
    }
  }

  /**
   * What was queued before the mode was known, and could not be packed.
   * @param {InstanceType<typeof import("./item.js").Entry>} entry
   */
  #packLate(entry) {
    if (entry.manner.packed) return;
    try {
      entry.manner = { ...entry.manner, packed: pack(entry.data, "town.queue: data", this.#contract.lenient) };
    } catch (error) {
      entry.note({ lastError: error });
      this.#port.core.reject(entry.number);
    }
  }

  /** @param {boolean} [again] it runs already */
  #launch(again = false) {
    if (!again) this.#forks?.prepare(this.#workerCount);
    if (!again && this.#kept !== this.#workerCount) this.resize(this.#workerCount);
    // The core may have given up by itself; it does nothing if it has not.
    this.#port.core.start();
  }

  pause() {
    this.#port.core.pause();
  }

  resume() {
    this.#port.core.resume();
  }

  /** @param {unknown} workerCount */
  resize(workerCount) {
    this.#workerCount = v.argument("town.resize", "workerCount", WORKERS, workerCount);
    this.#kept = this.#workerCount;
    this.#port.core.resize(this.#workerCount);
  }

  /**
   * @param {unknown} data
   * @param {any} [options] options, a callback, or ghost-town's `asap`
   * @param {Function} [next]
   */
  queue(data, options, next) {
    if (typeof options === "function") [options, next] = [{}, options];
    else if (isAsap(options, next)) options = { asap: Boolean(options) };
    if (next !== undefined) v.argument("town.queue", "next", v.func(), next);
    const checked = itemOptions("town.queue", options);
    const manner = this.#mode.isInline ? this.#queued : { ...this.#queued, packed: this.#pack(data) };
    const entry = this.#items.add(data, checked, manner);
    const { item } = entry;
    if (!this.#forks && this.#town.listenerCount("queue") === 0) this.#expectHandler();
    this.#mode.decideSoon();
    if (next) {
      // On its own tick, so that what the callback throws is the program's uncaught exception and not the item's.
      const answer = (/** @type {unknown[]} */ ...args) => process.nextTick(next, ...args);
      item.then(
        (/** @type {unknown} */ result) => answer(...(entry.more.answer ?? [null, result])),
        (/** @type {unknown} */ error) => answer(...(entry.more.answer ?? [error || falsyError(error)])),
      );
    }
    return item;
  }

  /** @param {unknown} options */
  async acquire(options) {
    const { signal, timeout } = v.check("town.acquire", ACQUIRE, options);
    this.#mode.decide("inline");
    if (this.#forks) {
      const why = 'this town\'s pages are in worker processes: use mode "inline" for pages without the queue';
      throw fail("ERR_UNSUPPORTED", `town.acquire: ${why}`);
    }
    return await new Promise((resolve, reject) => {
      const run = (/** @type {Attempt} */ { page }) => resolve(page);
      const entry = this.#items.add(undefined, { signal }, { acquired: true, run, abort: this.#queued.abort });
      const { item } = entry;
      // Until the page is there, the item's failure is the failure to get one; afterwards the page's calls tell of it.
      const late =
        timeout > 0 &&
        timeout < Infinity &&
        setTimeout(() => {
          reject(fail("ERR_TIMEOUT", `town.acquire: no page was free within ${timeout} ms`));
          item.abort();
        }, timeout);
      item.on("start", () => {
        if (late) clearTimeout(late);
        // The signal was for getting the page; the page is the caller's now.
        entry.more.forget?.();
      });
      item.then(undefined, (/** @type {unknown} */ error) => {
        if (late) clearTimeout(late);
        reject(error);
      });
    });
  }

  async ready() {
    // The workers are on their way before the core is asked.
    await this.#mode.known();
    try {
      await this.#port.ask((call) => this.#port.core.ready(call));
    } catch (failure) {
      throw fromNative(failure);
    }
  }

  idle() {
    return this.#items.idle();
  }

  drained() {
    return this.#items.admission.drained();
  }

  /** @param {{ drain?: boolean, timeout?: number }} [options] */
  async close(options) {
    const { drain, timeout = drain ? Infinity : this.#options.closeTimeout } = v.check("town.close", CLOSE, options);
    // What was queued in this turn is to be finished by somebody.
    if (drain && this.#items.count > 0) this.#mode.decide("cluster");
    this.#closed = true;
    this.#running = false;
    this.#live = false;
    this.#stopping = false;
    this.#mode.end();
    for (const { attempt } of this.#unhandled.splice(0)) leave(attempt);
    const limit = timeout === Infinity ? undefined : timeout;
    const closed = this.#port.ask((call) => this.#port.core.close(call, drain, limit));
    // The core refuses nobody this; only a broken one does not answer, and then nothing is left to close.
    await closed.catch(() => {});
    this.#forks?.discard();
    await this.#forks?.gone();
    leaveTown(this.#number);
    forget(this);
    this.#port.leave();
  }

  stats() {
    return this.#port.stats();
  }

  metrics() {
    return this.#port.metrics();
  }

  /** @param {import("./core-port.js").TownEvent} event */
  #hear(event) {
    switch (event.kind) {
      case "ask":
        this.#answer(event.worker);
        break;
      case "idle":
        emitSafely(this.#town, "idle");
        break;
      case "stopped":
        this.#stopping = false;
        emitSafely(this.#town, "stopped");
        break;
      case "workerStart":
        this.#places.set(event.stats.id, event.stats.place);
        emitSafely(this.#town, event.kind, event.stats);
        break;
      case "workerReady":
        emitSafely(this.#town, event.kind, event.stats);
        break;
      case "workerExit":
        this.#workerExit(event.stats, event.why ?? "ended");
        break;
      case "workerFailed":
        this.#workerExit(event.stats, event.failure.message);
        break;
      case "fork":
        this.#forks?.order(event.worker, event.order, this.#placeOf(event.worker));
        break;
      case "warning":
        this.#town._warn(event.failure.message, event.failure.code);
        break;
      case "output":
        this.#output.write(event, event.worker);
        break;
      default:
        this.#items.hear(event);
    }
  }

  /** @param {number} worker */
  #placeOf(worker) {
    return this.#places.get(worker) ?? 0;
  }

  /** @param {import("../native.js").CoreWorkerStats} stats @param {string} why */
  #workerExit(stats, why) {
    this.#places.delete(stats.id);
    this.#output.end(stats.id);
    emitSafely(this.#town, "workerExit", stats, why);
  }

  /** The core asks what to launch a worker with. @param {number} id */
  #answer(id) {
    answer(this.#port.core, {
      options: this.#options,
      asked: id,
      worker: { id, place: this.#placeOf(id) },
      // A worker that has been called off in the meantime prints nothing.
      lead: (stdio) => this.#places.has(id) && this.#output.lead(id, stdio),
      warn: (message, code) => this.#warnOnce(message, code),
      warnHere: (message) => this.#warnOnce(message),
    });
  }

  /** What is so with one worker may be so with all. @param {string} message @param {string} [code] */
  #warnOnce(message, code) {
    if (this.#warned.has(message)) return;
    this.#warned.add(message);
    this.#town._warn(message, code);
  }

  /**
   * The last "queue" listener may go while the core's start of an attempt is on its way here. The core has no way to take
   * that back, so the attempt keeps its page until a listener comes; its time runs, and it can be aborted.
   * @param {Attempt} attempt
   * @param {unknown} data
   */
  #handle(attempt, data) {
    const handlers = /** @type {Function[]} */ (this.#town.rawListeners("queue"));
    if (handlers.length > 0) attempt.run(handlers, this.#town, data);
    else if (this.#closed) leave(attempt);
    else this.#unhandled.push({ attempt, data });
  }

  /** What the core owes is settled here, and so is what is asked of it later. */
  #broke() {
    this.#closed = true;
    this.#running = false;
    this.#live = false;
    this.#stopping = false;
    this.#mode.end();
    this.#forks?.discard();
    this.#items.breakAll();
  }

  #handlerCame() {
    clearTimeout(this.#noHandler);
    this.#noHandler = undefined;
    this.#port.core.setHandler(true);
    // Node tells of a listener before it adds it.
    process.nextTick(() => {
      for (const { attempt, data } of this.#unhandled.splice(0)) this.#handle(attempt, data);
    });
  }

  #expectHandler() {
    if (this.#noHandler) return;
    this.#noHandler = setTimeout(() => {
      this.#noHandler = undefined;
      const { waiting } = this.#items.admission;
      if (waiting === 0 || this.#mode.isCluster) return;
      this.#town._warn(
        `${waiting} item(s) wait, but the town has no "queue" listener to run them: call town.on("queue", handler)`,
      );
    }, NO_HANDLER_WARNING).unref();
  }

  /** Such an item waits for `next`, and a newcomer for an answer. @param {unknown} returned */
  #handlerReturned(returned) {
    if (this.#warnedOfReturn) return;
    this.#warnedOfReturn = true;
    this.#town._warn(
      `the "queue" handler returned ${v.brief(returned)}, which settles nothing: return a promise (an async function does), or call next(null, result)`,
    );
  }
}

/** The town closes, and nobody comes any more to handle it. @param {Attempt} attempt */
function leave(attempt) {
  attempt.next(outcomeError({ kind: "closed" }, attempt.next.id, {}));
}

/**
 * ghost-town took any value for true or false, null too, as long as a callback came after it.
 * @param {unknown} value
 * @param {unknown} next
 */
function isAsap(value, next) {
  if (next === undefined) return typeof value === "boolean";
  return value === null || typeof value !== "object";
}

/** A callback tells failure from success by its error. @param {unknown} cause */
function falsyError(cause) {
  return new Error(`the handler failed with ${v.brief(cause)}, which is no Error`, { cause });
}

module.exports = { Primary };
