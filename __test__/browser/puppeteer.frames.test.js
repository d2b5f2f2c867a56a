// The frames of a page, by Puppeteer's methods.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { HERE, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @typedef {import("../..").Page} Page */

const ONLY_CDP = { skip: HERE !== "cdp chromium" && "the cdp engine's" };

/** @param {string} name @param {(page: Page) => Promise<void>} use */
const frames = (name, use) => test(name, ONLY_CDP, () => withPage(use));

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>Home</title><iframe name=one src='/one'></iframe><iframe name=two src='/two'></iframe>",
    "/one": "<title>One</title><p>one</p>",
    "/two": "<title>Two</title><iframe src='/one'></iframe>",
    "/empty": "<title>Empty</title>",
  });
});

/** The same server by another name, which is another site. */
const elsewhere = () => site.replace("127.0.0.1", "localhost");

feature("frames", "the tree of frames is known without a wait", async (page) => {
  await page.goto(`${site}/`);
  assert.deepEqual(
    page.frames().map((frame) => frame.url().slice(site.length)),
    ["/", "/one", "/two", "/one"],
  );
  const [main, one, two, inner] = page.frames();
  assert.equal(main, page.mainFrame());
  assert.deepEqual([main.parentFrame(), one.parentFrame(), inner.parentFrame()], [null, main, two]);
  assert.deepEqual(main.childFrames(), [one, two]);
  assert.deepEqual([one.name(), two.name()], ["one", "two"]);
  assert.equal(one.page(), main.page());
});

frames("a page's address is known without a wait, and follows its history", async (page) => {
  assert.equal(page.url(), "about:blank");
  await page.goto(`${site}/empty`);
  assert.equal(page.url(), `${site}/empty`);
  await page.evaluate(() => history.pushState({}, "", "/other#part"));
  assert.equal(page.url(), `${site}/other#part`);
});

frames("a frame's methods are those of the page in the frame", async (page) => {
  await page.goto(`${site}/`);
  const [, one] = page.frames();
  assert.equal(await one.title(), "One");
  assert.match(await one.content(), /<p>one<\/p>/);
  assert.equal(await one.evaluate(() => document.title), "One");
  assert.equal(await one.$eval("p", (element) => element.textContent), "one");
  assert.equal(await (await one.$("p"))?.evaluate((element) => element.textContent), "one");
  await one.addScriptTag({ content: "window.added = 1" });
  assert.equal(await one.evaluate("added"), 1);
  assert.ok(await one.waitForSelector("p", { visible: true }));
});

frames("an element of a frame is clicked and typed into by its selector", async (page) => {
  await page.goto(`${site}/`);
  const [, one] = page.frames();
  await one.evaluate(() => {
    document.body.innerHTML = "<button onclick='this.textContent = 1'>no</button><input>";
  });
  await one.click("button");
  await one.type("input", "typed");
  assert.deepEqual(
    await one.evaluate(() => [
      document.querySelectorAll("button")[0].textContent,
      document.querySelectorAll("input")[0].value,
    ]),
    ["1", "typed"],
  );
});

/** Adds a frame to the page's document, and waits until it is loaded. @param {import("../..").Page} page @param {string} url */
async function addFrame(page, url) {
  await page.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.src = address;
    document.body.append(frame);
    return new Promise((loaded) => {
      frame.onload = () => loaded(1);
    });
  }, url);
}

frames("a frame of another site is one of the page's, with its methods", async (page) => {
  await page.goto(`${site}/empty`);
  await addFrame(page, `${elsewhere()}/one`);
  const [, other] = page.frames();
  assert.equal(other.url(), `${elsewhere()}/one`);
  assert.equal(await other.evaluate(() => document.title), "One");
  const handle = await other.$("p");
  assert.equal(await handle?.evaluate((element) => element.textContent), "one");
  assert.ok((await handle?.boundingBox())?.width);
  assert.equal(await (await page.$("iframe"))?.contentFrame(), other);
  assert.equal(await (await other.frameElement())?.evaluate((element) => element.tagName), "IFRAME");
});

frames("a frame that is detached says so, and refuses what it is asked", async (page) => {
  await page.goto(`${site}/`);
  const [, one] = page.frames();
  const refused = assert.rejects(one.waitForSelector("h1"), { code: "ERR_EVALUATION", message: /frame got detached/ });
  await page.$eval("iframe", (element) => element.remove());
  assert.equal(one.isDetached(), true);
  assert.equal(one.url(), `${site}/one`);
  await refused;
  await assert.rejects(one.evaluate("1"), { code: "ERR_EVALUATION", message: /detached Frame/ });
});

frames("frames are told of with the same objects as they are known by", async (page) => {
  await page.goto(`${site}/empty`);
  const main = page.mainFrame();
  /** @type {[string, unknown][]} */
  const told = [];
  for (const event of /** @type {const} */ (["frameattached", "framenavigated", "framedetached"])) {
    page.on(event, (frame) => told.push([event, frame]));
  }
  await addFrame(page, `${site}/one`);
  const [, frame] = page.frames();
  await page.goto(`${site}/empty?again`);
  assert.deepEqual(
    told.map(([event, of]) => [event, of === main ? "main" : of === frame]),
    [
      ["frameattached", true],
      ["framenavigated", true],
      ["framedetached", true],
      ["framenavigated", "main"],
    ],
  );
});

frames("a frame is waited for by its address or by a function", async (page) => {
  await page.goto(`${site}/empty`);
  const waiting = [page.waitForFrame(`${site}/one`), page.waitForFrame(async (frame) => frame.url().endsWith("/one"))];
  await page.evaluate((url) => {
    document.body.innerHTML = `<iframe src="${url}">`;
  }, `${site}/one`);
  const [one, same] = await Promise.all(waiting);
  assert.equal(one, page.frames()[1]);
  assert.equal(same, one);
  await assert.rejects(page.waitForFrame("about:none", { timeout: 20 }), { code: "ERR_TIMEOUT" });
  assert.equal(page.listenerCount("frameattached"), 0);
});

frames("the main frame stays the same object in another process", async (page) => {
  await page.goto(`${site}/empty`);
  const main = page.mainFrame();
  await page.goto(`${elsewhere()}/one`);
  assert.equal(page.mainFrame(), main);
  assert.equal(await main.evaluate(() => document.title), "One");
});
