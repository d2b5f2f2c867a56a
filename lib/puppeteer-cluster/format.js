// Moments and spans of time, as the monitor shows them.

/** Each with how many of the unit before it are one; months and years as 31 and 365 days. @type {[name: string, size: number][]} */
const UNITS = [
  ["ms", 1],
  ["seconds", 1000],
  ["minutes", 60],
  ["hours", 60],
  ["days", 24],
  ["months", 31],
  ["years", 365 / 31],
];
/** From so much of a unit on it is the one that is shown. */
const ENOUGH = 0.95;

/** By the clock of this place. @param {Date | number} moment */
function formatDateTime(moment) {
  const date = new Date(moment);
  const digits = (/** @type {number} */ value, length = 2) => String(value).padStart(length, "0");
  const day = [date.getFullYear(), digits(date.getMonth() + 1), digits(date.getDate())].join("-");
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => digits(part)).join(":");
  return `${day} ${time}.${digits(date.getMilliseconds(), 3)}`;
}

/** @param {number} milliseconds of which fewer than none are unknown */
function formatDuration(milliseconds) {
  if (milliseconds < 0) return "unknown";
  let [amount, unit] = [milliseconds, ""];
  for (const [name, size] of UNITS) {
    if (unit !== "" && amount / size < ENOUGH) break;
    [amount, unit] = [amount / size, name];
  }
  return `${amount.toFixed(1)} ${unit}`;
}

module.exports = { formatDateTime, formatDuration };
