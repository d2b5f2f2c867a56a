// `npm run soak`: a mixed load for minutes or hours, with faults thrown in. It samples what Node and the browsers use, and
// fails when an item was lost, or anything was left when the town had closed.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");
const { parseArgs } = require("node:util");
const boomtown = require("../..");
const { Faults } = require("./faults.js");
const { Load } = require("./load.js");
const { plot } = require("./plot.js");
const { openFiles } = require("../../scripts/proc.js");
const { MEASURE, Processes } = require("./processes.js");
const { seeded } = require("../../scripts/random.js");
const { checkList, outcomeList, sampleTable, trendTable } = require("./report.js");
const { Sampler } = require("./sampler.js");
const { serve } = require("./server.js");
const { count, inWords } = require("./tally.js");

const HELP = `Usage: npm run soak -- [options]

  --minutes N    how long the load lasts                          (30)
  --engine NAME  cdp or webdriver                                 (cdp)
  --seed N       chooses faults and items; a whole number         (of the clock)
  --out DIR      where soak.md, soak.svg and samples.json go      (soak)
  --help         this text

It runs on Linux, because it reads /proc.
`;

const MINUTE = 60_000;
/** Milliseconds that what was closed is given to be gone. */
const VANISHING = 5000;

/** @type {import("../..").TownOptions} */
const TOWN = {
  workerCount: 2,
  pageCount: 2,
  workerDeath: 50,
  workerShift: 20_000,
  workerMemory: 1e9,
  pageDeath: 15_000,
  // A killed renderer fails the handler that uses its page.
  errorTries: 3,
};

class UsageError extends Error {}

