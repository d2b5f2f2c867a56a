// Setting and reading a page's HTML, and adding scripts and styles to it.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { withPage, scratch } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

const PIXEL = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

/** A page whose images hide what a document is read and written by. */
const HIDING = `<!doctype html><html><head><title>True</title></head><body>text${[
  ...["title", "documentElement", "childNodes", "head", "body", "readyState", "createElement", "querySelector"],
  ...["querySelectorAll", "open", "write", "close", "elementFromPoint", "baseURI", "defaultView"],
]
  .map((name) => `<img name="${name}">`)
  .join("")}<select id="choice"><option>a<option>b</select></body></html>`;

/** @type {string} */
let site;
const directory = scratch();
before(async () => {
  site = await serve({
    "/pixel.gif": (_request, response) => response.writeHead(200, { "Content-Type": "image/gif" }).end(PIXEL),
    "/script.js": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("window.added = 1"),
    "/hangs": () => {},
    "/hiding": HIDING,
    "/framing": '<iframe name="inner" src="/hiding"></iframe>',
    "/style.css": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/css" }).end("p { color: rgb(1, 2, 3) }"),
  });
});

test("content gives back what setContent set, with its doctype", () =>
  withPage(async (page) => {
    await page.setContent("<!doctype html><html><head><title>T</title></head><body>ü 漢 👩 &amp;</body></html>");
    const content = "<!DOCTYPE html><html><head><title>T</title></head><body>ü 漢 👩 &amp;</body></html>";
    assert.equal(await page.content(), content);
    assert.equal(await page.title(), "T");
    assert.equal(await page.evaluate("document.compatMode"), "CSS1Compat");
  }));

test("scripts of the content run, and images are there when setContent resolves", () =>
  withPage(async (page) => {
    await page.setContent(`<img src="${site}/pixel.gif"><script>window.ran = true</script>`);
    assert.deepEqual(
      await page.evaluate("[window.ran, document.images[0].complete, document.images[0].naturalWidth]"),
      [true, true, 1],
    );
  }));

/** @type {[string, (page: import("../..").Page) => Promise<unknown>, unknown][]} */
const READ = [
  ["content", (page) => page.content().then((html) => html.startsWith("<!DOCTYPE html><html><head><title>T")), true],
  ["title", (page) => page.title(), "True"],
  ["select", (page) => page.select("#choice", "b"), ["b"]],
  ["waitForSelector", (page) => page.waitForSelector("#choice").then(() => {}), undefined],
  ["addScriptTag", (page) => page.addScriptTag({ content: "window.added = 1" }).then(() => page.evaluate("added")), 1],
  ["addScriptTag of a URL", (page) => page.addScriptTag({ url: `${site}/script.js` }).then(() => {}), undefined],
  [
    "addStyleTag",
    async (page) => {
      await page.addStyleTag({ content: "select { color: rgb(1, 2, 3) }" });
      return await page.$eval("#choice", (element) => getComputedStyle(element).color);
    },
    "rgb(1, 2, 3)",
  ],
  ["addStyleTag of a URL", (page) => page.addStyleTag({ url: `${site}/style.css` }).then(() => {}), undefined],
  ["setContent", (page) => page.setContent("<title>Next").then(() => page.title()), "Next"],
  ["the picture", (page) => page.screenshot().then((png) => png.length > 0), true],
];
for (const [what, use, result] of READ) {
  test(`${what} is as ever on a page whose images are called like what a document has`, () =>
    withPage(async (page) => {
      await page.goto(`${site}/hiding`);
      assert.deepEqual(await use(page), result);
    }));
}

for (const [what, use, result] of READ.slice(2, 8)) {
  test(`${what} is as ever in a frame whose images are called like what a document has`, () =>
    withPage(async (page) => {
      await page.goto(`${site}/framing`);
      assert.equal(await page.switchToFrame("inner"), true);
      assert.deepEqual(await use(page), result);
    }));
}

test("setContent replaces what was there", () =>
  withPage(async (page) => {
    await page.setContent("<p>first");
    await page.setContent("<p>second");
    assert.equal(await page.evaluate("document.body.innerText"), "second");
  }));

test("malformed HTML is read as browsers read it", () =>
  withPage(async (page) => {
    await page.setContent("<p><b>bold<p>still</i> bold<table><td>cell<script>'</scrip");
    assert.equal(await page.$$eval("p b", (found) => found.length), 2);
  }));

