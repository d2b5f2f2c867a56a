// The engines of a forked process: a town's worker, which says by events when it can work, and is told when it has.

const { EventEmitter } = require("node:events");
const { PHANTOM_CLUSTER } = require("../contract.js");
const { emitSafely } = require("../emit.js");
const { currentPage } = require("../page/current.js");
const { makeTown } = require("../town/make.js");
const { ITERATIONS, townOptions } = require("./options.js");
const { CallbackPhantom } = require("./phantom.js");
const { QueueItem, pack, unpack } = require("./queue-item.js");

/** @typedef {InstanceType<typeof import("../page/index.js").Page>} Page */
/** @typedef {import("../town/attempt.js").Next} Next */

class PhantomClusterClient extends EventEmitter {
  /** PhantomJS's stand-in, once it has started. @type {InstanceType<typeof CallbackPhantom> | null} */
  ph = null;
  /** Whether it was stopped. */
  done = false;
  #options;
  #started = false;
  /** Of the turns that are not over, the oldest first. @type {Set<Page>} */
  #pages = new Set();
  /** What ends each turn, by its page. @type {Map<Page, Next>} */
  #turns = new Map();

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
    const town = makeTown(this.#options, PHANTOM_CLUSTER);
    const phantom = new CallbackPhantom({ pages: () => [...this.#pages], exit: () => this.stop() });
    town.on("queue", (/** @type {Page} */ page, /** @type {any} */ data, /** @type {Next} */ next) => {
      // What the program's listeners throw ends this process, as it did, and not only the turn.
      this.#pages.add(page);
      page.on("close", () => this.#pages.delete(page));
      if (!this.ph) {
        this.ph = phantom;
        emitSafely(this, "phantomStarted");
      }
      this.iterations -= 1;
      this._work(phantom, page, data, next);
    });
    process.on("exit", () => this.#ended());
    this.emit("started");
  }

  /** The work of the turn whose code calls is done, or of the oldest one if the code belongs to none. */
  next() {
    const current = currentPage.getStore();
    const [oldest] = this.#turns.keys();
    const page = this.#turns.has(current) ? current : oldest;
    const next = this.#turns.get(page);
    this.#turns.delete(page);
    next?.(null);
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

  /** @protected @param {InstanceType<typeof CallbackPhantom>} _phantom @param {Page} page @param {any} _data @param {Next} next */
  _work(_phantom, page, _data, next) {
    this.#turns.set(page, next);
    emitSafely(this, "workerReady");
  }
}

class PhantomQueuedClusterClient extends PhantomClusterClient {
  /** Of the request that came last. @type {number | null} */
  currentRequestId = null;
  /** Requests without a response, by their ids. @type {Map<number, InstanceType<typeof QueueItem>>} */
  #open = new Map();
  /** Which request each page is for. @type {WeakMap<Page, number>} */
  #ids = new WeakMap();

  /** @protected */
  get _isQueued() {
    return true;
  }

  /** Answers the request whose code calls, or the last one if the code belongs to none. @param {any} response */
  queueItemResponse(response) {
    const id = this.#ids.get(currentPage.getStore()) ?? this.currentRequestId;
    // One that has timed out needs no answer any more.
    if (id !== null) this.#open.get(id)?.finish(response);
  }

  /** @protected @param {InstanceType<typeof CallbackPhantom>} phantom @param {Page} page @param {any} data @param {Next} next */
  _work(phantom, page, { id, request }, next) {
    emitSafely(this, "workerReady");
    const item = new QueueItem(id, unpack(request));
    this.currentRequestId = id;
    this.#ids.set(page, id);
    this.#open.set(id, item);
    item.once("response", () => {
      this.#open.delete(id);
      next(null, pack(item.response));
    });
    next.signal.addEventListener("abort", () => {
      if (!this.#open.delete(id)) return;
      item.emit("timeout");
      this.emit("queueItemTimeout", id);
    });
    if (this.listenerCount("request") > 0) emitSafely(this, "request", phantom.give(page), item);
    emitSafely(this, "queueItemReady", item.request);
  }
}

module.exports = { PhantomClusterClient, PhantomQueuedClusterClient };
