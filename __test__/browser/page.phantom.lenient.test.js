// phantom's names take what PhantomJS takes, on every page.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { decode, paintings, readPdf } = require("../helpers/formats.js");
const { feature, withPage, scratch } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

const directory = scratch();
const TEAL = "<body style='margin: 0; background: teal'>";

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>Site</title>",
    "/headers": (request, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end(`<pre>${request.headers["x-number"]}</pre>`),
    "/tall": "<body style='margin: 0'><div style='height: 2000px'>",
    "/frames": '<title>top</title><iframe name="outer" src="/inner"></iframe>',
    "/inner": '<title>inner</title><iframe name="deep" src="/"></iframe>',
  });
});

/** Values that are no type of ours. @param {unknown} value @returns {any} */
const any = (value) => value;

test("a viewport's sides may be text, and have other members beside them", () =>
  withPage(async (page) => {
    await page.property("viewportSize", any({ width: "320", height: "240", top: 0, left: 0 }));
    assert.deepEqual(await page.property("viewportSize"), { width: 320, height: 240 });
  }));

for (const size of [null, 5, "x", {}, { width: 0, height: 0 }, { width: -5, height: 10 }, { width: 300 }]) {
  test(`a viewport of ${JSON.stringify(size)} leaves the page as large as it is`, () =>
    withPage(async (page) => {
      const before = await page.property("viewportSize");
      await page.property("viewportSize", any(size));
      assert.deepEqual(await page.property("viewportSize"), before);
    }));
}

feature("renderBase64 to a picture", "a clipRect may be what getBoundingClientRect gives", async (page) => {
  await page.property(
    "content",
    "<div id=d style='position: absolute; left: 11px; top: 22px; width: 33px; height: 44px'>",
  );
  const rect = await page.evaluate(() =>
    /** @type {Element} */ (document.querySelector("#d")).getBoundingClientRect().toJSON(),
  );
  await page.property("clipRect", rect);
  const { width, height } = decode(Buffer.from(await page.renderBase64(), "base64"));
  assert.deepEqual([width, height], [33, 44]);
});

test("a clipRect is whole pixels, the nearest ones", () =>
  withPage(async (page) => {
    await page.property("clipRect", any({ top: 1.5, left: 2.5, width: 50.4, height: "40" }));
    assert.deepEqual(await page.property("clipRect"), { top: 2, left: 3, width: 50, height: 40 });
  }));

test("content may be a number, which is its text", () =>
  withPage(async (page) => {
    await page.property("content", any(5));
    assert.equal(await page.property("plainText"), "5");
  }));

feature("property customHeaders", "a header may be a number", async (page) => {
  await page.property("customHeaders", any({ "X-Number": 5 }));
  await page.open(`${site}/headers`);
  assert.equal(await page.property("plainText"), "5");
});

test("a property that there is not is kept, with a warning", () =>
  withPage(async (page) => {
    const warned = once(process, "warning");
    await page.property(any("viewportsize"), 5);
    assert.equal(await page.property(any("viewportsize")), 5);
    assert.match((await warned)[0].message, /"viewportsize"; did you mean "viewportSize"\?/);
  }));

test("a setting that there is not is kept, with a warning", () =>
  withPage(async (page) => {
    const warned = once(process, "warning");
    await page.setting(any("userAgnet"), "x");
    assert.equal(await page.setting(any("userAgnet")), "x");
    assert.match((await warned)[0].message, /"userAgnet"/);
  }));

test("a setting is given back as it was given", () =>
  withPage(async (page) => {
    await page.setting("resourceTimeout", any("5000"));
    assert.equal(await page.setting("resourceTimeout"), "5000");
  }));

feature("setting userAgent", "settings may be set as a property, all at once", async (page) => {
  await page.property(any("settings"), { userAgent: "mine", loadImages: true });
  const settings = any(await page.property(any("settings")));
  assert.equal(settings.userAgent, "mine");
  assert.equal(settings.javascriptCanOpenWindows, true);
});

