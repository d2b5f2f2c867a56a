// Callbacks that run on phantom have a page that answers at once, as PhantomJS's does.

const { before } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { shows } = require("../helpers/phantom-page.js");
const { deferred, scratch } = require("../helpers/town.js");
const { serve } = require("../helpers/server.js");

const directory = scratch();

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<!DOCTYPE html><title>Site</title><a id=a href='/second'>go</a>",
    "/second": "<title>Second</title><p>second",
    "/framed": "<title>Framed</title><iframe name=inner src='/second'></iframe>",
    "/calling": "<script>console.log(callPhantom('?'))</script>",
    "/script": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("window.ran = 'ran'"),
  });
});

/**
 * What a callback leaves as `this.seen` when the page has loaded.
 * @param {any} page
 * @param {Function} callback
 * @param {string} [place]
 */
async function seenBy(page, callback, place = site) {
  await page.property("onLoadFinished", callback);
  await page.open(place);
  return JSON.parse(JSON.stringify((await page.property("seen")) ?? null));
}

shows("evaluate gives its value, by which a callback decides", async (page) => {
  /** @this {any} */
  function callback() {
    const links = this.evaluate(() => document.querySelectorAll("a").length);
    this.seen = links > 0 ? `${links} link` : "none";
  }
  assert.equal(await seenBy(page, callback), "1 link");
});

shows("what the document is asked for is read at once", async (page) => {
  /** @this {any} */
  function callback() {
    const { title, url, plainText, content, frameTitle, framesCount, framesName, loading, windowName } = this;
    this.seen = [title, url, plainText, content.length > 50, frameTitle, framesCount, framesName, loading, windowName];
  }
  const expected = ["Site", `${site}/`, "go", true, "Site", 0, [], false, ""];
  assert.deepEqual(await seenBy(page, callback, `${site}/`), expected);
});

shows("frames are walked within one callback", async (page) => {
  /** @this {any} */
  function callback() {
    const found = this.switchToFrame("inner");
    const inside = [this.frameName, this.frameTitle, this.evaluate(() => document.title)];
    this.seen = [found, ...inside, this.switchToParentFrame(), this.frameTitle, this.childFramesCount()];
  }
  const expected = [true, "inner", "Second", "Second", true, "Framed", 1];
  assert.deepEqual(await seenBy(page, callback, `${site}/framed`), expected);
});

shows("cookies are added and read, and a script is injected from a file", async (page) => {
  const file = path.join(directory, "injected.js");
  fs.writeFileSync(file, "window.injected = 'yes'");
  await page.property("libraryPath", directory);
  /** @this {any} */
  function callback() {
    const added = this.addCookie({ name: "a", value: "1", domain: "127.0.0.1" });
    const injected = this.injectJs("injected.js") && this.evaluate(() => /** @type {any} */ (window).injected);
    this.seen = [added, this.cookies.length, injected, this.injectJs("nowhere.js")];
  }
  assert.deepEqual(await seenBy(page, callback), [true, 1, "yes", false]);
});

shows("a picture that a callback renders is there when the page is", async (page) => {
  const file = path.join(directory, "folder", "rendered.png");
  await page.property("onLoadFinished", new Function(`this.render(${JSON.stringify(file)});`));
  await page.open(site);
  assert.ok(fs.statSync(file).size > 0);
});

shows("content that a callback sets is the page's", async (page) => {
  /** @this {any} */
  function callback() {
    if (this.seen) return;
    this.seen = "once";
    this.content = "<title>Set</title>";
  }
  await seenBy(page, callback);
  assert.equal(await page.property("title"), "Set");
});

shows("includeJs calls back when the script has run", async (page) => {
  const told = deferred();
  await page.on("onConsoleMessage", told.resolve);
  const callback = new Function(
    `const self = this; this.includeJs("${site}/script", () => self.evaluate(() => console.log(window.ran)));`,
  );
  await page.property("onLoadFinished", callback);
  await page.open(site);
  assert.equal(await told.promise, "ran");
});

