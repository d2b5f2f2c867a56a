// Checks of what Puppeteer's methods are given: as everywhere, but an option that is unknown is a warning. Programs give options of
// other versions of Puppeteer, and what they do without is no reason to fail.

const v = require("../../validate.js");
const { warn } = require("../warn.js");

/**
 * @param {string} owner whose options they are
 * @param {import("../../validate.js").Schema} schema
 * @param {unknown} options
 */
function check(owner, schema, options) {
  return v.check(owner, schema, options, warn);
}

module.exports = { ...v, check };