test("an event that there is not may be listened to", () =>
  withPage(async (page) => {
    const warned = once(process, "warning");
    page.on(any("onLoadFinnished"), () => {});
    assert.match((await warned)[0].message, /did you mean "onLoadFinished"\?/);
  }));

test("the numbers of keys are the property event's", () =>
  withPage(async (page) => {
    const { key, modifier } = any(await page.property(any("event")));
    assert.deepEqual([key.Enter, key.A, modifier.shift], [16777221, 65, 0x02000000]);
  }));

test("an event of the mouse may have its place as text, and one that there is not does nothing", () =>
  withPage(async (page) => {
    await page.property("content", "<body onclick='document.title += event.clientX'>x".padEnd(100));
    await page.property("content", "<div style='height: 300px' onclick='document.title += event.clientX'>");
    await page.sendEvent("click", any("50"), any("60"));
    await page.sendEvent(any("foo"), 1, 2);
    assert.equal(await page.property("title"), "50");
  }));

for (const options of [10, "50", null, { quality: "abc" }, { quality: 500 }]) {
  feature("render to a picture", `render takes ${JSON.stringify(options)} for its options`, async (page) => {
    await page.property("content", TEAL);
    const file = path.join(directory, "any.jpg");
    assert.equal(await page.render(file, any(options)), true);
    assert.equal(fs.readFileSync(file).toString("hex", 0, 2), "ffd8");
  });
}

test("render is false where the file cannot be written, or its name says no format", () =>
  withPage(async (page) => {
    fs.writeFileSync(path.join(directory, "file"), "");
    assert.equal(await page.render(path.join(directory, "file", "a.pdf")), false);
    assert.equal(await page.render(path.join(directory, "nameless")), false);
  }));

feature("renderBase64 to a picture", "a picture begins where the page is scrolled to", async (page) => {
  await page.property("viewportSize", { width: 300, height: 200 });
  await page.open(`${site}/tall`);
  await page.property("scrollPosition", { top: 100, left: 0 });
  assert.equal(decode(Buffer.from(await page.renderBase64(), "base64")).height, 1900);
});

/** @type {[string, object, [number, number, number]][]} */
const PAPERS = [
  ["pixels are points", { width: "300px", height: "400px" }, [300, 400, 5]],
  ["numbers are pixels", { width: 300, height: "400" }, [300, 400, 5]],
  ["a size is not turned", { width: "300px", height: "400px", orientation: "landscape" }, [300, 400, 5]],
  ["a format is turned, in any case", { format: "A4", orientation: "Landscape" }, [842, 595, 4]],
  ["2,000 pixels take three pages of A4", { format: "A4" }, [595, 842, 3]],
  ["a border is a margin", { format: "A4", border: "5cm" }, [595, 842, 4]],
  ["a format that there is not is A4", { format: "Foo" }, [595, 842, 3]],
  ["a length that is none is a letter", { width: "300pt", height: "400pt" }, [612, 792, 3]],
];
for (const [name, size, [width, height, pages]] of PAPERS) {
  test(`of a paperSize, ${name}`, () =>
    withPage(async (page) => {
      await page.open(`${site}/tall`);
      await page.property("paperSize", any(size));
      const pdf = readPdf(Buffer.from(await page.renderBase64("pdf"), "base64"));
      assert.ok(
        Math.abs(pdf.width - width) < 1.5 && Math.abs(pdf.height - height) < 1.5,
        `${pdf.width} x ${pdf.height}`,
      );
      assert.equal(pdf.pages, pages);
    }));
}

feature(
  "renderBase64 to a PDF with paperSize.footer",
  "a footer's function gets numbers, once for each page",
  async (page) => {
    /** @type {unknown[]} */
    const calls = [];
    const contents = (/** @type {number} */ n, /** @type {number} */ all) => {
      calls.push([n, all]);
      return `${n} / ${all}`;
    };
    await page.open(`${site}/tall`);
    await page.property("paperSize", any({ format: "A4", footer: { height: "1cm", contents } }));
    await page.renderBase64("pdf");
    assert.deepEqual(calls, [
      [1, 3],
      [2, 3],
      [3, 3],
    ]);
  },
);

