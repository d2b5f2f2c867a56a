// An addon whose core hears nothing and answers nothing, as the real one when its actor has ended by a fault. Tests say
// what it puts out. BOOMTOWN_ADDON names it.

/** @typedef {import("../../lib/native.js").CoreEvent} CoreEvent */

class Core {
  /** The last one made. @type {Core} */
  static last;

  static pageRuntime() {
    return "boomtown";
  }

  /** @type {CoreEvent[]} */
  #events = [];
  #wake;

  /** @param {string} _options @param {boolean} _output @param {() => void} wake */
  constructor(_options, _output, wake) {
    this.#wake = wake;
    Core.last = this;
  }

  /** @param {CoreEvent[]} events */
  put(...events) {
    this.#events.push(...events);
    setImmediate(this.#wake);
  }

  take() {
    return this.#events.splice(0);
  }

  page() {
    return { call() {} };
  }

  stats() {
    return null;
  }
}

for (const method of [
  ...[
    "abort",
    "close",
    "enqueue",
    "finish",
    "pause",
    "ready",
    "resize",
    "rest",
    "resume",
    "setHandler",
    "start",
    "stop",
  ],
]) {
  Object.defineProperty(Core.prototype, method, { value: () => {} });
}

module.exports = { Core };
