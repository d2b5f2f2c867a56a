// What differs from PhantomJS on a page of ghost-town's, as the table of docs/migrating.md has it; what has a test elsewhere is not here.

const { before } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { decode, readPdf } = require("../helpers/formats.js");
const { shows } = require("../helpers/phantom-page.js");
const { deferred, scratch } = require("../helpers/town.js");
const { serve } = require("../helpers/server.js");

const directory = scratch();

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<!DOCTYPE html><title>Site</title><a id=a href='#x'>go</a>",
    "/second": "<title>Second</title><p>second",
    "/failing": "<script>nowhere.at.all</script><script>var a = ;</script>",
    "/redirect": (_request, response) => response.writeHead(302, { Location: "/second" }).end(),
    "/guarded": (_request, response) =>
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="r"', "Content-Type": "text/html" }).end("asked"),
    "/broken": (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html", "Content-Length": "5000" });
      response.write("<title>Broken</title>begun");
      setTimeout(() => response.destroy(), 100);
    },
    "/parts": (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.write("one");
      response.end("two");
    },
    "/leaving": "<title>Leaving</title><script>window.onbeforeunload = () => 'stay?'</script><p>click",
    "/framed": "<iframe name=one src='/second'></iframe><iframe src='/second'></iframe>",
    "/form": (request, response) => {
      let body = "";
      request.on("data", (part) => {
        body += part;
      });
      request.on("end", () => response.writeHead(200, { "Content-Type": "text/html" }).end(body));
    },
  });
});

/** @param {any} page @param {string[]} events @returns {Promise<any[]>} */
async function recorded(page, events) {
  /** @type {any[]} */
  const log = [];
  for (const event of events) await page.on(event, (/** @type {any[]} */ ...told) => log.push([event, ...told]));
  return log;
}

/** @param {any} page @param {string} format */
const picture = async (page, format) => decode(Buffer.from(await page.renderBase64(format), "base64"));

shows("a GIF and a WebP are what they are called", async (page) => {
  await page.property("content", "text");
  for (const [name, start] of [
    ["a.gif", "GIF8"],
    ["a.webp", "RIFF"],
  ]) {
    assert.equal(await page.render(path.join(directory, name)), true);
    assert.equal(fs.readFileSync(path.join(directory, name)).toString("latin1", 0, 4), start);
  }
});

shows("a format that no browser writes is empty", async (page) => {
  assert.equal(await page.renderBase64("ppm"), "");
});

shows("a JPEG is white where nothing was painted", async (page) => {
  await page.property("content", "");
  assert.deepEqual((await picture(page, "jpeg")).at(5, 5), [255, 255, 255, 255]);
});

shows("null stays null, as an argument and in what comes back", async (page) => {
  const given = (/** @type {unknown} */ value) => [value, null, undefined];
  assert.deepEqual(await page.evaluate(given, null), [null, null, null]);
});

shows("an element that comes back has its own plain properties alone", async (page) => {
  await page.open(`${site}/`);
  const element = await page.evaluate(() => document.querySelector("a"));
  assert.deepEqual([element.id, element.ownerDocument, element.parentNode], ["a", undefined, undefined]);
});

shows("a box of an element has the sides that Chromium gives it", async (page) => {
  await page.property("content", "<i id=i style='position: absolute; left: 3px; top: 4px'>i</i>");
  const { x, y } = await page.evaluate(() => document.getElementById("i")?.getBoundingClientRect());
  assert.deepEqual([x, y], [3, 4]);
});

shows("errors have V8's words, and a script that does not parse is told of", async (page) => {
  const log = await recorded(page, ["onError"]);
  await page.open(`${site}/failing`);
  assert.deepEqual(
    log.map(([, message]) => message),
    ["ReferenceError: nowhere is not defined", "SyntaxError: Unexpected token ';'"],
  );
});

shows("onInitialized comes when the document is made, scripts or not", async (page) => {
  const log = await recorded(page, ["onInitialized", "onLoadFinished"]);
  await page.open(`${site}/second`);
  assert.deepEqual(log, [["onInitialized"], ["onLoadFinished", "success"]]);
});

shows("redirectURL is where a redirect leads", async (page) => {
  const log = await recorded(page, ["onResourceReceived"]);
  await page.open(`${site}/redirect`);
  assert.equal(log[0][1].redirectURL, `${site}/second`);
});

shows("names of headers have capitals", async (page) => {
  const log = await recorded(page, ["onResourceReceived"]);
  await page.open(`${site}/second`);
  assert.ok(log[0][1].headers.some(({ name = "" }) => name === "Content-Type"));
});

shows("a page that asks for a password shows what the server sent", async (page) => {
  assert.equal(await page.open(`${site}/guarded`), "fail");
  assert.equal(await page.property("plainText"), "asked");
});

shows("to open a place in the same document is a success", async (page) => {
  await page.open(`${site}/`);
  assert.equal(await page.open(`${site}/#x`), "success");
});

shows("an operation that there is not is GET", async (page) => {
  assert.equal(await page.open(`${site}/form`, "FOO", "a=1"), "success");
});

shows("a page that would rather be asked is left", async (page) => {
  await page.open(`${site}/leaving`);
  await page.sendEvent("click", 5, 5);
  assert.equal(await page.open(`${site}/second`), "success");
});

shows("openUrl, goBack and reload have loaded when they are done", async (page) => {
  await page.open(`${site}/`);
  await page.openUrl(`${site}/second`, "GET", {});
  assert.equal(await page.property("title"), "Second");
  await page.goBack();
  assert.equal(await page.property("title"), "Site");
  await page.evaluate(() => Object.assign(document, { title: "Changed" }));
  await page.reload();
  assert.equal(await page.property("title"), "Site");
});

