// A pause between the jobs of one host: those that come too early wait here.

// Node's own, whatever a program's tests put in its place.
const { clearTimeout, setTimeout } = require("node:timers");
const { Fifo } = require("./fifo.js");

/** @typedef {InstanceType<typeof import("./job.js").Job>} Job */

/**
 * @typedef {object} Host one of whose jobs has begun not long ago, or is about to begin
 * @property {boolean} pauses
 * @property {InstanceType<typeof Fifo<Job>>} early
 */

class Hosts {
  #pause;
  #due;
  /** By their names. @type {Map<string, Host>} */
  #hosts = new Map();
  /** @type {Set<NodeJS.Timeout>} */
  #timers = new Set();

  /**
   * @param {number} pause milliseconds from the start of a job to that of the next
   * @param {(job: Job) => void} due gets a job back that has waited
   */
  constructor(pause, due) {
    this.#pause = pause;
    this.#due = due;
  }

  /** Whether a job may begin now; otherwise it comes back. @param {Job} job */
  admit(job) {
    const name = this.#pause > 0 ? job.host : undefined;
    if (name === undefined) return true;
    const host = this.#hosts.get(name) ?? {
      pauses: false,
      early: /** @type {InstanceType<typeof Fifo<Job>>} */ (new Fifo()),
    };
    this.#hosts.set(name, host);
    if (host.pauses) {
      host.early.push(job);
      return false;
    }
    host.pauses = true;
    const timer = setTimeout(() => {
      this.#timers.delete(timer);
      this.#resume(name, host);
    }, this.#pause);
    this.#timers.add(timer);
    return true;
  }

  /** @param {string} name @param {Host} host */
  #resume(name, host) {
    host.pauses = false;
    const job = host.early.shift();
    if (job) this.#due(job);
    else this.#hosts.delete(name);
  }

  /** @returns {Job[]} those that wait here */
  close() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
    const early = [...this.#hosts.values()].flatMap((host) => host.early.clear());
    this.#hosts.clear();
    return early;
  }
}

module.exports = { Hosts };
