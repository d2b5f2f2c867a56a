// One item at a time.

const { LASTING } = require("../contestants");
const { quantile } = require("../figures.js");
const { withPool } = require("../work.js");
const work = require("../works/card-jpeg.js");

/** @type {import("../work.js").Kind} */
module.exports = {
  title: "One item at a time",
  about: "HTML to JPEG; each item is queued when the one before has its result.",
  contestants: LASTING,
  scale: 1,
  metrics: [
    { name: "p50", title: "p50 ms", better: "less" },
    { name: "p95", title: "p95 ms", better: "less" },
  ],
  measure: (turn) =>
    withPool(turn, work, async (pool) => {
      const inspector = work.inspector();
      const times = [];
      for (let number = 0; number < turn.items; number++) {
        const start = performance.now();
        const result = await pool.run(number);
        times.push(performance.now() - start);
        inspector.add(number, result);
      }
      const figures = { p50: quantile(times, 0.5), p95: quantile(times, 0.95) };
      return { figures, evidence: inspector.evidence() };
    }),
};
