// What ends a wait of the page's: its time, and a signal of the program's.

const { onAbort } = require("../abort-signals.js");

/** ms, of a page whose program has said nothing. */
const DEFAULT = 30_000;

/** How long the page's waits may take which are given no time of their own; 0 is no limit. */
class Limits {
  /** @type {number | undefined} */
  #any;
  /** @type {number | undefined} */
  #navigation;

  /** Of any wait. */
  get any() {
    return this.#any ?? DEFAULT;
  }

  set any(milliseconds) {
    this.#any = milliseconds;
  }

  /** Of navigations. */
  get navigation() {
    return this.#navigation ?? this.any;
  }

  set navigation(milliseconds) {
    this.#navigation = milliseconds;
  }
}

/**
 * Waits for no longer than until the signal is aborted, and then fails with its reason.
 * @template T
 * @param {AbortSignal | undefined} signal
 * @param {() => Promise<T>} start
 * @returns {Promise<T>}
 */
async function abortable(signal, start) {
  if (signal === undefined) return await start();
  signal.throwIfAborted();
  /** @type {() => void} */
  let forget = () => {};
  const aborted = new Promise((_, reject) => {
    forget = onAbort(signal, () => reject(signal.reason));
  });
  try {
    return /** @type {T} */ (await Promise.race([start(), aborted]));
  } finally {
    forget();
  }
}

module.exports = { Limits, abortable };
