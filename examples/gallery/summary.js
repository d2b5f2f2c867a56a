// The report in words: a table of all results, the totals, and the failures.
"use strict";

const { bytes, seconds } = require("./format");

/** @typedef {import("./render").Report} Report */

const COLUMNS = ["document", "output", "size", "bytes", "ms", "attempts"];
const LEFT_ALIGNED = 2;

/** @param {Report} report */
exports.table = ({ results }) => {
  const rows = results.map((result) => [
    result.document.name,
    result.type,
    result.size ?? "failed",
    result.bytes?.toLocaleString("en") ?? "-",
    String(Math.round(result.ms)),
    String(result.attempts),
  ]);
  const widths = COLUMNS.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const rule = widths.map((width) => "─".repeat(width));
  return [COLUMNS, rule, ...rows]
    .map((row) =>
      row.map((cell, column) => (column < LEFT_ALIGNED ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))),
    )
    .map((cells) => cells.join("  "))
    .join("\n");
};

/**
 * The totals by name, in the order in which they are told.
 * @param {Report} report
 * @returns {[name: string, value: string][]}
 */
exports.figures = ({ results, workers, elapsed, firstResult }) => {
  const failed = results.filter((result) => result.error).length;
  const total = results.reduce((sum, result) => sum + (result.bytes ?? 0), 0);
  return [
    ["items", String(results.length)],
    ["failures", String(failed)],
    ["workers", String(workers)],
    ["bytes", bytes(total)],
    ["elapsed", seconds(elapsed)],
    ["items per second", (results.length / (elapsed / 1000)).toFixed(1)],
    ["first result after", firstResult === undefined ? "-" : seconds(firstResult)],
  ];
};

/** @param {Report} report */
exports.totals = (report) =>
  exports
    .figures(report)
    .map(([name, value]) => `${name}: ${value}`)
    .join("   ");

/**
 * Every failed item by name; those that failed for the same reason share its text.
 * @param {Report} report
 */
exports.failures = ({ results }) => {
  /** @type {Map<string, string[]>} */
  const byReason = new Map();
  for (const { file, error } of results) {
    if (!error) continue;
    const code = /** @type {NodeJS.ErrnoException} */ (error).code;
    const reason = code ? `${code}: ${error.message}` : error.message;
    byReason.set(reason, [...(byReason.get(reason) ?? []), file]);
  }
  return [...byReason].map(([reason, files]) => `failed: ${files.join(", ")}\n  ${reason}`).join("\n");
};
