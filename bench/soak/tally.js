// How often each of some words came.

/** @param {Record<string, number>} counts @param {string} word */
function count(counts, word) {
  counts[word] = (counts[word] ?? 0) + 1;
}

/** @param {Record<string, number>} counts */
function inWords(counts) {
  const words = Object.entries(counts).map(([word, times]) => `${word} ${times}`);
  return words.join(", ") || "none";
}

module.exports = { count, inWords };
