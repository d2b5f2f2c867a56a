// `npm run test:js`: every test file but the page's, which `npm run test:pages` runs on each engine and browser.

const { spawnSync } = require("node:child_process");
const { readdirSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");
const files = readdirSync(path.join(ROOT, "__test__")).filter((name) => /^(?!page\.).+\.test\.js$/.test(name));
const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-reporter=spec", ...files.map((name) => path.join("__test__", name))],
  { cwd: ROOT, stdio: "inherit" },
);
process.exitCode = status ?? 1;
