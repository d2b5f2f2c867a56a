// `npm run bench:recycling [-- --items N] [--workers N] [--pages N]`: what it costs that workers are replaced. The same items run
// on towns whose workers live for ever, for 25, 10 and 5 items, and for a second. Beside the rates the table has how many
// workers served at the worst moment, and for how much of the time all of them did.

const { parseArgs } = require("node:util");
const boomtown = require("..");
const { VIEWPORT, cardPage } = require("./card.js");

/** @type {[name: string, options: import("..").TownOptions][]} */
const TOWNS = [
  ["never", {}],
  ["after 25 items", { workerDeath: 25 }],
  ["after 10 items", { workerDeath: 10 }],
  ["after 5 items", { workerDeath: 5 }],
  ["at the age of 1 s", { workerShift: 1000 }],
];

/** How many workers served, and how long. */
class Service {
  /** @type {Map<number, number>} milliseconds by number of workers */
  #times = new Map();
  #since = performance.now();
  #serving;

  /** @param {number} serving */
  constructor(serving) {
    this.#serving = serving;
  }

  /** @param {number} serving from now on */
  change(serving) {
    const now = performance.now();
    this.#times.set(this.#serving, (this.#times.get(this.#serving) ?? 0) + now - this.#since);
    [this.#serving, this.#since] = [serving, now];
  }

  get least() {
    return Math.min(...this.#times.keys());
  }

  /** @param {number} workers @returns {number} the part of the time that at least so many served */
  share(workers) {
    const all = [...this.#times].reduce((sum, [, time]) => sum + time, 0);
    const full = [...this.#times].reduce((sum, [serving, time]) => sum + (serving >= workers ? time : 0), 0);
    return full / all;
  }
}

/**
 * @param {import("..").TownOptions} options
 * @param {{ items: number, workers: number, pages: number }} load
 */
async function measure(options, { items, workers, pages }) {
  const sandbox = process.getuid?.() !== 0;
  const town = boomtown({
    ...{ workerCount: workers, pageCount: pages, workerDeath: Infinity, browser: { sandbox } },
    ...options,
  });
  town.on("queue", async (page, number) => {
    await page.setViewport(VIEWPORT);
    await page.setContent(cardPage(number));
    return page.screenshot({ type: "jpeg" });
  });
  try {
    await town.ready();
    let launched = 0;
    const service = new Service(workers);
    const look = () => service.change(town.stats().workers.filter(({ state }) => state === "ready").length);
    town.on("workerStart", () => {
      launched += 1;
    });
    for (const event of /** @type {const} */ (["workerReady", "workerExit", "itemStart", "itemDone"]))
      town.on(event, look);
    const start = performance.now();
    await Promise.all(Array.from({ length: items }, (_, number) => town.queue(number)));
    const rate = (items * 1000) / (performance.now() - start);
    return { rate, launched, least: service.least, share: service.share(workers), retried: town.stats().retried };
  } finally {
    await town.close();
  }
}

async function main() {
  const { values } = parseArgs({
    options: {
      items: { type: "string", default: "200" },
      workers: { type: "string", default: "2" },
      pages: { type: "string", default: "2" },
    },
  });
  const load = { items: Number(values.items), workers: Number(values.workers), pages: Number(values.pages) };
  console.log(`${load.items} items each, ${load.workers} workers of ${load.pages} pages\n`);
  console.log(
    "| workers are replaced | items/s | launched | serving at the worst moment | time with all serving | retried |",
  );
  console.log("|---|--:|--:|--:|--:|--:|");
  for (const [name, options] of TOWNS) {
    const { rate, launched, least, share, retried } = await measure(options, load);
    const percent = (100 * share).toFixed(1);
    console.log(
      `| ${name} | ${rate.toFixed(1)} | ${launched} | ${least} of ${load.workers} | ${percent} % | ${retried} |`,
    );
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
