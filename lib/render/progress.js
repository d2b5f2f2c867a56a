// Tells a person how far it is: by a bar on a terminal, by a line for each input anywhere else.

const { size } = require("../doctor/check.js");

/** @typedef {import("./outputs.js").Job} Job */
/** @typedef {import("./run.js").Rendered} Rendered */

const CLEAR_LINE = "\r\u001b[2K";
const BAR_WIDTH = 30;

/** @param {Job} job @param {Error & { code?: string }} error */
const failure = ({ input }, { code, message }) => `failed  ${input.name}: ${code ? `${code}: ` : ""}${message}`;

/** @param {Job} job @param {string[]} notReady */
const lacks = ({ input }, notReady) => notReady.map((what) => `warning ${input.name}: ${what}`);

/** One line for each input that has ended. */
class Lines {
  #write;

  /** @param {(text: string) => void} write */
  constructor(write) {
    this.#write = write;
  }

  started() {}

  /** @param {Job} job @param {Rendered} rendered */
  done(job, { bytes, notReady, milliseconds }) {
    this.tell(
      ...lacks(job, notReady),
      `ok      ${job.input.name} -> ${job.output} (${size(bytes)}, ${milliseconds} ms)`,
    );
  }

  /** @param {Job} job @param {Error} error */
  failed(job, error) {
    this.tell(failure(job, error));
  }

  /** @param {...string} lines */
  tell(...lines) {
    for (const line of lines) this.#write(`${line}\n`);
  }

  end() {}
}

/** One line that is drawn anew, below those of what went wrong. */
class Bar {
  #stream;
  #total;
  #ended = 0;
  #failed = 0;
  /** @type {Set<Job>} */
  #running = new Set();

  /** @param {{ write: (text: string) => unknown, columns?: number }} stream @param {number} total */
  constructor(stream, total) {
    this.#stream = stream;
    this.#total = total;
    this.#draw();
  }

  /** @param {Job} job */
  started(job) {
    this.#running.add(job);
    this.#draw();
  }

  /** @param {Job} job @param {Rendered} rendered */
  done(job, { notReady }) {
    this.#end(job);
    this.tell(...lacks(job, notReady));
  }

  /** @param {Job} job @param {Error} error */
  failed(job, error) {
    this.#failed += 1;
    this.#end(job);
    this.tell(failure(job, error));
  }

  /** @param {...string} lines above the bar */
  tell(...lines) {
    if (lines.length > 0) this.#stream.write(`${CLEAR_LINE}${lines.join("\n")}\n`);
    this.#draw();
  }

  end() {
    this.#stream.write(CLEAR_LINE);
  }

  /** @param {Job} job */
  #end(job) {
    this.#ended += 1;
    this.#running.delete(job);
  }

  #draw() {
    const columns = this.#stream.columns ?? 80;
    const filled = Math.floor((BAR_WIDTH * this.#ended) / this.#total);
    const bar = "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled);
    const names = [...this.#running].map(({ input }) => input.name).join(", ");
    const parts = [`${this.#ended}/${this.#total}`, this.#failed > 0 ? `${this.#failed} failed` : "", names];
    const line = [bar, ...parts.filter(Boolean)].join("  ");
    // A line as wide as the terminal would wrap in some of them, and could then not be drawn over.
    const room = Math.max(0, columns - 1);
    this.#stream.write(CLEAR_LINE + (line.length > room ? `${line.slice(0, Math.max(0, room - 1))}…` : line));
  }
}

module.exports = { Bar, Lines };