shows("a request is decided on by what the page shows", async (page) => {
  /** @this {any} @param {any} request @param {any} network */
  function onResourceRequested(request, network) {
    if (request.url.endsWith("/second") && this.title === "Framed") network.abort();
  }
  await page.property("onResourceRequested", onResourceRequested);
  assert.equal(await page.open(`${site}/framed`), "success");
  await page.switchToFrame("inner");
  assert.notEqual(await page.property("frameTitle"), "Second");
});

shows("while a page goes to another document, its callbacks have promises, and do not wait", async (page) => {
  const told = deferred();
  await page.open(`${site}/`);
  await page.on("onConsoleMessage", told.resolve);
  /** @this {any} @param {any} request */
  function onResourceRequested(request) {
    if (!request.url.endsWith("/second")) return;
    const where = this.evaluate(() => location.pathname);
    this.evaluate((/** @type {string} */ given) => console.log(given), where);
  }
  await page.property("onResourceRequested", onResourceRequested);
  assert.equal(await page.open(`${site}/second`), "success");
  assert.equal(await told.promise, "/second");
});

shows("a callback does not wait for a page that waits for the program", async (page) => {
  const told = deferred();
  await page.property("onCallback", () => "answer");
  await page.on("onConsoleMessage", told.resolve);
  /** @this {any} */
  function onInitialized() {
    this.evaluate(() => void Object.assign(window, { early: "early" }));
  }
  await page.property("onInitialized", onInitialized);
  await page.open(`${site}/calling`);
  assert.equal(await told.promise, "answer");
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).early), "early");
});

shows("a callback of a dialog has promises, which may be passed on, and what is known", async (page) => {
  const told = deferred();
  await page.on("onConsoleMessage", told.resolve);
  /** @this {any} */
  function onConfirm() {
    const title = this.evaluate(() => document.title);
    this.evaluate((/** @type {string} */ given) => console.log(given), title);
    return this.url.endsWith("/second");
  }
  await page.property("onConfirm", onConfirm);
  await page.open(`${site}/second`);
  assert.equal(await page.evaluate(() => confirm("?")), true);
  assert.equal(await told.promise, "Second");
});

shows("a window that a page has opened answers at once too, and calls back", async (page) => {
  const told = deferred();
  await page.on("onConsoleMessage", told.resolve);
  /** @this {any} @param {any} opened */
  function onPageCreated(opened) {
    opened.onLoadFinished = (/** @type {string} */ status) =>
      this.evaluate((/** @type {any} */ seen) => console.log(seen), [status, opened.title, opened.windowName].join());
  }
  await page.property("onPageCreated", onPageCreated);
  await page.open(site);
  await page.evaluate(() => void window.open("/second", "named"));
  assert.equal(await told.promise, "success,Second,named");
});

shows("the windows that a page has opened are its pages, by their names too, until they close", async (page) => {
  const created = deferred();
  await page.on("onPageCreated", created.resolve);
  await page.open(site);
  assert.deepEqual([await page.property("pages"), await page.property("pagesWindowName")], [[], []]);
  await page.evaluate(() => void Object.assign(window, { opened: window.open("/second", "named") }));
  const opened = /** @type {any} */ (await created.promise);
  await opened.waitForFunction(() => document.title === "Second" && document.readyState === "complete");
  assert.deepEqual(await page.property("pagesWindowName"), ["named"]);
  const [described] = await page.property("pages");
  assert.deepEqual([described.title, described.url, described.windowName], ["Second", `${site}/second`, "named"]);
  assert.equal((await page.getPage("named")).title, "Second");
  assert.equal(await page.getPage("another"), null);
  const closed = deferred();
  opened.once("close", closed.resolve);
  await page.evaluate(() => /** @type {any} */ (window).opened.close());
  await closed.promise;
  assert.deepEqual(await page.property("pagesWindowName"), []);
});
