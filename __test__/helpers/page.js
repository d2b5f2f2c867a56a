// What the page's tests share: one town a file, and one item a page.
// At its end, every file notes in the folder BOOMTOWN_TEST_SEEN which methods and features of the page it has seen at work, and
// which refused or failed; scripts/page-table.js makes a table of the notes.

const { test, after } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const boomtown = require("../..");
const { FEATURES, has } = require("./capabilities.js");
const { BROWSER, ENGINE, HERE, PAGE_DEATH, browserOptions } = require("./pair.js");

/** @typedef {import("../..").Page} Page */
/** @typedef {import("../..").Next} Next */

const town = boomtown({
  ...{ workerCount: 1, workerDeath: Infinity, pageDeath: PAGE_DEATH, pageTries: 0 },
  ...{ engine: ENGINE, browser: browserOptions() },
});
town.on("queue", (page, use, next) => {
  /** @type {Set<string>} */
  const used = new Set();
  /** @param {any} value */
  const worked = (value) => {
    // An event has been heard of only if the steps that wait for it went well.
    for (const method of used) works.add(method);
    return value;
  };
  const result = use(observed(page, used), next);
  return result instanceof Promise ? result.then(worked) : worked(result);
});

/** @type {Set<string>} */
const works = new Set();
/** @type {Set<string>} */
const refused = new Set();
/** @type {Set<string>} */
const failed = new Set();

/** @type {(() => void)[]} */
const cleanups = [];
after(async () => {
  const [worker] = town.stats().workers;
  await town.close();
  for (const cleanup of cleanups) cleanup();
  const folder = process.env.BOOMTOWN_TEST_SEEN;
  if (!folder || !worker) return;
  const outcomes = { works: [...works], refused: [...refused], failed: [...failed] };
  fs.writeFileSync(path.join(folder, `${process.pid}.json`), JSON.stringify({ version: worker.browser, ...outcomes }));
});

/** Methods whose first argument says what they are used for, and the name it goes by. @type {Record<string, string>} */
const BY_ARGUMENT = { on: "on", once: "on", property: "property", setting: "setting" };
/** The page's method that an Error came from. @type {WeakMap<Error, string>} */
const origins = new WeakMap();

/**
 * The same page; how its methods end is noted.
 * @param {Page} page
 * @param {Set<string>} used those that ended well
 * @returns {Page}
 */
function observed(page, used) {
  return new Proxy(page, {
    get(target, name) {
      const member = Reflect.get(target, name);
      if (typeof member !== "function") return member;
      return (/** @type {unknown[]} */ ...args) => {
        const method = Object.hasOwn(BY_ARGUMENT, name)
          ? `${BY_ARGUMENT[String(name)]} ${String(args[0])}`
          : String(name);
        return noted(method, used, () => member.apply(target, args));
      };
    },
  });
}

/** @param {string} method @param {Set<string>} used @param {() => unknown} call */
function noted(method, used, call) {
  /** @param {unknown} value */
  const ended = (value) => {
    used.add(method);
    return value;
  };
  /** @param {Error & { code?: string }} error */
  const threw = (error) => {
    origins.set(error, method);
    if (error.code === "ERR_UNSUPPORTED" && !Object.hasOwn(FEATURES, method)) refused.add(method);
    throw error;
  };
  try {
    const result = call();
    return result instanceof Promise ? result.then(ended, threw) : ended(result);
  } catch (error) {
    threw(/** @type {Error} */ (error));
  }
}

/**
 * A test of what not every engine and browser can do. Where they cannot, the same steps have to end with the refusal of that
 * very method, and the name says so.
 * @param {import("./capabilities.js").Feature} feature
 * @param {string} name
 * @param {(page: Page, next: Next) => any} use
 */
function feature(feature, name, use) {
  if (has(feature, HERE)) {
    test(name, () => shown(feature, works, () => withPage(use)));
    return;
  }
  test(`${feature} is ERR_UNSUPPORTED with ${HERE}, so not: ${name}`, () =>
    shown(feature, refused, () =>
      assert.rejects(
        withPage(use),
        (/** @type {any} */ error) => {
          if (error.code !== "ERR_UNSUPPORTED") throw error;
          assert.ok(
            `${feature} `.startsWith(`${origins.get(error)} `),
            `${origins.get(error)} refused: ${error.message}`,
          );
          assert.match(error.message, /(Chromium|the cdp engine) can$/);
          return true;
        },
        `${feature} works with ${HERE}: say so in helpers/capabilities.js`,
      ),
    ));
}

/** @param {string} feature @param {Set<string>} outcome what the steps show, unless they fail @param {() => Promise<void>} steps */
async function shown(feature, outcome, steps) {
  try {
    await steps();
    outcome.add(feature);
  } catch (error) {
    failed.add(feature);
    throw error;
  }
}

/**
 * Calls `use` with a new page and gives back what it returns.
 * @template T
 * @param {(page: Page, next: Next) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withPage(use) {
  return await town.queue(use);
}

/** A directory that goes when the file is done. */
function scratch() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "boomtown-test-"));
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

module.exports = { HERE, BROWSER, town, withPage, feature, scratch };
