// The engines and browsers that tests run on, one after the other, by the names that the table docs/pages.md has for them.

const { loadNative } = require("../lib/load-native.js");
const { firefox } = require("./firefox.js");

const HEADLESS_SHELL = /headless[-_]shell/;

/**
 * An engine with a browser that it drives.
 * @typedef {object} Pair
 * @property {string} title
 * @property {() => NodeJS.ProcessEnv} environment for the tests, read by __test__/helpers/pair.js; throws an Error that says
 *   what is missing on this machine
 * @property {RegExp} [tests] the files that run with the pair; all if absent
 */

/** The first is the fastest, and what a town chooses by itself. @type {Pair[]} */
const PAIRS = [
  {
    title: "cdp, headless shell",
    environment: () => ({ BOOMTOWN_TEST_ENGINE: "cdp", BOOMTOWN_BROWSER: chromium({ headless: true }) }),
  },
  {
    title: "cdp, Chrome or Chromium",
    environment: () => ({ BOOMTOWN_TEST_ENGINE: "cdp", BOOMTOWN_BROWSER: chromium({ headless: false }) }),
  },
  {
    title: "webdriver, chromedriver",
    environment: () => ({ BOOMTOWN_TEST_ENGINE: "webdriver", BOOMTOWN_BROWSER: chromium({ headless: true }) }),
  },
  {
    title: "webdriver, geckodriver",
    // The page's, and a way through everything: the town's tests start hundreds of browsers, and a Firefox takes seconds to start.
    tests: /^browser\/(page\.|smoke\.)/,
    environment: () => {
      firefox();
      return { BOOMTOWN_TEST_ENGINE: "webdriver", BOOMTOWN_TEST_BROWSER: "firefox" };
    },
  },
];

/**
 * The Chromium that a town would choose: headless a shell, otherwise a whole browser.
 * @param {{ headless: boolean }} options
 * @returns {string} its path
 */
function chromium({ headless }) {
  const { browser } = loadNative().Core.survey(headless);
  if ("code" in browser) throw new Error(browser.message);
  if (headless && !HEADLESS_SHELL.test(browser.path)) throw new Error(`${browser.path} is not a headless shell`);
  return browser.path;
}

/**
 * The pairs that this machine has, with the environment that their tests need; says which are left out, and why.
 * @param {Pair[]} pairs
 * @returns {{ title: string, env: NodeJS.ProcessEnv, tests?: RegExp }[]}
 */
function present(pairs) {
  return pairs.flatMap(({ environment, ...pair }) => {
    try {
      return { ...pair, env: environment() };
    } catch (error) {
      console.log(`${pair.title}: left out, ${/** @type {Error} */ (error).message}`);
      return [];
    }
  });
}

module.exports = { PAIRS, present };
