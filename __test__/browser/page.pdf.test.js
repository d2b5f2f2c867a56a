// PDFs, by their bytes: pages and sizes in points (72 to the inch).

const { test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { readPdf } = require("../helpers/formats.js");
const { HERE, feature, withPage, scratch } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

const directory = scratch();
const THREE_PAGES = '<p>1<p style="break-before: page">2<p style="break-before: page">3';

/** @param {Buffer} pdf @param {[number, number]} size */
function assertSize(pdf, [width, height]) {
  const page = readPdf(pdf);
  assert.ok(
    Math.abs(page.width - width) < 1 && Math.abs(page.height - height) < 1,
    `got ${page.width} x ${page.height}`,
  );
}

test("a PDF has the pages that the document breaks into, of Letter size", () =>
  withPage(async (page) => {
    await page.setContent(THREE_PAGES);
    const pdf = await page.pdf();
    assert.equal(pdf.toString("latin1", 0, 5), "%PDF-");
    assert.equal(readPdf(pdf).pages, 3);
    assertSize(pdf, [612, 792]);
  }));

for (const [name, options, size] of /** @type {[string, object, [number, number]][]} */ ([
  ["a format in any case", { format: "A4" }, [595.28, 841.89]],
  ["landscape", { format: "a4", landscape: true }, [841.89, 595.28]],
  ["pixels", { width: 960, height: "480px" }, [720, 360]],
  ["inches and centimetres", { width: "5in", height: "25.4cm" }, [360, 720]],
  ["millimetres", { width: "254mm", height: "127mm" }, [720, 360]],
])) {
  test(`the paper's size may be ${name}`, () =>
    withPage(async (page) => {
      assertSize(await page.pdf(options), size);
    }));
}

test("margins take room from the content", () =>
  withPage(async (page) => {
    await page.setContent('<body style="margin: 0"><div style="height: 900px">');
    assert.equal(readPdf(await page.pdf({ width: 500, height: 1000 })).pages, 1);
    assert.equal(readPdf(await page.pdf({ width: 500, height: 1000, margin: { top: 100, bottom: "1in" } })).pages, 2);
  }));

test("scale changes how much fits", () =>
  withPage(async (page) => {
    await page.setContent('<body style="margin: 0"><div style="height: 1500px">');
    assert.equal(readPdf(await page.pdf({ width: 500, height: 1000, scale: 0.5 })).pages, 1);
  }));

test("pageRanges chooses pages", () =>
  withPage(async (page) => {
    await page.setContent(THREE_PAGES);
    assert.equal(readPdf(await page.pdf({ pageRanges: "1, 3" })).pages, 2);
  }));

test("printBackground paints backgrounds", () =>
  withPage(async (page) => {
    await page.setContent('<body style="background: linear-gradient(red, blue)">text');
    const [plain, painted] = [await page.pdf(), await page.pdf({ printBackground: true })];
    assert.ok(painted.length > plain.length);
  }));

feature(
  "pdf headerTemplate",
  "a template that loads a stylesheet is ERR_BROWSER and what may mend it",
  async (page) => {
    const headerTemplate = '<link rel="stylesheet" href="http://127.0.0.1:9/none.css"><b>Heading</b>';
    const refusal = await page.pdf({ displayHeaderFooter: true, headerTemplate }).catch((error) => error);
    if (refusal.code === "ERR_UNSUPPORTED") throw refusal;
    assert.equal(refusal.code, "ERR_BROWSER");
    assert.match(refusal.message, /Printing failed.*<style>/);
  },
);

feature("pdf headerTemplate", "a template appears on the page", async (page) => {
  await page.setContent("text");
  const margin = { top: "1in", bottom: "1in" };
  const plain = await page.pdf({ margin });
  const headed = await page.pdf({
    margin,
    headerTemplate: '<div style="font-size: 20px">Heading <span class="pageNumber"></span></div>',
  });
  assert.notEqual(headed.length, plain.length);
});

for (const [what, change] of [
  ["the document's fonts are waited for", ""],
  [
    "the document's fonts are waited for, whatever its scripts have made of the built-ins, and are left as they were",
    `Object.defineProperty(Document.prototype, "fonts", { get() { throw new Error("changed") } });
     Promise.prototype.then = Promise.prototype.constructor = () => { throw new Error("changed") };`,
  ],
]) {
  test(what, { skip: HERE !== "cdp chromium" && "in other engines these are the page's own" }, () =>
    withPage(async (page) => {
      /** @type {(response: import("node:http").ServerResponse) => void} */
      let ask = () => {};
      /** @type {Promise<import("node:http").ServerResponse>} */
      const asked = new Promise((resolve) => {
        ask = resolve;
      });
      const site = await serve({
        "/font": (_request, response) => ask(response),
        "/": `<style>@font-face { font-family: Late; src: url(/font) } p { font-family: Late }</style><p>text</p><script>
          const fonts = document.fonts;
          addEventListener("beforeprint", () => window.printed = [fonts.status, ...Reflect.ownKeys(fonts.ready)].join());
          ${change}</script>`,
      });
      await page.goto(site, { waitUntil: "domcontentloaded" });
      const font = await asked;
      const pdf = page.pdf();
      await page.title();
      font.writeHead(404).end();
      await pdf;
      assert.equal(await page.evaluate("printed"), "loaded");
    }),
  );
}

test("path writes the file", () =>
  withPage(async (page) => {
    const file = path.join(directory, "document.pdf");
    assert.deepEqual(await page.pdf({ path: file }), fs.readFileSync(file));
  }));

for (const [name, options] of Object.entries({
  "an unknown format": { format: "A99" },
  "a length in an unknown unit": { width: "3em" },
  "a scale out of range": { scale: 3 },
  "a page range that cannot be read": { pageRanges: "one" },
})) {
  test(`${name} is ERR_INVALID_OPTION`, () =>
    withPage(async (page) => {
      await assert.rejects(page.pdf(/** @type {any} */ (options)), {
        code: "ERR_INVALID_OPTION",
        message: /^page\.pdf: /,
      });
    }));
}
