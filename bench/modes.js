// `npm run bench:modes [-- --items N] [--workers N] [--milliseconds N]`: handlers in this process against handlers in forked ones. One
// kind of handler computes, another only drives its page; the table has items per second in each mode, and their ratio.

const { parseArgs } = require("node:util");
const boomtown = require("..");
const { benchOptions, renderCard } = require("./card-town.js");

const { values } = parseArgs({
  options: {
    items: { type: "string", default: "100" },
    workers: { type: "string", default: "2" },
    milliseconds: { type: "string", default: "50" },
  },
});
const items = Number(values.items);

/** @typedef {{ kind: "computing" | "driving", number: number }} Work */

/** Keeps a processor busy, as a template or an image library does. @param {number} milliseconds */
function compute(milliseconds) {
  for (const end = performance.now() + milliseconds; performance.now() < end; );
}

/** @type {(page: import("..").Page, work: Work) => Promise<number>} */
async function handle(page, { kind, number }) {
  if (kind === "computing") compute(Number(values.milliseconds));
  return (await renderCard(page, number)).length;
}

/** @param {import("..").Town<Work, number>} town @param {Work["kind"]} kind */
async function measure(town, kind) {
  const run = (/** @type {number} */ count) =>
    Promise.all(Array.from({ length: count }, (_, number) => town.queue({ kind, number })));
  await run(8);
  const start = performance.now();
  await run(items);
  return (items * 1000) / (performance.now() - start);
}

const OPTIONS = benchOptions({ workerCount: Number(values.workers), workerDeath: Infinity });
// Made in every process, because forks run this file too.
const forking = boomtown({ mode: "cluster", ...OPTIONS });

async function main() {
  const inline = boomtown({ mode: "inline", ...OPTIONS }).on("queue", handle);
  try {
    await Promise.all([forking.ready(), inline.ready()]);
    console.log(`${items} items each, ${values.workers} workers; computing takes ${values.milliseconds} ms\n`);
    console.log("| handlers | inline, items/s | cluster, items/s | ratio |\n|---|--:|--:|--:|");
    for (const kind of /** @type {const} */ (["computing", "driving"])) {
      const [alone, forked] = [await measure(inline, kind), await measure(forking, kind)];
      console.log(`| ${kind} | ${alone.toFixed(1)} | ${forked.toFixed(1)} | ${(forked / alone).toFixed(2)} |`);
    }
  } finally {
    await Promise.all([forking.close(), inline.close()]);
  }
}

if (forking.isMaster) {
  main().catch((error) => {
    console.error(error.message);
    process.exitCode = 1;
  });
} else forking.on("queue", handle);
