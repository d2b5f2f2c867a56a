// The engines of the process that forks: a town, whose items are a worker's iterations.

const { EventEmitter } = require("node:events");
const { PHANTOM_CLUSTER } = require("../contract.js");
const { emitSafely } = require("../emit.js");
const { makeTown } = require("../town/make.js");
const { MESSAGE_TIMEOUT, townOptions } = require("./options.js");
const { QueueItem, pack, unpack } = require("./queue-item.js");

/** @typedef {ReturnType<typeof makeTown>} Town */
/** @typedef {import("node:cluster").Worker} Worker */

/** What every turn is rejected with until there is another browser, or for ever. */
const HOPELESS = new Set(["ERR_BROWSER_NOT_FOUND", "ERR_BROWSER_LAUNCH", "ERR_TOWN_CLOSED"]);

/** Without a queue: each worker is given one turn after the other, and its client says when it is over. */
class PhantomClusterServer extends EventEmitter {
  /** The workers by their ids. @type {Record<number, Worker>} */
  workers = {};
  /** Whether it was stopped. */
  done = false;
  /** Made when it is started, for it forks its workers at once. @type {Town | undefined} */
  #town;
  #options;
  /** How many turns are not over. */
  #turns = 0;
  /** Whether the program was told that there is no browser. */
  #isWithoutBrowser = false;

  /** @param {any} [options] */
  constructor(options = {}) {
    super();
    this.#options = townOptions(options, this._isQueued);
    this.numWorkers = this.#options.workerCount;
  }

  /** @protected */
  get _isQueued() {
    return false;
  }

  /** @protected */
  get _town() {
    return this.#town;
  }

  start() {
    if (this.#town || this.done) return;
    /** Forked while the town is made: who hears of them may use it. @type {Worker[]} */
    const first = [];
    const forked = (/** @type {Worker} */ worker) => (this.#town ? this.#forked(worker) : first.push(worker));
    this.#town = makeTown(this.#options, { ...PHANTOM_CLUSTER, forked });
    for (const worker of first) this.#forked(worker);
    this._begin(this.#town);
    this.emit("started");
  }

  /** One worker more. */
  addWorker() {
    this.#options.workerCount += 1;
    this.#town?.resize(this.#options.workerCount);
  }

  stop() {
    if (this.done) return;
    this.done = true;
    this.#town?.close();
    this.emit("stopped");
  }

  /** @protected @param {Town} town */
  _begin(town) {
    const fill = () => this.#fill(town);
    town.on("workerStart", fill);
    town.on("workerReady", () => {
      this.#isWithoutBrowser = false;
      fill();
    });
    fill();
  }

  /** Has as many turns as there are places, and one that a worker finds which is there before the one that it replaces is gone. @param {Town} town */
  #fill(town) {
    while (!this.done && this.#turns < this.#options.workerCount * this.#options.pageCount + 1) this.#turn(town);
  }

  /** @param {Town} town */
  #turn(town) {
    this.#turns += 1;
    town.queue(null).then(
      () => {
        this.#turns -= 1;
        this.#fill(town);
      },
      (/** @type {Error & { code?: string }} */ error) => {
        this.#turns -= 1;
        if (this.done) return;
        const goesOn = !HOPELESS.has(String(error.code));
        if (goesOn || !this.#isWithoutBrowser) process.emitWarning(error);
        // Otherwise the next turns are those of the next worker.
        if (goesOn) this.#fill(town);
        else this.#isWithoutBrowser = true;
      },
    );
  }

  /** @param {Worker} worker */
  #forked(worker) {
    this.workers[worker.id] = worker;
    worker.once("exit", (/** @type {number} */ code, /** @type {string} */ signal) => {
      this.emit("workerDied", worker, code, signal);
      delete this.workers[worker.id];
    });
    // What a listener throws does not keep the town from its new worker.
    emitSafely(this, "workerStarted", worker);
  }
}

class PhantomQueuedClusterServer extends PhantomClusterServer {
  /** The requests that no worker has. @type {InstanceType<typeof QueueItem>[]} */
  queue = [];
  #lastId = 0;

  /** @param {any} [options] */
  constructor(options = {}) {
    super(options);
    /** Milliseconds. */
    this.messageTimeout = options.messageTimeout || MESSAGE_TIMEOUT;
  }

  /** @protected */
  get _isQueued() {
    return true;
  }

  /** The workers that wait for a request. @returns {Worker[]} */
  get clientsQueue() {
    const stats = /** @type {import("../../index.js").Stats | undefined} */ (this._town?.stats());
    const idle = (stats?.workers ?? []).filter(({ state, inFlight }) => state === "ready" && inFlight === 0);
    const pids = new Set(idle.map(({ pid }) => pid));
    return Object.values(this.workers).filter((worker) => pids.has(Number(worker.process.pid)));
  }

  /**
   * @param {any} request
   * @returns {InstanceType<typeof QueueItem>}
   */
  enqueue(request) {
    const item = new QueueItem(this.#lastId, request);
    this.#lastId += 1;
    if (typeof request === "object" && request !== null) request.id = item.id;
    this.queue.push(item);
    if (this._town) this.#send(this._town, item);
    return item;
  }

  /** @protected @param {Town} town */
  _begin(town) {
    for (const item of this.queue) this.#send(town, item);
  }

  /**
   * Whatever became of it, nobody answers any more: that is known when its time is over, and why is a warning.
   * @param {InstanceType<typeof QueueItem>} item @param {Error} error @param {number} passed milliseconds of its time
   */
  #unanswered(item, error, passed) {
    process.emitWarning(error);
    item.start(Math.max(this.messageTimeout - passed, 0));
  }

  /** @param {Town} town @param {InstanceType<typeof QueueItem>} item */
  #send(town, item) {
    /** When it was given to its first worker. @type {number | undefined} */
    let since;
    const leave = () => {
      this.queue = this.queue.filter((other) => other !== item);
    };
    let sent;
    try {
      sent = town.queue({ id: item.id, request: pack(item.request) });
    } catch (error) {
      leave();
      return this.#unanswered(item, /** @type {Error} */ (error), 0);
    }
    sent.on("start", () => {
      since ??= performance.now();
      leave();
    });
    sent.then(
      (/** @type {string | undefined} */ response) => item.finish(unpack(response)),
      (/** @type {Error & { code?: string }} */ error) => {
        leave();
        if (error.code === "ERR_ITEM_TIMEOUT") item.emit("timeout");
        else if (!this.done) this.#unanswered(item, error, since === undefined ? 0 : performance.now() - since);
      },
    );
  }
}

module.exports = { PhantomClusterServer, PhantomQueuedClusterServer };
