// The page as ghost-town's handlers know it.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { text } = require("node:stream/consumers");
const { deferred } = require("../helpers/town.js");
const { decode, readPdf } = require("../helpers/formats.js");
const { HERE, feature, withPage, scratch } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** A driver does not hear of the stop before the page has loaded. */
const ONE_COMMAND_AT_A_TIME = HERE.startsWith("webdriver") && "not so with a driver";

const directory = scratch();
const BOXES = `<!doctype html><body style="margin: 0"><div style="width: 100px; height: 100px; background: #f00"></div><div style="height: 900px">text</div>`;

/** @type {import("node:http").RequestListener} */
function guarded(request, response) {
  const [, given = ""] = (request.headers.authorization ?? "").split(" ");
  const who = Buffer.from(given, "base64").toString();
  const welcome = who === "ada:secret";
  const head = { "Content-Type": "text/html", "WWW-Authenticate": 'Basic realm="test"' };
  response.writeHead(welcome ? 200 : 401, head).end(welcome ? `come in, ${who}` : "who are you?");
}

/** A page whose images hide what a document is read and written by. */
const HIDING = `<!doctype html><html><head><title>True</title></head><body style="margin: 0"><div style="height: 1000px">text</div>
  ${["title", "documentElement", "body", "readyState", "querySelectorAll", "open", "write", "close"]
    .map((name) => `<img name="${name}">`)
    .join("")}<iframe name="inner"></iframe></body></html>`;

/** The pictures that the server was asked for. @type {string[]} */
const asked = [];
/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>Site</title>",
    "/late.js": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("window.late = 'loaded'"),
    "/headers": (request, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end(`<pre>${request.headers["x-custom"]}</pre>`),
    "/scripted": "<title>before</title><script>document.title = 'after'</script>",
    "/pictured": '<img src="/picture.png">',
    "/picture.png": (request, response) => {
      asked.push(String(request.url));
      response.writeHead(404).end();
    },
    "/guarded": guarded,
    "/silent": () => {},
    "/hiding": HIDING,
    "/framing": '<iframe name="outer" src="/hiding"></iframe>',
    "/type": ({ headers }, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end(headers["content-type"]),
    "/form": async (request, response) => {
      const body = await text(request);
      response.writeHead(200, { "Content-Type": "text/html" }).end(`<pre>${request.method} ${body}</pre>`);
    },
  });
});

feature("property customHeaders", "the handler that every ghost-town user started from works", (page, next) => {
  const data = { html: BOXES, width: 600, height: 250 };
  page
    .property("viewportSize", { width: data.width, height: data.height })
    .then(() => page.property("customHeaders", { "X-Custom": "yes" }))
    .then(() => page.property("content", data.html))
    .then(() => page.renderBase64("jpeg"))
    .then((base64) => {
      const { width, height, at } = decode(Buffer.from(base64, "base64"));
      assert.deepEqual([width, height], [600, 1000]);
      assert.ok(at(50, 50)[0] > 245 && at(50, 50)[1] < 10);
      next(null);
    })
    .catch(next);
});

test("open tells success, and fail where nothing answers", () =>
  withPage(async (page) => {
    assert.equal(await page.open(`${site}/`), "success");
    assert.equal(await page.property("title"), "Site");
    assert.equal(await page.open(`${site}/missing`), "success");
    assert.equal(await page.open("http://127.0.0.1:1/"), "fail");
  }));

feature("open with a method", "open sends a method and a form", async (page) => {
  await page.open(`${site}/form`, "POST", { a: "1", b: "ü" });
  assert.equal(await page.property("plainText"), "POST a=1&b=%C3%BC");
});

feature("open with a method", "text that is posted is a form, unless a header says otherwise", async (page) => {
  await page.open(`${site}/type`, "POST", "a=1");
  assert.equal(await page.property("plainText"), "application/x-www-form-urlencoded");
  await page.open(`${site}/type`, "POST", "{}", { "Content-Type": "application/json" });
  assert.equal(await page.property("plainText"), "application/json");
});

test("openUrl opens with settings", () =>
  withPage(async (page) => {
    assert.equal(await page.openUrl(`${site}/`, undefined, { resourceTimeout: 20_000 }), "success");
    assert.equal(await page.setting("resourceTimeout"), 20_000);
    assert.equal(await page.property("title"), "Site");
  }));

