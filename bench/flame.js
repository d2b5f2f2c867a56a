// `npm run bench:flame [-- --items N] [--svg FILE]`: where the main thread's time goes when items touch no page, as a flame graph
// of the functions and a table of those that take most by themselves.

const { writeFileSync } = require("node:fs");
const { Session } = require("node:inspector/promises");
const { parseArgs } = require("node:util");
const boomtown = require("..");
const { escapeText, sheet } = require("./svg.js");

const { values } = parseArgs({
  options: { items: { type: "string", default: "300000" }, svg: { type: "string" } },
});
const items = Number(values.items);
/** How many are queued at once. */
const BATCH = 10_000;

/** @typedef {{ name: string, self: number, total: number, children: Frame[] }} Frame times in microseconds */

async function profile() {
  const town = boomtown({ workerCount: 4, browser: { sandbox: process.getuid?.() !== 0 }, workerDeath: Infinity });
  town.on("queue", async (_page, number) => number);
  const session = new Session();
  session.connect();
  try {
    await town.ready();
    const run = async (/** @type {number} */ count) => {
      for (let done = 0; done < count; done += BATCH) {
        await Promise.all(Array.from({ length: BATCH }, (_, number) => town.queue(number)));
      }
    };
    await run(items / 10);
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    await run(items);
    return (await session.post("Profiler.stop")).profile;
  } finally {
    session.disconnect();
    await town.close();
  }
}

/** @param {import("node:inspector").Profiler.Profile} profile @returns {Frame} */
function tree({ nodes, samples = [], timeDeltas = [] }) {
  const self = new Map(nodes.map(({ id }) => [id, 0]));
  for (const [index, id] of samples.entries()) self.set(id, (self.get(id) ?? 0) + timeDeltas[index]);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  /** @param {number} id @returns {Frame} */
  const frame = (id) => {
    const { callFrame, children = [] } = /** @type {(typeof nodes)[0]} */ (byId.get(id));
    const below = children.map(frame);
    const own = self.get(id) ?? 0;
    const file = callFrame.url.split("/").slice(-2).join("/");
    const name = (callFrame.functionName || "(anonymous)") + (file && ` ${file}:${callFrame.lineNumber + 1}`);
    return { name, self: own, total: own + below.reduce((sum, { total }) => sum + total, 0), children: below };
  };
  return frame(nodes[0].id);
}

/** @param {Frame} frame @param {Map<string, number>} [sums] @returns {Map<string, number>} */
function selfTimes({ name, self, children }, sums = new Map()) {
  sums.set(name, (sums.get(name) ?? 0) + self);
  for (const child of children) selfTimes(child, sums);
  return sums;
}

/** CSS pixels. */
const WIDTH = 1160;
const LEFT = 16;
const TOP = 44;
const ROW = 18;
const CHARACTER = 6.6;
const LEAST = 2;

/** @param {Frame} root */
function draw(root) {
  /** @type {string[]} */
  const boxes = [];
  let deepest = 0;
  /** @param {Frame} frame @param {number} start @param {number} depth */
  const put = ({ name, total, children }, start, depth) => {
    const width = (total / root.total) * WIDTH;
    if (width < LEAST) return;
    deepest = Math.max(deepest, depth);
    const [x, y] = [LEFT + (start / root.total) * WIDTH, TOP + depth * ROW];
    const shown = name.slice(0, Math.floor((width - 6) / CHARACTER));
    const title = `${name}: ${(total / 1000).toFixed(1)} ms, ${((100 * total) / root.total).toFixed(1)} %`;
    boxes.push(`<g><title>${escapeText(title)}</title><rect class="d${depth % 3}" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${ROW - 1}"/>
<text x="${(x + 3).toFixed(1)}" y="${y + 13}">${escapeText(shown)}</text></g>`);
    let next = start;
    for (const child of children) {
      put(child, next, depth + 1);
      next += child.total;
    }
  };
  put(root, 0, 0);
  return sheet({
    ...{ width: WIDTH + 2 * LEFT, height: TOP + (deepest + 2) * ROW, left: LEFT },
    heading: "The main thread while items touch no page",
    style: "  .d0 { fill: #fde68a } .d1 { fill: #fdba74 } .d2 { fill: #fca5a5 }",
    panels: boxes,
  });
}

async function main() {
  const root = tree(await profile());
  console.log(`${items} items; µs an item by themselves\n\n| function | µs |\n|---|--:|`);
  const most = [...selfTimes(root)].sort(([, a], [, b]) => b - a).slice(0, 12);
  for (const [name, time] of most) console.log(`| ${name} | ${(time / items).toFixed(2)} |`);
  if (values.svg) writeFileSync(values.svg, draw(root));
}

main().catch((error) => {
  console.error(error.message);
  process.exitCode = 1;
});
