// The town that programs talk to: items, handlers and events in JavaScript, over the queue and the supervisor of the core.

const { AsyncResource } = require("node:async_hooks");
// Node's own, whatever a program's tests put in its place.
const { setImmediate } = require("node:timers");
const { onAbort } = require("../abort-signals.js");
const { Attempt } = require("../attempt.js");
const { ONLOOKER, canFork, leaveTown } = require("../cluster/identity.js");
const { pack } = require("../cluster/parcel.js");
const { Forks } = require("../cluster/forks.js");
const { AttentiveEmitter, emitSafely, isEmittersOwn, uncaught } = require("../emit.js");
const { fail, fromNative } = require("../errors.js");
const { Entry } = require("../item.js");
const { loadNative } = require("../load-native.js");
const { MS, coreItemOptions, coreOptions, itemOptions, townOptions } = require("../options.js");
const { broken, outcomeError } = require("../outcome.js");
const { drainOnSignals, forget } = require("../signals.js");
const v = require("../validate.js");

const native = loadNative();

/** Items that wait so long without a handler are more likely a mistake than a plan. */
const NO_HANDLER_WARNING = 10_000;
const CLOSE = { drain: v.boolean({ default: false }), timeout: v.integer({ ...MS, infinity: true }) };
/** What a town tells. */
const EVENTS = [
  ...["queue", "workerStart", "workerReady", "workerExit", "itemStart", "itemRetry", "itemDone"],
  ...["backlog", "idle", "started", "stopped", "warning"],
];
const ACQUIRE = { signal: v.abortSignal(), timeout: v.integer({ ...MS, infinity: true, default: 0 }) };

