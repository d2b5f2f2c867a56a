// The engine and browser that the tests of this process run on, chosen by BOOMTOWN_TEST_ENGINE and BOOMTOWN_TEST_BROWSER (see
// scripts/engines.js), and what that browser has printed, which is told when a test fails.

const { afterEach } = require("node:test");
const { firefox } = require("../../scripts/firefox.js");

const ENGINE = /** @type {import("../..").EngineName} */ (process.env.BOOMTOWN_TEST_ENGINE ?? "cdp");
const BROWSER = /** @type {"chromium" | "firefox"} */ (process.env.BOOMTOWN_TEST_BROWSER ?? "chromium");
/** As the table of capabilities.js has it: no browser of one kind is known to differ from another. */
const HERE = `${ENGINE} ${BROWSER}`;

/**
 * Milliseconds that an item has in tests: twice the product's default, which belongs to machines that do nothing else. Tests of
 * other files run beside each test, and programs of others.
 */
const PAGE_DEATH = 60_000;

/** So many of the browsers' last lines are told. */
const LINES = 20;
/** @type {string[]} */
const printed = [];

afterEach((context) => {
  const { passed, diagnostic } = /** @type {import("node:test").TestContext & { passed: boolean }} */ (context);
  if (passed || printed.length === 0) return;
  const title =
    printed.length < LINES ? "all that the browsers printed" : `the last ${LINES} lines that the browsers printed`;
  diagnostic.call(context, [`${title}:`, ...printed].join("\n  "));
});

/** @param {string} line @param {string} stream @param {number} worker */
function remember(line, stream, worker) {
  printed.push(`worker ${worker}, ${stream}: ${line}`);
  if (printed.length > LINES) printed.shift();
}

/**
 * A town's option `browser` for this pair. What the browser prints is remembered where the test does not say otherwise.
 * @param {import("../..").TownOptions["browser"]} [options] those of the test
 * @returns {import("../..").TownOptions["browser"]}
 */
function browserOptions(options) {
  // A remote browser prints nothing here, and a test may give what is no object to see it refused.
  if (options !== undefined && (typeof options !== "object" || options === null || "url" in options)) return options;
  return { ...(BROWSER === "firefox" && firefox()), stdio: remember, ...options };
}

module.exports = { ENGINE, BROWSER, HERE, PAGE_DEATH, browserOptions };
