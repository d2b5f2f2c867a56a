// Shows how far the town is: one line that is drawn again on a terminal, one line for each result elsewhere.
"use strict";

const { bytes } = require("./format");

const HIDE_CURSOR = "\x1b[?25l";
const SHOW_CURSOR = "\x1b[?25h";
const CLEAR_LINE = "\r\x1b[2K";

module.exports = class Progress {
  #stream;
  #total = 0;
  #done = 0;
  #failed = 0;
  #since = 0;
  /** @type {Set<string>} */
  #running = new Set();
  /** @type {NodeJS.Timeout | undefined} */
  #clock;
  #redraw = () => this.#draw();
  #restoreCursor = () => void this.#stream.write(SHOW_CURSOR);

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.#stream = stream;
  }

  /** @param {number} total */
  begin(total) {
    this.#total = total;
    if (!this.#stream.isTTY) return;
    this.#since = Date.now();
    this.#stream.write(HIDE_CURSOR);
    this.#stream.on("resize", this.#redraw);
    process.on("exit", this.#restoreCursor);
    this.#clock = setInterval(this.#redraw, 100).unref();
    this.#draw();
  }

  /** @param {string} file */
  start(file) {
    this.#running.add(file);
    this.#draw();
  }

  /** @param {import("./render").Result} result */
  done(result) {
    this.#running.delete(result.file);
    this.#done += 1;
    if (result.error) this.#failed += 1;
    if (this.#stream.isTTY) return this.#draw();

    const count = `[${String(this.#done).padStart(String(this.#total).length)}/${this.#total}]`;
    const outcome = result.error
      ? `failed: ${result.error.message}`
      : `${result.size}, ${bytes(result.bytes)}, ${Math.round(result.ms)} ms`;
    this.#stream.write(`${count} ${result.file}: ${outcome}\n`);
  }

  /** @param {string} text */
  note(text) {
    this.#stream.write(`${this.#stream.isTTY ? CLEAR_LINE : ""}note: ${text}\n`);
    this.#draw();
  }

  end() {
    if (!this.#clock) return;
    clearInterval(this.#clock);
    this.#clock = undefined;
    this.#stream.off("resize", this.#redraw);
    process.off("exit", this.#restoreCursor);
    this.#stream.write(CLEAR_LINE + SHOW_CURSOR);
  }

  #draw() {
    if (!this.#clock) return;
    const columns = this.#stream.columns || 80;
    const barLength = Math.max(0, Math.min(30, columns - 50));
    const filled = Math.round((barLength * this.#done) / this.#total);
    const parts = [
      `${this.#done}/${this.#total}`,
      "█".repeat(filled) + "░".repeat(barLength - filled),
      `${((Date.now() - this.#since) / 1000).toFixed(1)} s`,
      this.#failed > 0 ? `${this.#failed} failed` : "",
      [...this.#running].join(", "),
    ];
    const line = parts.filter(Boolean).join("  ");
    // A line as wide as the terminal would wrap in some of them, and could then not be drawn over.
    const shown = line.length < columns ? line : `${line.slice(0, Math.max(0, columns - 2))}…`;
    this.#stream.write(CLEAR_LINE + shown);
  }
};
