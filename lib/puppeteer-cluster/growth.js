// The workers of a cluster come when there are jobs for them, and with a pause between one and the next if the program wants that.

// Node's own, whatever a program's tests put in its place.
const { clearTimeout, setTimeout } = require("node:timers");

class Growth {
  #town;
  #most;
  #pages;
  #pause;
  #workers = 1;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #wanted = 1;

  /**
   * @param {{ resize: (workers: number) => void }} town of one worker
   * @param {object} bounds
   * @param {number} bounds.most workers
   * @param {number} bounds.pages at a time in each
   * @param {number} bounds.pause milliseconds between two of them
   */
  constructor(town, { most, pages, pause }) {
    this.#town = town;
    this.#most = most;
    this.#pages = pages;
    this.#pause = pause;
    if (pause > 0) this.#rest();
  }

  /** @param {number} jobs that run or could do so */
  want(jobs) {
    this.#wanted = Math.max(this.#wanted, Math.min(Math.ceil(jobs / this.#pages), this.#most));
    this.#grow();
  }

  close() {
    clearTimeout(this.#timer);
    this.#wanted = this.#workers;
  }

  #grow() {
    if (this.#timer || this.#wanted <= this.#workers) return;
    this.#workers = this.#pause > 0 ? this.#workers + 1 : this.#wanted;
    this.#town.resize(this.#workers);
    if (this.#pause > 0) this.#rest();
  }

  #rest() {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.#grow();
    }, this.#pause).unref();
  }
}

module.exports = { Growth };
