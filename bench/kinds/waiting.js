// A long queue: what items that wait cost.

const { setTimeout: pause } = require("node:timers/promises");
const { openPQueue } = require("../peers.js");

/** @typedef {import("../work.js").Turn} Turn */
/** @typedef {{ add: (number: number) => Promise<unknown>, waiting: () => number, close: () => Promise<unknown> }} Queue */

const MB = 1e6;
/** Milliseconds for what still comes to rest. */
const REST = 1000;

/** @type {Record<string, (turn: Turn) => Promise<Queue>>} */
const QUEUES = {
  boomtown: async ({ browser, flags, sandbox }) => {
    const boomtown = require("../..");
    const town = boomtown({ workerCount: 1, browser: { path: browser.path, args: flags, sandbox } });
    town.on("queue", async (_, number) => number);
    await town.ready();
    town.pause();
    return { add: (number) => town.queue(number), waiting: () => town.stats().waiting, close: () => town.close() };
  },
  "p-queue": async ({ concurrency }) => {
    const queue = await openPQueue({ concurrency, autoStart: false });
    return {
      add: (number) => queue.add(async () => number),
      waiting: () => queue.size,
      close: async () => queue.clear(),
    };
  },
};

/** @type {import("../work.js").Kind} */
module.exports = {
  title: "A million waiting items",
  about:
    "The memory (RSS) of Node while they wait in a paused queue; boomtown's with its browser up. With --items N they are 10,000 N.",
  contestants: Object.keys(QUEUES),
  scale: 10_000,
  anyBrowser: true,
  metrics: [
    { name: "rss", title: "Node MB", better: "less" },
    { name: "rate", title: "queued items/s", better: "more" },
  ],
  measure: async (turn) => {
    const queue = await QUEUES[turn.contestant](turn);
    // A queue that is closed rejects what waits.
    process.on("unhandledRejection", () => {});
    try {
      const start = performance.now();
      for (let number = 0; number < turn.items; number++) queue.add(number);
      const rate = (turn.items * 1000) / (performance.now() - start);
      await pause(REST);
      const { rss } = process.memoryUsage();
      if (queue.waiting() !== turn.items) throw new Error(`${queue.waiting()} of ${turn.items} items wait`);
      return { figures: { rss: rss / MB, rate }, evidence: [{ waiting: turn.items }] };
    } finally {
      await queue.close();
    }
  },
};