test("stop ends what a page still loads", () =>
  withPage(async (page) => {
    const { promise: left, resolve } = deferred();
    const waiting = await serve({
      "/": '<title>Waits</title><img src="/silent">',
      "/silent": (_request, response) => response.on("close", resolve),
    });
    await page.goto(`${waiting}/`, { waitUntil: "domcontentloaded" });
    await page.stop();
    await left;
    assert.equal(await page.property("title"), "Waits");
  }));

test("an open that is stopped fails, and the page stays where it has come", { skip: ONE_COMMAND_AT_A_TIME }, () =>
  withPage(async (page) => {
    const { promise: wanted, resolve } = deferred();
    const waiting = await serve({ "/": '<title>Waits</title><img src="/silent">', "/silent": resolve });
    const opened = page.open(`${waiting}/`);
    await wanted;
    await page.stop();
    assert.equal(await opened, "fail");
    assert.equal(await page.property("url"), `${waiting}/`);
  }),
);

test("properties that can be written are read back", () =>
  withPage(async (page) => {
    const values = /** @type {const} */ ({
      viewportSize: { width: 654, height: 321 },
      clipRect: { top: 1, left: 2, width: 3, height: 4 },
      zoomFactor: 2,
      paperSize: { format: "A4", orientation: "landscape", margin: "1cm" },
      libraryPath: directory,
      navigationLocked: false,
    });
    for (const [name, value] of Object.entries(values)) {
      await page.property(/** @type {any} */ (name), value);
      assert.deepEqual(await page.property(/** @type {any} */ (name)), value, name);
    }
  }));

feature("property customHeaders", "custom headers are sent and read back", async (page) => {
  await page.property("customHeaders", { "X-Custom": "mine" });
  await page.open(`${site}/headers`);
  assert.equal(await page.property("plainText"), "mine");
  assert.deepEqual(await page.property("customHeaders"), { "X-Custom": "mine" });
});

test("properties of the document are read", () =>
  withPage(async (page) => {
    await page.property("content", "<title>T</title><p>plain <b>text</b><div style='height: 5000px'></div>");
    assert.equal(await page.property("title"), "T");
    assert.match(await page.property("plainText"), /^plain text/);
    assert.match(await page.property("content"), /<p>plain <b>/);
    await page.evaluate("window.name = 'mine'");
    assert.equal(await page.property("windowName"), "mine");
    assert.equal(await page.property("url"), "");
    assert.equal(await page.property("loading"), false);
    assert.equal(await page.property("loadingProgress"), 100);
    await page.property("scrollPosition", { top: 700 });
    assert.deepEqual(await page.property("scrollPosition"), { top: 700, left: 0 });
  }));

test("a property that can only be read stays as it is", () =>
  withPage(async (page) => {
    await page.property("content", "<title>mine</title>");
    await page.property(/** @type {any} */ ("title"), "x");
    assert.equal(await page.property("title"), "mine");
  }));

feature("render to a picture", "render shows the whole page, transparent where nothing painted", async (page) => {
  await page.property("viewportSize", { width: 600, height: 100 });
  await page.property("content", BOXES);
  const file = path.join(directory, "page.png");
  assert.equal(await page.render(file), true);
  const { width, height, at } = decode(fs.readFileSync(file));
  assert.deepEqual([width, height], [600, 1000]);
  assert.deepEqual(
    [at(10, 10), at(150, 500)],
    [
      [255, 0, 0, 255],
      [0, 0, 0, 0],
    ],
  );
});

feature("renderBase64 to a picture", "render honours clipRect", async (page) => {
  await page.property("content", BOXES);
  await page.property("clipRect", { top: 50, left: 60, width: 80, height: 30 });
  const { width, height, at } = decode(Buffer.from(await page.renderBase64("png"), "base64"));
  assert.deepEqual([width, height, at(39, 10), at(40, 10)[3]], [80, 30, [255, 0, 0, 255], 0]);
});

