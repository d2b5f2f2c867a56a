// Puppeteer's contract of navigations: what they resolve to, and what ends their waiting.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { HERE, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");
const { TimeoutError } = require("../../index.js");

/** A driver is busy with the server that it waits for. */
const ONLY_CDP = !HERE.startsWith("cdp") && "not so with a driver";

/** @type {string} */
let site;
before(async () => {
  site = await serve({ "/one": "<title>One</title>", "/hangs": () => {} });
});

/** @param {number} ms */
const navigationTimeout = (ms) => (/** @type {unknown} */ error) =>
  error instanceof TimeoutError &&
  error.name === "TimeoutError" &&
  error.code === "ERR_TIMEOUT" &&
  error.message.includes(`Navigation timeout of ${ms} ms exceeded`);

test("a navigation that takes too long is a TimeoutError in Puppeteer's words", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await assert.rejects(page.goto(`${site}/hangs`, { timeout: 50 }), navigationTimeout(50));
    await assert.rejects(page.waitForNavigation({ timeout: 50 }), navigationTimeout(50));
  }),
);

test("setDefaultTimeout is the limit of every wait that is given none", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    assert.deepEqual([page.getDefaultTimeout(), page.getDefaultNavigationTimeout()], [30_000, 30_000]);
    page.setDefaultTimeout(40);
    await assert.rejects(page.goto(`${site}/hangs`), navigationTimeout(40));
    await assert.rejects(page.waitForSelector("#never"), { name: "TimeoutError", message: /40 ms/ });
    await assert.rejects(page.waitForFunction("false"), { name: "TimeoutError", message: /40 ms/ });
    await page.goto(`${site}/one`, { timeout: 0 });
    assert.equal(page.getDefaultNavigationTimeout(), 40);
  }),
);

test("setDefaultNavigationTimeout counts more for navigations", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    page.setDefaultTimeout(0);
    page.setDefaultNavigationTimeout(30);
    await assert.rejects(page.goto(`${site}/hangs`), navigationTimeout(30));
    await assert.rejects(page.waitForNavigation(), navigationTimeout(30));
  }),
);

test("a default timeout of the wrong type is refused at the call", () =>
  withPage(async (page) => {
    for (const wrong of [-1, "5", null, undefined, Number.NaN]) {
      assert.throws(() => page.setDefaultTimeout(/** @type {any} */ (wrong)), { code: "ERR_INVALID_OPTION" });
    }
  }));

test("a signal ends the wait for a navigation with its reason", () =>
  withPage(async (page) => {
    const controller = new AbortController();
    const wait = page.waitForNavigation({ signal: controller.signal, timeout: 5000 });
    const reason = new Error("enough");
    controller.abort(reason);
    await assert.rejects(wait, reason);
    await assert.rejects(page.goto(`${site}/one`, { signal: controller.signal }), reason);
    assert.notEqual(await page.title(), "One");
  }));
