// What piscina's threads do: nothing.

/** @param {number} number */
module.exports = async (number) => number;
