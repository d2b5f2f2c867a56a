// The engines of the process that forks: a town, whose items are a worker's iterations.

const cluster = /** @type {import("node:cluster").Cluster} */ (/** @type {unknown} */ (require("node:cluster")));
const { EventEmitter } = require("node:events");
const boomtown = require("../../index.js");
const { MESSAGE_TIMEOUT, townOptions } = require("./options.js");
const { QueueItem } = require("./queue-item.js");

/** @typedef {import("../../index.js").Town} Town */
/** @typedef {import("node:cluster").Worker} Worker */

/** Without a queue: each worker is given one turn after the other, and its client says when it is over. */
class PhantomClusterServer extends EventEmitter {
  /** By their ids. @type {Record<number, Worker>} */
  workers = {};
  /** Whether it was stopped. */
  done = false;
  /** Made when it is started, for it forks its workers at once. @type {Town | undefined} */
  #town;
  #options;

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
    const others = new Set(Object.values(cluster.workers ?? {}));
    this.#town = boomtown(this.#options);
    // Of its first workers cluster tells later.
    for (const worker of Object.values(cluster.workers ?? {})) if (worker && !others.has(worker)) this.#forked(worker);
    cluster.on("fork", (worker) => this.#forked(worker));
    cluster.on("exit", (worker, code, signal) => this.#exited(worker, code, signal));
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
    const turns = this.#options.workerCount * this.#options.pageCount;
    for (let turn = 0; turn < turns; turn += 1) this.#turn(town);
    town.on("workerStart", () => {
      // There are as many turns as places, also when there are more places.
      while (town.stats().waiting === 0 && !this.done) this.#turn(town);
    });
  }

  /** @param {Town} town */
  #turn(town) {
    const again = () => {
      if (!this.done) this.#turn(town);
    };
    town.queue(null).then(again, again);
  }

  /** @param {Worker} worker */
  #forked(worker) {
    if (this.workers[worker.id] === worker) return;
    this.workers[worker.id] = worker;
    this.emit("workerStarted", worker);
  }

  /** @param {Worker} worker @param {number} code @param {string} signal */
  #exited(worker, code, signal) {
    if (this.workers[worker.id] !== worker) return;
    this.emit("workerDied", worker, code, signal);
    delete this.workers[worker.id];
  }
}

class PhantomQueuedClusterServer extends PhantomClusterServer {
  /** Those that no worker has. @type {InstanceType<typeof QueueItem>[]} */
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
    const idle = (this._town?.stats().workers ?? []).filter(
      ({ state, inFlight }) => state === "ready" && inFlight === 0,
    );
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
   * @param {InstanceType<typeof QueueItem>} item @param {Error} error
   */
  #unanswered(item, error) {
    process.emitWarning(error);
    item.start(this.messageTimeout);
  }

  /** @param {Town} town @param {InstanceType<typeof QueueItem>} item */
  #send(town, item) {
    const begun = () => {
      this.queue = this.queue.filter((other) => other !== item);
    };
    town
      .queue({ id: item.id, request: item.request })
      .on("start", begun)
      .then(
        (response) => item.finish(response),
        (error) => {
          begun();
          if (error.code === "ERR_ITEM_TIMEOUT") item.emit("timeout");
          else if (!this.done) this.#unanswered(item, error);
        },
      );
  }
}

module.exports = { PhantomClusterServer, PhantomQueuedClusterServer };