class Town extends AttentiveEmitter {
  #options;
  #core;
  /** The core's. @type {string} */
  #engine;
  /** Where handlers run; undecided until the program shows which it means. @type {"inline" | "cluster" | undefined} */
  #mode;
  /** Among the towns of the program that may fork. @type {number} */
  #number;
  /** In mode "cluster". @type {InstanceType<typeof Forks> | undefined} */
  #forks;
  #workerCount;
  /** The program is given this turn of the event loop to show its mode. */
  #deciding = false;
  /** The items that have not settled. @type {Map<number, InstanceType<typeof Entry>>} */
  #entries = new Map();
  /** How most items are run. @type {import("../item.js").Manner} */
  #queued = {
    acquired: false,
    run: (attempt, data) => this.#handle(attempt, data),
    abort: (number, reason) => this.#abort(number, reason),
  };
  /** @type {Map<number, { resolve: (value: any) => void, reject: (failure: unknown) => void }>} */
  #calls = new Map();
  /** Pages that listen, by their number. @type {Map<number, import("../page/core.js").Deliver>} */
  #pages = new Map();
  /** Clients that drive a page too, by their number. @type {Map<number, import("../page/core.js").Receive>} */
  #clients = new Map();
  /** Started when the last handler had just gone. @type {{ attempt: InstanceType<typeof Attempt>, data: unknown }[]} */
  #unhandled = [];
  /** @type {(() => void)[]} */
  #whenIdle = [];
  /** @type {(() => void)[]} */
  #whenDrained = [];
  /** @type {NodeJS.Immediate | undefined} */
  #receiving;
  /** The town's own async context. */
  #context = new AsyncResource("Town");
  /** In that context, whoever's call it follows from. */
  #receiveInTurn = () => {
    this.#receiving = undefined;
    this.#context.runInAsyncScope(this.#receive, this);
  };
  #waiting = 0;
  /** Places that were promised in this turn of the event loop, and may be taken in it. */
  #admitted = 0;
  #lastId = 0;
  #running = false;
  #closed = false;
  /** Until it is told that the workers are gone. */
  #stopping = false;
  /** It is closed, and nothing is left of it. */
  #gone = false;
  /** The core wakes nobody any more. */
  #resting = false;
  /** What the core broke by. @type {string | undefined} */
  #fault;
  #askedForMaster = false;
  /** Where its workers have their folders. @type {string} */
  #temporary;
  #warnedOfReturn = false;
  /** Holds the process while there is something to wait for. @type {NodeJS.Timeout | undefined} */
  #hold;
  /** @type {NodeJS.Timeout | undefined} */
  #noHandler;

  /**
   * @param {unknown} [options]
   * @param {number} [number] among the towns of the program that may fork
   */
  constructor(options, number = 0) {
    super();
    /** @type {(message: string, code?: string) => void} */
    const warn = (message, code) => this._misfit(message, code);
    this.#options = townOptions(options, warn);
    this.#number = number;
    this.#workerCount = this.#options.workerCount;
    const core = coreOptions(this.#options, warn);
    const listensToOutput = this.#options.browser.stdio !== "ignore";
    try {
      this.#temporary = core.temporary;
      this.#core = new native.Core(JSON.stringify(core), listensToOutput, () => this.#receive());
    } catch (error) {
      throw fromNative({ .../** @type {any} */ (error), message: /** @type {Error} */ (error).message });
    }
    this.#engine = this.#core.engine;
    if (this.#options.handleSignals) drainOnSignals(this);
    if (this._startsByItself) this.start();
    const { mode } = this.#options;
    if (mode === "cluster") this.#decide("cluster");
    else if (mode === "inline" || (!canFork() && number !== ONLOOKER)) this.#decide("inline");
  }

  /** What was found in the options. @protected @param {string} message @param {string} [code] */
  _misfit(message, code) {
    this._warn(message, code);
  }

  /** Whether the town starts when it is made. @protected */
  get _startsByItself() {
    return true;
  }

  /** The number by which a worker is known to the program. @protected @param {number} worker the core's @returns {number | undefined} */
  _numberOf(worker) {
    return worker;
  }

  /** The options with their defaults. @protected @returns {any} */
  get _settings() {
    return this.#options;
  }

  /** Programs may have events of their own on a town, but hardly one of almost the same name. @protected @param {string | symbol} event */
  _warnOfSlip(event) {
    if (typeof event === "symbol" || EVENTS.includes(event) || isEmittersOwn(event)) return;
    const near = v.nearest(event, EVENTS);
    if (near) this._warn(`town.on: a town tells of no ${v.brief(event)}; did you mean "${near}"?`);
  }

  /** @protected @param {string | symbol} event */
  _listenerComes(event) {
    this._warnOfSlip(event);
    if (event !== "queue" || this.listenerCount("queue") > 0) return;
    if (this.#mode === "cluster") {
      this._warn(
        `this town's handlers run in worker processes, because ${this.#whyCluster()}: a "queue" listener where town.isMaster is true is never called`,
      );
      return;
    }
    this.#decide("inline");
    this.#handlerCame();
  }

  /** A browser is up. @protected @param {any} _worker */
  _workerReady(_worker) {}

  /** A browser is gone. @protected @param {any} _failure */
  _workerExit(_failure) {}

  /**
   * A page without the queue, for as long as the attempt that comes with it is not ended.
   * @protected
   * @param {(attempt: InstanceType<typeof Attempt>) => void} run
   * @param {() => void} gone hears that the page has ended by itself
   */
  _borrow(run, gone) {
    const entry = this.#enqueue(undefined, {}, { ...this.#queued, acquired: true, run });
    entry.note({ pageEnded: gone });
    return entry.item;
  }

  /** @protected @param {string} event */
  _listenerGone(event) {
    if (event !== "queue" || this.#mode === "cluster") return;
    if (this.listenerCount("queue") === 0) this.#core.setHandler(false);
  }

  get isMaster() {
    this.#askedForMaster = true;
    this.#decideSoon();
    return true;
  }

  get isRunning() {
    return this.#running;
  }

  /** @returns {import("../cluster/worker.js").Browser | undefined} */
  get browser() {
    return undefined;
  }

  /** @returns {import("../cluster/worker.js").Browser | undefined} */
  get phantom() {
    return undefined;
  }

  start() {
    if (this.#closed) return;
    const again = this.#running;
    this.#running = true;
    this.#stopping = false;
    if (this.#mode) this.#launch(again);
    if (again) return;
    process.nextTick(() => this.emit("started"));
  }

  stop() {
    if (!this.#running) return;
    this.#running = false;
    this.#stopping = true;
    this.#core.stop();
    this.#forks?.discard();
    this.#holdOrLetGo();
  }

  /** Why handlers run in worker processes, after "because". */
  #whyCluster() {
    if (this.#options.mode === "cluster") return 'of mode "cluster", which is also that of boomtown/ghost-town';
    return `the program ${this.#askedForMaster ? "read town.isMaster" : "queued an item"} before it listened to "queue"`;
  }

  /** @param {"inline" | "cluster"} mode */
  #decide(mode) {
    if (this.#mode) return;
    this.#mode = mode;
    if (mode === "cluster") {
      this.#core.forkWorkers();
      this.#core.setHandler(true);
      this.#forks = new Forks(this.#core, {
        town: this.#number,
        grace: this.#options.closeTimeout,
        why: this.#whyCluster(),
        temporary: this.#temporary,
      });
      for (const [number, entry] of this.#entries) this.#packLate(number, entry);
    }
    if (this.#running) this.#launch();
  }

  /** As it is now, whatever the program does to it next. @param {unknown} data */
  #pack(data) {
    try {
      return pack(data, "town.queue: data");
    } catch (error) {
      if (this.#mode) throw error;
      // It may never be sent.
      return undefined;
    }
  }

  /**
   * What was queued before the mode was known, and could not be packed.
   * @param {number} number
   * @param {InstanceType<typeof Entry>} entry
   */
  #packLate(number, entry) {
    if (entry.manner.packed) return;
    try {
      entry.manner = { ...entry.manner, packed: pack(entry.data, "town.queue: data") };
    } catch (error) {
      entry.note({ lastError: error });
      this.#core.reject(number);
    }
  }

  /** The program means workers in processes if it has asked for its role or queued an item, and then did not listen. */
  #decideSoon() {
    if (this.#mode || this.#deciding) return;
    this.#deciding = true;
    setImmediate(() => {
      this.#deciding = false;
      if (this.#closed) return;
      this.#decide(this.#askedForMaster || this.#entries.size > 0 ? "cluster" : "inline");
    });
  }

  /** @param {boolean} [again] it runs already */
  #launch(again = false) {
    if (!again) this.#forks?.prepare(this.#workerCount);
    // The core may have given up by itself; it does nothing if it has not.
    this.#core.start();
  }

  pause() {
    this.#core.pause();
  }

  resume() {
    this.#core.resume();
  }

  /** @param {number} workerCount */
  resize(workerCount) {
    const count = v.integer({ min: 1, max: 10_000, required: true });
    this.#workerCount = v.argument("town.resize", "workerCount", count, workerCount);
    this.#core.resize(this.#workerCount);
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
    const manner = this.#mode === "inline" ? this.#queued : { ...this.#queued, packed: this.#pack(data) };
    const { item } = this.#enqueue(data, checked, manner);
    this.#decideSoon();
    if (next) {
      // On its own tick, so that what the callback throws is the program's uncaught exception and not the item's.
      const answer = (/** @type {unknown[]} */ ...args) => process.nextTick(next, ...args);
      item.then(
        (/** @type {unknown} */ result) => answer(null, result),
        (/** @type {unknown} */ error) => answer(error || falsyError(error)),
      );
    }
    return item;
  }

  /** @param {{ signal?: AbortSignal, timeout?: number }} [options] */
  async acquire(options) {
    const { signal, timeout } = v.check("town.acquire", ACQUIRE, options);
    this.#decide("inline");
    if (this.#forks) {
      const why = 'this town\'s pages are in worker processes: use mode "inline" for pages without the queue';
      throw fail("ERR_UNSUPPORTED", `town.acquire: ${why}`);
    }
    return await new Promise((resolve, reject) => {
      const run = (/** @type {InstanceType<typeof Attempt>} */ { page }) => resolve(page);
      const entry = this.#enqueue(undefined, { signal }, { ...this.#queued, acquired: true, run });
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
    this.#decideSoon();
    // The mode is known, and the workers are on their way, before the core is asked.
    if (!this.#mode) await new Promise(setImmediate);
    try {
      await this.#ask((call) => this.#core.ready(call));
    } catch (failure) {
      throw fromNative(failure);
    }
  }

  idle() {
    return this.#entries.size === 0 ? Promise.resolve() : this.#until(this.#whenIdle);
  }

  drained() {
    const drained = this.#until(this.#whenDrained);
    this.#admit();
    return drained;
  }

  /** @param {{ drain?: boolean, timeout?: number }} [options] */
  async close(options) {
    await this._close(options);
  }

  /** @protected @param {{ drain?: boolean, timeout?: number }} [options] */
  async _close(options) {
    const { drain, timeout = drain ? Infinity : this.#options.closeTimeout } = v.check("town.close", CLOSE, options);
    // What was queued in this turn is to be finished by somebody.
    if (drain && this.#entries.size > 0) this.#decide("cluster");
    this.#closed = true;
    this.#running = false;
    this.#stopping = false;
    for (const { attempt } of this.#unhandled.splice(0)) this.#leave(attempt);
    const closed = this.#ask((call) => this.#core.close(call, drain, timeout === Infinity ? undefined : timeout));
    // The core refuses nobody this; only a broken one does not answer, and then nothing is left to close.
    await closed.catch(() => {});
    this.#forks?.discard();
    await this.#forks?.gone();
    leaveTown(this.#number);
    forget(this);
    this.#gone = true;
    this.#restIfDone();
  }

  /** Leaves nothing open in the program, as soon as nobody waits for the core any more. */
  #restIfDone() {
    if (!this.#gone || this.#resting || this.#calls.size + this.#clients.size > 0) return;
    this.#resting = true;
    this.#core.rest();
    this.#context.emitDestroy();
  }

  stats() {
    return JSON.parse(this.#told(this.#core.stats()));
  }

  metrics() {
    return this.#told(this.#core.metrics());
  }

  /** What the core has answered; a broken one answers nothing. @param {string | null} answer */
  #told(answer) {
    if (answer === null) throw broken(this.#fault ?? "it no longer answers");
    return answer;
  }

  /**
   * @param {unknown} data
   * @param {any} options checked ones
   * @param {import("../item.js").Manner} manner
   */
  #enqueue(data, options, manner) {
    const { signal, id, timeout, deadline } = options;
    const number = ++this.#lastId;
    const entry = new Entry(number, id, data, manner);
    if (timeout !== undefined || deadline !== undefined) entry.note({ timeout, deadline });
    this.#entries.set(number, entry);
    this.#waiting += 1;
    this.#admitted = Math.max(this.#admitted - 1, 0);
    this.#holdOrLetGo();
    if (this.#fault !== undefined) {
      this.#refuse(number);
      return entry;
    }
    if (signal?.aborted) {
      entry.note({ abortReason: signal.reason });
    } else if (signal) {
      entry.note({ forget: onAbort(signal, () => this.#abort(number, signal.reason)) });
    }
    this.#receiveSoon();
    this.#core.enqueue(number, manner.acquired, coreItemOptions(options));
    if (!manner.acquired && !this.#forks && this.listenerCount("queue") === 0) this.#expectHandler();
    return entry;
  }

  /** @param {number} number @param {unknown} reason */
  #abort(number, reason) {
    const entry = this.#entries.get(number);
    if (!entry) return;
    if (entry.more.abortReason === undefined) entry.note({ abortReason: reason });
    this.#core.abort(number);
  }

  /** A broken core cannot be asked; on the next tick, so that the program can listen to the item first. @param {number} number */
  #refuse(number) {
    process.nextTick(() => {
      this.#dispatch({ kind: "refused", item: number, text: "broken" });
      this.#holdOrLetGo();
    });
  }

  /** For what follows from a call of the core, which then wakes nobody; never within that call. */
  #receiveSoon() {
    this.#receiving ??= setImmediate(this.#receiveInTurn);
  }

  /** Takes what the core has put out, and never lets one listener's failure keep the rest from arriving. */
  #receive() {
    for (const event of this.#core.take(this.listenerCount("backlog") > 0)) {
      try {
        this.#dispatch(event);
      } catch (error) {
        uncaught(error);
      }
    }
    this.#holdOrLetGo();
    this.#restIfDone();
  }

  /** @param {any} event see `JsEvent` in src/binding/event.rs */
  #dispatch(event) {
    const entry = this.#entries.get(event.item);
    switch (event.kind) {
      case "start":
        if (entry) this.#startAttempt(entry, event);
        break;
      case "timeout":
        entry?.note({ pending: entry.attempt?.pending });
        entry?.attempt?.end("timed out");
        entry?.timeout();
        break;
      case "retry":
        if (entry) this.#retry(entry, event.text);
        break;
      case "backlog":
        if (entry && !entry.manner.acquired) emitSafely(this, "backlog", entry.item);
        break;
      case "refused":
      case "settled":
        if (entry) this.#settle(event.item, entry, event);
        break;
      case "page":
        this.#pages.get(event.call)?.(
          event.form,
          event.text ? JSON.parse(event.text) : {},
          event.page && this.#wire(() => event.page),
        );
        break;
      case "relayed":
        this.#clients.get(event.call)?.(event.text);
        if (event.text === undefined) this.#clients.delete(event.call);
        break;
      case "answer":
        this.#answer(event);
        break;
      case "idle":
        emitSafely(this, "idle");
        break;
      case "stopped":
        this.#stopping = false;
        emitSafely(this, "stopped");
        break;
      case "workerStart":
      case "workerReady":
      case "workerExit":
        this.#worker(event);
        break;
      case "pageEnded":
        entry?.more.pageEnded?.();
        break;
      case "fork":
        this.#forks?.order(event.worker, event.form);
        break;
      case "warning":
        this._warn(event.failure.message, event.failure.code);
        break;
      case "output":
        this.#output(event);
        break;
      case "broken":
        this.#broken(event.text);
        break;
    }
  }

  /** @param {InstanceType<typeof Entry>} entry @param {any} event */
  #startAttempt(entry, { attempt: attemptId, number, worker, slot }) {
    this.#waited();
    const { id } = entry;
    const { acquired, packed, run } = entry.manner;
    const done = (/** @type {{ fulfilled: boolean }} */ { fulfilled }) => {
      this.#receiveSoon();
      this.#core.finish(attemptId, fulfilled);
    };
    const progress = (/** @type {unknown} */ value) => entry.progress(value);
    if (this.#forks && packed) {
      entry.attempt = this.#forks.run(worker, slot, { attempt: attemptId, id, number, data: packed, done, progress });
      return this.#started(entry, number);
    }
    const attempt = new Attempt({
      id,
      number,
      done,
      progress,
      engine: this.#engine,
      wire: this.#wire(() => this.#core.page(attemptId)),
      unsettled: (returned) => this.#handlerReturned(returned),
      release: acquired ? () => this.#release(entry, attempt) : undefined,
    });
    entry.attempt = attempt;
    this.#started(entry, number);
    run(attempt, entry.data);
  }

  /** @param {InstanceType<typeof Entry>} entry @param {number} number */
  #started(entry, number) {
    entry.start(number);
    if (!entry.manner.acquired) emitSafely(this, "itemStart", entry.item);
  }

  /**
   * The last "queue" listener may go while the core's start of an attempt is on its way here. The core has no way to take
   * that back, so the attempt keeps its page until a listener comes; its time runs, and it can be aborted.
   * @param {InstanceType<typeof Attempt>} attempt
   * @param {unknown} data
   */
  #handle(attempt, data) {
    const handlers = /** @type {Function[]} */ (this.rawListeners("queue"));
    if (handlers.length > 0) attempt.run(handlers, this, data);
    else if (this.#closed) this.#leave(attempt);
    else this.#unhandled.push({ attempt, data });
  }

  /** The town closes, and nobody comes any more to handle it. @param {InstanceType<typeof Attempt>} attempt */
  #leave(attempt) {
    attempt.next(outcomeError("closed", attempt.next.id, {}));
  }

  /**
   * What a page needs of the core: commands, and events under a number of its own.
   * @param {() => any} find gives the page, see `CorePage` in src/binding/mod.rs; most are never looked for
   * @returns {import("../page/core.js").Wire}
   */
  #wire(find) {
    /** @type {any} */
    let found;
    let number = 0;
    const page = () => {
      found ??= find();
      return found;
    };
    return {
      call: (method, params) => this.#ask((call) => page().call(call, wellFormed({ method, params }))),
      listen: (kinds, deliver) => {
        number ||= ++this.#lastId;
        page().listen(number, JSON.stringify(kinds));
        this.#pages.set(number, deliver);
      },
      leave: () => this.#pages.delete(number),
      openRelay: (receive) => this.#openRelay(page(), receive),
    };
  }

  /** @param {any} page @param {import("../page/core.js").Receive} receive @returns {Promise<import("../page/core.js").Relay>} */
  async #openRelay(page, receive) {
    const client = ++this.#lastId;
    this.#clients.set(client, receive);
    try {
      await this.#ask((call) => page.openRelay(call, client));
    } catch (failure) {
      this.#clients.delete(client);
      throw failure;
    }
    return { send: (message) => page.send(client, message), close: () => page.closeRelay(client) };
  }

  /** @param {InstanceType<typeof Entry>} entry @param {InstanceType<typeof Attempt>} attempt */
  async #release(entry, attempt) {
    attempt.next();
    attempt.end("released");
    await entry.item.then(undefined, () => {});
  }

  /** @param {InstanceType<typeof Entry>} entry @param {string} reason */
  #retry(entry, reason) {
    entry.attempt?.end(reason === "error" ? "rejected" : reason);
    if (reason === "error") entry.note({ lastError: entry.attempt?.outcome?.value });
    entry.attempt = undefined;
    this.#waiting += 1;
    entry.retry(reason);
    if (!entry.manner.acquired) emitSafely(this, "itemRetry", entry.item, reason);
  }

  /** @param {number} number @param {InstanceType<typeof Entry>} entry @param {any} event */
  #settle(number, entry, event) {
    this.#entries.delete(number);
    entry.more.forget?.();
    if (!entry.attempt) this.#waited();
    const { text: outcome } = event;
    entry.attempt?.end(outcome);
    if (outcome === "fulfilled") entry.fulfil(entry.attempt?.outcome?.value);
    else this.#reject(entry, outcome, event);
    // Whoever keeps the item does not keep its page.
    entry.attempt = undefined;
    if (!entry.manner.acquired) emitSafely(this, "itemDone", entry.item);
    if (this.#entries.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /**
   * @param {InstanceType<typeof Entry>} entry
   * @param {string} outcome
   * @param {any} [event]
   */
  #reject(entry, outcome, { number, failure } = {}) {
    const { queueLimit, pageDeath } = this.#options;
    const { timeout = pageDeath, deadline, pending, abortReason, lastError } = entry.more;
    const thrown = entry.attempt?.outcome?.value;
    const details = {
      number: number ?? entry.attempts,
      limit: outcome === "expired" ? deadline : timeout,
      pending,
      failure,
      abortReason,
      queueLimit,
      fault: this.#fault,
      thrown,
      lastError,
    };
    entry.reject(outcomeError(outcome, entry.id, details), outcome === "aborted" ? "aborted" : "rejected");
  }

  /** An item waits no more. */
  #waited() {
    this.#waiting -= 1;
    this.#admit();
  }

  /** Lets as many go on that wait for a place as there are places; whoever does not use its place leaves it to the next. */
  #admit() {
    const places = Math.max(this.#options.queueLimit, 1) - this.#waiting - this.#admitted;
    const admitted = this.#whenDrained.splice(0, Math.max(places, 0));
    for (const resolve of admitted) resolve();
    if (this.#admitted === 0 && admitted.length > 0) {
      setImmediate(() => {
        this.#admitted = 0;
        this.#admit();
      });
    }
    this.#admitted += admitted.length;
  }

  /** @param {(() => void)[]} list @returns {Promise<void>} */
  #until(list) {
    return new Promise((resolve) => list.push(resolve));
  }

  /**
   * Asks the core for something that it answers later.
   * @param {(call: number) => void} send
   * @returns {Promise<any>}
   */
  #ask(send) {
    return new Promise((resolve, reject) => {
      if (this.#fault !== undefined) return reject(broken(this.#fault));
      const call = ++this.#lastId;
      this.#calls.set(call, { resolve, reject });
      this.#holdOrLetGo();
      send(call);
      if (this.#resting) this.#receiveSoon();
    });
  }

  /** @param {any} event */
  #answer({ call, failure, bytes, text, form }) {
    const waiting = this.#calls.get(call);
    if (!waiting) return;
    this.#calls.delete(call);
    if (failure) {
      const detail = failure.name === undefined ? undefined : { name: failure.name, message: failure.thrown };
      waiting.reject({ ...failure, detail });
    } else {
      waiting.resolve(bytes ?? (form === "json" ? JSON.parse(text) : (text ?? null)));
    }
  }

  /** @param {any} event */
  #worker({ kind, text, form, failure }) {
    const worker = JSON.parse(text);
    if (kind === "workerReady") this._workerReady(worker);
    if (kind === "workerExit") this._workerExit(failure);
    if (kind === "workerExit") emitSafely(this, kind, worker, failure?.message ?? form ?? "ended");
    else emitSafely(this, kind, worker);
  }

  /** @param {any} event */
  #output({ text, form, worker }) {
    const { stdio } = this.#options.browser;
    const number = this._numberOf(worker);
    if (typeof stdio === "function") stdio(text, form, number);
    else process[/** @type {"stdout" | "stderr"} */ (form)].write(`[worker ${number}] ${text}\n`);
  }

  /**
   * The core is gone and hears nothing any more: what it owes is settled here, and so is what is asked of it later.
   * @param {string} why
   */
  #broken(why) {
    this.#fault = why;
    this.#closed = true;
    this.#running = false;
    this.#stopping = false;
    this.#forks?.discard();
    for (const { reject } of this.#calls.values()) reject(broken(why));
    this.#calls.clear();
    for (const [number, entry] of this.#entries) this.#settle(number, entry, { text: "broken" });
  }

  #handlerCame() {
    clearTimeout(this.#noHandler);
    this.#noHandler = undefined;
    this.#core.setHandler(true);
    // Node tells of a listener before it adds it.
    process.nextTick(() => {
      for (const { attempt, data } of this.#unhandled.splice(0)) this.#handle(attempt, data);
    });
  }

  #expectHandler() {
    if (this.#noHandler) return;
    this.#noHandler = setTimeout(() => {
      this.#noHandler = undefined;
      if (this.#waiting === 0 || this.#mode === "cluster") return;
      this._warn(
        `${this.#waiting} item(s) wait, but the town has no "queue" listener to run them: call town.on("queue", handler)`,
      );
    }, NO_HANDLER_WARNING).unref();
  }

  /** Such an item waits for `next`, and a newcomer for an answer. @param {unknown} returned */
  #handlerReturned(returned) {
    if (this.#warnedOfReturn) return;
    this.#warnedOfReturn = true;
    this._warn(
      `the "queue" handler returned ${v.brief(returned)}, which settles nothing: return a promise (an async function does), or call next(null, result)`,
    );
  }

  /** @protected @param {string} message @param {string} [code] */
  _warn(message, code) {
    const warning = Object.assign(new Error(message), { name: "BoomtownWarning" }, code && { code });
    process.emitWarning(warning);
    process.nextTick(() => emitSafely(this, "warning", warning));
  }

  /** The town holds the process while an item, an answer or its own end is outstanding, and lets go of it otherwise. */
  #holdOrLetGo() {
    if (this.#entries.size + this.#calls.size > 0 || this.#stopping) {
      this.#hold ??= setInterval(() => {}, MS.max);
    } else if (this.#hold) {
      clearInterval(this.#hold);
      this.#hold = undefined;
    }
  }
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

/** JSON without lone surrogates, which no text outside JavaScript can hold. @param {unknown} value */
function wellFormed(value) {
  const json = JSON.stringify(value);
  if (!/\\ud[89a-f]/.test(json)) return json;
  return JSON.stringify(value, (_, part) => (typeof part === "string" ? part.toWellFormed() : part));
}

/** A callback tells failure from success by its error. @param {unknown} cause */
function falsyError(cause) {
  return new Error(`the handler failed with ${v.brief(cause)}, which is no Error`, { cause });
}

module.exports = { Town };
