// `npm run test:js`: every test file but the page's, which `npm run test:pages` runs on each engine and browser. Those that
// show what one item may do to the next, what faults do, what is left of a town, and those of cluster mode, run on both engines.

const { spawnSync } = require("node:child_process");
const { readdirSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");
const BOTH_ENGINES = [
  "adversity.test.js",
  "cluster.test.js",
  "faults.test.js",
  "ghost-town.test.js",
  "town.isolation.test.js",
  "town.kill.test.js",
  "town.process.test.js",
  "town.security.test.js",
  "town.workers.test.js",
];

/** On the smallest machine, of two processors, a third file runs while others wait; on a larger one memory is scarcer. */
const FILES_AT_A_TIME = 3;

/** @param {"cdp" | "webdriver"} engine @param {string[]} files */
function run(engine, files) {
  console.log(`test files with the ${engine} engine: ${files.length}`);
  const { status } = spawnSync(
    process.execPath,
    [
      "--test",
      `--test-concurrency=${FILES_AT_A_TIME}`,
      "--test-reporter=spec",
      ...files.map((name) => path.join("__test__", "browser", name)),
    ],
    { cwd: ROOT, stdio: "inherit", env: { ...process.env, BOOMTOWN_TEST_ENGINE: engine } },
  );
  if (status !== 0) process.exitCode = status ?? 1;
}

run(
  "cdp",
  readdirSync(path.join(ROOT, "__test__", "browser")).filter((name) => /^(?!page\.).+\.test\.js$/.test(name)),
);
run("webdriver", BOTH_ENGINES);
