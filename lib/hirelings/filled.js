// Options, and what stands for those that are not given: undefined is as if it were not.

/**
 * @param {Record<string, any> | undefined} given
 * @param {object} others
 * @returns {any}
 */
function filled(given, others) {
  /** @type {Record<string, unknown>} */
  const all = { ...given };
  for (const [name, value] of Object.entries(others)) if (all[name] === undefined) all[name] = value;
  return all;
}

module.exports = { filled };
