// `npm run bench:scaling [-- --items N] [--rounds N] [--workers A,B] [--pages A,B] [--drive-frames] [--svg FILE]`: the card page
// to JPEG with so many workers of so many pages, as a table of items per second, and as curves if a file is named.

const { writeFileSync } = require("node:fs");
const { parseArgs } = require("node:util");
const { cardTown, rateOfCards, renderCards } = require("./card-town.js");
const { median } = require("./figures.js");
const { escapeText, sheet } = require("./svg.js");

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "100" },
    rounds: { type: "string", default: "3" },
    workers: { type: "string", default: "1,2,3,4,6,8" },
    pages: { type: "string", default: "1,2,4" },
    "drive-frames": { type: "boolean", default: false },
    svg: { type: "string" },
  },
});
const items = Number(values.items);
const workerCounts = values.workers.split(",").map(Number);
const pageCounts = values.pages.split(",").map(Number);

/** @param {number} workerCount @param {number} pageCount @returns {Promise<number>} items per second */
async function measure(workerCount, pageCount) {
  const browser = { driveFrames: values["drive-frames"] };
  const town = cardTown({ workerCount, pageCount, workerDeath: Infinity, browser });
  try {
    await town.ready();
    await renderCards(town, 3 * workerCount * pageCount);
    return await rateOfCards(town, items);
  } finally {
    await town.close();
  }
}

/** CSS pixels. */
const BOX = { left: 56, top: 56, width: 420, height: 240 };
const COLOURS = ["#0b62a4", "#d97706", "#15803d", "#7c3aed"];

/** A curve for each number of pages. @param {number[][]} rates by pages, then by workers */
function draw(rates) {
  const most = Math.max(...rates.flat());
  const x = (/** @type {number} */ workers) => BOX.left + (BOX.width * workers) / Math.max(...workerCounts);
  const y = (/** @type {number} */ rate) => BOX.top + BOX.height * (1 - rate / most);
  const curve = (/** @type {number[]} */ row, /** @type {number} */ index) => {
    const points = row.map((rate, column) => `${x(workerCounts[column]).toFixed(1)},${y(rate).toFixed(1)}`);
    const label = `${pageCounts[index]} page${pageCounts[index] > 1 ? "s" : ""} a worker`;
    return `<polyline points="${points.join(" ")}" fill="none" stroke="${COLOURS[index % COLOURS.length]}" stroke-width="2"/>
<text x="${BOX.left + BOX.width + 8}" y="${BOX.top + 14 + index * 18}" style="fill: ${COLOURS[index % COLOURS.length]}">${label}</text>`;
  };
  const ticks = workerCounts.map(
    (workers) => `<text x="${x(workers)}" y="${BOX.top + BOX.height + 18}" text-anchor="middle">${workers}</text>`,
  );
  const marks = [0, 0.5, 1].map((share) => {
    const rate = most * share;
    return `<text x="${BOX.left - 6}" y="${y(rate) + 4}" text-anchor="end">${rate.toFixed(0)}</text><path class="grid" d="M${BOX.left} ${y(rate)}h${BOX.width}"/>`;
  });
  const axis = `<text x="${BOX.left}" y="${BOX.top + BOX.height + 36}">workers; items per second</text>`;
  return sheet({
    ...{ width: 620, height: 350, left: 16 },
    heading: escapeText("Items per second over workers and pages"),
    style: "  .grid { stroke: #e5e7eb }",
    panels: [...marks, ...rates.map(curve), ...ticks, axis],
  });
}

async function main() {
  /** @type {number[][][]} by pages, workers and round */
  const all = pageCounts.map(() => workerCounts.map(() => []));
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const [row, pages] of pageCounts.entries()) {
      for (const [column, workers] of workerCounts.entries()) all[row][column].push(await measure(workers, pages));
    }
  }
  const rates = all.map((row) => row.map(median));
  console.log(`${items} items each, medians of ${values.rounds} rounds, items/s\n`);
  console.log(`| pageCount | ${workerCounts.map((workers) => `${workers} workers`).join(" | ")} |`);
  console.log(`|--:|${"--:|".repeat(workerCounts.length)}`);
  for (const [row, pages] of pageCounts.entries()) {
    console.log(`| ${pages} | ${rates[row].map((rate) => rate.toFixed(1)).join(" | ")} |`);
  }
  if (values.svg) writeFileSync(values.svg, draw(rates));
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
