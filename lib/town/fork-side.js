// The side of a town in the process that it has forked: one browser and the handlers, which run what the primary sends.

const { AsyncLocalStorage } = require("node:async_hooks");
const { isDeepStrictEqual } = require("node:util");
// Node's own, whatever a program's tests put in its place.
const { clearTimeout, setTimeout } = require("node:timers");
const { fromNative, isOver, itemOf } = require("../errors.js");
const { coreOptions, townOptions } = require("../options.js");
const { PhantomProcess } = require("../page/phantom/process.js");
const { CorePort } = require("./core-port.js");
const { answer } = require("./launch.js");
const { Items } = require("./items.js");
const { Output } = require("./output.js");
const { refusal, warnIfIdle } = require("./elsewhere.js");
const { openChannel } = require("../cluster/channel.js");
const { VARIABLE, cluster, descriptor, mark } = require("../cluster/identity.js");
const { pack, packLastWords, packThrown, unpack } = require("../cluster/serialize.js");
const { ProgressChannel } = require("../cluster/progress.js");

const native = require("../load-native.js").loadNative();

/** Milliseconds before the primary's time for a launch is over, so that it hears what was wrong with the browser. */
const TELLS_BEFORE = 1000;
/** A process that has lost its primary ends by itself, unless a handler keeps it busy for so long. */
const ENDS_AFTER_PRIMARY = 1000;

/** The options that count in the process that a town has forked. */
const HERE = ["browser", "closeTimeout", "engine", "isolation", "pageCount", "phantomBinary", "phantomFlags"];
/** Options that count there too with ghost-town. */
const COUNTED_HERE = ["workerDeath", "workerShift"];

/** Stands for the number of an attempt that is over. */
const OVER = 0;

/** @typedef {{ process: { pid: number | null }, name: string, version: string, engine: string }} Browser */

/**
 * What the primary sends to be run.
 * @typedef {object} Sent
 * @property {number} slot
 * @property {number} attempt
 * @property {string} id
 * @property {number} number
 * @property {Buffer} data
 */

/**
 * @typedef {object} Slot
 * @property {InstanceType<typeof import("./attempt.js").Attempt>} [page] an attempt without an item yet
 * @property {Sent} [sent] it waits for a page or a handler
 * @property {boolean} promised the primary knows that an item can come
 */

/** Runs what the primary sends; the primary decides all but how a handler ends. */
class ForkSide {
  isMaster = false;
  isRunning = false;
  #contract;
  #output;
  /** Whose listeners handle the items. @type {InstanceType<typeof import("./index.js").Town>} */
  #town;
  /** The options given with the first town of this process, which count. */
  #options;
  #port;
  /** The pages that wait for what the primary sends, each an item of this process's core. */
  #pages;
  /** @type {Slot[]} */
  #slots;
  /** @type {Map<number, { attempt: InstanceType<typeof import("./attempt.js").Attempt>, release: () => void }>} */
  #running = new Map();
  /** @type {Browser | undefined} */
  #browser;
  #ready = false;
  #ending = false;
  /** This process among the workers of the primary. */
  #worker = { id: 0, place: 0 };
  /** What its options mean to its core. @type {any} */
  #own;
  #why = 'the town is in mode "cluster"';
  #launchTimeout;
  /** The channel to the primary. */
  #channel;
  /** By its own count or age this process gets no more items, and is to be replaced. */
  #spent = false;
  /** How many items the primary may still send. */
  #left;
  /** Milliseconds from when this process could have its first item until it is spent; -1 never. */
  #shift;
  #progress = new ProgressChannel((message, sent) => this.#send(message, sent));
  /** The number of the attempt whose code runs, also later and by callbacks. @type {AsyncLocalStorage<number>} */
  #doer = new AsyncLocalStorage();
  /** @type {NodeJS.Timeout | undefined} */
  #noHandler;

