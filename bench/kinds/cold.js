// From nothing to the first picture.

const { spawn } = require("node:child_process");
const { once } = require("node:events");
const { readFile, writeFile } = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const { VIEWPORT, cardPage } = require("../card.js");
const { openPool } = require("../work.js");
const work = require("../works/card-jpeg.js");

/** @typedef {import("../work.js").Turn} Turn */

const COMMAND = "the browser's own --screenshot";
const NUMBER = 1;
/** What the browser says of its picture. */
const WRITTEN = "bytes written to file";

/** @param {Turn} turn */
async function measureContestant(turn) {
  const start = performance.now();
  const pool = await openPool({ ...turn, concurrency: 1 }, work);
  let [picture, time] = [undefined, 0];
  try {
    picture = await pool.run(NUMBER);
    time = performance.now() - start;
  } finally {
    await pool.close();
  }
  return { picture, time, whole: performance.now() - start };
}

/** @param {Turn} turn */
async function measureCommand({ browser, flags, sandbox }) {
  const page = path.join(os.tmpdir(), "card.html");
  const file = path.join(os.tmpdir(), "card.jpeg");
  await writeFile(page, cardPage(NUMBER));
  const args = [
    ...["--headless", "--hide-scrollbars", "--no-first-run"],
    ...[...flags, ...(sandbox ? [] : ["--no-sandbox"])],
    `--user-data-dir=${path.join(os.tmpdir(), "profile")}`,
    `--window-size=${VIEWPORT.width},${VIEWPORT.height}`,
    `--screenshot=${file}`,
    page,
  ];
  const start = performance.now();
  const child = spawn(browser.path, args, { stdio: ["ignore", "ignore", "pipe"] });
  const written = untilSaid(child.stderr, WRITTEN).then(() => performance.now() - start);
  const [status] = await once(child, "exit");
  const whole = performance.now() - start;
  if (status !== 0) throw new Error(`${browser.path} ${args.join(" ")} ended with exit code ${status}`);
  return { picture: await readFile(file), time: await written, whole };
}

/** Until the stream has said the words, or has ended. @param {import("node:stream").Readable} stream @param {string} words */
async function untilSaid(stream, words) {
  let said = "";
  for await (const chunk of stream) {
    said += chunk;
    if (said.includes(words)) break;
  }
}

/** @type {import("../work.js").Kind} */
module.exports = {
  title: "Cold start",
  about: "From `require` to the first JPEG, in a new process with one worker.",
  contestants: [COMMAND, "boomtown, page", "puppeteer-cluster, PAGE", "playwright + p-queue, context"],
  scale: 0,
  rehearsals: 1,
  reference: COMMAND,
  metrics: [
    { name: "time", title: "ms to the picture", better: "less" },
    { name: "whole", title: "ms until all is closed", better: "less" },
  ],
  measure: async (turn) => {
    const { picture, ...figures } = await (turn.contestant === COMMAND
      ? measureCommand(turn)
      : measureContestant(turn));
    const inspector = work.inspector();
    inspector.add(NUMBER, picture);
    return { figures, evidence: inspector.evidence() };
  },
};
