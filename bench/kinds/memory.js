// The memory of Node and of the browsers while pages are rendered.

const { LASTING } = require("../contestants");
const { median } = require("../figures.js");
const { Family } = require("../family.js");
const { runItems, withPool } = require("../work.js");
const work = require("../works/card-jpeg.js");

const EVERY = 500;
const MB = 1e6;

/** @type {import("../work.js").Kind} */
module.exports = {
  title: "Memory",
  about:
    "PSS, in which what processes share counts once, while HTML is made into JPEG; the median of a look twice a second.",
  contestants: LASTING,
  scale: 1,
  metrics: [
    { name: "browsers", title: "browsers MB", better: "less" },
    { name: "node", title: "Node MB", better: "less" },
  ],
  obstacle: () => (process.platform === "linux" ? undefined : "it is read from /proc, which only Linux has"),
  measure: (turn) =>
    withPool(turn, work, async (pool) => {
      const family = new Family();
      /** @type {{ browsers: number, node: number }[]} */
      const looks = [];
      const look = async () => looks.push(await family.memory());
      const timer = setInterval(look, EVERY);
      const inspector = await runItems(pool, turn.items, 0, work);
      clearInterval(timer);
      await look();
      const figures = {
        browsers: median(looks.map(({ browsers }) => browsers)) / MB,
        node: median(looks.map(({ node }) => node)) / MB,
      };
      return { figures, evidence: inspector.evidence() };
    }),
};
