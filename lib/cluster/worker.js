// The side of a town in the process that it has forked: one browser and the handlers, which run what the primary sends.

const { AsyncLocalStorage } = require("node:async_hooks");
const { fromNative, isOver, itemOf } = require("../errors.js");
const { PHANTOM_PAGES, coreOptions, townOptions } = require("../options.js");
const { Process } = require("../page/phantom/process.js");
const { CorePort } = require("../town/core-port.js");
const { Items } = require("../town/items.js");
const { Output } = require("../town/output.js");
const { refusal, warnIfIdle } = require("./elsewhere.js");
const { VARIABLE, mark } = require("./identity.js");
const { pack, packLastWords, packThrown, unpack } = require("./parcel.js");
const { ProgressChannel } = require("./progress.js");

const native = require("../load-native.js").loadNative();

/** Milliseconds before the primary's time for a launch is over, so that it hears what was wrong with the browser. */
const TELLS_BEFORE = 1000;
/** A process that has lost its primary ends by itself, unless a handler keeps it busy for so long. */
const ENDS_AFTER_PRIMARY = 1000;

/** In place of the number of an attempt: one that is over. */
const OVER = 0;

/** @typedef {{ process: { pid: number | undefined }, name: string, version: string, engine: string }} Browser */

/**
 * What the primary sends to be run.
 * @typedef {object} Errand
 * @property {number} slot
 * @property {number} attempt
 * @property {string} id
 * @property {number} number
 * @property {Buffer} data
 */

/**
 * @typedef {object} Slot
 * @property {InstanceType<typeof import("../attempt.js").Attempt>} [page] an attempt without an item yet
 * @property {Errand} [errand] it waits for a page or a handler
 * @property {boolean} promised the primary knows that an item can come
 */

/** The primary decides all but how a handler ends. */
class Worker {
  isMaster = false;
  isRunning = false;
  #town;
  #port;
  /** Whether the program was written for ghost-town. */
  #isPhantoms = false;
  /** The pages that wait for what the primary sends, each an item of this process's core. */
  #pages;
  /** @type {Slot[]} */
  #slots;
  /** @type {Map<number, { attempt: InstanceType<typeof import("../attempt.js").Attempt>, release: () => void }>} */
  #running = new Map();
  /** @type {Browser | undefined} */
  #browser;
  #ready = false;
  #ending = false;
  /** Its own, among the workers of the primary. @type {number | undefined} */
  #number;
  #why = 'the town is in mode "cluster"';
  #progress = new ProgressChannel(send);
  /** The number of the attempt whose code runs, also later and by callbacks. @type {AsyncLocalStorage<number>} */
  #doer = new AsyncLocalStorage();
  /** @type {NodeJS.Timeout} */
  #noHandler;

