// Has PDFs edited in threads of their own, so that a large one holds up nobody else's request.

const os = require("node:os");
const path = require("node:path");
const { Worker } = require("node:worker_threads");
const { HttpError } = require("../../errors.js");

/** @typedef {import("../output.js").NamedFile} NamedFile */
/** @typedef {{ files: NamedFile[], steps: import("./worker.js").Step[], folder: string }} Job */

const SCRIPT = path.join(__dirname, "worker.js");

class Editor {
  #free = os.availableParallelism();
  #queueLimit;
  #timeout;
  /** @type {(() => void)[]} */
  #waiting = [];
  /** @type {Set<Worker>} */
  #workers = new Set();
  /** @type {Worker[]} */
  #idle = [];

  /** @param {{ queueLimit: number, timeout: number }} options `timeout` in milliseconds, 0 is no limit */
  constructor({ queueLimit, timeout }) {
    this.#queueLimit = queueLimit;
    this.#timeout = timeout;
  }

  /**
   * @param {Job} job
   * @param {AbortSignal} [signal]
   * @returns {Promise<NamedFile[]>} in the job's folder
   */
  async edit(job, signal) {
    await this.#turn();
    try {
      signal?.throwIfAborted();
      return await this.#run(job, signal);
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }

  async close() {
    await Promise.all([...this.#workers].map((worker) => worker.terminate()));
  }

  /** @returns {Promise<void>} */
  async #turn() {
    if (this.#free > 0) {
      this.#free -= 1;
      return;
    }
    if (this.#waiting.length >= this.#queueLimit) {
      throw Object.assign(new Error("Too many PDFs wait to be edited"), { code: "ERR_QUEUE_FULL" });
    }
    await new Promise((resolve) => this.#waiting.push(() => resolve(undefined)));
  }

  /** @param {Job} job @param {AbortSignal} [signal] @returns {Promise<NamedFile[]>} */
  #run(job, signal) {
    // One that has nothing to do has read the library already, which takes longer than most jobs.
    const worker = this.#idle.pop() ?? this.#start();
    worker.ref();
    return new Promise((resolve, reject) => {
      /** @param {string} code @param {string} message */
      const stop = (code, message) => {
        end();
        reject(Object.assign(new Error(message), { code }));
        worker.terminate();
      };
      const limit = this.#timeout > 0 && setTimeout(stop, this.#timeout, "ERR_ITEM_TIMEOUT", "The PDFs take too long");
      const leave = () => stop("ERR_ITEM_ABORTED", "The client has left");
      /** @param {unknown} error */
      const fail = (error) => {
        end();
        reject(error);
      };
      const exited = () => fail(new Error("The thread that edits PDFs has ended without a result"));
      /** @param {import("./worker.js").Result} result */
      const answer = (result) => {
        end();
        worker.unref();
        this.#idle.push(worker);
        if (result.refusal === undefined) resolve(result.files);
        else reject(new HttpError(400, result.refusal));
      };
      const end = () => {
        if (limit) clearTimeout(limit);
        signal?.removeEventListener("abort", leave);
        worker.off("message", answer).off("error", fail).off("exit", exited);
      };
      signal?.addEventListener("abort", leave, { once: true });
      worker.on("message", answer).on("error", fail).on("exit", exited);
      worker.postMessage(job);
    });
  }

  #start() {
    const worker = new Worker(SCRIPT);
    this.#workers.add(worker);
    // What it throws is told to whom it works for; here only that it is gone.
    worker.on("error", () => {});
    worker.once("exit", () => {
      this.#workers.delete(worker);
      this.#idle = this.#idle.filter((one) => one !== worker);
    });
    return worker;
  }
}

module.exports = { Editor };
