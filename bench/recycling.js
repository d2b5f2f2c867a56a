// `npm run bench:recycling [-- --items N] [--workers N] [--pages N]`: what it costs that workers are replaced. The same items run
// on towns whose workers live for ever, for 25, 10 and 5 items, for a second, and until their memory is measured. Beside the rates
// the table has how many items ran at the worst moment and on average, while others waited, and the longest time in which a page
// was without an item.

const { parseArgs } = require("node:util");
const { cardTown, rateOfCards } = require("./card-town.js");

/** @type {[name: string, options: import("..").TownOptions][]} */
const TOWNS = [
  ["never", {}],
  ["after 25 items", { workerDeath: 25 }],
  ["after 10 items", { workerDeath: 10 }],
  ["after 5 items", { workerDeath: 5 }],
  ["at the age of 1 s", { workerShift: 1000 }],
  // Every one has more.
  ["above 1 byte of memory", { workerMemory: 1 }],
];

/** How many items ran, from one event to the next. */
class Service {
  #places;
  #began = performance.now();
  #since = this.#began;
  #running;
  /** Items times milliseconds. */
  #sum = 0;
  /** Since when fewer ran than there are places. @type {number | undefined} */
  #shortSince;
  least;
  longestShort = 0;

  /** @param {number} places @param {number} running */
  constructor(places, running) {
    this.#places = places;
    this.#running = running;
    this.least = running;
    this.#look(this.#began);
  }

  /** @param {number} running from now on */
  change(running) {
    const now = performance.now();
    this.#sum += this.#running * (now - this.#since);
    [this.#running, this.#since] = [running, now];
    this.#look(now);
  }

  get mean() {
    return this.#sum / (this.#since - this.#began);
  }

  /** @param {number} now */
  #look(now) {
    this.least = Math.min(this.least, this.#running);
    if (this.#shortSince !== undefined) this.longestShort = Math.max(this.longestShort, now - this.#shortSince);
    if (this.#running >= this.#places) this.#shortSince = undefined;
    else this.#shortSince ??= now;
  }
}

/**
 * @param {import("..").TownOptions} options
 * @param {{ items: number, workers: number, pages: number }} load
 */
async function measure(options, { items, workers, pages }) {
  const places = workers * pages;
  const town = cardTown({ workerCount: workers, pageCount: pages, workerDeath: Infinity, ...options });
  try {
    await town.ready();
    let launched = 0;
    /** Begins when the queue has filled every place, and ends with what waits. @type {Service | undefined} */
    let service;
    const look = () => {
      const { waiting, inFlight } = town.stats();
      if (!service && inFlight === places) service = new Service(places, inFlight);
      else if (waiting > 0) service?.change(inFlight);
    };
    town.on("workerStart", () => {
      launched += 1;
    });
    for (const event of /** @type {const} */ (["workerReady", "workerExit", "itemStart", "itemDone"]))
      town.on(event, look);
    const rate = await rateOfCards(town, items);
    return { rate, launched, service, retried: town.stats().retried };
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
  const places = load.workers * load.pages;
  console.log(
    `| workers are replaced | items/s | launched | least of ${places} running | mean | longest time below | retried |`,
  );
  console.log("|---|--:|--:|--:|--:|--:|--:|");
  for (const [name, options] of TOWNS) {
    const { rate, launched, service, retried } = await measure(options, load);
    // Too few items to fill every page show nothing.
    const served = service
      ? [service.least, service.mean.toFixed(2), `${service.longestShort.toFixed(0)} ms`]
      : ["-", "-", "-"];
    console.log(`| ${[name, rate.toFixed(1), launched, ...served, retried].join(" | ")} |`);
  }
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
