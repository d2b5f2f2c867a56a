// What the items of a storm do, in whatever process their handlers run.

const assert = require("node:assert/strict");
const http = require("node:http");
// @ts-expect-error: pngjs declares no types
const { PNG } = require("pngjs");
const { blockEventLoop } = require("./faults.js");

/** @typedef {import("../..").Page} Page */
/** @typedef {import("./random.js").Random} Random */

/**
 * @typedef {object} Order what an item is to do
 * @property {string} kind
 * @property {string} token its own, like nobody else's
 * @property {string} site
 */

/**
 * @typedef {object} Kind
 * @property {boolean} [forked] only for handlers in processes of their own
 * @property {boolean} [costly] it ends when it has used up the town's tries
 * @property {(page: Page, order: Order, next: import("../..").Next<any>) => any} run
 * @property {boolean} [endless] it never fulfils
 * @property {string[]} [ends] the codes with which it may be rejected by itself; "own" is an error of its handler
 * @property {(random: Random) => import("../..").QueueOptions} [options]
 */

/** The colour that a token stands for. @param {string} token */
const colour = (token) => [1, 3, 5].map((at) => (37 * at * Number(token.replace(/\D/g, ""))) % 256);

/** @param {string} message */
function ownError(message) {
  return Object.assign(new Error(message), { code: "own" });
}

/** @type {Record<string, Kind>} */
const KINDS = {
  instant: { run: async (_page, { token }) => token },
  "with a callback": {
    run: (_page, { token }, next) => {
      setImmediate(() => next(null, token));
    },
  },
  picture: {
    run: async (page, { token }) => {
      await page.setViewport({ width: 40, height: 30 });
      await page.setContent(`<body style="background: rgb(${colour(token)})">`);
      const { data } = PNG.sync.read(await page.screenshot());
      assert.deepEqual([...data.subarray(0, 3)], colour(token), "the picture is not the item's own");
      return token;
    },
  },
  slow: {
    run: async (page, { token }) => {
      await page.setContent(`<title>${token}</title>`);
      await page.evaluate("new Promise((resolve) => setTimeout(resolve, 500))");
      return page.title();
    },
  },
  visit: {
    run: async (page, { token, site }) => {
      await page.goto(`${site}/?${token}`);
      return page.title();
    },
  },
  recovering: {
    run: async (page, { token }, next) => {
      if (next.attempt === 1) throw ownError(token);
      await page.setContent(`<title>${token}</title>`);
      return page.title();
    },
  },
  throwing: { costly: true, endless: true, ends: ["own"], run: (_page, { token }) => Promise.reject(ownError(token)) },
  hanging: {
    endless: true,
    ends: ["ERR_ITEM_TIMEOUT"],
    options: () => ({ timeout: 300, tries: 1 }),
    run: () => new Promise(() => {}),
  },
  looping: {
    endless: true,
    ends: ["ERR_ITEM_TIMEOUT"],
    options: () => ({ timeout: 500, tries: 0 }),
    run: (page) => page.evaluate("for (;;);"),
  },
  aborted: {
    ends: ["ERR_ITEM_ABORTED"],
    options: (random) => ({ signal: AbortSignal.timeout(random.between(0, 1500)) }),
    run: async (page, { token }) => {
      await page.setContent(`<title>${token}</title>`);
      await page.evaluate("new Promise((resolve) => setTimeout(resolve, 700))");
      return page.title();
    },
  },
  computing: {
    run: async (page, { token }) => {
      blockEventLoop(300);
      await page.setContent(`<title>${token}</title>`);
      return page.title();
    },
  },
  exiting: { forked: true, costly: true, endless: true, ends: ["ERR_ITEM_CRASHED"], run: () => process.exit(1) },
  uncaught: {
    forked: true,
    costly: true,
    endless: true,
    // With others on its worker nobody knows whose error it was.
    ends: ["own", "ERR_ITEM_CRASHED"],
    run: (_page, { token }) => {
      setImmediate(() => {
        throw ownError(token);
      });
    },
  },
  urgent: {
    ends: ["ERR_ITEM_TIMEOUT"],
    options: (random) => ({ deadline: random.between(0, 3000), priority: 5 }),
    run: async (page, { token }) => {
      await page.setContent(`<title>${token}</title>`);
      return page.title();
    },
  },
};

/** Not drawn: it ends when as many are running as the site was told. @param {Order} order @param {AbortSignal} signal */
function meet({ site }, signal) {
  return new Promise((resolve, reject) => {
    const request = http.get(`${site}/meeting`, { agent: false, signal }, (response) =>
      response.resume().on("end", resolve),
    );
    request.on("error", reject);
  });
}

/** The handler. @param {Page} page @param {Order} order @param {import("../..").Next<any>} next */
const handle = (page, order, next) =>
  order.kind === "meeting" ? meet(order, next.signal) : KINDS[order.kind].run(page, order, next);

module.exports = { KINDS, handle };