function readOptions() {
  /** @type {{ minutes: string, engine: string, seed?: string, out: string, help: boolean }} */
  let given;
  try {
    given = parseArgs({
      options: {
        minutes: { type: "string", default: "30" },
        engine: { type: "string", default: "cdp" },
        seed: { type: "string" },
        out: { type: "string", default: "soak" },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
  const { minutes, engine, seed = String(Date.now() % 2 ** 31), out, help } = given;
  if (!(Number(minutes) > 0)) throw new UsageError(`--minutes is "${minutes}"; it must be a number above 0`);
  if (engine !== "cdp" && engine !== "webdriver") {
    throw new UsageError(`--engine is "${engine}"; it must be cdp or webdriver`);
  }
  if (!/^\d{1,10}$/.test(seed)) throw new UsageError(`--seed is "${seed}"; it must be a whole number`);
  return {
    minutes: Number(minutes),
    engine: /** @type {import("../..").EngineName} */ (engine),
    seed: Number(seed),
    out: path.resolve(out),
    help,
  };
}

/** @param {import("../..").EngineName} engine */
function openTown(engine) {
  return boomtown({ ...TOWN, engine, browser: { sandbox: process.getuid?.() !== 0 } });
}

/**
 * Opens what stays open for good with a program's first server and its first town, so that later descriptors can be compared.
 * @param {import("../..").EngineName} engine
 * @returns {Promise<string>} name and version of the browser
 */
async function warmUp(engine) {
  await (await serve()).close();
  const town = openTown(engine);
  town.on("queue", (page) => page.title());
  await town.queue({});
  const [{ browser }] = town.stats().workers;
  await town.close();
  return browser;
}

/** What a look finds once nothing more vanishes. @param {() => string[]} look */
async function whatStays(look) {
  const end = performance.now() + VANISHING;
  let found = look();
  while (found.length > 0 && performance.now() < end) {
    await pause(100);
    found = look();
  }
  return found;
}

/** The items of a list that another has not, each as often as it is too much. @param {string[]} list @param {string[]} other */
function beyond(list, other) {
  const rest = [...other];
  return list.filter((word) => {
    const at = rest.indexOf(word);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

/** @param {import("./sampler.js").Sample} sample */
function progress({ at, items, rate, rss, memory, processes, files, faults, retried }) {
  const figures = [
    `${(at / MINUTE).toFixed(1)} min`,
    `${items} items`,
    `${rate.toFixed(1)}/s`,
    `Node ${(rss / 1e6).toFixed(0)} MB, ${files} fds`,
    `browsers ${(memory / 1e6).toFixed(0)} MB, ${processes} processes`,
    `${faults} faults, ${retried} retried`,
  ];
  console.log(figures.join("   "));
}

/**
 * @param {ReturnType<typeof readOptions>} options
 * @param {string} folder everything temporary is in here
 */
async function soak({ minutes, engine, seed, out }, folder) {
  const interruption = new AbortController();
  process.once("SIGINT", () => interruption.abort()).once("SIGTERM", () => interruption.abort());

  const browser = await warmUp(engine);
  await whatStays(() => fs.readdirSync(folder));
  const filesBefore = openFiles();
  console.log(`${minutes} minutes, ${engine}, ${browser}, seed ${seed}`);

  const server = await serve();
  const town = openTown(engine);
  const processes = new Processes();
  processes.follow(town);
  /** @type {Record<"retries" | "exits" | "warnings", Record<string, number>>} */
  const told = { retries: {}, exits: {}, warnings: {} };
  town.on("itemRetry", (_, reason) => count(told.retries, reason));
  town.on("workerExit", (_, reason) => count(told.exits, reason));
  town.on("warning", ({ message }) => count(told.warnings, message));

  const load = new Load(town, seeded(seed), server.url);
  const faults = new Faults(processes, seeded(seed + 1));
  const sampler = new Sampler(town, load, faults, processes, progress);
  await town.ready();
  load.start();
  const injected = faults.inject(interruption.signal);
  await pause(minutes * MINUTE, undefined, { signal: interruption.signal }).catch(() => {});

  interruption.abort();
  await injected;
  sampler.stop();
  load.stop();
  await town.close({ drain: true, timeout: MINUTE });
  // A lost item would be waited for in vain.
  await Promise.race([load.over(), pause(VANISHING)]);
  await server.close();

  const { fulfilled, rejected, aborted, waiting, inFlight } = town.stats();
  const settled = fulfilled + rejected + aborted;
  const books = settled === load.queued && waiting + inFlight === 0 ? [] : [JSON.stringify(town.stats())];
  const lost = load.open().map((id) => `item ${id} is open`);
  const checks = [
    { name: `each of ${load.queued} items settled exactly once`, faults: [...books, ...lost, ...load.again] },
    { name: "every item ended as its kind should", faults: load.wrong },
    { name: "no process is left", faults: await whatStays(() => processes.left()) },
    { name: "no folder or file is left", faults: await whatStays(() => fs.readdirSync(folder)) },
    {
      name: `Node has no more file descriptors than before (${filesBefore.length})`,
      faults: await whatStays(() => (openFiles().length > filesBefore.length ? beyond(openFiles(), filesBefore) : [])),
    },
  ];

  const { samples } = sampler;
  const heading = `boomtown's soak: ${minutes} minutes, ${engine}, ${browser}, seed ${seed}`;
  const report = [
    `# ${heading}`,
    samples.length > 0 ? `${sampleTable(samples)}\n\n${trendTable(samples)}` : "The run was too short for a sample.",
    `Memory of the browsers is ${MEASURE}, summed over their processes.`,
    outcomeList(load.outcomes),
    [
      `- faults: ${inWords(faults.done)}`,
      `- retries, by reason: ${inWords(told.retries)}`,
      `- ends of workers: ${inWords(told.exits)}`,
      `- warnings: ${inWords(told.warnings)}`,
    ].join("\n"),
    checkList(checks),
  ].join("\n\n");
  fs.mkdirSync(out, { recursive: true });
  fs.writeFileSync(path.join(out, "soak.md"), `${report}\n`);
  fs.writeFileSync(path.join(out, "samples.json"), JSON.stringify({ heading, samples }, null, 1));
  if (samples.length > 0) fs.writeFileSync(path.join(out, "soak.svg"), plot(samples, heading));
  console.log(`\n${report}\n\n${out}`);
  return checks.every(({ faults }) => faults.length === 0);
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(HELP);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "soak-"));
  process.env.TMPDIR = folder;
  try {
    if (!(await soak(options, folder))) process.exitCode = 1;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

main().catch((error) => {
  console.error(error instanceof UsageError ? `${error.message}\n\n${HELP}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
