// What the doctor says of one thing it has looked at.

/**
 * A warning is something that a town starts without; a problem is what keeps it from starting.
 * @typedef {object} Check
 * @property {string} name
 * @property {"ok" | "warning" | "problem"} status
 * @property {string} message
 * @property {string} [mend] what to do, where the message does not say it
 */

/** @param {string} name @param {string} message @returns {Check} */
const ok = (name, message) => ({ name, status: "ok", message });

/** @param {string} name @param {string} message @param {string} [mend] @returns {Check} */
const warning = (name, message, mend) => ({ name, status: "warning", message, mend });

/** @param {string} name @param {string} message @param {string} [mend] @returns {Check} */
const problem = (name, message, mend) => ({ name, status: "problem", message, mend });

/** @param {number} bytes */
function size(bytes) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), units.length - 1);
  return `${Number((bytes / 1000 ** power).toPrecision(3))} ${units[power]}`;
}

module.exports = { ok, warning, problem, size };
