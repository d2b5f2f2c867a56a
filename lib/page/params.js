// What commands are sent with.

/**
 * Without what was not given, which the core would take for a value.
 * @param {Record<string, unknown>} params
 * @returns {any}
 */
function defined(params) {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

module.exports = { defined };
