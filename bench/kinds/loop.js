// The delay of Node's event loop while pages are rendered.

const { monitorEventLoopDelay } = require("node:perf_hooks");
const { LASTING } = require("../contestants");
const { runItems, withPool } = require("../work.js");
const work = require("../works/card-jpeg.js");

/** Milliseconds between two looks; it is part of what the monitor tells. */
const RESOLUTION = 10;
const NANOS_PER_MS = 1_000_000;

/** @param {number} nanoseconds */
const delay = (nanoseconds) => Math.max(0, nanoseconds / NANOS_PER_MS - RESOLUTION);

/** @type {import("../work.js").Kind} */
module.exports = {
  title: "Delay of Node's event loop",
  about: "How late a timer of the program is while HTML is made into JPEG.",
  contestants: LASTING,
  scale: 1,
  metrics: [
    { name: "p99", title: "p99 ms", better: "less" },
    { name: "longest", title: "longest ms", better: "less" },
  ],
  measure: (turn) =>
    withPool(turn, work, async (pool) => {
      const monitor = monitorEventLoopDelay({ resolution: RESOLUTION });
      monitor.enable();
      const inspector = await runItems(pool, turn.items, 0, work);
      monitor.disable();
      const figures = { p99: delay(monitor.percentile(99)), longest: delay(monitor.max) };
      return { figures, evidence: inspector.evidence() };
    }),
};
