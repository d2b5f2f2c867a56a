// The ids of pools and jobs, and of processes that could not be started, which have one count.

let last = 0;

/** @param {string} kind */
function nextId(kind) {
  last += 1;
  return `${kind}-${last}`;
}

module.exports = { nextId };
