// `npm run test:firefox`: the page's tests on Firefox. Without one it says how to get it, and exits with 77 for each.js.

const { spawnSync } = require("node:child_process");
const { readdirSync } = require("node:fs");
const path = require("node:path");
const { firefox } = require("./firefox.js");

const ROOT = path.join(__dirname, "..");

try {
  firefox();
} catch (error) {
  console.log(`skipped: ${/** @type {Error} */ (error).message}`);
  process.exit(77);
}
const files = readdirSync(path.join(ROOT, "__test__")).filter((name) => /^page\..+\.test\.js$/.test(name));
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-reporter=spec", ...files.map((name) => path.join("__test__", name))],
  {
    cwd: ROOT,
    stdio: "inherit",
    env: { ...process.env, BOOMTOWN_TEST_ENGINE: "webdriver", BOOMTOWN_TEST_BROWSER: "firefox" },
  },
);
process.exitCode = status ?? 1;
