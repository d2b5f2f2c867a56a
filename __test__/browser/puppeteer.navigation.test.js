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
  site = await serve({
    "/one": "<title>One</title>",
    "/two": "<title>Two</title>",
    "/hangs": () => {},
    "/framed": '<iframe name="inner" src="/one"></iframe>',
  });
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
    await assert.rejects(page.waitForSelector("#never"), { name: "TimeoutError", message: /40ms/ });
    await assert.rejects(page.waitForFunction("false"), { name: "TimeoutError", message: /40ms/ });
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

test("a frame goes elsewhere by itself, and gives its own response", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/framed`);
    const [, inner] = page.frames();
    const response = await inner.goto(`${site}/two`);
    assert.deepEqual([response?.url(), response?.status()], [`${site}/two`, 200]);
    assert.equal(response?.frame(), inner);
    assert.match(String(await response?.text()), /Two/);
    assert.deepEqual([page.url(), inner.url()], [`${site}/framed`, `${site}/two`]);
    const [moved] = await Promise.all([inner.waitForNavigation(), inner.evaluate("location.href = '/one'")]);
    assert.equal(moved?.url(), `${site}/one`);
  }),
);

test("setContent of a frame leaves the page's own document alone", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/framed`);
    const [, inner] = page.frames();
    await inner.setContent("<title>Mine</title>");
    assert.deepEqual([await inner.title(), await page.title()], ["Mine", ""]);
  }),
);

test("a navigation of a frame that is removed meanwhile fails", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/framed`);
    const [, inner] = page.frames();
    const asked = page.waitForRequest(`${site}/hangs`);
    const waits = [inner.waitForNavigation(), inner.goto(`${site}/hangs`)];
    const ends = waits.map((wait) => assert.rejects(wait, { code: "ERR_NAVIGATION", message: /detached|ERR_ABORTED/ }));
    await asked;
    await page.evaluate("document.querySelector('iframe').remove()");
    await Promise.all(ends);
  }),
);

test("frames are told of by the objects that frames() gives", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    /** @type {[string, import("../..").Frame][]} */
    const told = [];
    for (const event of /** @type {const} */ (["frameattached", "framenavigated", "framedetached"])) {
      page.on(event, (frame) => told.push([event, frame]));
    }
    await page.goto(`${site}/framed`);
    const [main, inner] = page.frames();
    assert.deepEqual([main.isMainFrame(), inner.isMainFrame()], [true, false]);
    await page.evaluate("document.querySelector('iframe').remove()");
    assert.ok(inner.isDetached());
    assert.deepEqual(
      told.map(([event, frame]) => [event, frame === main ? "main" : frame === inner ? "inner" : "another"]),
      [
        ["framenavigated", "main"],
        ["frameattached", "inner"],
        ["framenavigated", "inner"],
        ["framedetached", "inner"],
      ],
    );
  }),
);

test("waitForFrame gives a frame that there is, and one that comes", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/framed`);
    assert.equal(await page.waitForFrame(`${site}/one`), page.frames()[1]);
    const [frame] = await Promise.all([
      page.waitForFrame(async (candidate) => candidate.url().endsWith("/two")),
      page.evaluate("document.body.append(Object.assign(document.createElement('iframe'), { src: '/two' }))"),
    ]);
    assert.equal(frame, page.frames()[2]);
    await assert.rejects(page.waitForFrame("http://never/", { timeout: 20 }), TimeoutError);
  }),
);

test(
  "waitForFrame sees the frames that come while its predicate asks the page, and its signal ends that",
  { skip: ONLY_CDP },
  () =>
    withPage(async (page) => {
      await page.goto(`${site}/framed`);
      let isAdded = false;
      const found = await page.waitForFrame(async (candidate) => {
        if (!isAdded) {
          isAdded = true;
          // Answered when the frame is there and has told of itself.
          await page.evaluate(async () => {
            const frame = Object.assign(document.createElement("iframe"), { src: "/two" });
            document.body.append(frame);
            await new Promise((resolve) => (frame.onload = resolve));
          });
        }
        return candidate.url().endsWith("/two");
      });
      assert.equal(found, page.frames()[2]);
      const abort = new AbortController();
      const never = page.waitForFrame(() => new Promise(() => {}), { signal: abort.signal });
      abort.abort();
      await assert.rejects(never, { name: "AbortError" });
      await assert.rejects(
        page.waitForFrame(() => new Promise(() => {}), { timeout: 20 }),
        TimeoutError,
      );
    }),
);

test("goto within a document gives null when the page is there", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/one`);
    assert.equal(await page.goto(`${site}/one#part`), null);
    assert.equal(page.mainFrame().url(), `${site}/one#part`);
  }),
);

test("reload with ignoreCache asks the server again", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/one`);
    const [request] = await Promise.all([page.waitForRequest(`${site}/one`), page.reload({ ignoreCache: true })]);
    assert.equal(request.headers()["cache-control"], "no-cache");
  }),
);