test("a document of five megabytes arrives whole", () =>
  withPage(async (page) => {
    const line = '<p class="ü">漢字 and "words"</p>\n';
    const count = Math.ceil(5_000_000 / Buffer.byteLength(line));
    // Hidden, because to lay out so many paragraphs takes a browser several times as long as to read them.
    await page.setContent(`<!doctype html><meta charset="utf-8"><div hidden>${line.repeat(count)}`, { timeout: 0 });
    assert.equal(await page.evaluate("document.getElementsByTagName('p').length"), count);
  }));

test("relative links start from the URL that setContent was given", () =>
  withPage(async (page) => {
    await page.setContent(
      "<!doctype html><html><head><title>T</title></head><a href='/x'>x</a>",
      "http://example.test/a/b",
    );
    assert.equal(
      await page.$eval("a", (link) => /** @type {HTMLAnchorElement} */ (link).href),
      "http://example.test/x",
    );
    assert.equal(await page.evaluate("document.compatMode"), "CSS1Compat");
  }));

test("a script is added from a URL, a file, or text", () =>
  withPage(async (page) => {
    const file = path.join(directory, "script.js");
    fs.writeFileSync(file, "window.added += 10");
    await page.addScriptTag({ url: `${site}/script.js` });
    await page.addScriptTag({ path: file });
    await page.addScriptTag({ content: "window.added += 100", id: "mine" });
    assert.deepEqual(await page.evaluate("[window.added, document.getElementById('mine').tagName]"), [111, "SCRIPT"]);
  }));

test("a style sheet is added from a URL or text", () =>
  withPage(async (page) => {
    await page.setContent("<p>text");
    const color = () => page.$eval("p", (element) => getComputedStyle(element).color);
    await page.addStyleTag({ url: `${site}/style.css` });
    assert.equal(await color(), "rgb(1, 2, 3)");
    await page.addStyleTag({ content: "p { color: rgb(4, 5, 6) }" });
    assert.equal(await color(), "rgb(4, 5, 6)");
  }));

test("a script that cannot be loaded is ERR_EVALUATION and names it", () =>
  withPage(async (page) => {
    await assert.rejects(page.addScriptTag({ url: `${site}/none.js` }), {
      code: "ERR_EVALUATION",
      message: /none\.js/,
    });
  }));

test("a tag needs exactly one source", () =>
  withPage(async (page) => {
    await assert.rejects(page.addScriptTag({}), { code: "ERR_INVALID_OPTION" });
    await assert.rejects(page.addStyleTag({ url: "a", content: "b" }), { code: "ERR_INVALID_OPTION" });
    await assert.rejects(page.addScriptTag({ path: path.join(directory, "none") }), {
      code: "ERR_INVALID_OPTION",
      message: /none/,
    });
  }));

test("content keeps what stands beside the element of the document", () =>
  withPage(async (page) => {
    await page.setContent(
      "<!-- before --><!doctype html><!-- between --><html><head></head><body></body></html><!-- after -->",
    );
    assert.equal(
      await page.content(),
      "<!-- before --><!DOCTYPE html><!-- between --><html><head></head><body></body></html><!-- after -->",
    );
  }));

test("a module is added from a URL, a file, or text", () =>
  withPage(async (page) => {
    const file = path.join(directory, "module.js");
    fs.writeFileSync(file, "window.fromFile = import.meta.url !== undefined");
    await page.addScriptTag({ url: `data:text/javascript,window.fromUrl = true`, type: "module" });
    await page.addScriptTag({ path: file, type: "module" });
    await page.addScriptTag({ content: "window.fromText = await true", type: "module", id: "module" });
    await page.waitForFunction("window.fromUrl && window.fromFile && window.fromText");
    assert.equal(await page.$eval("#module", (script) => script.getAttribute("type")), "module");
  }));

test("a script that never comes is ERR_TIMEOUT and named", () =>
  withPage(async (page) => {
    await assert.rejects(page.addScriptTag({ url: `${site}/hangs`, timeout: 200 }), {
      code: "ERR_TIMEOUT",
      message: /addScriptTag\(.*\/hangs\)/,
    });
  }));

test("a style sheet that never comes is ERR_TIMEOUT, be it one that is imported", () =>
  withPage(async (page) => {
    await assert.rejects(page.addStyleTag({ content: `@import "${site}/hangs";`, timeout: 200 }), {
      code: "ERR_TIMEOUT",
      message: /addStyleTag\(text\)/,
    });
  }));
