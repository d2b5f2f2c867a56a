// The comparison in Markdown, and what its chart is to show.

const { isOurs } = require("./contestants");
const { markdownTable, median, readable } = require("./figures.js");

/**
 * @typedef {import("./work.js").Metric} Metric
 * @typedef {import("./contestants").Browser} Browser
 *
 * What one contestant did.
 * @typedef {object} Entry
 * @property {string} contestant
 * @property {Record<string, number>[]} turns the figures of each
 * @property {string[]} faults
 *
 * One kind on one browser.
 * @typedef {object} Match
 * @property {string} kind
 * @property {string} title
 * @property {string} about
 * @property {string} [browser] none where it does not matter
 * @property {number} items of each turn
 * @property {Metric[]} metrics
 * @property {string} [reference]
 * @property {string} [obstacle]
 * @property {Entry[]} entries
 *
 * @typedef {object} Results
 * @property {string} date
 * @property {Record<string, string>} machine
 * @property {{ rounds: number, concurrency: number, flags: string[], sandbox: boolean }} conditions
 * @property {Match[]} matches
 */

/** @param {Entry} entry @param {Metric} metric */
function spread({ turns }, { name }) {
  const values = turns.map((figures) => figures[name]);
  return { median: median(values), least: Math.min(...values), most: Math.max(...values) };
}

/** What others are compared with: the reference, otherwise the best peer. @param {Match} match @param {Metric} metric */
function yardstick({ entries, reference }, metric) {
  const rivals = entries
    .filter(({ contestant, turns }) => turns.length > 0 && (reference ? contestant === reference : !isOurs(contestant)))
    .map((entry) => spread(entry, metric).median);
  if (rivals.length === 0) return undefined;
  return metric.better === "more" ? Math.max(...rivals) : Math.min(...rivals);
}

/** @param {Match} match */
function matchTable(match) {
  const measures = match.metrics.map((metric) => ({ metric, best: yardstick(match, metric) }));
  const compared = measures.some(({ best }) => best !== undefined);
  const to = match.reference ?? "best peer";
  const head = [
    "",
    ...match.metrics.flatMap(({ title }) => (compared ? [title, `to the ${to}`.replace("the the", "the")] : [title])),
  ];
  const rows = match.entries.map((entry) => [
    entry.contestant,
    ...measures.flatMap(({ metric, best }) => {
      if (entry.turns.length === 0) return compared ? ["FAILED", ""] : ["FAILED"];
      const { median, least, most } = spread(entry, metric);
      const value = `**${readable(median)}** (${readable(least)} to ${readable(most)})`;
      return compared ? [value, best ? `${readable(median / best)} x` : ""] : [value];
    }),
  ]);
  return markdownTable([head, ...rows]);
}

/** @param {Match} match */
function titleOf({ title, browser }) {
  return browser ? `${title}, ${browser}` : title;
}

/** @param {Match} match */
function section(match) {
  const items = match.items > 0 ? ` ${match.items.toLocaleString("en")} items.` : "";
  const faults = match.entries.flatMap(({ contestant, faults }) =>
    faults.map((fault) => `- FAILED: ${contestant}: ${fault.replaceAll("\n", "\n  ")}`),
  );
  const parts = [`## ${titleOf(match)}`, `${match.about}${items}`];
  parts.push(match.obstacle ? `Not measured: ${match.obstacle}.` : matchTable(match));
  if (faults.length > 0) parts.push(faults.join("\n"));
  return parts.join("\n\n");
}

/** @param {Results} results */
function heading({ date }) {
  return `boomtown compared, ${date}`;
}

/** @param {Results} results @param {string} chart name of the SVG file */
function report(results, chart) {
  const { machine, conditions, matches } = results;
  const { rounds, concurrency, flags, sandbox } = conditions;
  return `${[
    `# ${heading(results)}`,
    Object.entries(machine)
      .map(([name, value]) => `- ${name}: ${value}`)
      .join("\n"),
    `- rounds: ${rounds}, the contestants in turns, each turn in a process of its own and, but for the cold start, after a warm-up
- items at a time: ${concurrency}
- flags of every browser, besides those of its library: \`${[...flags, ...(sandbox ? [] : ["--no-sandbox"])].join(" ")}\``,
    "The figures are medians, with the least and the most.",
    `![The medians as bars](${chart})`,
    ...matches.map(section),
  ].join("\n\n")}\n`;
}

/** @param {Results} results @returns {import("./chart.js").Panel[]} */
function panels({ matches }) {
  return matches
    .map((match) => ({
      title: titleOf(match),
      unit: match.metrics[0].title,
      bars: match.entries
        .filter(({ turns }) => turns.length > 0)
        .map((entry) => ({
          name: entry.contestant,
          ours: isOurs(entry.contestant),
          ...spread(entry, match.metrics[0]),
        })),
    }))
    .filter(({ bars }) => bars.length > 0);
}

module.exports = { heading, panels, report };
