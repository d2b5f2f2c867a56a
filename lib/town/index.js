// The town that programs talk to. What it can do depends on the process that it is in: one side of it has the queue
// (primary.js), another the handlers of a forked process (fork-side.js), and a third only stands by (onlooker.js).

const { AttentiveEmitter, emitSafely, isEmittersOwn } = require("../emit.js");
const v = require("../validate.js");
const { Primary } = require("./primary.js");

/** The events of a town. */
const EVENTS = [
  ...["queue", "workerStart", "workerReady", "workerExit", "itemStart", "itemRetry", "itemDone"],
  ...["backlog", "idle", "started", "stopped", "warning"],
];

/**
 * A side that does not have the queue. What needs that is refused.
 * @typedef {object} Elsewhere
 * @property {boolean} isMaster
 * @property {boolean} isRunning
 * @property {import("./fork-side.js").Browser | undefined} browser
 * @property {() => void} start
 * @property {() => Promise<void>} ready
 * @property {() => Promise<void>} close
 * @property {() => object} stats
 * @property {() => string} metrics
 * @property {(event: string | symbol) => void} listenerComes
 * @property {(event: string | symbol) => void} listenerGone
 * @property {(call: string) => Error} refusal why it cannot
 */

class Town extends AttentiveEmitter {
  /** @type {InstanceType<typeof Primary> | Elsewhere} */
  #side;
  /** What the program has assigned. @type {boolean | undefined} */
  #isMaster;

  /** @param {(town: Town) => InstanceType<typeof Primary> | Elsewhere} makeSide */
  constructor(makeSide) {
    super();
    this.#side = makeSide(this);
  }

  /** The side that has the queue, if it is in this process. @param {string} call what needs it */
  #here(call) {
    if (this.#side instanceof Primary) return this.#side;
    throw this.#side.refusal(call);
  }

  get isMaster() {
    return this.#isMaster ?? this.#side.isMaster;
  }

  /** ghost-town's were plain properties. */
  set isMaster(isMaster) {
    this.#isMaster = isMaster;
  }

  get isRunning() {
    return this.#side.isRunning;
  }

  set isRunning(isRunning) {
    this.#side.isRunning = isRunning;
  }

  /** The town's side in this process is found out only after the town was made. @param {Elsewhere} side */
  _become(side) {
    this.#side = side;
    if (this.listenerCount("queue") > 0) side.listenerComes("queue");
  }

  get browser() {
    return this.#side.browser;
  }

  get phantom() {
    return this.#side.browser;
  }

  start() {
    this.#side.start();
  }

  stop() {
    this.#here("stop").stop();
  }

  pause() {
    this.#here("pause").pause();
  }

  resume() {
    this.#here("resume").resume();
  }

  /** @param {number} workerCount */
  resize(workerCount) {
    this.#here("resize").resize(workerCount);
  }

  /**
   * @param {unknown} data
   * @param {any} [options] options, a callback, or ghost-town's `asap`
   * @param {Function} [next]
   */
  queue(data, options, next) {
    return this.#here("queue").queue(data, options, next);
  }

  /** @param {{ signal?: AbortSignal, timeout?: number }} [options] */
  async acquire(options) {
    return await this.#here("acquire").acquire(options);
  }

  async ready() {
    await this.#side.ready();
  }

  async idle() {
    await this.#here("idle").idle();
  }

  async drained() {
    await this.#here("drained").drained();
  }

  /** @param {{ drain?: boolean, timeout?: number }} [options] */
  async close(options) {
    await this.#side.close(options);
  }

  stats() {
    return this.#side.stats();
  }

  metrics() {
    return this.#side.metrics();
  }

  /** @protected @param {string | symbol} event */
  _listenerComes(event) {
    this.#warnOfSlip(event);
    this.#side.listenerComes(event);
  }

  /** @protected @param {string | symbol} event */
  _listenerGone(event) {
    this.#side.listenerGone(event);
  }

  /** Programs may have events of their own on a town, but hardly one of almost the same name. @param {string | symbol} event */
  #warnOfSlip(event) {
    if (typeof event === "symbol" || EVENTS.includes(event) || isEmittersOwn(event)) return;
    const near = v.nearest(event, EVENTS);
    if (near) this._warn(`town.on: a town tells of no ${v.brief(event)}; did you mean "${near}"?`);
  }

  /** @param {string} message @param {string} [code] */
  _warn(message, code) {
    const warning = Object.assign(new Error(message), { name: "BoomtownWarning" }, code && { code });
    process.emitWarning(warning);
    process.nextTick(() => emitSafely(this, "warning", warning));
  }
}

module.exports = { Town };
