// Gotenberg's routes for PDFs: they are merged, split, turned, flattened, and told of.

const { before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { PDFDocument, PDFDict, PDFName, PDFArray } = require("@cantoo/pdf-lib");
const { ask, pdfOf, sizesOf, unzipped } = require("./gotenberg.js");
const { bytes, open } = require("./service.js");

/** @type {Awaited<ReturnType<typeof open>>} */
let service;
before(async () => {
  service = await open();
});

/** @param {string} route @param {Parameters<typeof ask>[2]} what */
const edit = (route, what) => ask(service, `/forms/pdfengines/${route}`, what);
/** @param {string} what @param {Buffer} pdf */
const read = async (what, pdf) =>
  JSON.parse(String(await bytes(edit(`${what}/read`, { files: { "it.pdf": pdf } }))))["it.pdf"];
/** @param {Promise<Response>} answer @returns {Promise<[number, string]>} */
const refusal = async (answer) => [(await answer).status, await (await answer).text()];

/** A PDF as Chromium prints it. @param {string} html @param {Record<string, string>} [fields] */
const printed = (html, fields) =>
  bytes(ask(service, "/forms/chromium/convert/html", { files: { "index.html": html }, fields }));

/** A document of two pages, with an outline and a link from the first page to the second. */
const linked = () =>
  printed("<h1>First</h1><a href='#second'>to the second</a><h1 id=second style='break-before: page'>Second</h1>", {
    generateDocumentOutline: "true",
  });

describe("merge", () => {
  test("takes the files in the order of the numbers in their names", async () => {
    const files = {
      "b.pdf": await pdfOf([[104, 100]]),
      "10.pdf": await pdfOf([[103, 100]]),
      "2_b.pdf": await pdfOf([[102, 100]]),
      "1_z.PDF": await pdfOf([
        [101, 100],
        [101, 100],
      ]),
    };
    const merged = await bytes(edit("merge", { files }));
    assert.deepEqual(
      (await sizesOf(merged)).map(([width]) => width),
      [101, 101, 102, 103, 104],
    );
  });

  test("keeps the outlines, whose places move with their pages", async () => {
    const files = { "1.pdf": await pdfOf([[100, 100]]), "2.pdf": await linked() };
    assert.deepEqual(await read("bookmarks", await bytes(edit("merge", { files }))), [
      { title: "First", page: 2 },
      { title: "Second", page: 3 },
    ]);
  });

  test("with titleBookmarks has one for each file, above its own", async () => {
    const files = { "1.pdf": await pdfOf([[100, 100]], (pdf) => pdf.setTitle("Cover")), "2.pdf": await linked() };
    const merged = await bytes(edit("merge", { files, fields: { titleBookmarks: "true" } }));
    const [cover, second] = await read("bookmarks", merged);
    assert.deepEqual(cover, { title: "Cover", page: 1 });
    assert.deepEqual([second.page, second.children.length], [2, 2]);
  });

  test("has the bookmarks that it is given, for all or by file", async () => {
    const files = { "1.pdf": await pdfOf([[100, 100]]), "2.pdf": await linked() };
    const list = [{ title: "Index", page: 3, children: [{ title: "Below", page: 1 }] }];
    const one = await bytes(edit("merge", { files, fields: { bookmarks: JSON.stringify(list) } }));
    assert.deepEqual(await read("bookmarks", one), list);
    const byFile = { "2.pdf": [{ title: "Of the second file", page: 2 }] };
    const other = await bytes(edit("merge", { files, fields: { bookmarks: JSON.stringify(byFile) } }));
    assert.deepEqual(await read("bookmarks", other), [{ title: "Of the second file", page: 3 }]);
  });

  test("keeps links between pages, and has each page once", async () => {
    const files = { "1.pdf": await pdfOf([[100, 100]]), "2.pdf": await linked() };
    const merged = await PDFDocument.load(await bytes(edit("merge", { files })));
    const [, from, to] = merged.getPages();
    const link = from.node.lookup(PDFName.of("Annots"), PDFArray).lookup(0, PDFDict);
    assert.equal(link.lookup(PDFName.of("Dest"), PDFArray).get(0), to.ref);
    const all = merged.context
      .enumerateIndirectObjects()
      .filter(([, object]) => object instanceof PDFDict && object.lookup(PDFName.of("Type")) === PDFName.of("Page"));
    assert.equal(all.length, 3);
  });

  test("keeps the fields of forms, of which those with one name stay two", async () => {
    const form = (/** @type {string} */ text) =>
      pdfOf([[200, 200]], (pdf) => {
        const field = pdf.getForm().createTextField("name");
        field.setText(text);
        field.addToPage(pdf.getPage(0));
      });
    const files = { "1.pdf": await form("one"), "2.pdf": await form("two") };
    const merged = await PDFDocument.load(await bytes(edit("merge", { files })));
    const fields = merged.getForm().getFields();
    assert.deepEqual(
      fields.map((field) => field.getName()),
      ["name", "name_2"],
    );
    assert.equal(merged.getForm().getTextField("name_2").getText(), "two");
  });

  test("refuses what is no PDF by its name", async () => {
    assert.deepEqual(await refusal(edit("merge", { files: { "1.pdf": "no PDF" } })), [
      400,
      "The file '1.pdf' is no PDF that can be read",
    ]);
    assert.deepEqual(await refusal(edit("merge", { files: { "1.txt": "text" } })), [
      400,
      "Invalid form data: no form file found for extensions: [.pdf]",
    ]);
  });
});

describe("split", () => {
  const THREE = /** @type {[number, number][]} */ ([
    [101, 100],
    [102, 100],
    [103, 100],
  ]);
  /** @param {Record<string, string>} fields */
  const split = async (fields) => edit("split", { fields, files: { "three.pdf": await pdfOf(THREE) } });

  test("into intervals, or pages, is a ZIP of PDFs", async () => {
    for (const [fields, widths] of /** @type {[Record<string, string>, number[][]][]} */ ([
      [{ splitMode: "intervals", splitSpan: "2" }, [[101, 102], [103]]],
      [{ splitMode: "pages", splitSpan: "2-" }, [[102], [103]]],
    ])) {
      const response = await split(fields);
      assert.equal(response.headers.get("content-type"), "application/zip");
      const parts = unzipped(await bytes(response));
      assert.deepEqual([...parts.keys()], ["three_0.pdf", "three_1.pdf"]);
      const found = await Promise.all([...parts.values()].map(sizesOf));
      assert.deepEqual(
        found.map((sizes) => sizes.map(([width]) => width)),
        widths,
      );
    }
  });

  test("with splitUnify is one PDF of the pages", async () => {
    const response = await split({ splitMode: "pages", splitSpan: "1,3", splitUnify: "true" });
    assert.equal(response.headers.get("content-disposition"), 'attachment; filename="three.pdf"');
    assert.deepEqual(
      (await sizesOf(await bytes(response))).map(([width]) => width),
      [101, 103],
    );
  });

  test("keeps the bookmarks of the pages", async () => {
    const fields = { splitMode: "pages", splitSpan: "2" };
    const part = await bytes(edit("split", { fields, files: { "it.pdf": await linked() } }));
    assert.deepEqual(await read("bookmarks", part), [{ title: "Second", page: 1 }]);
  });

  test("refuses what is no way to split, and pages that are not there", async () => {
    assert.deepEqual(await refusal(split({})), [
      400,
      "Invalid form data: form field 'splitMode' is required\nform field 'splitSpan' is required",
    ]);
    const [status, message] = await refusal(split({ splitMode: "foo", splitSpan: "1" }));
    assert.equal(status, 400);
    assert.match(message, /wrong value, expected either 'intervals' or 'pages'/);
    assert.deepEqual(await refusal(split({ splitMode: "pages", splitSpan: "4" })), [
      400,
      "The pages '4' are not among the 3 of the PDF",
    ]);
  });
});

describe("metadata", () => {
  const METADATA = {
    Author: "A. Author",
    Copyright: "nobody's",
    CreateDate: "2006-09-18T16:27:50-04:00",
    Keywords: ["first", "second"],
    Marked: true,
    PDFVersion: 1.6,
    Title: "Über alles",
    Trapped: "Unknown",
    "PDF:Subject": "a group",
    FileName: "elsewhere.pdf",
  };

  test("is read as it has been written", async () => {
    const files = { "it.pdf": await pdfOf([[100, 100]]) };
    const response = await edit("metadata/write", { files, fields: { metadata: JSON.stringify(METADATA) } });
    assert.equal(response.headers.get("content-disposition"), 'attachment; filename="it.pdf"');
    const found = await read("metadata", await bytes(response));
    const { FileName: _, "PDF:Subject": Subject, ...same } = METADATA;
    for (const [name, value] of Object.entries({
      ...same,
      Subject,
      CreateDate: "2006:09:18 16:27:50-04:00",
      PageCount: 1,
    })) {
      assert.deepEqual(found[name], value, name);
    }
    assert.equal(found.FileName, undefined);
  });

  test("with control characters or what is no value is refused", async () => {
    const files = { "it.pdf": await pdfOf([[100, 100]]) };
    for (const metadata of ['{"Title":"a\\nb"}', '{"Title":{}}', '{"CreateDate":"yesterday"}']) {
      const [status, message] = await refusal(edit("metadata/write", { files, fields: { metadata } }));
      assert.equal(status, 400);
      assert.match(message, /^The requested metadata could not be written/);
    }
    const [, message] = await refusal(edit("metadata/write", { files, fields: { metadata: "foo" } }));
    assert.match(message, /^Invalid form data: form field 'metadata' is invalid \(got 'foo'/);
  });
});

test("bookmarks are read as they have been written, of each file its own", async () => {
  const bookmarks = {
    "a.pdf": [{ title: "A ä", page: 1 }],
    "b.pdf": [{ title: "B", page: 2, children: [{ title: "C", page: 1 }] }],
  };
  const pdf = await pdfOf([
    [100, 100],
    [100, 100],
  ]);
  const files = { "a.pdf": pdf, "b.pdf": pdf };
  const zip = await bytes(edit("bookmarks/write", { files, fields: { bookmarks: JSON.stringify(bookmarks) } }));
  const parts = Object.fromEntries(unzipped(zip));
  assert.deepEqual(JSON.parse(String(await bytes(edit("bookmarks/read", { files: parts })))), bookmarks);
  const [status, message] = await refusal(
    edit("bookmarks/write", { files, fields: { bookmarks: '[{"title":"Z","page":9}]' } }),
  );
  assert.deepEqual([status, message], [400, "The bookmark 'Z' is of page 9, and the PDF has 2"]);
});

test("rotate turns the pages that it is told to, from where they are", async () => {
  const pdf = await pdfOf([
    [100, 200],
    [100, 200],
  ]);
  const once = await bytes(edit("rotate", { files: { "it.pdf": pdf }, fields: { rotateAngle: "270" } }));
  const twice = await bytes(
    edit("rotate", { files: { "it.pdf": once }, fields: { rotateAngle: "180", rotatePages: "2" } }),
  );
  const pages = (await PDFDocument.load(twice)).getPages();
  assert.deepEqual(
    pages.map((page) => page.getRotation().angle),
    [270, 90],
  );
  assert.equal((await edit("rotate", { files: { "it.pdf": pdf }, fields: { rotateAngle: "45" } })).status, 400);
});

test("flatten leaves of fields what they look like, and keeps links", async () => {
  const form = await pdfOf([[200, 200]], (pdf) => {
    const page = pdf.getPage(0);
    const field = pdf.getForm().createTextField("name");
    field.setText("filled in");
    field.addToPage(page, { x: 20, y: 30, width: 100, height: 20 });
    const link = pdf.context.obj({
      Type: "Annot",
      Subtype: "Link",
      Rect: [0, 0, 9, 9],
      A: { S: "URI", URI: "https://a.example" },
    });
    page.node.addAnnot(pdf.context.register(link));
  });
  const flat = await PDFDocument.load(await bytes(edit("flatten", { files: { "form.pdf": form } })));
  const page = flat.getPage(0);
  assert.equal(flat.getForm().getFields().length, 0);
  const annotations = page.node.lookup(PDFName.of("Annots"), PDFArray);
  assert.deepEqual(
    [annotations.size(), annotations.lookup(0, PDFDict).lookup(PDFName.of("Subtype"))],
    [1, PDFName.of("Link")],
  );
  const looks = page.node.Resources()?.lookup(PDFName.of("XObject"), PDFDict);
  assert.equal(looks?.keys().length, 1);
});

test("several PDFs are answered as a ZIP of theirs, under the name that is wanted", async () => {
  const pdf = await pdfOf([[100, 100]]);
  const response = await edit("flatten", {
    files: { "a.pdf": pdf, "b.pdf": pdf },
    headers: { "Gotenberg-Output-Filename": "C:\\Temp\\both" },
  });
  assert.equal(response.headers.get("content-disposition"), 'attachment; filename="both.zip"');
  assert.deepEqual([...unzipped(await bytes(response)).keys()], ["a.pdf", "b.pdf"]);
});

for (const [route, what] of [
  ["libreoffice/convert", "LibreOffice"],
  ["pdfengines/convert", "PDF/A and PDF/UA"],
  ["pdfengines/encrypt", "encryption"],
  ["pdfengines/watermark", "watermarks"],
]) {
  test(`${route} is refused by what it would need`, async () => {
    assert.deepEqual(await refusal(ask(service, `/forms/${route}`, { files: { "a.pdf": "x" } })), [
      404,
      `boomtown has no ${what}, which /forms/${route} needs`,
    ]);
  });
}
