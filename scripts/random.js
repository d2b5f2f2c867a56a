// Random numbers that a seed repeats (mulberry32).

/**
 * @param {number} seed a 32-bit integer
 * @returns {() => number} from 0 to less than 1
 */
function seeded(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * One of a list, each as likely as its weight.
 * @template {{ weight: number }} Choice
 * @param {Choice[]} choices
 * @param {number} number from 0 to less than 1
 */
function weighted(choices, number) {
  let rest = number * choices.reduce((sum, { weight }) => sum + weight, 0);
  const chosen = choices.find(({ weight }) => {
    rest -= weight;
    return rest < 0;
  });
  return /** @type {Choice} */ (chosen ?? choices.at(-1));
}

module.exports = { seeded, weighted };
