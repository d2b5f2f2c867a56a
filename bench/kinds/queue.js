// The queue alone, from JavaScript.

const os = require("node:os");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");
const { openBoomtown } = require("../contestants/boomtown.js");
const { openPQueue, peer } = require("../peers.js");
const { startUsage } = require("../usage.js");

/** @typedef {import("../work.js").Turn} Turn */

/** Milliseconds that a turn may take; a queue that has not done all of them by then is measured by what it has done. */
const PATIENCE = 20_000;
/** The share of the items, and of the time, before anything is measured. */
const WARM_UP = 0.1;

/** @param {unknown} _page @param {number} number */
const echo = async (_page, number) => number;

/** @type {Record<string, (turn: Turn) => Promise<import("../contestants").Pool>>} */
const QUEUES = {
  "boomtown, page": (turn) => openBoomtown({ ...turn, handler: echo }, { isolation: "page" }),
  "boomtown, reuse": (turn) => openBoomtown({ ...turn, handler: echo }, { isolation: "reuse" }),
  "p-queue": async ({ concurrency }) => {
    const queue = await openPQueue({ concurrency });
    return { run: (number) => queue.add(async () => number), close: () => queue.onIdle() };
  },
  piscina: async ({ concurrency }) => {
    const threads = Math.min(concurrency, os.availableParallelism());
    const { Piscina } = peer("piscina");
    const pool = new Piscina({
      filename: path.join(__dirname, "..", "works", "echo.js"),
      minThreads: threads,
      maxThreads: threads,
    });
    return { run: (number) => pool.run(number), close: () => pool.destroy() };
  },
};

/**
 * Queues all of them at once.
 * @param {import("../contestants").Pool} pool
 * @param {number} items
 * @param {number} patience milliseconds after which the rest is not waited for
 * @param {() => void} each is called when one has ended
 */
async function runAll(pool, items, patience, each) {
  const run = async (/** @type {number} */ number) => {
    const result = await pool.run(number);
    if (result !== number) throw new Error(`item ${number} has the result ${result}`);
    each();
  };
  const all = Promise.all(Array.from({ length: items }, (_, number) => run(number)));
  // What is not waited for is rejected when its queue closes.
  all.catch(() => {});
  const late = new AbortController();
  await Promise.race([all, pause(patience, undefined, { signal: late.signal })]);
  late.abort();
}

/** @type {import("../work.js").Kind} */
module.exports = {
  title: "The queue alone",
  about:
    "An item is queued, its handler returns at once, its promise is fulfilled. No page is touched. piscina has threads. After 20 s, what is done by then counts.",
  contestants: Object.keys(QUEUES),
  scale: 1000,
  anyBrowser: true,
  metrics: [
    { name: "rate", title: "items/s", better: "more" },
    { name: "cpu", title: "Node CPU µs/item", better: "less" },
  ],
  measure: async (turn) => {
    const pool = await QUEUES[turn.contestant](turn);
    try {
      let ended = 0;
      const each = () => {
        ended += 1;
      };
      await runAll(pool, Math.ceil(turn.items * WARM_UP), PATIENCE * WARM_UP, each);
      ended = 0;
      const usage = startUsage();
      await runAll(pool, turn.items, PATIENCE, each);
      const { wall, cpu } = usage();
      if (ended === 0) throw new Error(`no item has ended within ${PATIENCE} ms`);
      const figures = { rate: (ended * 1000) / wall, cpu: (cpu * 1000) / ended };
      return { figures, evidence: [] };
    } finally {
      await pool.close();
    }
  },
};
