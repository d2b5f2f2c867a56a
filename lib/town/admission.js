// Who may queue, and who waits until the queue is short enough or empty: `drained()`, `idle()`.

// Node's own, whatever a program's tests put in its place.
const { setImmediate } = require("node:timers");

class Admission {
  #limit;
  #waiting = 0;
  /** Places that were promised in this turn of the event loop, and may be taken in it. */
  #promised = 0;
  /** @type {(() => void)[]} */
  #whenDrained = [];
  /** @type {(() => void)[]} */
  #whenIdle = [];

  /** @param {number} queueLimit */
  constructor(queueLimit) {
    this.#limit = Math.max(queueLimit, 1);
  }

  /** How many items wait. */
  get waiting() {
    return this.#waiting;
  }

  /** A new item waits. */
  queued() {
    this.#waiting += 1;
    this.#promised = Math.max(this.#promised - 1, 0);
  }

  /** An item waits again. */
  requeued() {
    this.#waiting += 1;
  }

  /** An item waits no more. */
  left() {
    this.#waiting -= 1;
    this.#admit();
  }

  /** No item waits or runs. */
  emptied() {
    for (const resolve of this.#whenIdle.splice(0)) resolve();
  }

  /** Resolves when an item may be queued. */
  drained() {
    const drained = until(this.#whenDrained);
    this.#admit();
    return drained;
  }

  /** Resolves at the next `emptied()`. */
  idle() {
    return until(this.#whenIdle);
  }

  /** Lets as many go on that wait for a place as there are places; whoever does not use its place leaves it to the next. */
  #admit() {
    if (this.#whenDrained.length === 0) return;
    const places = this.#limit - this.#waiting - this.#promised;
    const admitted = this.#whenDrained.splice(0, Math.max(places, 0));
    for (const resolve of admitted) resolve();
    if (this.#promised === 0 && admitted.length > 0) {
      setImmediate(() => {
        this.#promised = 0;
        this.#admit();
      });
    }
    this.#promised += admitted.length;
  }
}

/** @param {(() => void)[]} list @returns {Promise<void>} */
function until(list) {
  return new Promise((resolve) => list.push(resolve));
}

module.exports = { Admission };
