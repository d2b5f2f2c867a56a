// The ids of pools and jobs, which have one count.

let last = 0;

/** @param {string} kind */
function nextId(kind) {
  last += 1;
  return `${kind}-${last}`;
}

module.exports = { nextId };
