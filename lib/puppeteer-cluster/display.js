// Lines that are written over and over in the same place of a terminal.

const CLEAR_LINE = "\u001b[K";
/** Longer ones would be broken, and the count of them be wrong. */
const LENGTH = 78;

class Display {
  /** Written since the cursor was at the top. */
  #lines = 0;
  /** Below the cursor, from the time before. */
  #below = 0;

  /** @param {string} line */
  log(line) {
    // What the program itself prints stands above.
    if (this.#lines === 0) this.#write("");
    this.#write(line.slice(0, LENGTH));
  }

  /** The next line is the first again. */
  resetCursor() {
    process.stdout.write(`\u001b[${this.#lines}A`);
    [this.#below, this.#lines] = [this.#lines, 0];
  }

  /** What is written next comes after all of the lines. */
  close() {
    process.stdout.write(`\u001b[${this.#below}B`);
  }

  /** @param {string} line */
  #write(line) {
    process.stdout.write(`${CLEAR_LINE}${line}\n`);
    this.#lines += 1;
  }
}

module.exports = { Display };
