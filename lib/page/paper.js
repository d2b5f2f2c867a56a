// Paper for PDFs: names, lengths and their units, all turned into inches.

const { fail } = require("../errors.js");

/** Width and height in inches. @type {Record<string, [number, number]>} */
const FORMATS = {
  letter: [8.5, 11],
  legal: [8.5, 14],
  tabloid: [11, 17],
  ledger: [17, 11],
  a0: [33.1102, 46.811],
  a1: [23.3858, 33.1102],
  a2: [16.5354, 23.3858],
  a3: [11.6929, 16.5354],
  a4: [8.2677, 11.6929],
  a5: [5.8268, 8.2677],
  a6: [4.1339, 5.8268],
};

/** @type {Record<string, number>} */
const PER_INCH = { px: 96, in: 1, cm: 2.54, mm: 25.4 };

/**
 * @param {string} owner
 * @param {string} name
 * @param {string | number} length a number is CSS pixels, as is a string without a unit
 * @returns {number}
 */
function inches(owner, name, length) {
  const [, digits, unit = "px"] = /^\s*(\d*\.?\d+)\s*(px|in|cm|mm)?\s*$/.exec(String(length)) ?? [];
  if (digits === undefined) {
    throw fail(
      "ERR_INVALID_OPTION",
      `${owner}: option "${name}" must be a length such as 96, "96px", "1in", "2.54cm" or "25.4mm", got ${JSON.stringify(length)}`,
    );
  }
  return Number(digits) / PER_INCH[unit];
}

/**
 * @param {string} owner
 * @param {string} format
 * @returns {[number, number]}
 */
function paper(owner, format) {
  const name = format.toLowerCase();
  if (Object.hasOwn(FORMATS, name)) return FORMATS[name];
  throw fail(
    "ERR_INVALID_OPTION",
    `${owner}: option "format" must be one of ${Object.keys(FORMATS).join(", ")}, got ${JSON.stringify(format)}`,
  );
}

module.exports = { inches, paper };
