// Kinds that ask how many items a second a contestant can do, and what that costs Node.

const { LASTING } = require("./contestants");
const { startUsage } = require("./usage.js");
const { runItems, withPool } = require("./work.js");

/** @type {import("./work.js").Metric[]} */
const METRICS = [
  { name: "rate", title: "items/s", better: "more" },
  { name: "cpu", title: "Node CPU ms/item", better: "less" },
  { name: "mainThread", title: "main thread ms/item", better: "less" },
];

/**
 * @param {import("./work.js").Work & { title: string, about: string, contestants?: string[], scale?: number }} description
 * @returns {import("./work.js").Kind}
 */
function throughput({ title, about, contestants = LASTING, scale = 1, ...work }) {
  return { title, about, contestants, scale, metrics: METRICS, measure: (turn) => measure(turn, work) };
}

/** @param {import("./work.js").Turn} turn @param {import("./work.js").Work} work */
function measure(turn, work) {
  return withPool(turn, work, async (pool) => {
    const usage = startUsage();
    const inspector = await runItems(pool, turn.items, 0, work);
    const { wall, cpu, mainThread } = usage();
    const figures = {
      rate: (turn.items * 1000) / wall,
      cpu: cpu / turn.items,
      mainThread: mainThread / turn.items,
    };
    return { figures, evidence: inspector.evidence() };
  });
}

module.exports = { throughput };