shows("setContent shows the HTML without a URL, and with about:blank", async (page) => {
  await page.setContent("<title>With</title>", "about:blank");
  assert.equal(await page.property("title"), "With");
  await page.setContent("<title>Without</title>");
  assert.equal(await page.property("title"), "Without");
});

shows("addCookie says whether the cookie was added, and cookies are those of the page's site", async (page) => {
  await page.open(`${site}/`);
  assert.equal(await page.addCookie({ name: "here", value: "1" }), true);
  assert.equal(await page.addCookie({ name: "there", value: "1", domain: "elsewhere.example" }), true);
  assert.deepEqual(
    (await page.property("cookies")).map(({ name = "" }) => name),
    ["here"],
  );
});

shows("a page that no script has opened does not close itself", async (page) => {
  const log = await recorded(page, ["onClosing"]);
  await page.open(`${site}/`);
  await page.evaluate(() => window.close());
  assert.equal(await page.property("title"), "Site");
  assert.deepEqual(log, []);
});

shows("a frame without a name has none", async (page) => {
  await page.open(`${site}/framed`);
  assert.deepEqual(await page.childFramesName(), ["one", ""]);
});

shows("a click on a file field asks for its files", async (page) => {
  const changed = deferred();
  await page.property(
    "content",
    "<input type=file style='position: absolute; left: 0; top: 0; width: 200px; height: 40px'>",
  );
  await page.evaluate(() =>
    document.querySelector("input")?.addEventListener("change", ({ target }) => {
      console.log(/** @type {any} */ (target).files[0].name);
    }),
  );
  await page.on("onConsoleMessage", changed.resolve);
  await page.property("onFilePicker", new Function(`return ${JSON.stringify(__filename)}`));
  await page.sendEvent("click", 20, 20);
  assert.equal(await changed.promise, path.basename(__filename));
});

shows("a right click asks for a menu", async (page) => {
  const asked = deferred();
  await page.property("content", "<div style='height: 200px'>text</div>");
  await page.on("onConsoleMessage", asked.resolve);
  await page.evaluate(() => document.addEventListener("contextmenu", () => console.log("menu")));
  await page.sendEvent("click", 20, 20, "right");
  assert.equal(await asked.promise, "menu");
});

shows("a document whose connection ends in the middle is what there is of it", async (page) => {
  assert.equal(await page.open(`${site}/broken`), "success");
  assert.equal(await page.property("title"), "Broken");
});

shows("bodySize is nothing where the answer does not say it", async (page) => {
  const log = await recorded(page, ["onResourceReceived"]);
  await page.open(`${site}/parts`);
  assert.equal(log[0][1].bodySize, 0);
});

shows("zoomFactor enlarges a picture's contents, and leaves the page as it is", async (page) => {
  await page.property("viewportSize", { width: 100, height: 100 });
  await page.property("content", "<body style='margin: 0'><div style='width: 20px; height: 20px; background: red'>");
  await page.property("zoomFactor", 2);
  const { at } = await picture(page, "png");
  assert.deepEqual([at(35, 35).slice(0, 3), at(45, 45)[3]], [[255, 0, 0], 0]);
  assert.equal(await page.evaluate(() => document.documentElement.style.zoom), "");
});

shows("a keypress with Alt is a shortcut, which types nothing", async (page) => {
  await page.property("content", "<input id=i>");
  await page.evaluate(() => {
    const field = /** @type {HTMLInputElement} */ (document.getElementById("i"));
    Object.assign(window, { log: [] });
    for (const type of ["keydown", "keypress", "keyup"])
      field.addEventListener(type, () => /** @type {any} */ (window).log.push(type));
    field.focus();
  });
  await page.sendEvent("keypress", "a", null, null, 0x08000000);
  const seen = () => [/** @type {any} */ (window).log, /** @type {any} */ (document.getElementById("i")).value];
  assert.deepEqual(await page.evaluate(seen), [["keydown", "keyup"], ""]);
});

shows("data that is an object is sent as a form", async (page) => {
  await page.open(`${site}/form`, { operation: "POST", data: { a: "1 2" } });
  assert.equal(await page.property("plainText"), "a=1+2");
});

shows("a page may be closed twice, and calls after it say what is wrong", async (page) => {
  await page.close();
  await page.close();
  await assert.rejects(page.property("title"), { code: "ERR_PAGE_CLOSED" });
});

shows("a frame that comes after the load tells of no load of the page", async (page) => {
  await page.open(`${site}/`);
  const log = await recorded(page, ["onNavigationRequested", "onLoadStarted", "onLoadFinished"]);
  await page.evaluate(() =>
    new Promise((resolve) => {
      const frame = Object.assign(document.createElement("iframe"), { src: "/second", onload: resolve });
      document.body.append(frame);
    }).then(() => null),
  );
  assert.deepEqual(log, [["onNavigationRequested", `${site}/second`, "Other", true, false]]);
});

shows("content that is set leaves the URL of the page before", async (page) => {
  await page.open(`${site}/second`);
  await page.property("content", "<title>Set</title>");
  assert.equal(await page.property("url"), `${site}/second`);
});

shows("a heading may be a text, and its scripts do not run", async (page) => {
  const file = path.join(directory, "heading.pdf");
  await page.property("content", "text");
  const contents = "<script>document.body.remove()</script>heading";
  await page.property("paperSize", { format: "A4", header: { height: "1cm", contents } });
  assert.equal(await page.render(file), true);
  assert.equal(readPdf(fs.readFileSync(file)).pages, 1);
});
