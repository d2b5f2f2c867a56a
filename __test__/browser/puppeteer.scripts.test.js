// Scripts of the program that run in every document, and functions of the program that documents may call, until either is taken away.

const { before, test } = require("node:test");
const assert = require("node:assert/strict");
const { HERE, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @typedef {import("../..").Page} Page */

const ONLY_CDP = { skip: HERE !== "cdp chromium" && "the cdp engine's" };

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": (request, response) => {
      // The same server by another name is another site.
      const elsewhere = `http://localhost:${String(request.headers.host).split(":")[1]}`;
      response.setHeader("content-type", "text/html");
      response.end(`<title>Home</title><iframe src="${elsewhere}/inner"></iframe>`);
    },
    "/inner": "<title>Inner</title><script>window.seen = typeof early</script>",
  });
});

/** What a script gives in the page and in its frame of another site. @param {Page} page @param {string} script */
async function everywhere(page, script) {
  return await Promise.all(page.frames().map((frame) => frame.evaluate(script)));
}

feature(
  "exposeFunction",
  "a function that was taken away can be exposed again, here and in later documents",
  async (page) => {
    await page.goto(`${site}/`);
    for (const number of [1, 2, 3]) {
      await page.exposeFunction("count", () => number);
      assert.deepEqual(await everywhere(page, "count()"), [number, number]);
      await page.reload();
      assert.deepEqual(await everywhere(page, "count()"), [number, number]);
      await page.removeExposedFunction("count");
      assert.deepEqual(await everywhere(page, "typeof count"), ["undefined", "undefined"]);
      await page.reload();
      assert.deepEqual(await everywhere(page, "typeof count"), ["undefined", "undefined"]);
    }
  },
);

feature("exposeFunction", "a function may be exposed anew before the one of its name is gone", async (page) => {
  await page.exposeFunction("count", () => 1);
  await Promise.all([page.removeExposedFunction("count"), page.exposeFunction("count", () => 2)]);
  assert.equal(await page.evaluate("count()"), 2);
  await page.goto(`${site}/inner`);
  assert.equal(await page.evaluate("count()"), 2);
});

feature("exposeFunction", "only what was exposed is taken away", async (page) => {
  await assert.rejects(page.removeExposedFunction("fetch"), {
    code: "ERR_INVALID_OPTION",
    message: /Function with name "fetch" does not exist/,
  });
  await page.exposeFunction("mine", () => 1);
  await page.removeExposedFunction("mine");
  await assert.rejects(page.removeExposedFunction("mine"), { code: "ERR_INVALID_OPTION" });
  assert.equal(await page.evaluate("typeof fetch"), "function");
});

feature("exposeFunction", "what the page has put in a function's place stays when that is taken away", async (page) => {
  await page.exposeFunction("mine", () => 1);
  await page.evaluate("window.mine = 'the page\\'s'");
  await page.removeExposedFunction("mine");
  assert.equal(await page.evaluate("mine"), "the page's");
});

feature("exposeFunction", "calls of a function that is taken away are rejected in the page", async (page) => {
  /** @type {() => void} */
  let called = () => {};
  const calls = new Promise((resolve) => (called = () => resolve(undefined)));
  await page.exposeFunction("never", () => {
    called();
    return new Promise(() => {});
  });
  const message = page.evaluate(`(window.kept = never)().catch(({ message }) => message)`);
  await calls;
  await page.removeExposedFunction("never");
  const gone = "the function never is not exposed any more";
  assert.deepEqual([await message, await page.evaluate("kept().catch(({ message }) => message)")], [gone, gone]);
});

feature("exposeFunction", "nothing of a function that was taken away is left to run in documents", async (page) => {
  const add = async () => {
    const { identifier } = await page.cdp("Page.addScriptToEvaluateOnNewDocument", { source: "" });
    return Number(identifier);
  };
  // The browser counts up from those that it has.
  const first = await add();
  await page.exposeFunction("kept", () => 0);
  const second = await add();
  assert.equal(second, first + 2);
  for (const number of [1, 2]) {
    await page.exposeFunction("count", () => number);
    await page.removeExposedFunction("count");
  }
  assert.equal(await add(), second + 1);
});

test("a script for every document that is taken away runs in no frame any more", ONLY_CDP, () =>
  withPage(async (page) => {
    await page.goto(`${site}/`);
    // The frame of another site is there when one is added, and comes after another.
    const first = await page.evaluateOnNewDocument("window.early = 1");
    await page.reload();
    assert.deepEqual(await everywhere(page, "window.seen ?? typeof early"), ["number", "number"]);
    const second = await page.evaluateOnNewDocument("window.early = 2");
    await page.reload();
    assert.deepEqual(await everywhere(page, "early"), [2, 2]);
    await page.removeScriptToEvaluateOnNewDocument(second.identifier);
    const [, inner] = page.frames();
    await inner.goto(inner.url());
    assert.equal(await inner.evaluate("early"), 1);
    await page.removeScriptToEvaluateOnNewDocument(first.identifier);
    await inner.goto(inner.url());
    assert.equal(await inner.evaluate("seen"), "undefined");
    await page.reload();
    assert.deepEqual(await everywhere(page, "typeof early"), ["undefined", "undefined"]);
  }),
);

feature("setProxy", "a script for every document is taken away after setProxy too", async (page) => {
  const kept = await page.evaluateOnNewDocument("window.kept = 1");
  const other = await page.evaluateOnNewDocument("window.early = 1");
  await page.setProxy("");
  await page.goto(`${site}/inner`);
  assert.deepEqual(await page.evaluate("[seen, kept]"), ["number", 1]);
  await page.removeScriptToEvaluateOnNewDocument(other.identifier);
  await page.goto(`${site}/inner`);
  assert.deepEqual(await page.evaluate("[seen, kept]"), ["undefined", 1]);
  await page.removeScriptToEvaluateOnNewDocument(kept.identifier);
  await page.goto(`${site}/inner`);
  assert.equal(await page.evaluate("typeof kept"), "undefined");
});
