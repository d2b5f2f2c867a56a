// Screenshots, by their pixels.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
// @ts-expect-error: pngjs declares no types
const { PNG } = require("pngjs");
const { decode } = require("../helpers/formats.js");
const { BROWSER, feature, withPage, scratch } = require("../helpers/page.js");

const directory = scratch();
const RED = [255, 0, 0, 255];
const BLUE = [0, 0, 255, 255];
const WHITE = [255, 255, 255, 255];
/** A red square of 100 pixels at the origin, a blue one at (50, 1000). */
const SQUARES = `<!doctype html><style>body { margin: 0; height: 1500px }
  div { position: absolute; width: 100px; height: 100px } #red { background: #f00 } #blue { background: #00f; left: 50px; top: 1000px }</style>
  <div id="red"></div><div id="blue"></div>`;

/** @param {import("../..").Page} page */
async function squares(page) {
  await page.setViewport({ width: 600, height: 200 });
  await page.setContent(SQUARES);
}

test("a screenshot shows the viewport, pixel by pixel", () =>
  withPage(async (page) => {
    await squares(page);
    const picture = await page.screenshot();
    assert.ok(Buffer.isBuffer(picture));
    const { width, height, at } = decode(picture);
    assert.deepEqual([width, height], [600, 200]);
    assert.deepEqual([at(0, 0), at(99, 99), at(100, 99), at(599, 199)], [RED, RED, WHITE, WHITE]);
  }));

feature("screenshot fullPage", "fullPage shows the whole document", async (page) => {
  await squares(page);
  const { width, height, at } = decode(await page.screenshot({ fullPage: true }));
  assert.deepEqual([width, height], [600, 1500]);
  assert.deepEqual([at(10, 10), at(60, 1050), at(10, 1499)], [RED, BLUE, WHITE]);
});

feature("screenshot clip", "clip shows a part of the document, out of the viewport too", async (page) => {
  await squares(page);
  const { width, height, at } = decode(await page.screenshot({ clip: { x: 40, y: 990, width: 50, height: 40 } }));
  assert.deepEqual([width, height], [50, 40]);
  assert.deepEqual([at(5, 20), at(20, 5), at(20, 20)], [WHITE, WHITE, BLUE]);
});

feature("screenshot clip", "clip scales", async (page) => {
  await squares(page);
  const { width, height, at } = decode(
    await page.screenshot({ clip: { x: 0, y: 0, width: 50, height: 40, scale: 2 } }),
  );
  assert.deepEqual([width, height, at(99, 79)], [100, 80, RED]);
});

test("selector shows the box of one element", () =>
  withPage(async (page) => {
    await squares(page);
    const { width, height, at } = decode(await page.screenshot({ selector: "#blue" }));
    assert.deepEqual([width, height], [100, 100]);
    assert.deepEqual([at(0, 0), at(99, 99)], [BLUE, BLUE]);
  }));

feature("setViewport deviceScaleFactor", "deviceScaleFactor doubles the pixels", async (page) => {
  await page.setViewport({ width: 300, height: 200, deviceScaleFactor: 2 });
  await page.setContent(SQUARES);
  const { width, height, at } = decode(await page.screenshot());
  assert.deepEqual([width, height, at(199, 199), at(200, 200)], [600, 400, RED, WHITE]);
});

feature("screenshot omitBackground", "omitBackground leaves transparent what nothing painted", async (page) => {
  await squares(page);
  const { at } = decode(await page.screenshot({ omitBackground: true }));
  assert.deepEqual([at(10, 10), at(200, 150)], [RED, [0, 0, 0, 0]]);
  assert.deepEqual(decode(await page.screenshot()).at(200, 150), WHITE);
});

feature("screenshot optimizeForSpeed", "optimizeForSpeed gives another file with the same pixels", async (page) => {
  await page.setContent(`${SQUARES}<p style="margin: 120px 0">Some text with edges, <b>bold</b> and <i>italic</i>.`);
  const [usual, fast] = [await page.screenshot(), await page.screenshot({ optimizeForSpeed: true })];
  assert.notDeepEqual(usual, fast);
  assert.deepEqual(PNG.sync.read(usual).data, PNG.sync.read(fast).data);
});