feature(
  "renderBase64 to a PDF with paperSize.footer",
  "a footer's function that throws makes no footer",
  async (page) => {
    await page.property("content", "<div style='height: 2500px'>text</div>");
    await page.property("paperSize", any({ format: "A4", footer: { height: "1cm", contents: "" } }));
    const plain = Buffer.from(await page.renderBase64("pdf"), "base64");
    const contents = () => assert.fail("of the heading");
    await page.property("paperSize", any({ format: "A4", footer: { height: "1cm", contents } }));
    assert.deepEqual(paintings(Buffer.from(await page.renderBase64("pdf"), "base64")), paintings(plain));
  },
);

/** Three pages with a link and a place. */
const LINKED = ["<a href='http://nowhere.invalid/'>out</a>", "<a href='#c'>in</a>", "<b id=c>c</b>"]
  .map((html) => `<div style='page-break-after: always'>${html}</div>`)
  .join("");

/** The rectangles of this colour that paint a page, in points: left, top, width and height. @param {string} painting @param {string} colour */
function bars(painting, colour) {
  const [, after = ""] = painting.split(`${colour} rg`);
  const rects = [...after.split(" rg", 1)[0].matchAll(/([-\d.]+) ([-\d.]+) ([-\d.]+) ([-\d.]+) re\nf/g)];
  return rects.map(([, ...sides]) => sides.map((side) => Math.round(Number(side) * 0.75)));
}
const bar = (/** @type {string} */ colour) => `<div style="background: ${colour}; height: 12px"></div>`;

feature(
  "renderBase64 to a PDF with paperSize.footer",
  "each page has the headings that are its own, and the document keeps its links",
  async (page) => {
    await page.property("content", LINKED);
    const size = { width: "300px", height: "400px" };
    const header = {
      height: "1cm",
      contents: (/** @type {number} */ n) => (n === 1 ? "" : `Page ${n} ${bar("lime")}`),
    };
    const footer = {
      height: "1cm",
      contents: (/** @type {number} */ n, /** @type {number} */ all) => bar(n === all ? "red" : "blue"),
    };
    await page.property("paperSize", any(size));
    const plain = Buffer.from(await page.renderBase64("pdf"), "base64").toString("latin1");
    await page.property("paperSize", any({ ...size, header, footer }));
    const pdf = Buffer.from(await page.renderBase64("pdf"), "base64");
    const painted = paintings(pdf).map((painting) =>
      ["0 1 0", "1 0 0", "0 0 1"].map((colour) => bars(painting, colour).length),
    );
    assert.deepEqual(painted, [
      [0, 0, 1],
      [1, 0, 1],
      [1, 1, 0],
    ]);
    const links = (/** @type {string} */ text) => text.match(/\/Subtype\s*\/Link\b/g)?.length;
    assert.equal(links(pdf.toString("latin1")), links(plain));
    assert.deepEqual(readPdf(pdf), { ...readPdf(pdf), pages: 3 });
  },
);

feature(
  "renderBase64 to a PDF with paperSize.footer",
  "headings are between the page's margins, as the body of a page of their own, and a pixel is a point",
  async (page) => {
    const margin = { left: "40px", right: "60px", top: "20px", bottom: "30px" };
    const header = { height: "50px", contents: () => bar("lime") };
    const footer = { height: "40px", contents: () => bar("blue") };
    await page.property("paperSize", any({ width: "400px", height: "500px", margin, header, footer }));
    await page.property("content", "<p>text");
    const [painting] = paintings(Buffer.from(await page.renderBase64("pdf"), "base64"));
    const [[above], [below]] = [bars(painting, "0 1 0"), bars(painting, "0 0 1")];
    assert.deepEqual(above, [48, 28, 284, 12]);
    assert.deepEqual(below, [48, 438, 284, 12]);
  },
);

