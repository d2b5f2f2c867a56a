// What a program may have meant otherwise, said once.

/** Warnings that there can be; what a program writes there by a slip of the pen is a handful of names. */
const MOST = 100;

/** @type {Set<string>} */
const warned = new Set();

/** Each warning once a process. @param {string} message */
function warn(message) {
  if (warned.has(message) || warned.size >= MOST) return;
  warned.add(message);
  process.emitWarning(message, "BoomtownWarning");
}

module.exports = { warn };
