// The shortest way through everything, for the engines and browsers whose other tests only `npm run test:all` runs.

const { after, test } = require("node:test");
const assert = require("node:assert/strict");
const { decode, readPdf } = require("../helpers/formats.js");
const { serve } = require("../helpers/server.js");
const { busyPid, leftovers, openTown } = require("../helpers/town.js");

const town = openTown({ pageTries: 0 });
after(async () => {
  await town.close();
  assert.deepEqual(leftovers(process.pid), []);
});

test("a handler's result is its item's", async () => {
  const title = await town.queue(async (page) => {
    await page.setContent("<title>a</title><p>b");
    return [await page.title(), await page.$eval("p", (element) => element.textContent)];
  });
  assert.deepEqual(title, ["a", "b"]);
});

test("a document becomes a picture", async () => {
  const picture = await town.queue(async (page) => {
    await page.setViewport({ width: 600, height: 400 });
    await page.setContent("<body style='margin: 0; background: #00f'>");
    return page.screenshot({ type: "png" });
  });
  const { width, height, at } = decode(picture);
  assert.deepEqual([width, height, at(300, 200)], [600, 400, [0, 0, 255, 255]]);
});

test("a document becomes a PDF", async () => {
  const pdf = await town.queue(async (page) => {
    await page.setContent("<p>first<p style='break-before: page'>second");
    return page.pdf({ format: "a4" });
  });
  assert.equal(readPdf(pdf).pages, 2);
});

test("a page visits a site, types and clicks", async () => {
  const site = await serve({
    "/": "<title>form</title><input><button onclick='document.title = document.querySelector(`input`).value'>b",
  });
  const title = await town.queue(async (page) => {
    await page.goto(`${site}/`);
    await page.type("input", "typed");
    await page.click("button");
    return page.title();
  });
  assert.equal(title, "typed");
});

test("a site that is not there is ERR_NAVIGATION", async () => {
  await assert.rejects(
    town.queue((page) => page.goto("http://127.0.0.1:1/")),
    { code: "ERR_NAVIGATION" },
  );
});

test("a handler that never ends is ERR_ITEM_TIMEOUT, and the next item has its slot", async () => {
  const endless = town.queue((page) => page.evaluate("for (;;);"), { timeout: 1000 });
  const next = town.queue((page) => page.evaluate("1 + 1"));
  await assert.rejects(endless, { code: "ERR_ITEM_TIMEOUT" });
  assert.equal(await next, 2);
});

test("an item whose browser is killed is run again", async () => {
  const item = town.queue(async (page, next) => {
    if (next.attempt === 1) process.kill(busyPid(town), "SIGKILL");
    return page.evaluate("1 + 1");
  });
  assert.equal(await item, 2);
  assert.equal(item.attempts, 2);
});
