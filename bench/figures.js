// Medians, quantiles, and tables of figures as people read them.

const DIGITS = { minimumSignificantDigits: 3, maximumSignificantDigits: 3 };

/** @param {number[]} values at least one */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** @param {number[]} values at least one @param {number} share */
function quantile(values, share) {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Three digits, or all before the point. @param {number} value */
function readable(value) {
  const digits = Math.abs(value) >= 100 ? { maximumFractionDigits: 0 } : DIGITS;
  return value.toLocaleString("en", digits);
}

/** @param {string[][]} rows the first one is the head */
function markdownTable([head, ...rows]) {
  const line = (/** @type {string[]} */ cells) => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map((_, column) => (column === 0 ? "---" : "--:"))), ...rows.map(line)].join("\n");
}

module.exports = { markdownTable, median, quantile, readable };
