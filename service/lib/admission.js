// Which requests are let in, how many there are, and when one that is not may come again.

const { HttpError } = require("./errors.js");

/** Of the mean time of a request, so much is the last one. */
const WEIGHT = 0.1;
/** Milliseconds that a request takes, as long as none has ended. */
const FIRST_GUESS = 1000;
/** Milliseconds for which refusals are counted, and the seconds of the longest wait that is asked of a client. */
const WINDOW = 300_000;
const LONGEST_WAIT = 300;

class Admission {
  #town;
  #slots;
  #mean = FIRST_GUESS;
  #running = 0;
  #draining = false;
  /** Refusals by minute, of the last five. @type {Map<number, number>} */
  #refused = new Map();
  /** @type {() => void} */
  #onEmpty = () => {};

  /** @param {import("./town.js").ServiceTown} town @param {{ workers: number, pages: number }} options */
  constructor(town, { workers, pages }) {
    this.#town = town;
    this.#slots = workers * pages;
  }

  get slots() {
    return this.#slots;
  }

  /** Why nobody should be sent here now. @returns {string | undefined} */
  get unready() {
    if (this.#draining) return "draining";
    return this.#town.stats().workers.some(({ state }) => state === "ready") ? undefined : "no browser is ready";
  }

  /** Seconds until what waits now has been begun, at the pace of late. */
  get retryAfter() {
    const seconds = ((this.#town.stats().waiting + 1) * this.#mean) / this.#slots / 1000;
    return Math.min(LONGEST_WAIT, Math.max(1, Math.ceil(seconds)));
  }

  get recentlyRefused() {
    const since = minute() - WINDOW / 60_000;
    for (const one of this.#refused.keys()) if (one <= since) this.#refused.delete(one);
    return [...this.#refused.values()].reduce((sum, count) => sum + count, 0);
  }

  /**
   * @template T
   * @param {() => Promise<T>} serve
   */
  async admit(serve) {
    if (this.#draining) throw new HttpError(503, "The service is ending and takes no more requests", "ERR_TOWN_CLOSED");
    this.#running += 1;
    try {
      return await serve();
    } catch (error) {
      if (/** @type {any} */ (error).code === "ERR_QUEUE_FULL") {
        this.#refused.set(minute(), (this.#refused.get(minute()) ?? 0) + 1);
      }
      throw error;
    } finally {
      this.#running -= 1;
      if (this.#running === 0) this.#onEmpty();
    }
  }

  /** @param {number} milliseconds that an item has run */
  learn(milliseconds) {
    this.#mean += WEIGHT * (milliseconds - this.#mean);
  }

  /** Lets nobody in any more, and waits for those who are in. @returns {Promise<void>} */
  drain() {
    this.#draining = true;
    if (this.#running === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onEmpty = resolve;
    });
  }
}

const minute = () => Math.floor(Date.now() / 60_000);

module.exports = { Admission };
