// The engines of a forked process: a town's worker, which says by events when it can work, and is told when it has.

const { EventEmitter } = require("node:events");
const boomtown = require("../../index.js");
const { ITERATIONS, townOptions } = require("./options.js");
const { Phantom } = require("./phantom.js");
const { QueueItem } = require("./queue-item.js");

/** @typedef {import("../../index.js").Page} Page */
/** @typedef {import("../../index.js").Next} Next */

class PhantomClusterClient extends EventEmitter {
  /** PhantomJS's stand-in, once it has started. @type {InstanceType<typeof Phantom> | null} */
  ph = null;
  /** Whether it was stopped. */
  done = false;
  #options;
  #started = false;
  /** Turns that are not over, the oldest first. @type {Next[]} */
  #turns = [];

  /** @param {any} [options] */
  constructor(options = {}) {
    super();
    this.#options = townOptions(options, this._isQueued);
    /** How many are left before this worker is replaced. */
    this.iterations = options.workerIterations || ITERATIONS;
  }

  /** @protected */
  get _isQueued() {
    return false;
  }

  start() {
    if (this.#started) return;
    this.#started = true;
    const town = boomtown(this.#options);
    const phantom = new Phantom(() => this.stop());
    town.on("queue", (page, data, next) => {
      if (!this.ph) {
        this.ph = phantom;
        this.emit("phantomStarted");
      }
      phantom.turn(page);
      this.iterations -= 1;
      this._work(phantom, page, data, next);
    });
    process.on("exit", () => this.#ended());
    this.emit("started");
  }

  /** The work of the oldest turn is done. */
  next() {
    this.#turns.shift()?.(null);
  }

  /** Ends this process. */
  stop() {
    if (this.done) return;
    this.#stopped();
    process.nextTick(() => process.exit(0));
  }

  #stopped() {
    this.done = true;
    this.emit("stopped");
  }

  /** The town has replaced this worker, or the program has stopped it. */
  #ended() {
    if (!this.done) this.#stopped();
    if (this.ph) this.emit("phantomDied");
  }

  /** @protected @param {InstanceType<typeof Phantom>} _phantom @param {Page} _page @param {any} _data @param {Next} next */
  _work(_phantom, _page, _data, next) {
    this.#turns.push(next);
    this.emit("workerReady");
  }
}

class PhantomQueuedClusterClient extends PhantomClusterClient {
  /** Of the request that came last. @type {number | null} */
  currentRequestId = null;
  /** Requests without a response, by their ids. @type {Map<number, InstanceType<typeof QueueItem>>} */
  #open = new Map();

  /** @protected */
  get _isQueued() {
    return true;
  }

  /** Answers the request that came last. @param {any} response */
  queueItemResponse(response) {
    if (this.currentRequestId !== null) this.#open.get(this.currentRequestId)?.finish(response);
  }

  /** @protected @param {InstanceType<typeof Phantom>} phantom @param {Page} page @param {any} data @param {Next} next */
  _work(phantom, page, { id, request }, next) {
    const item = new QueueItem(id, request);
    this.currentRequestId = id;
    this.#open.set(id, item);
    item.once("response", () => {
      this.#open.delete(id);
      next(null, item.response);
    });
    next.signal.addEventListener("abort", () => {
      if (!this.#open.delete(id)) return;
      item.emit("timeout");
      this.emit("queueItemTimeout", id);
    });
    this.emit("workerReady");
    this.emit("request", phantom.page(page), item);
    this.emit("queueItemReady", request);
  }
}

module.exports = { PhantomClusterClient, PhantomQueuedClusterClient };