feature("renderBase64 to a picture", "render honours zoomFactor", async (page) => {
  await page.property("viewportSize", { width: 600, height: 100 });
  await page.property("content", BOXES);
  await page.property("zoomFactor", 0.5);
  const { width, height, at } = decode(Buffer.from(await page.renderBase64("png"), "base64"));
  assert.deepEqual([width, height, at(49, 49), at(50, 49)[3]], [600, 500, [255, 0, 0, 255], 0]);
});

feature("render to a picture", "render writes the formats of PhantomJS", async (page) => {
  await page.property("content", BOXES);
  for (const [name, magic] of [
    ["a.jpg", "ffd8"],
    ["a.bmp", "424d"],
    ["a.gif", "4749"],
    ["a.pdf", "2550"],
  ]) {
    const file = path.join(directory, name);
    await page.render(file);
    assert.equal(fs.readFileSync(file).toString("hex", 0, 2), magic, name);
  }
});

test("a format that there is not gives no file and no picture", () =>
  withPage(async (page) => {
    const file = path.join(directory, "a.tiff");
    assert.equal(await page.render(file), false);
    assert.equal(fs.existsSync(file), false);
    assert.equal(await page.renderBase64(/** @type {any} */ ("tiff")), "");
  }));

test("a PDF without paperSize is one page as large as the document", () =>
  withPage(async (page) => {
    await page.property("viewportSize", { width: 600, height: 300 });
    await page.property("content", BOXES);
    const { pages, width, height } = readPdf(Buffer.from(await page.renderBase64("pdf"), "base64"));
    assert.equal(pages, 1);
    assert.ok(Math.abs(width - 600) < 1 && Math.abs(height - 1000) < 1);
  }));

test("a PDF honours paperSize with margins", () =>
  withPage(async (page) => {
    await page.property("content", BOXES);
    await page.property("paperSize", { format: "A5", orientation: "landscape", margin: "1cm" });
    const { pages, width, height } = readPdf(Buffer.from(await page.renderBase64("pdf"), "base64"));
    assert.ok(Math.abs(width - 595) < 2 && Math.abs(height - 420) < 2);
    assert.ok(pages > 1);
  }));

feature("renderBase64 to a PDF with paperSize.footer", "a PDF has the footer of paperSize", async (page) => {
  await page.property("content", "text");
  await page.property("paperSize", { format: "A5", margin: "1cm" });
  const plain = await page.renderBase64("pdf");
  const footer = { height: "1cm", contents: (/** @type {number} */ n, /** @type {number} */ all) => `${n} of ${all}` };
  await page.property("paperSize", { format: "A5", margin: "1cm", footer });
  assert.ok((await page.renderBase64("pdf")).length > plain.length);
});

for (const [name, paperSize] of Object.entries({ set: { format: "A5", margin: "1cm" }, unset: {} })) {
  test(`the page's own rules for paper change no PDF whose paperSize is ${name}`, () =>
    withPage(async (page) => {
      const rules = "<style>@page { size: A3 landscape; margin: 5cm } @page:first { margin-top: 9cm }</style>";
      await page.property("paperSize", paperSize);
      await page.property("content", BOXES);
      const plain = readPdf(Buffer.from(await page.renderBase64("pdf"), "base64"));
      await page.property("content", rules + BOXES);
      assert.deepEqual(readPdf(Buffer.from(await page.renderBase64("pdf"), "base64")), plain);
    }));
}

test("zoomFactor leaves a PDF as it is", () =>
  withPage(async (page) => {
    await page.property("content", BOXES);
    const plain = readPdf(Buffer.from(await page.renderBase64("pdf"), "base64"));
    await page.property("zoomFactor", 0.5);
    assert.deepEqual(readPdf(Buffer.from(await page.renderBase64("pdf"), "base64")), plain);
  }));

test("mouse events arrive where they are sent, and keep their place without coordinates", () =>
  withPage(async (page) => {
    await page.setContent(`<script>seen = []; for (const type of ["mousedown", "mouseup", "click", "dblclick"])
      addEventListener(type, (e) => seen.push([type, e.clientX, e.clientY, e.button, e.shiftKey]))</script>`);
    await page.sendEvent("click", 30, 40);
    await page.sendEvent("mousedown", 50, 60, "left", 0x02000000);
    await page.sendEvent("mouseup");
    await page.sendEvent("doubleclick", 5, 6);
    const seen = /** @type {any[]} */ (await page.evaluate("seen"));
    assert.deepEqual(seen.slice(0, 5), [
      ["mousedown", 30, 40, 0, false],
      ["mouseup", 30, 40, 0, false],
      ["click", 30, 40, 0, false],
      ["mousedown", 50, 60, 0, true],
      ["mouseup", 50, 60, 0, false],
    ]);
    assert.deepEqual(seen.at(-1), ["dblclick", 5, 6, 0, false]);
  }));

