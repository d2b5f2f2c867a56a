// `npm run bench:lasting [-- --items N] [--workers N]`: what many items leave behind in memory. The card page becomes a JPEG again
// and again, with all options at their defaults, so that workers are replaced as they age. The table has the memory of Node (RSS,
// and PSS, in which what processes share counts once) and of the browsers (PSS) after 500 items, and after every tenth of all; each
// is the median of the looks since the row before, because a browser that has just started holds less than one about to go. Node
// lets pictures that nobody needs any more wait for its next collection; "collected" is its RSS after two, which the first
// and the last row bring about: what the first finds is let go between them.

const assert = require("node:assert/strict");
const { setTimeout: pause } = require("node:timers/promises");
const { parseArgs } = require("node:util");
const { cardTown } = require("./card-town.js");
const { Family } = require("./family.js");
const { median } = require("./figures.js");

const collect = globalThis.gc ?? assert.fail("run this with node --expose-gc");

const FIRST = 500;
/** Items between two looks. */
const EVERY = 25;
/** Milliseconds in which Node frees what it has collected. */
const LETTING_GO = 500;
const MB = 1e6;

/** @param {{ items: number, workers: number }} load */
async function measure({ items, workers }) {
  const town = cardTown({ workerCount: workers });
  const family = new Family();
  /** @type {{ rss: number, node: number, browsers: number }[]} */
  let looks = [];
  let queued = 0;
  let done = 0;
  const tenth = Math.max(EVERY, Math.round(items / 10 / EVERY) * EVERY);
  const began = performance.now();
  console.log(
    "| items | Node RSS MB | collected | Node PSS MB | browsers PSS MB | items/s |\n|--:|--:|--:|--:|--:|--:|",
  );
  /** @param {number} count of items */
  const row = async (count) => {
    const middle = (/** @type {"rss" | "node" | "browsers"} */ what) =>
      (median(looks.map((look) => look[what])) / MB).toFixed(1);
    const rate = (count / (performance.now() - began)) * 1000;
    let collected = "";
    if (count === FIRST || count === items) {
      collect();
      await pause(LETTING_GO);
      collect();
      await pause(LETTING_GO);
      collected = (process.memoryUsage().rss / MB).toFixed(1);
    }
    console.log(
      `| ${count} | ${middle("rss")} | ${collected} | ${middle("node")} | ${middle("browsers")} | ${rate.toFixed(1)} |`,
    );
    looks = [];
  };
  const client = async () => {
    while (queued < items) {
      await town.queue(queued++);
      // Others are done while this one looks.
      const count = ++done;
      if (count % EVERY !== 0) continue;
      const look = { rss: process.memoryUsage().rss, ...(await family.memory()) };
      looks.push(look);
      if (count === FIRST || count % tenth === 0) await row(count);
    }
  };
  try {
    await Promise.all(Array.from({ length: workers * 2 }, client));
  } finally {
    await town.close();
  }
}

const { values } = parseArgs({
  options: { items: { type: "string", default: "10000" }, workers: { type: "string", default: "4" } },
});
measure({ items: Number(values.items), workers: Number(values.workers) });