  /**
   * @param {InstanceType<typeof import("./index.js").Town>} town
   * @param {any} options
   * @param {import("../contract.js").Contract} contract
   */
  constructor(town, options, contract) {
    this.#town = town;
    this.#contract = contract;
    const given = optionsOf(options, contract);
    this.#options = given;
    const own = ownOptions(given);
    this.#left = contract.forkCounts && given.workerDeath !== -1 ? given.workerDeath : Infinity;
    this.#shift = contract.forkCounts && given.workerShift !== Infinity ? given.workerShift : -1;
    this.#launchTimeout = own.launchTimeout;
    this.#output = new Output(own.browser);
    this.#own = own;
    this.#port = new CorePort(
      coreOptions(own, () => {}, contract),
      this.#output.isWanted,
      {
        hear: (event) => this.#hear(event),
        wantsBacklog: () => false,
        isBusy: () => this.#pages.count > 0,
        broke: () => this.#pages.breakAll(),
      },
    );
    this.#pages = new Items(
      this.#port,
      own,
      { hears: () => false, tell: () => {}, placeOf: () => this.#worker.place },
      contract,
    );
    this.#slots = Array.from({ length: own.pageCount }, () => ({ promised: false }));
    native.Core.endWith(process.ppid, ENDS_AFTER_PRIMARY);
    // A terminal sends signals to the whole group, and the primary drains first.
    if (options?.handleSignals) for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => {});
    this.#channel = openChannel(String(descriptor), (message) => this.#receive(message));
    process.on("uncaughtExceptionMonitor", (error) => this.#uncaught(error));
    for (const slot of this.#slots.keys()) this.#prepare(slot);
    this.#send({ kind: "here" });
    this.#noHandler = warnIfIdle(
      { _warn: (message) => this.#town._warn(message) },
      this.#launchTimeout,
      () => this.#town.listenerCount("queue") === 0 && 'no "queue" listener is registered where town.isMaster is false',
    );
  }

  /**
   * From now on, this town's listeners handle the items.
   * @param {InstanceType<typeof import("./index.js").Town>} town
   * @param {any} options of which those do nothing that count in this process
   */
  handOver(town, options) {
    this.#town = town;
    const [first, later] = [this.#options, optionsOf(options, this.#contract)];
    const counting = [...HERE, ...(this.#contract.forkCounts ? COUNTED_HERE : [])];
    const lost = counting.filter((name) => !isSame(first[name], later[name]));
    if (lost.length === 0) return;
    town._warn(
      `this town's ${lost.join(", ")} do nothing in this worker process, which has begun with those of a town that was made before; give both towns the same, or make only this one where town.isMaster is false`,
    );
  }

  /** @param {object} message @param {() => void} [sent] */
  #send(message, sent) {
    // A primary that is gone takes this process along.
    this.#channel.send(message, sent);
  }

  /** What a program's primary heard of ghost-town's workers when one of their pages was free. */
  #showFree() {
    if (this.#contract.showsTraffic && process.connected)
      process.send?.({ ghost: "town", worker: cluster.worker?.id }, undefined, undefined, () => {});
  }

  /** Does nothing: the primary says when the browser is launched. */
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

  /** @param {import("./core-port.js").TownEvent} event */
  #hear(event) {
    switch (event.kind) {
      case "ask":
        this.#answer(event.worker);
        break;
      case "output":
        this.#output.write(event, this.#worker.id);
        break;
      case "workerReady":
        this.#browserReady(event.stats);
        break;
      case "workerExit":
        this.#browserEnded();
        break;
      case "workerFailed":
        this.#browserEnded(event.failure);
        break;
      case "warning":
        this.#town._warn(event.failure.message, event.failure.code);
        break;
      default:
        if ("item" in event) this.#pages.hear(event);
    }
  }

  /** The process's core asks what to launch its browser with. @param {number} asked */
  #answer(asked) {
    answer(this.#port.core, {
      options: this.#own,
      asked,
      worker: this.#worker,
      lead: (stdio) => this.#output.lead(asked, stdio),
      warn: (message, code) => this.#town._warn(message, code),
      // Each fork would say the same.
      warnHere: () => {},
      env: { [VARIABLE]: String(mark) },
    });
  }

  /** @param {import("../native.js").CoreWorkerStats} stats */
  #browserReady({ pid, browser, engine }) {
    const [name, version = ""] = browser.split(/ (?=[\d.]+$)/);
    const found = { process: { pid }, name, version, engine };
    this.#browser = this.#contract.phantomPage ? Object.assign(new PhantomProcess(), found) : found;
  }

  /** @param {Partial<import("../native.js").CoreFailure>} [failure] */
  #browserEnded(failure = {}) {
    if (this.#ending) return;
    this.#ending = true;
    const { code, message = "its browser has ended", permanent } = failure;
    // Not before the primary has heard why.
    this.#send({ kind: "down", code, message, permanent }, () => process.exit(1));
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
    const { page, sent } = slot;
    if (!page || this.#town.listenerCount("queue") === 0) return;
    if (sent) {
      [slot.page, slot.sent] = [undefined, undefined];
      this.#run(page, sent);
    } else if (!slot.promised && !this.#spent && this.#left > this.#promised) {
      if (!this.#ready) this.#getReady();
      slot.promised = true;
      this.#send({ kind: "page", slot: index });
    }
  }

  /** How many items the primary may send before it hears more. */
  get #promised() {
    return this.#slots.filter(({ promised }) => promised).length;
  }

  #getReady() {
    this.#ready = true;
    const { name, version } = this.#browser ?? {};
    this.#send({ kind: "ready", version: `${name} ${version}`, slots: this.#slots.length });
    for (const _ of this.#slots) this.#showFree();
    if (this.#shift >= 0) setTimeout(() => this.#wearOut(), this.#shift).unref();
  }

  /** An item has ended here. */
  #ended() {
    this.#showFree();
    const busy = this.#running.size > 0 || this.#slots.some(({ sent }) => sent);
    if (this.#left === 0 && !busy) this.#wearOut();
  }

  /** Asks to be replaced; what runs goes on. */
  #wearOut() {
    if (this.#spent) return;
    this.#spent = true;
    this.#send({ kind: "spent" });
  }

  /** @param {InstanceType<typeof import("./attempt.js").Attempt>} attempt @param {Sent} sent */
  #run(attempt, { attempt: number, id, number: which, data }) {
    const release = attempt.assign({
      id,
      number: which,
      worker: this.#worker,
      done: (outcome) => {
        if (!this.#running.delete(number)) return;
        this.#progress.end(number);
        try {
          this.#send({ kind: "done", attempt: number, ...packOutcome(outcome, this.#contract.lenient) });
        } finally {
          release();
          this.#ended();
        }
      },
      progress: (value) => this.#progress.put(number, pack(value, "next.progress: value", this.#contract.lenient)),
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

  /** @param {any} told */
  #receive(told) {
    switch (told.kind) {
      case "start":
        this.#worker = { id: told.worker, place: told.place };
        this.#why = told.why;
        this.#launch();
        break;
      case "run": {
        const slot = this.#slots[told.slot];
        [slot.sent, slot.promised] = [told, false];
        this.#left -= 1;
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
        this.#ended();
        break;
      }
      case "hear":
        this.#send({ kind: "heard" });
        break;
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
    const index = this.#slots.findIndex(({ sent }) => sent?.attempt === attempt);
    if (index < 0) return;
    this.#slots[index].sent = undefined;
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
      this.#send({ kind: "done", attempt: doer, fulfilled: false, thrown: packLastWords(error) });
    this.#send({ kind: "blameless" });
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

/** Of functions nobody knows whether they do the same. @param {unknown} one @param {unknown} other */
function isSame(one, other) {
  return (typeof one === "function" && typeof other === "function") || isDeepStrictEqual(one, other);
}

/** The primary warns of what it finds in them. @param {any} options @param {import("../contract.js").Contract} contract */
const optionsOf = (options, contract) => townOptions({ ...options, mode: "inline" }, () => {}, contract);

/** @param {import("./attempt.js").AttemptOutcome} outcome @param {boolean} lenient */
function packOutcome({ fulfilled, value, answer }, lenient) {
  const packed = (/** @type {unknown} */ result) => pack(result, "the handler's result", lenient);
  try {
    if (answer) {
      const [error, result] = answer;
      return { fulfilled, thrown: packThrown(error), value: packed(result), answered: true };
    }
    return fulfilled ? { fulfilled, value: packed(value) } : { fulfilled, thrown: packThrown(value) };
  } catch (error) {
    return { fulfilled: false, thrown: packThrown(error) };
  }
}

/**
 * What the options mean to this process's core, where the primary keeps time, and it or this process counts.
 * @param {any} checked
 */
function ownOptions(checked) {
  const { launchTimeout, browser } = checked;
  const isFixed = typeof browser !== "function" && browser.url === undefined;
  const left = launchTimeout - process.uptime() * 1000 - TELLS_BEFORE;
  return {
    ...checked,
    workerCount: 1,
    workerDeath: Infinity,
    workerShift: -1,
    workerMemory: Infinity,
    pageDeath: -1,
    launchTimeout: Math.ceil(Math.max(left, launchTimeout / 2)),
    queueLimit: Infinity,
    handleSignals: false,
    browser: isFixed ? { ...browser, env: { ...browser.env, [VARIABLE]: mark } } : browser,
  };
}

module.exports = { ForkSide };