test("key events write text, by text and by PhantomJS's codes", () =>
  withPage(async (page) => {
    await page.setContent('<input autofocus id="a">');
    await page.focus("#a");
    await page.sendEvent("keypress", "abc");
    await page.sendEvent("keypress", 16777219);
    await page.sendEvent("keypress", 90);
    assert.equal(await page.$eval("#a", (input) => /** @type {HTMLInputElement} */ (input).value), "abZ");
  }));

test("scripts come from files, URLs and text", () =>
  withPage(async (page) => {
    fs.writeFileSync(path.join(directory, "library.js"), "var library = 'injected'");
    await page.includeJs(`${site}/late.js`);
    await page.property("libraryPath", directory);
    assert.deepEqual([await page.injectJs("library.js"), await page.injectJs("none.js")], [true, false]);
    assert.equal(await page.evaluateJavaScript("function () { return library + ' ' + late }"), "injected loaded");
    await page.evaluateAsync((value) => Object.assign(window, { soon: value }), 10, 5);
    assert.equal(await (await page.waitForFunction("window.soon")).jsonValue(), 5);
  }));

test("methods are defined on the page and invoked with it", () =>
  withPage(async (page) => {
    await page.setContent("<title>T</title>");
    await page.defineMethod("shout", async function (mark) {
      return `${await this.title()}${mark}`;
    });
    await page.defineMethod("later", (value, done) => setImmediate(done, value));
    assert.equal(await page.invokeMethod("shout", "!"), "T!");
    assert.equal(await page.invokeAsyncMethod("later", 5), 5);
    assert.equal(await page.invokeAsyncMethod("title"), "T");
    await assert.rejects(page.invokeMethod("none"), { code: "ERR_INVALID_OPTION", message: /"none"/ });
  }));

test("a method's name is text, and may be given as a number", () =>
  withPage(async (page) => {
    const any = (/** @type {unknown} */ value) => /** @type {any} */ (value);
    await page.defineMethod(any(5), (value, done) => (done ? done(value) : value));
    assert.equal(await page.invokeMethod(any(5), "five"), "five");
    assert.equal(await page.invokeMethod("5", "five"), "five");
    assert.equal(await page.invokeAsyncMethod(any(5), "five"), "five");
    await assert.rejects(page.invokeMethod(any(6)), { code: "ERR_INVALID_OPTION", message: /"6"/ });
  }));

feature("setting userAgent", "the setting userAgent changes the page and is read back", async (page) => {
  await page.setting("userAgent", "Phantom/2 (test)");
  await page.open(`${site}/`);
  assert.equal(await page.evaluate("navigator.userAgent"), "Phantom/2 (test)");
  assert.equal(await page.setting("userAgent"), "Phantom/2 (test)");
});

feature("setting javascriptEnabled", "without javascriptEnabled a page's own scripts stay still", async (page) => {
  await page.setting("javascriptEnabled", false);
  assert.equal(await page.setting("javascriptEnabled"), false);
  await page.open(`${site}/scripted`);
  assert.equal(await page.property("title"), "before");
});

feature("setting loadImages", "without loadImages no picture is asked for", async (page) => {
  const pictures = asked.length;
  await page.setting("loadImages", false);
  await page.open(`${site}/pictured`);
  assert.equal(await page.$eval("img", (image) => /** @type {any} */ (image).naturalWidth), 0);
  assert.equal(asked.length, pictures);
  await page.setting("loadImages", true);
  await page.open(`${site}/pictured`);
  assert.equal(asked.length, pictures + 1);
});

feature("setting userName", "userName and password open what the server guards", async (page) => {
  await page.setting("userName", "ada");
  await page.setting("password", "secret");
  await page.open(`${site}/guarded`);
  assert.equal(await page.property("plainText"), "come in, ada:secret");
});

