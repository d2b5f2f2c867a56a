// Methods of Puppeteer's that are known here and refused, each with the reason.

const { fail } = require("../../errors.js");

/**
 * @param {Function} Class
 * @param {string} owner what it is called in messages
 * @param {Record<string, string>} reasons by the names of methods
 * @param {ReadonlySet<string>} [atOnce] those that give no promise
 */
function refuse(Class, owner, reasons, atOnce = new Set()) {
  for (const [name, reason] of Object.entries(reasons)) {
    const refusal = () => fail("ERR_UNSUPPORTED", `${owner}.${name}: ${reason}`);
    const value = atOnce.has(name)
      ? () => {
          throw refusal();
        }
      : async () => {
          throw refusal();
        };
    Object.defineProperty(Class.prototype, name, { value, configurable: true, writable: true });
  }
}

module.exports = { refuse };
