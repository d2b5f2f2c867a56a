// The pool's other side, in the process of a worker's module: what it is given, and what it tells.

const { EventEmitter } = require("node:events");
const { loadNative } = require("../load-native.js");
const { filled } = require("./filled.js");

/** A worker that has lost its pool's process ends by itself, unless its job keeps it busy for so many milliseconds. */
const ENDS_AFTER_POOL = 1000;

class Worker extends EventEmitter {
  id = `worker-${process.pid}`;

  /** @param {object} [options] what the pool's options say comes after them */
  constructor(options) {
    super();
    /** @type {Record<string, unknown>} */
    this.options = { ...options };
    loadNative().Core.endWith(process.ppid, ENDS_AFTER_POOL);
    process.on("message", (message) => this.#hear(/** @type {any} */ (message)));
    process.on("uncaughtException", (error) => this.terminalFailure(error?.stack ?? String(error)));
  }

  /** The worker can take a job. */
  ready() {
    this.#send("ready");
  }

  /** The worker has begun to work on its job. */
  start() {
    this.#send("start");
  }

  /** @param {unknown} [data] */
  progress(data) {
    this.#send("progress", data);
  }

  /** @param {unknown} [data] */
  success(data) {
    this.#send("success", data);
  }

  /** @param {unknown} [data] */
  failure(data) {
    this.#send("failure", data);
  }

  /** The worker's job has failed, and so has the whole process, which ends. @param {unknown} [data] */
  terminalFailure(data) {
    this.#send("terminalFailure", data, () => process.exit());
  }

  /** @param {string} op @param {unknown} [data] @param {() => void} [sent] */
  #send(op, data, sent = () => {}) {
    if (process.connected) process.send?.({ op, data }, undefined, undefined, sent);
    // Nobody is left to work for.
    else process.exit();
  }

  /** @param {{ op: string, data: any }} message */
  #hear({ op, data }) {
    if (op === "init") {
      this.options = filled(this.options, data);
      this.emit("init", this.options);
    } else if (op === "job") {
      this.emit("job", data);
    }
  }
}

module.exports = { Worker };