feature("setting password", "a wrong password gets the server's refusal", async (page) => {
  // One that has let nobody in: a browser remembers whom a server accepted.
  const other = await serve({ "/guarded": guarded });
  await page.setting("password", "wrong");
  await page.open(`${other}/guarded`);
  assert.equal(await page.property("plainText"), "who are you?");
});

test("a setting that the browser decides is kept, and a warning names the flag that does it", () =>
  withPage(async (page) => {
    const warned = once(process, "warning");
    await page.setting("localToRemoteUrlAccessEnabled", true);
    assert.equal(await page.setting("localToRemoteUrlAccessEnabled"), true);
    assert.match((await warned)[0].message, /phantomFlags \{"local-to-remote-url-access": true\}/);
  }));

test("resourceTimeout is how long open waits", () =>
  withPage(async (page) => {
    await page.setting("resourceTimeout", 300);
    assert.equal(await page.setting("resourceTimeout"), 300);
    assert.equal(await page.open(`${site}/silent`), "fail");
  }));

test("every setting and property that can be written takes back what it gives", () =>
  withPage(async (/** @type {any} */ page) => {
    const settings = ["loadImages", "resourceTimeout", "userAgent", "userName", "password", "javascriptEnabled"];
    for (const name of [...settings, "localToRemoteUrlAccessEnabled", "XSSAuditingEnabled", "webSecurityEnabled"]) {
      const value = await page.setting(name);
      await page.setting(name, value).catch((/** @type {any} */ error) => assert.equal(error.code, "ERR_UNSUPPORTED"));
      assert.deepEqual(await page.setting(name), value, name);
    }
    const properties = ["clipRect", "content", "cookies", "frameContent", "libraryPath", "navigationLocked", "onAlert"];
    for (const name of [...properties, "paperSize", "scrollPosition", "viewportSize", "zoomFactor"]) {
      const value = await page.property(name);
      await page.property(name, value);
      assert.deepEqual(await page.property(name), value, name);
    }
  }));

/** @type {[string, (page: import("../..").Page) => Promise<unknown>, unknown][]} */
const READ = [
  ["frameContent", async (page) => /^<html><head><title>True/.test(await page.property("frameContent")), true],
  ["frameTitle", (page) => page.property("frameTitle"), "True"],
  ["framesName", (page) => page.property("framesName"), ["inner"]],
  ["loading", (page) => page.property("loading"), false],
  ["loadingProgress", (page) => page.property("loadingProgress"), 100],
  ["plainText", async (page) => (await page.property("plainText")).includes("text"), true],
  ["switchToFrame", (page) => page.switchToFrame("inner"), true],
  [
    "frameContent, when it is set,",
    (page) => page.property("frameContent", "<title>Next</title>").then(() => page.property("frameTitle")),
    "Next",
  ],
];
const DRIVEN = HERE !== "cdp chromium" && "a driver switches by scripts of its own";
for (const [what, use, result] of READ) {
  const skip = what === "switchToFrame" && DRIVEN;
  test(`${what} is as ever on a page whose images are called like what a document has`, { skip }, () =>
    withPage(async (page) => {
      await page.setContent(HIDING);
      assert.deepEqual(await use(page), result);
    }),
  );
}

for (const [what, use, result] of READ.filter(([what]) => what !== "plainText")) {
  const skip = what === "switchToFrame" && DRIVEN;
  test(`${what} is as ever in a frame whose images are called like what a document has`, { skip }, () =>
    withPage(async (page) => {
      await page.goto(`${site}/framing`);
      assert.equal(await page.switchToFrame("outer"), true);
      assert.deepEqual(await use(page), result);
    }),
  );
}

feature(
  "renderBase64 to a picture",
  "pictures and papers of a page whose images are called like what a document has are whole",
  async (page) => {
    await page.setContent(HIDING);
    await page.property("zoomFactor", 2);
    const { height } = decode(Buffer.from(await page.renderBase64("png"), "base64"));
    assert.ok(height > 2000, `it is ${height} pixels high`);
    assert.match(Buffer.from(await page.renderBase64("pdf"), "base64").toString("latin1"), /^%PDF/);
  },
);
