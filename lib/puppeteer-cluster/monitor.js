// A cluster's `monitor`: how far it is, twice a second, in the same place of the terminal.

const os = require("node:os");
// Node's own, whatever a program's tests put in its place.
const { clearInterval, setInterval } = require("node:timers");
const { Display } = require("./display.js");
const { formatDateTime, formatDuration } = require("./format.js");

const EVERY = 500;

/**
 * @typedef {object} Progress
 * @property {number} done
 * @property {number} total
 * @property {number} errors
 * @property {readonly (string | undefined)[]} workers what each works on, if it does
 */

class Monitor {
  #display = new Display();
  #start = Date.now();
  #progress;
  /** What the processors had done when the table was last shown. */
  #before = processors();
  #timer;

  /** @param {() => Progress} progress */
  constructor(progress) {
    this.#progress = progress;
    // The jobs are what keeps the process.
    this.#timer = setInterval(() => this.#show(), EVERY).unref();
  }

  /** Shows it for the last time. */
  close() {
    clearInterval(this.#timer);
    this.#show();
    this.#display.close();
  }

  #show() {
    for (const line of this.#lines(this.#progress())) this.#display.log(line);
    this.#display.resetCursor();
  }

  /** @param {Progress} progress */
  #lines({ done, total, errors, workers }) {
    const now = Date.now();
    const spent = now - this.#start;
    const part = total === 0 ? 1 : done / total;
    const left = part === 0 ? -1 : spent / part - spent;
    const percent = (/** @type {number} */ part) => `${(100 * part).toFixed(2)}%`;
    const rate = done === 0 ? "0" : ((done * 1000) / spent).toFixed(2);
    return [
      `== Start:     ${formatDateTime(this.#start)}`,
      `== Now:       ${formatDateTime(now)} (running for ${formatDuration(spent)})`,
      `== Progress:  ${done} / ${total} (${percent(part)}), errors: ${errors} (${percent(done === 0 ? 0 : errors / done)})`,
      `== Remaining: ${formatDuration(left)} (@ ${rate} pages/second)`,
      `== Sys. load: ${this.#load()}% CPU / ${(100 * (1 - os.freemem() / os.totalmem())).toFixed(1)}% memory`,
      `== Workers:   ${workers.length}`,
      ...workers.map((job, number) => `   #${number} ${job === undefined ? "IDLE" : `WORK ${job}`}`),
    ];
  }

  /** Of the processors, since the last time. */
  #load() {
    const now = processors();
    const [idle, total] = [now.idle - this.#before.idle, now.total - this.#before.total];
    this.#before = now;
    return (total === 0 ? 0 : 100 * (1 - idle / total)).toFixed(1);
  }
}

function processors() {
  const times = os.cpus().map((processor) => processor.times);
  const sum = (/** @type {number[]} */ values) => values.reduce((total, value) => total + value, 0);
  return { idle: sum(times.map(({ idle }) => idle)), total: sum(times.flatMap((time) => Object.values(time))) };
}

module.exports = { Monitor };
