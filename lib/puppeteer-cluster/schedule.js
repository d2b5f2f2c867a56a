// Which job begins next: one after the other as they came, as many at a time as are allowed, no duplicate, and not too soon after
// another of the same host.

// Node's own, whatever a program's tests put in its place.
const { clearImmediate, clearTimeout, setImmediate, setTimeout } = require("node:timers");
const { Fifo } = require("./fifo.js");
const { Hosts } = require("./hosts.js");

/** @typedef {InstanceType<typeof import("./job.js").Job>} Job */

class Schedule {
  /** @type {InstanceType<typeof Fifo<Job>>} */
  #waiting = new Fifo();
  #hosts;
  /** The URLs of all jobs, where duplicates are skipped. @type {Set<string> | undefined} */
  #seen;
  /** The jobs that run, each at the number of its worker. @type {(Job | undefined)[]} */
  #running;
  #begin;
  #skip;
  #open = 0;
  #closed = false;
  #total = 0;
  /** Of jobs that are tried again later. @type {Set<NodeJS.Timeout>} */
  #delays = new Set();
  /** @type {NodeJS.Immediate | undefined} */
  #soon;
  /** Who waits for all jobs to be over. @type {(() => void)[]} */
  #idlers = [];

  /**
   * @param {object} rules
   * @param {number} rules.limit jobs at a time
   * @param {number} rules.pause milliseconds between the jobs of one host
   * @param {boolean} rules.skipsDuplicates
   * @param {object} to
   * @param {(job: Job, worker: number) => void} to.begin
   * @param {(job: Job) => void} to.skip gets a duplicate
   */
  constructor({ limit, pause, skipsDuplicates }, { begin, skip }) {
    this.#running = new Array(limit).fill(undefined);
    this.#hosts = new Hosts(pause, (job) => this.#push(job));
    if (skipsDuplicates) this.#seen = new Set();
    this.#begin = begin;
    this.#skip = skip;
  }

  /** Those that are not over. */
  get open() {
    return this.#open;
  }

  /** All that there have been. */
  get total() {
    return this.#total;
  }

  /** Those that run, by the numbers of their workers. @returns {readonly (Job | undefined)[]} */
  get running() {
    return this.#running;
  }

  /** @param {Job} job */
  add(job) {
    this.#open += 1;
    this.#total += 1;
    this.#push(job);
  }

  /** To the end, once this is over. @param {Job} job @param {number} delay milliseconds */
  again(job, delay) {
    if (delay === 0) return this.#push(job);
    const timer = setTimeout(() => {
      this.#delays.delete(timer);
      this.#push(job);
    }, delay);
    this.#delays.add(timer);
  }

  /** A worker is free. @param {number} worker */
  free(worker) {
    this.#running[worker] = undefined;
    this.#next();
  }

  /** A job is over. */
  over() {
    this.#open -= 1;
    if (this.#isIdle) this.#tellIdle();
  }

  get #isIdle() {
    return this.#open === 0 || this.#closed;
  }

  #tellIdle() {
    for (const tell of this.#idlers.splice(0)) tell();
  }

  /** @returns {Promise<void>} */
  idle() {
    return new Promise((resolve) => {
      this.#idlers.push(resolve);
      // What is queued in this turn is waited for too.
      if (this.#isIdle) setImmediate(() => this.#isIdle && this.#tellIdle());
    });
  }

  /** Nothing begins any more, and nothing is waited for. @returns {Job[]} what has waited */
  close() {
    this.#closed = true;
    this.#tellIdle();
    if (this.#soon) clearImmediate(this.#soon);
    for (const timer of this.#delays) clearTimeout(timer);
    this.#delays.clear();
    return [...this.#waiting.clear(), ...this.#hosts.close()];
  }

  /** @param {Job} job */
  #push(job) {
    this.#waiting.push(job);
    // In a turn of its own: the program may give the cluster its task right after the first data.
    this.#soon ??= setImmediate(() => {
      this.#soon = undefined;
      this.#next();
    });
  }

  #next() {
    for (;;) {
      const worker = this.#running.indexOf(undefined);
      const job = worker < 0 ? undefined : this.#waiting.shift();
      if (!job) return;
      if (this.#isDuplicate(job)) this.#skip(job);
      else if (this.#hosts.admit(job)) {
        this.#running[worker] = job;
        this.#begin(job, worker);
      }
    }
  }

  /** Whether another one has had its URL; looked at when its turn comes first. @param {Job} job */
  #isDuplicate(job) {
    const { url } = job;
    if (!this.#seen || url === undefined || job.wasSeen) return false;
    if (this.#seen.has(url)) return true;
    this.#seen.add(url);
    job.wasSeen = true;
    return false;
  }
}

module.exports = { Schedule };
