// What the page's tests share: one town a file, one item a page, and web servers that go when the file is done.
// BOOMTOWN_TEST_ENGINE and BOOMTOWN_TEST_BROWSER choose what they run on. At its end, every file tells which methods and
// features of the page it has seen at work there, and which refused or failed; scripts/page-table.js makes a table of it.

const { test, after } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const zlib = require("node:zlib");
const jpeg = require("jpeg-js");
// @ts-expect-error: pngjs declares no types
const { PNG } = require("pngjs");
const boomtown = require("../..");
const { firefox } = require("../../scripts/firefox.js");
const { FEATURES, has } = require("./capabilities.js");
const { serve } = require("./server.js");

/** @typedef {import("../..").Page} Page */
/** @typedef {import("../..").Next} Next */

const ENGINE = /** @type {import("../..").EngineName} */ (process.env.BOOMTOWN_TEST_ENGINE ?? "cdp");
const BROWSER = /** @type {"chromium" | "firefox"} */ (process.env.BOOMTOWN_TEST_BROWSER ?? "chromium");
/** As the table of capabilities.js has it: no browser of one kind is known to differ from another. */
const HERE = `${ENGINE} ${BROWSER}`;

const browser = BROWSER === "firefox" ? firefox() : { name: BROWSER };
const town = boomtown({ workerCount: 1, workerDeath: Infinity, pageTries: 0, engine: ENGINE, browser });
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
after(async (context) => {
  const [worker] = town.stats().workers;
  const where = `${ENGINE} ${worker?.browser || BROWSER}`;
  await town.close();
  for (const cleanup of cleanups) cleanup();
  const file = /** @type {import("node:test").TestContext} */ (context);
  for (const [outcome, names] of Object.entries({ works, refused, failed })) {
    if (names.size > 0) file.diagnostic(`${where}, ${outcome}: ${[...names].sort().join(", ")}`);
  }
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
        const method = Object.hasOwn(BY_ARGUMENT, name) ? `${BY_ARGUMENT[String(name)]} ${args[0]}` : String(name);
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

/**
 * @param {Buffer} picture PNG or JPEG
 * @returns {{ width: number, height: number, at: (x: number, y: number) => number[] }} `at` gives red, green, blue and alpha
 */
function decode(picture) {
  const { width, height, data } = picture[0] === 0x89 ? PNG.sync.read(picture) : jpeg.decode(picture);
  return { width, height, at: (x, y) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)] };
}

/**
 * @param {Buffer} pdf
 * @returns {{ pages: number, width: number, height: number }} the size of the first page in points
 */
function readPdf(pdf) {
  const text = pdfText(pdf);
  const [, width, height] = (/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]/.exec(text) ?? []).map(Number);
  return { pages: (text.match(/\/Type\s*\/Page\b/g) ?? []).length, width, height };
}

/**
 * Its objects as text, those too that Firefox compresses (ISO 32000-1, 7.5.7).
 * @param {Buffer} pdf
 */
function pdfText(pdf) {
  const text = pdf.toString("latin1");
  const streams = [...text.matchAll(/\/Type\s*\/ObjStm\b.*?\bstream\r?\n(.*?)\r?\nendstream/gs)];
  const objects = streams.map(([, data]) => zlib.inflateSync(Buffer.from(data, "latin1")).toString("latin1"));
  return [text, ...objects].join("\n");
}

module.exports = { HERE, BROWSER, town, withPage, feature, serve, scratch, decode, readPdf };