  /**
   * @param {InstanceType<typeof import("../town/index.js").Town>} town
   * @param {any} options
   */
  constructor(town, options) {
    this.#town = town;
    // The primary warns of what it finds in them.
    const own = townOptions(ownOptions(options), () => {});
    const output = new Output(own.browser.stdio);
    this.#port = new CorePort(
      coreOptions(own, () => {}),
      output.isWanted,
      {
        hear: (event) => (event.kind === "output" ? output.write(event, this.#number) : this.#hear(event)),
        wantsBacklog: () => false,
        isBusy: () => this.#pages.count > 0,
        broke: () => this.#pages.breakAll(),
      },
    );
    this.#isPhantoms = Boolean(options?.[PHANTOM_PAGES]);
    this.#pages = new Items(this.#port, { ...own, phantomPages: this.#isPhantoms }, { tell: () => {} });
    this.#slots = Array.from({ length: own.pageCount }, () => ({ promised: false }));
    native.Core.endWith(process.ppid, ENDS_AFTER_PRIMARY);
    // A terminal sends signals to the whole group, and the primary drains first.
    if (options?.handleSignals) for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
    process.on("message", (message) => this.#receive(/** @type {any} */ (message)));
    process.on("uncaughtExceptionMonitor", (error) => this.#uncaught(error));
    this.#noHandler = warnIfIdle(
      town,
      own.launchTimeout,
      () => town.listenerCount("queue") === 0 && 'no "queue" listener is registered where town.isMaster is false',
    );
    for (const slot of this.#slots.keys()) this.#prepare(slot);
    send({ kind: "here" });
  }

  /** Nothing: it is the primary that says when. */
  start() {}

  /** The primary ends this process when its own town is closed. */
  async close() {}

  async ready() {
    try {
      await this.#port.ask((call) => this.#port.core.ready(call));
    } catch (failure) {
      throw fromNative(failure);
    }
  }

  stats() {
    return this.#port.stats();
  }

  metrics() {
    return this.#port.metrics();
  }

  /** @param {string} call */
  refusal(call) {
    return refusal(call, this.#why);
  }

  get browser() {
    return this.#browser;
  }

  /** @param {string | symbol} event a listener is about to be added */
  listenerComes(event) {
    if (event !== "queue") return;
    clearTimeout(this.#noHandler);
    // Node tells of a listener before it adds it.
    process.nextTick(() => {
      for (const slot of this.#slots.keys()) this.#go(slot);
    });
  }

  listenerGone() {}

  /** @param {any} event see `JsEvent` in src/binding/event.rs */
  #hear(event) {
    if (event.kind === "workerReady") this.#browserReady(JSON.parse(event.text));
    else if (event.kind === "workerExit") this.#browserEnded(event.failure);
    else if (event.kind === "warning") this.#town._warn(event.failure.message, event.failure.code);
    else this.#pages.hear(event);
  }

  /** @param {any} worker */
  #browserReady({ pid, browser, engine }) {
    const [name, version = ""] = browser.split(/ (?=[\d.]+$)/);
    const found = { process: { pid }, name, version, engine };
    this.#browser = this.#isPhantoms ? Object.assign(new Process(), found) : found;
  }

  /** @param {{ code: string, message: string, permanent: boolean } | undefined} failure */
  #browserEnded(failure) {
    if (this.#ending) return;
    this.#ending = true;
    const { code, message = "its browser has ended", permanent } = failure ?? {};
    // Not before the primary has heard why.
    send({ kind: "down", code, message, permanent }, () => process.exit(1));
  }

  /** Gets a page for a slot, again and again. @param {number} index */
  #prepare(index) {
    const slot = this.#slots[index];
    const take = (/** @type {NonNullable<Slot["page"]>} */ attempt) => {
      slot.page = attempt;
      this.#go(index);
    };
    // One that ends before anybody has come to use it is given back for a new one, at once out of reach of whoever comes.
    const leave = () => {
      const { page } = slot;
      slot.page = undefined;
      page?.next();
    };
    const abort = (/** @type {number} */ number, /** @type {unknown} */ reason) => this.#pages.abort(number, reason);
    const entry = this.#pages.add(undefined, {}, { acquired: true, run: take, abort });
    entry.note({ pageEnded: leave });
    entry.item.then(
      () => {
        slot.page = undefined;
        this.#prepare(index);
      },
      // The browser is gone, and so is this process soon.
      () => {},
    );
  }

  /** Does what a slot can do now. @param {number} index */
  #go(index) {
    const slot = this.#slots[index];
    const { page, errand } = slot;
    if (!page || this.#town.listenerCount("queue") === 0) return;
    if (errand) {
      [slot.page, slot.errand] = [undefined, undefined];
      this.#run(page, errand);
    } else if (!slot.promised) {
      if (!this.#ready) send({ kind: "ready", version: `${this.#browser?.name} ${this.#browser?.version}` });
      this.#ready = true;
      slot.promised = true;
      send({ kind: "page", slot: index });
    }
  }

  /** @param {InstanceType<typeof import("../attempt.js").Attempt>} attempt @param {Errand} errand */
  #run(attempt, { attempt: number, id, number: which, data }) {
    const release = attempt.assign({
      id,
      number: which,
      done: (outcome) => {
        if (!this.#running.delete(number)) return;
        this.#progress.end(number);
        try {
          send({ kind: "done", attempt: number, ...parcel(outcome) });
        } finally {
          release();
        }
      },
      progress: (value) => this.#progress.put(number, pack(value, "next.progress: value")),
      within: (call) => this.#doer.run(number, call),
    });
    this.#running.set(number, { attempt, release });
    const handlers = /** @type {Function[]} */ (this.#town.rawListeners("queue"));
    try {
      const unpacked = unpack(data, "town.queue: data");
      this.#doer.run(number, () => attempt.run(handlers, this.#town, unpacked));
    } catch (error) {
      attempt.next(error);
    }
  }

  /** @param {any} message what the program's own primary sends is left to the program */
  #receive(message) {
    const told = message?.boomtown;
    switch (told?.kind) {
      case "start":
        [this.#number, this.#why] = [told.worker, told.why];
        this.#launch();
        break;
      case "run": {
        const slot = this.#slots[told.slot];
        [slot.errand, slot.promised] = [told, false];
        this.#go(told.slot);
        break;
      }
      case "end": {
        const running = this.#running.get(told.attempt);
        this.#running.delete(told.attempt);
        this.#progress.end(told.attempt);
        running?.attempt.end(told.reason);
        running?.release();
        this.#forget(told.attempt);
        break;
      }
      case "close":
        this.#ending = true;
        // Nothing runs any more but pages that wait for items.
        this.#end().finally(() => process.exit(0));
        break;
    }
  }

  #launch() {
    if (this.isRunning) return;
    this.isRunning = true;
    this.#port.core.start();
    process.nextTick(() => this.#town.emit("started"));
  }

  /** Resolves when the browser is gone. */
  async #end() {
    this.isRunning = false;
    await this.#port.ask((call) => this.#port.core.close(call, false, 0));
  }

  /** An attempt that is over before it has begun leaves its page to the next. @param {number} attempt */
  #forget(attempt) {
    const index = this.#slots.findIndex(({ errand }) => errand?.attempt === attempt);
    if (index < 0) return;
    this.#slots[index].errand = undefined;
    this.#go(index);
  }

  /**
   * What ends this process, if nobody handles it, is why the item has failed whose code it comes from, and no other item's fault.
   * Of whom it comes may be unknown: then those that run have crashed with the process, and none has failed.
   * @param {Error} error
   */
  #uncaught(error) {
    if (process.listenerCount("uncaughtException") > 0) return;
    const doer = this.#culprit(error);
    if (doer === undefined) return;
    if (this.#running.delete(doer))
      send({ kind: "done", attempt: doer, fulfilled: false, thrown: packLastWords(error) });
    send({ kind: "blameless" });
  }

  /**
   * The number of the attempt that an error comes from, which may be over; undefined if that is unknown.
   * @param {unknown} error
   */
  #culprit(error) {
    const doer = this.#doer.getStore() ?? this.#numberOf(itemOf(error));
    if (!isOver(error)) return doer;
    // It came of the end of an attempt, which is no fault of any that runs, unless its own code has closed its page.
    const closedIt = /** @type {import("../errors.js").CodedError} */ (error).code !== "ERR_BROWSER_GONE";
    return doer !== undefined && closedIt && this.#running.has(doer) ? doer : OVER;
  }

  /** The number of an item's attempt. @param {string | undefined} item */
  #numberOf(item) {
    if (item === undefined) return undefined;
    const [number] = [...this.#running].find(([, { attempt }]) => attempt.next.id === item) ?? [OVER];
    return number;
  }
}

/** @param {import("../attempt.js").AttemptOutcome} outcome */
function parcel({ fulfilled, value }) {
  if (!fulfilled) return { fulfilled, thrown: packThrown(value) };
  try {
    return { fulfilled, value: pack(value, "the handler's result") };
  } catch (error) {
    return { fulfilled: false, thrown: packThrown(error) };
  }
}

/** What the options mean here, where the primary keeps time and counts. @param {any} options */
function ownOptions(options) {
  const { browser } = options ?? {};
  const { launchTimeout } = townOptions({ ...options, mode: "inline" }, () => {});
  const left = launchTimeout - process.uptime() * 1000 - TELLS_BEFORE;
  const env = { ...browser?.env, [VARIABLE]: mark };
  return {
    ...options,
    mode: "inline",
    workerCount: 1,
    workerDeath: Infinity,
    workerShift: -1,
    workerMemory: Infinity,
    pageDeath: -1,
    launchTimeout: Math.ceil(Math.max(left, launchTimeout / 2)),
    queueLimit: Infinity,
    handleSignals: false,
    browser: browser?.url === undefined ? { ...browser, env } : browser,
  };
}

/** @param {object} message @param {() => void} [sent] */
function send(message, sent = () => {}) {
  // A primary that is gone takes this process along.
  if (process.connected) process.send?.({ boomtown: message }, undefined, undefined, sent);
  else sent();
}

module.exports = { Worker };