feature("cdp", "a PNG has the pixels of Chromium's own encoder, and no more bytes", async (page) => {
  const background = "Emulation.setDefaultBackgroundColorOverride";
  const clear = { color: { r: 0, g: 0, b: 0, a: 0 } };
  for (const omitBackground of [false, true]) {
    for (const body of [
      "",
      SQUARES,
      '<body style="height: 100vh; background: linear-gradient(45deg, #123, #fed)">text',
    ]) {
      await page.setContent(body);
      const png = await page.screenshot({ omitBackground });
      if (omitBackground) await page.cdp(background, clear);
      const { data } = await page.cdp("Page.captureScreenshot", { format: "png" });
      if (omitBackground) await page.cdp(background, {});
      const own = Buffer.from(data, "base64");
      assert.deepEqual(PNG.sync.read(png).data, PNG.sync.read(own).data);
      assert.equal(png[25], own[25], "colour type");
      assert.ok(png.length <= own.length, `${png.length} bytes, and Chromium's own has ${own.length}`);
    }
  }
});

feature("screenshot omitBackground", "pictures taken at once do not share their background", async (page) => {
  await page.setContent("<p>text");
  const transparent = [true, false, true, false];
  const pictures = await Promise.all(transparent.map((omitBackground) => page.screenshot({ omitBackground })));
  assert.deepEqual(
    pictures.map((picture) => decode(picture).at(700, 500)[3]),
    transparent.map((is) => (is ? 0 : 255)),
  );
});

test("selector shows an element that was scrolled out of its box", () =>
  withPage(async (page) => {
    await page.setContent(`<!doctype html><div style="overflow: auto; width: 100px; height: 100px">
      <div style="height: 500px"></div><div id="in" style="width: 50px; height: 30px; background: #f00"></div></div>`);
    const { at, width, height } = decode(await page.screenshot({ selector: "#in" }));
    assert.deepEqual([width, height], [50, 30]);
    assert.deepEqual(at(25, 15), [255, 0, 0, 255]);
  }));

const SCROLLED_BY_US = {
  skip: BROWSER === "firefox" && "geckodriver scrolls to an element of which it takes a picture",
};

for (const [what, place, from] of /** @type {[string, string, number][]} */ ([
  ["a sticky header covers, from below,", "top: 0", 2000],
  ["a sticky header covers where the page is", "top: 0", 990],
  ["a cookie banner covers, from above,", "bottom: 0", 0],
  ["a cookie banner covers where the page is", "bottom: 0", 430],
])) {
  test(`a picture of an element that ${what} shows the element`, SCROLLED_BY_US, () =>
    withPage(async (page) => {
      await page.setContent(`<!doctype html><body style="margin: 0">
        <div style="position: fixed; left: 0; right: 0; ${place}; height: 60px; background: #00f"></div>
        <div style="height: 1000px"></div><div id="a" style="height: 40px; background: #f00"></div>
        <div style="height: 3000px"></div>`);
      await page.evaluate((top) => scrollTo(0, top), from);
      const { height, at } = decode(await page.screenshot({ selector: "#a" }));
      assert.deepEqual([height, at(20, 1), at(20, 38)], [40, RED, RED]);
    }),
  );
}

for (const place of ["page", "frame"]) {
  test(`a picture of an element of a ${place} is taken whatever the fields of its form are called`, () =>
    withPage(async (page) => {
      const fields = ["parentElement", "contains"].map(
        (name) => `<input name="${name}" style="position: fixed; left: 200px">`,
      );
      const html = `<!doctype html><body style="margin: 0"><form style="position: fixed; top: 0">${fields.join("")}
        <div id="a" style="width: 40px; height: 40px; background: #f00"></div></form>`;
      await page.setContent(
        place === "page" ? html : `<iframe name="inner" srcdoc="${html.replaceAll('"', "&quot;")}"></iframe>`,
      );
      if (place === "frame") await page.switchToFrame("inner");
      const { width, height, at } = decode(await page.screenshot({ selector: "#a" }));
      assert.deepEqual([width, height, at(20, 20)], [40, 40, RED]);
    }));
}