feature(
  "renderBase64 to a PDF with paperSize.footer",
  "a number in a heading's markup is no page's number",
  async (page) => {
    const contents = (/** @type {number} */ n) => `<div style="background: rgb(${n}, 0, 255); height: ${n}px"></div>`;
    await page.property("content", LINKED);
    await page.property("paperSize", any({ width: "300px", height: "400px", footer: { height: "1cm", contents } }));
    const pdf = Buffer.from(await page.renderBase64("pdf"), "base64");
    const colours = paintings(pdf).map((painting) => / 0 1 rg/.exec(painting)?.input.match(/([\d.]+) 0 1 rg/)?.[1]);
    assert.deepEqual(
      colours.map((red) => Math.round(Number(red) * 255)),
      [1, 2, 3],
    );
  },
);

feature(
  "renderBase64 to a PDF with paperSize.footer",
  "a footer's function is not called for pages that the document only writes of",
  async (page) => {
    const lie = "1 0 obj <</Type /Pages /Count 100>> startxref 0 trailer <</Root 1 0 R>>";
    const lines = lie.replaceAll(" ", "\n");
    let calls = 0;
    const contents = () => {
      calls += 1;
      return "footer";
    };
    await page.setContent(
      `<html lang="${lie}"><title>${lie}</title><h1 id="${lie}">${lie}</h1><img src="/" alt="${lines}"><a href="#${lie}">${lines}</a>`,
    );
    await page.property("paperSize", any({ format: "A4", footer: { height: "1cm", contents } }));
    await page.renderBase64("pdf");
    assert.equal(calls, 1);
  },
);

test("open takes the path of a file", () =>
  withPage(async (page) => {
    const file = path.join(directory, "page.html");
    fs.writeFileSync(file, "<title>file</title>");
    assert.equal(await page.open(path.relative(process.cwd(), file)), "success");
    assert.equal(await page.property("title"), "file");
    assert.equal(await page.open(path.join(directory, "missing.html")), "fail");
    assert.equal(await page.open(""), "fail");
  }));

test("addCookie is false for what is no cookie", () =>
  withPage(async (page) => {
    for (const cookie of [{}, { name: "a" }, { value: "b" }, "text", null]) {
      assert.equal(await page.addCookie(any(cookie)), false);
    }
  }));

test("a cookie's value may be a number, and its date no date", () =>
  withPage(async (page) => {
    await page.open(site);
    await page.addCookie(any({ name: "n", value: 5, expires: "nonsense", secure: "false" }));
    assert.match(await page.evaluate("document.cookie"), /n=5/);
  }));

test("frames are walked down and up by phantom's names", () =>
  withPage(async (given) => {
    const page = any(given);
    await page.open(`${site}/frames`);
    assert.deepEqual([await page.childFramesCount(), await page.childFramesName()], [1, ["outer"]]);
    assert.equal(await page.switchToChildFrame(0), true);
    assert.equal(await page.switchToChildFrame("deep"), true);
    assert.equal(await page.currentFrameName(), "deep");
    assert.equal(await page.switchToParentFrame(), true);
    assert.equal(await page.currentFrameName(), "outer");
    await page.switchToFocusedFrame();
    await page.switchToMainFrame();
    assert.equal(await page.switchToParentFrame(), false);
  }));

test("a page that is opened while a frame is chosen begins in its main frame", () =>
  withPage(async (given) => {
    const page = any(given);
    await page.open(`${site}/frames`);
    await page.switchToFrame("outer");
    await page.open(`${site}/frames`);
    assert.equal(await page.switchToParentFrame(), false);
    await page.switchToFrame("outer");
    await page.open(`${site}/frames`);
    await page.switchToFrame("outer");
    await page.switchToFrame("deep");
    assert.equal(await page.switchToParentFrame(), true);
    assert.equal(await page.currentFrameName(), "outer");
  }));

test("go walks the history, and is false where there is nothing", () =>
  withPage(async (given) => {
    const page = any(given);
    await page.open(site);
    await page.open(`${site}/tall`);
    assert.equal(await page.go(-1), true);
    assert.equal(await page.property("title"), "Site");
    assert.equal(await page.go(1), true);
    assert.equal(await page.go(1), false);
    await page.clearMemoryCache();
    assert.equal(await page.getPage("window"), null);
  }));
