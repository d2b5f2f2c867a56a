// PhantomJS refuses no value: it reads numbers from text, truth from anything, and leaves alone what it cannot read.

const { inspect, types } = require("node:util");
const { warn } = require("../warn.js");

/** @param {unknown} value @returns {number | undefined} undefined for what is no number */
function numberOf(value) {
  if (typeof value === "string" && value.trim() === "") return undefined;
  const number = typeof value === "number" || typeof value === "string" ? Number(value) : NaN;
  return Number.isFinite(number) ? number : undefined;
}

/** As Qt reads a truth. @param {unknown} value */
function truthOf(value) {
  return typeof value === "string" ? !["", "0", "false"].includes(value.toLowerCase()) : Boolean(value);
}

/** @param {unknown} value */
function textOf(value) {
  return value === undefined || value === null ? "" : String(value);
}

/** @param {unknown} value @returns {Record<string, any>} an empty one for what is no object */
function recordOf(value) {
  return typeof value === "object" && value !== null ? value : {};
}

/** What was thrown, in a line. @param {unknown} error */
function described(error) {
  return types.isNativeError(error) ? `${error.name}: ${error.message}` : inspect(error);
}

module.exports = { described, numberOf, recordOf, textOf, truthOf, warn };
