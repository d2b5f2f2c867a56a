// Scripts in frames, by phantom's methods.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { BROWSER, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** Geckodriver cannot leave the chosen frame for a moment, and its scripts cannot look out. */
const ONLY_CHROMIUM = BROWSER !== "chromium" && "not so in Firefox";

const FRAMES = `<title>Main</title>
  <iframe name="first" srcdoc="<title>First</title><p>one"></iframe>
  <iframe name="second" srcdoc="<title>Second</title><p>two<iframe name=inner srcdoc='<title>Inner</title>'></iframe>"></iframe>`;

/** @param {(page: import("../..").Page) => Promise<void>} use */
const withFrames = (use) =>
  withPage(async (page) => {
    await page.setContent(FRAMES);
    await use(page);
  });

test("frames are counted and named", () =>
  withFrames(async (page) => {
    assert.equal(await page.property("framesCount"), 2);
    assert.deepEqual(await page.property("framesName"), ["first", "second"]);
  }));

test("scripts run in the frame that was switched to, by name or by index", () =>
  withFrames(async (page) => {
    assert.equal(await page.switchToFrame("first"), true);
    assert.equal(await page.evaluate("document.title"), "First");
    await page.switchToMainFrame();
    assert.equal(await page.switchToFrame(1), true);
    assert.equal(await page.$eval("p", (element) => element.firstChild?.textContent), "two");
    await page.switchToMainFrame();
    assert.equal(await page.evaluate("document.title"), "Main");
  }));

test("frames nest", () =>
  withFrames(async (page) => {
    await page.switchToFrame("second");
    await page.switchToFrame("inner");
    assert.equal(await page.property("frameTitle"), "Inner");
  }));

test("the frame's properties are the frame's, the page's stay the page's", () =>
  withFrames(async (page) => {
    await page.switchToFrame("first");
    assert.deepEqual(
      [await page.property("frameTitle"), await page.property("frameName"), await page.property("frameUrl")],
      ["First", "first", "about:srcdoc"],
    );
    assert.equal(await page.title(), "Main");
    assert.match(await page.content(), /<title>Main/);
    await page.property("frameContent", "<title>New</title>");
    assert.match(await page.property("frameContent"), /<title>New/);
  }));

test("the page's properties are the page's, even in a frame of another site", { skip: ONLY_CHROMIUM }, () =>
  withPage(async (page) => {
    const inner = (await serve({ "/": "<title>Inner</title><p>inside" })).replace("127.0.0.1", "localhost");
    const site = await serve({ "/": `<title>Main</title><p>outside<iframe name="other" src="${inner}/"></iframe>` });
    await page.goto(`${site}/`);
    await page.evaluate("window.name = 'mine'");
    assert.equal(await page.switchToFrame("other"), true);
    assert.equal(await page.property("frameTitle"), "Inner");
    assert.deepEqual(
      [await page.title(), await page.url(), await page.property("windowName")],
      ["Main", `${site}/`, "mine"],
    );
    assert.match(await page.content(), /outside/);
    assert.match(await page.property("plainText"), /outside/);
  }),
);

test("a frame that does not exist is false, and scripts stay where they are", () =>
  withFrames(async (page) => {
    assert.equal(await page.switchToFrame("none"), false);
    assert.equal(await page.switchToFrame(7), false);
    assert.equal(await page.evaluate("document.title"), "Main");
  }));
