// The table of helpers/capabilities.js against the tests that prove it.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { readdirSync, readFileSync } = require("node:fs");
const path = require("node:path");
const { FEATURES } = require("../helpers/capabilities.js");

const BROWSER_TESTS = path.join(__dirname, "../browser");

test("every feature of the table is proven by a test", () => {
  const files = readdirSync(BROWSER_TESTS).filter((name) => /^(?:page|puppeteer)\..+\.test\.js$/.test(name));
  const tests = files.map((name) => readFileSync(path.join(BROWSER_TESTS, name), "utf8")).join("\n");
  const proven = new Set([...tests.matchAll(/\bfeature\(\s*"([^"]+)"/g)].map(([, feature]) => feature));
  assert.deepEqual([...proven].sort(), Object.keys(FEATURES).sort());
});
