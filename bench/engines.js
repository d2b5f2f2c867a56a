// The engines side by side: `node bench/engines.js [--items N] [--rounds N] [--browser PATH]`. The same pages are rendered to
// JPEG by cdp and by webdriver, in turns, on the same browser; the table has items per second, median and range, and their ratio.

const { parseArgs } = require("node:util");
const { cardTown, rateOfCards, renderCards } = require("./card-town.js");
const { median } = require("./figures.js");

/** @typedef {{ items: number, browser: string | undefined }} Load */

const ENGINES = /** @type {const} */ (["cdp", "webdriver"]);
const WORKERS = 2;
const PAGES = 2;

/**
 * Items per second of one town, after a warm-up.
 * @param {import("..").EngineName} engine
 * @param {Load} load
 */
async function measure(engine, { items, browser }) {
  const options = { engine, workerCount: WORKERS, pageCount: PAGES, workerDeath: Infinity };
  const town = cardTown({ ...options, browser: { path: browser } });
  try {
    await renderCards(town, WORKERS * PAGES * 4);
    return await rateOfCards(town, items);
  } finally {
    await town.close();
  }
}

/** @param {number[]} values */
function row(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value.toFixed(1));
  return `${median(values).toFixed(1)} | ${least} to ${most}`;
}

/** @param {string} text */
function count(text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) throw new Error(`expected a whole number from 1, got ${text}`);
  return number;
}

async function main() {
  const { values: given } = parseArgs({
    options: {
      items: { type: "string", default: "100" },
      rounds: { type: "string", default: "5" },
      browser: { type: "string" },
    },
  });
  const load = { items: count(given.items), browser: given.browser };
  /** @type {Record<string, number[]>} */
  const rates = Object.fromEntries(ENGINES.map((engine) => [engine, []]));
  for (let round = 0; round < count(given.rounds); round++) {
    for (const engine of ENGINES) rates[engine].push(await measure(engine, load));
  }
  const [cdp, webdriver] = ENGINES.map((engine) => median(rates[engine]));
  console.log(`${given.rounds} rounds in turns of ${load.items} items, ${WORKERS} workers of ${PAGES} pages\n`);
  console.log("| engine | items/s, median | range |\n|---|---|---|");
  for (const engine of ENGINES) console.log(`| ${engine} | ${row(rates[engine])} |`);
  console.log(`\ncdp is ${(cdp / webdriver).toFixed(2)} times as fast as webdriver`);
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
