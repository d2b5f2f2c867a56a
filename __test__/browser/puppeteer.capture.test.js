// Puppeteer's options of pictures and PDFs, beside those of page.screenshot.test.js and page.pdf.test.js.

const assert = require("node:assert/strict");
const { decode } = require("../helpers/formats.js");
const { feature } = require("../helpers/page.js");

const RED = [255, 0, 0, 255];
const WHITE = [255, 255, 255, 255];
const SQUARE = `<!doctype html><style>body { margin: 0; height: 900px }
  div { background: #f00; width: 100px; height: 100px }</style><div></div>`;

feature(
  "screenshot captureBeyondViewport",
  "a clip ends where the viewport does, if it may not go beyond",
  async (page) => {
    await page.setViewport({ width: 60, height: 50 });
    await page.setContent(SQUARE);
    const clip = { x: 20, y: 10, width: 100, height: 100 };
    const { width, height, at } = decode(await page.screenshot({ clip, captureBeyondViewport: false }));
    assert.deepEqual([width, height, at(39, 39)], [40, 40, RED]);
  },
);

feature(
  "screenshot captureBeyondViewport",
  "a whole page without going beyond makes the viewport large meanwhile",
  async (page) => {
    await page.setViewport({ width: 200, height: 100 });
    await page.setContent(SQUARE);
    const { width, height, at } = decode(await page.screenshot({ fullPage: true, captureBeyondViewport: false }));
    assert.deepEqual([width, height, at(5, 5), at(150, 899)], [200, 900, RED, WHITE]);
    assert.deepEqual(await page.evaluate("[innerWidth, innerHeight]"), [200, 100]);
    assert.deepEqual(page.viewport(), { width: 200, height: 100 });
  },
);

feature("screenshot omitBackground", "a picture that cannot be transparent is white", async (page) => {
  await page.setViewport({ width: 40, height: 30 });
  await page.setContent("");
  const white = await page.screenshot({ type: "jpeg", quality: 100 });
  assert.deepEqual(await page.screenshot({ type: "jpeg", quality: 100, omitBackground: true }), white);
});

const HEADINGS = "<!doctype html><title>book</title><h1>one</h1><p>text<h2>two</h2>";

feature("pdf tagged", "a PDF says what is a heading, unless it is told not to", async (page) => {
  await page.setContent(HEADINGS);
  const tagged = async (/** @type {object} */ options) => (await page.pdf(options)).includes("/StructTreeRoot");
  assert.deepEqual([await tagged({ tagged: true }), await tagged({ tagged: false })], [true, false]);
});

feature("pdf outline", "a PDF has an outline of its headings on demand", async (page) => {
  await page.setContent(HEADINGS);
  const outlined = async (/** @type {object} */ options) => (await page.pdf(options)).includes("/Outlines");
  assert.deepEqual([await outlined({ outline: true }), await outlined({})], [true, false]);
});

feature("pdf omitBackground", "a PDF without background has a transparent page", async (page) => {
  await page.setContent("<p>text");
  const [plain, clear] = [
    await page.pdf({ printBackground: true }),
    await page.pdf({ omitBackground: true, printBackground: true }),
  ];
  assert.ok(clear.length <= plain.length, `${clear.length} ${plain.length}`);
});

feature("pdf outline", "a PDF comes as a stream too", async (page) => {
  await page.setContent(HEADINGS);
  const chunks = [];
  for await (const chunk of /** @type {any} */ (await page.createPDFStream({ outline: true }))) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).subarray(0, 5).toString(), "%PDF-");
});

feature("pdf outline", "a PDF that takes too long ends with a time-out", async (page) => {
  await page.setContent(`<p>${"<b>text</b> ".repeat(20_000)}`);
  await assert.rejects(page.pdf({ timeout: 1, outline: true }), { code: "ERR_TIMEOUT", message: /page\.pdf/ });
});
