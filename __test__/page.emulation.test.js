// What the page is made to believe about its screen, its user and its network.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { ENGINE, withPage, serve } = require("./helpers/page.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/headers": (request, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(`<pre>${JSON.stringify(request.headers)}</pre>`);
    },
    "/private": (request, response) => {
      const known = request.headers.authorization === `Basic ${Buffer.from("me:secret").toString("base64")}`;
      response.writeHead(known ? 200 : 401, { "WWW-Authenticate": 'Basic realm="x"', "Content-Type": "text/html" });
      response.end(known ? "<title>welcome</title>" : "<title>who?</title>");
    },
    "/script": "<title>off</title><script>document.title = 'on'</script>",
  });
});

/** @param {import("..").Page} page @returns {Promise<Record<string, string>>} */
async function headers(page) {
  await page.goto(`${site}/headers`);
  return JSON.parse(await page.evaluate("document.querySelector('pre').textContent"));
}

test("setViewport sets the size that the page sees, also below a window's minimum", () =>
  withPage(async (page) => {
    for (const [width, height] of [
      [1234, 777],
      [120, 90],
    ]) {
      await page.setViewport({ width, height });
      assert.deepEqual(await page.evaluate("[innerWidth, innerHeight]"), [width, height]);
    }
  }));

test("setViewport sets the device's pixels and touch", () =>
  withPage(async (page) => {
    await page.setViewport({ width: 400, height: 800, deviceScaleFactor: 3, isMobile: true, hasTouch: true });
    await page.setContent('<meta name="viewport" content="width=device-width">');
    assert.deepEqual(await page.evaluate("[devicePixelRatio, navigator.maxTouchPoints > 0, innerWidth]"), [
      3,
      true,
      400,
    ]);
  }));

test("a viewport without height is refused", () =>
  withPage(async (page) => {
    await assert.rejects(page.setViewport(/** @type {any} */ ({ width: 100 })), {
      code: "ERR_INVALID_OPTION",
      message: /"height".*missing/,
    });
  }));

test("setUserAgent changes the header and the property", () =>
  withPage(async (page) => {
    await page.setUserAgent("Boomtown/1 (test)");
    assert.equal((await headers(page))["user-agent"], "Boomtown/1 (test)");
    assert.equal(await page.evaluate("navigator.userAgent"), "Boomtown/1 (test)");
  }));

test("setExtraHTTPHeaders sends its headers", () =>
  withPage(async (page) => {
    await page.setExtraHTTPHeaders({ "X-One": "1", "X-Two": "zwei" });
    const received = await headers(page);
    assert.deepEqual([received["x-one"], received["x-two"]], ["1", "zwei"]);
  }));

test("authenticate answers the server's question, or says which engine can", () =>
  withPage(async (page) => {
    if (ENGINE === "webdriver") {
      return await assert.rejects(page.authenticate({ username: "me", password: "secret" }), {
        code: "ERR_UNSUPPORTED",
        message: /cdp/,
      });
    }
    await page.authenticate({ username: "me", password: "secret" });
    await page.goto(`${site}/private`);
    assert.equal(await page.title(), "welcome");
  }));

test("setJavaScriptEnabled turns the page's scripts off, and evaluate stays", () =>
  withPage(async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.goto(`${site}/script`);
    assert.equal(await page.title(), "off");
    await page.setJavaScriptEnabled(true);
    await page.reload();
    assert.equal(await page.title(), "on");
  }));

test("emulateMedia decides media queries, and null ends it", () =>
  withPage(async (page) => {
    /** @param {string} query */
    const matches = (query) => page.evaluate((text) => matchMedia(text).matches, query);
    await page.emulateMedia({ media: "print", colorScheme: "dark", reducedMotion: "reduce" });
    assert.deepEqual(
      [
        await matches("print"),
        await matches("(prefers-color-scheme: dark)"),
        await matches("(prefers-reduced-motion: reduce)"),
      ],
      [true, true, true],
    );
    await page.emulateMedia({ media: null });
    assert.equal(await matches("screen"), true);
  }));

test("emulateTimezone moves the page's clock", () =>
  withPage(async (page) => {
    await page.emulateTimezone("Asia/Tokyo");
    assert.equal(await page.evaluate(() => new Date(0).getHours()), 9);
  }));

test("setOfflineMode takes the network away and gives it back", () =>
  withPage(async (page) => {
    await page.setOfflineMode(true);
    await assert.rejects(page.goto(`${site}/headers`), { code: "ERR_NAVIGATION" });
    await page.setOfflineMode(false);
    await page.goto(`${site}/headers`);
  }));

test("setGeolocation checks its ranges", () =>
  withPage(async (page) => {
    await assert.rejects(page.setGeolocation({ latitude: 91, longitude: 0 }), {
      code: "ERR_INVALID_OPTION",
      message: /from -90 to 90, got 91/,
    });
  }));
