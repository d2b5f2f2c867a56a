// Random numbers that come again with the same seed.

/** @typedef {InstanceType<typeof Generator>} Random */

class Generator {
  #state;

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.#state = seed >>> 0;
  }

  /** Mulberry32: 0 to below 1. */
  fraction() {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }

  /** A whole number from `min` to `max`, both possible. @param {number} min @param {number} max */
  between(min, max) {
    return min + Math.floor(this.fraction() * (max - min + 1));
  }

  /** Undefined for an empty list. @template T @param {readonly T[]} list */
  of(list) {
    return list[Math.floor(this.fraction() * list.length)];
  }

  /** @param {number} share 0 to 1 */
  chance(share) {
    return this.fraction() < share;
  }
}

/** @param {number} seed @returns {Random} */
const seeded = (seed) => new Generator(seed);

module.exports = { seeded };
