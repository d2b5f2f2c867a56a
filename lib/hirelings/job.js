// One unit of work of a pool, which a process is given.

const { EventEmitter } = require("node:events");
const { nextId } = require("./ids.js");

const JOB_EVENTS = ["start", "abort", "progress", "success", "failure", "retry"];

class Job extends EventEmitter {
  id = nextId("job");
  /** Whether the job has succeeded, failed for good, or been aborted. */
  done = false;
  /** The process that works on the job. @type {{ exit: () => void } | null} */
  worker_process = null;

  /** @param {{ options: { retries: number } }} pool @param {unknown} data */
  constructor(pool, data) {
    super();
    /** What the worker is given. */
    this.options = data ?? {};
    this.retries_left = pool.options.retries;
  }

  /** Takes the job out of the queue, or kills the process that works on it. */
  abort() {
    if (this.done) return;
    this.done = true;
    const worker = this.worker_process;
    this.worker_process = null;
    this.emit("abort");
    worker?.exit();
  }

  /** @param {unknown} data */
  succeed(data) {
    this.worker_process = null;
    if (this.done) return;
    this.done = true;
    this.emit("success", data);
  }

  /** Tells of a failure, or of another try. @param {unknown} error */
  fail(error) {
    this.worker_process = null;
    if (this.done) return;
    if (this.retries_left > 0) {
      this.retries_left -= 1;
      this.emit("retry", error);
      return;
    }
    this.done = true;
    this.emit("failure", error);
  }
}

module.exports = { JOB_EVENTS, Job };
