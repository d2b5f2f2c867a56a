// Random choices that come again with the same seed.

const { seeded: fractions } = require("../../scripts/random.js");

/** @typedef {InstanceType<typeof Generator>} Random */

class Generator {
  /** 0 to below 1. */
  fraction;

  /** @param {number} seed a whole number */
  constructor(seed) {
    this.fraction = fractions(seed);
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
