// The queue's core alone, in Rust.

const path = require("node:path");
const { find } = require("../../scripts/find.js");
const { run } = require("../../scripts/run.js");

const ROOT = path.join(__dirname, "..", "..");
const LINE = /^(\w+): (\d+) items\/s$/gm;

/** @type {import("../work.js").Kind} */
module.exports = {
  title: "The queue's core in Rust",
  about: "bench/queue.rs: enqueue, dispatch, settle, without Node and without browsers.",
  contestants: ["boomtown"],
  scale: 20_000,
  anyBrowser: true,
  metrics: [
    { name: "steady", title: "items/s, one after the other", better: "more" },
    { name: "backlog", title: "items/s, all waiting first", better: "more" },
  ],
  obstacle: () => (find("cargo") ? undefined : "there is no cargo on PATH"),
  measure: async ({ items }) => {
    const args = ["bench", "--quiet", "--no-default-features", "--bench", "queue", "--", String(items)];
    const { stdout } = await run("cargo", args, { cwd: ROOT });
    const figures = Object.fromEntries([...stdout.matchAll(LINE)].map(([, name, rate]) => [name, Number(rate)]));
    return { figures, evidence: [{ items }] };
  },
};
