// The report of a soak in Markdown: a table of samples, where the figures went, how the items ended, and what was checked.

const { markdownTable, median } = require("../figures.js");
const { inWords } = require("./tally.js");

/** @typedef {import("./sampler.js").Sample} Sample */

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {string[]} faults none when it holds
 */

const MINUTE = 60_000;
const MB = 1e6;
const ROWS = 18;
/** A longer list of faults is cut. */
const SHOWN = 20;

const whole = (/** @type {number} */ value) => value.toFixed(0);
const megabytes = (/** @type {number} */ value) => (value / MB).toFixed(0);

/** @type {[title: string, cell: (sample: Sample) => string][]} */
const COLUMNS = [
  ["min", ({ at }) => (at / MINUTE).toFixed(1)],
  ["items", ({ items }) => whole(items)],
  ["items/s", ({ rate }) => rate.toFixed(1)],
  ["p50 ms", ({ p50 }) => whole(p50)],
  ["p99 ms", ({ p99 }) => whole(p99)],
  ["Node RSS MB", ({ rss }) => megabytes(rss)],
  ["heap MB", ({ heap }) => (heap / MB).toFixed(1)],
  ["Node fds", ({ files }) => whole(files)],
  ["loop p99 ms", ({ loop }) => loop.toFixed(1)],
  ["browsers MB", ({ memory }) => megabytes(memory)],
  ["processes", ({ processes }) => whole(processes)],
  ["launched", ({ launched }) => whole(launched)],
  ["faults", ({ faults }) => whole(faults)],
  ["retried", ({ retried }) => whole(retried)],
  ["timed out", ({ timedOut }) => whole(timedOut)],
  ["crashed", ({ crashed }) => whole(crashed)],
];

/** @type {[title: string, figure: (sample: Sample) => number][]} */
const TRENDS = [
  ["items/s", ({ rate }) => rate],
  ["p50 of the latency, ms", ({ p50 }) => p50],
  ["Node's RSS, MB", ({ rss }) => rss / MB],
  ["Node's heap used, MB", ({ heap }) => heap / MB],
  ["Node's file descriptors", ({ files }) => files],
  ["browsers' memory, MB", ({ memory }) => memory / MB],
  ["browsers' processes", ({ processes }) => processes],
];

/** Not more than `count` of a list: its first, its last, and evenly between. @template T @param {T[]} list @param {number} count */
function thinned(list, count) {
  if (list.length <= count) return list;
  return Array.from({ length: count }, (_, index) => list[Math.round((index * (list.length - 1)) / (count - 1))]);
}

/** @param {Sample[]} samples */
function sampleTable(samples) {
  const rows = thinned(samples, ROWS).map((sample) => COLUMNS.map(([, cell]) => cell(sample)));
  return markdownTable([COLUMNS.map(([title]) => title), ...rows]);
}

/** Medians of the four quarters of the run, so that what grows shows. @param {Sample[]} samples */
function trendTable(samples) {
  const quarters = [0, 1, 2, 3].map((index) =>
    samples.slice(Math.floor((index * samples.length) / 4), Math.floor(((index + 1) * samples.length) / 4)),
  );
  const rows = TRENDS.map(([title, figure]) => [
    title,
    ...quarters.map((part) => (part.length > 0 ? median(part.map(figure)).toFixed(1) : "-")),
  ]);
  return markdownTable([["median of", "1st quarter", "2nd", "3rd", "4th"], ...rows]);
}

/** @param {Record<string, Record<string, number>>} outcomes by kind */
function outcomeList(outcomes) {
  return Object.entries(outcomes)
    .map(([kind, counts]) => `- ${kind}: ${inWords(counts)}`)
    .join("\n");
}

/** @param {Check[]} checks */
function checkList(checks) {
  return checks
    .map(({ name, faults }) => {
      const shown = faults.slice(0, SHOWN).map((fault) => `\n  - ${fault}`);
      if (faults.length > SHOWN) shown.push(`\n  - and ${faults.length - SHOWN} more`);
      return `- ${faults.length === 0 ? "ok" : "FAILED"}: ${name}${shown.join("")}`;
    })
    .join("\n");
}

module.exports = { checkList, outcomeList, sampleTable, trendTable };