test("a picture of an element leaves a page where it is that shows it whole", SCROLLED_BY_US, () =>
  withPage(async (page) => {
    await page.setContent(`<!doctype html><body style="margin: 0"><div style="height: 1000px"></div>
      <div id="a" style="width: 40px; height: 40px; background: #f00; border-radius: 20px"></div><div style="height: 3000px"></div>`);
    await page.evaluate(() => scrollTo(0, 900));
    const { at } = decode(await page.screenshot({ selector: "#a" }));
    assert.deepEqual([at(20, 20), await page.evaluate("scrollY")], [RED, 900]);
  }),
);

feature("screenshot clip", "boxes and clips end at the pixels that are nearest", async (page) => {
  await page.setContent(`<!doctype html><style>div { position: absolute; left: 20.4px; width: 52.3px; background: #f00 }</style>
    <div id="box" style="top: 30.5px; height: 20px"></div><div id="line" style="top: 10.2px; height: 0.6px"></div>
    <div id="hair" style="top: 100px; height: 0.2px"></div>`);
  /** @param {object} options */
  const size = async (options) => {
    const { width, height } = decode(await page.screenshot(options));
    return [width, height];
  };
  assert.deepEqual(await size({ clip: { x: 20.4, y: 30.5, width: 52.3, height: 0.3 } }), [53, 1]);
  assert.deepEqual(await size({ selector: "#box" }), [53, 20]);
  assert.deepEqual(await size({ selector: "#line" }), [53, 1]);
  assert.deepEqual(await size({ selector: "#hair" }), [53, 1]);
  assert.deepEqual(await size({ clip: { x: 0.5, y: 0.4, width: 10, height: 10.2, scale: 2 } }), [20, 22]);
});

test("a JPEG shows the same, and its quality weighs", () =>
  withPage(async (page) => {
    await squares(page);
    const fine = await page.screenshot({ type: "jpeg", quality: 95 });
    const coarse = await page.screenshot({ type: "jpeg", quality: 5 });
    const { width, height, at } = decode(fine);
    assert.deepEqual([width, height], [600, 200]);
    const [red, green, blue] = at(50, 50);
    assert.ok(red > 245 && green < 10 && blue < 10);
    assert.ok(coarse.length < fine.length);
  }));

test("a WebP is one", () =>
  withPage(async (page) => {
    await squares(page);
    const picture = await page.screenshot({ type: "webp" });
    assert.equal(picture.toString("latin1", 0, 4) + picture.toString("latin1", 8, 12), "RIFFWEBP");
  }));

test("base64 is the text of the same bytes", () =>
  withPage(async (page) => {
    await squares(page);
    const text = await page.screenshot({ encoding: "base64" });
    assert.equal(decode(Buffer.from(text, "base64")).width, 600);
  }));

test("path writes the picture, and its extension is the type", () =>
  withPage(async (page) => {
    await squares(page);
    const file = path.join(directory, "picture.jpg");
    const picture = await page.screenshot({ path: file });
    assert.deepEqual(fs.readFileSync(file), picture);
    assert.equal(picture.readUInt16BE(0), 0xffd8);
  }));

for (const [name, options] of Object.entries({
  "an unknown type": { type: "tiff" },
  "quality with PNG": { type: "png", quality: 50 },
  "quality above 100": { type: "jpeg", quality: 101 },
  "clip with fullPage": { clip: { x: 0, y: 0, width: 1, height: 1 }, fullPage: true },
  "an empty clip": { clip: { x: 0, y: 0, width: 0, height: 1 } },
})) {
  test(`${name} is ERR_INVALID_OPTION`, () =>
    withPage(async (page) => {
      await assert.rejects(page.screenshot(/** @type {any} */ (options)), {
        name: "TypeError",
        code: "ERR_INVALID_OPTION",
        message: /^page\.screenshot: /,
      });
    }));
}

test("a selector without a match fails and names it", () =>
  withPage(async (page) => {
    await assert.rejects(page.screenshot({ selector: "#none" }), { message: /#none/ });
  }));

feature("screenshot fullPage", "a picture of a page is whole whatever its images are called", async (page) => {
  const images = ["documentElement", "body", "scrollingElement"].map((name) => `<img name="${name}">`);
  await page.setContent(`<!doctype html><body style="margin: 0">${images.join("")}<div style="height: 2000px"></div>`);
  const { height } = decode(await page.screenshot({ fullPage: true }));
  assert.ok(height >= 2000, `it is ${height} pixels high`);
});
