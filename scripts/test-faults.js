// `npm run test:faults [-- --engine cdp|webdriver] [--mode inline|cluster] [--seed N] [--faults N] [--only NAME]`: towns under load, and
// faults of every kind at random moments. Everything that is random comes from the seed, which is printed; the same seed gives the
// same faults in the same order again, though not the same microseconds. Without --engine both run, without --mode both, without
// --faults a hundred on each.

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { cage } = require("../__test__/helpers/faults.js");
const { storm } = require("../__test__/helpers/storm.js");

/** A town's life has so many faults at most; more of them are more towns. */
const FAULTS_A_ROUND = 25;
/** Room for some browsers' profiles, and little more. */
const DISK = 256;
const DESCRIPTORS = 512;

const {
  values: { only, ...values },
} = parseArgs({
  options: {
    engine: { type: "string" },
    mode: { type: "string" },
    seed: { type: "string" },
    faults: { type: "string", default: "100" },
    only: { type: "string" },
  },
});

/** Runs this very program again, on a disk and with descriptors of its own. */
function runCaged() {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "faults-disk-"));
  try {
    const [command, ...args] = cage({ folder, megabytes: DISK, descriptors: DESCRIPTORS });
    const { status } = spawnSync(command, [...args, process.execPath, ...process.argv.slice(1)], {
      stdio: "inherit",
      env: { BOOMTOWN_LOG: "error", ...process.env, BOOMTOWN_FAULTS_SCARCE: "1" },
    });
    process.exitCode = status ?? 1;
  } finally {
    fs.rmdirSync(folder);
  }
}

/** @typedef {"cdp" | "webdriver"} EngineName @typedef {"inline" | "cluster"} Mode */

/** @param {EngineName} engine @param {Mode} mode @param {number} first seed @param {number} faults */
async function run(engine, mode, first, faults) {
  const start = performance.now();
  const replay = (/** @type {number} */ seed, /** @type {number} */ count) =>
    `npm run test:faults -- --engine ${engine} --mode ${mode} --seed ${seed} --faults ${count}${only ? ` --only "${only}"` : ""}`;
  for (let done = 0, seed = first; done < faults; done += FAULTS_A_ROUND, seed += 1) {
    const count = Math.min(FAULTS_A_ROUND, faults - done);
    console.log(`${replay(seed, count)}`);
    try {
      await storm({ engine, mode, seed, faults: count, only, log: console.log });
    } catch (error) {
      process.exitCode = 1;
      console.log(`FAILED: ${replay(seed, count)}\n${/** @type {Error} */ (error).stack}`);
    }
  }
  console.log(`${engine}, ${mode}: ${faults} faults in ${((performance.now() - start) / 1000).toFixed(0)} s`);
}

async function main() {
  const engines = values.engine ? [values.engine] : ["cdp", "webdriver"];
  const modes = values.mode ? [values.mode] : ["inline", "cluster"];
  const [seed, faults] = [Number(values.seed ?? Date.now() % 1_000_000), Number(values.faults)];
  if (!process.env.BOOMTOWN_FAULTS_DISK) console.log("left out: a full disk, because none could be mounted");
  for (const engine of /** @type {EngineName[]} */ (engines)) {
    for (const mode of /** @type {Mode[]} */ (modes)) await run(engine, mode, seed, faults);
  }
}

if (process.env.BOOMTOWN_FAULTS_SCARCE) main();
else runCaged();
