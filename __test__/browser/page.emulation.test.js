// What the page is made to believe about its screen, its user and its network.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @type {string} */
let site;
let answers = 0;
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
    "/kept": (_request, response) => response.writeHead(200, { "Cache-Control": "max-age=60" }).end(String(++answers)),
    "/script": "<title>off</title><script>document.title = 'on'</script>",
  });
});

/** @param {import("../..").Page} page @returns {Promise<Record<string, string>>} */
async function headers(page) {
  await page.goto(`${site}/headers`);
  return JSON.parse(await page.evaluate("document.querySelector('pre').textContent"));
}

test("setViewport sets the size that the page sees", () =>
  withPage(async (page) => {
    await page.setViewport({ width: 1234, height: 777 });
    assert.deepEqual(await page.evaluate("[innerWidth, innerHeight]"), [1234, 777]);
  }));

test("a long document has the whole width of the viewport", () =>
  withPage(async (page) => {
    await page.setViewport({ width: 600, height: 200 });
    await page.setContent('<!doctype html><div style="height: 5000px"></div>');
    assert.equal(await page.evaluate("document.documentElement.clientWidth"), 600);
  }));

feature("setViewport below 500 pixels", "setViewport goes below the minimum of a window", async (page) => {
  await page.setViewport({ width: 120, height: 90 });
  assert.deepEqual(await page.evaluate("[innerWidth, innerHeight]"), [120, 90]);
});

feature("setViewport deviceScaleFactor", "setViewport sets the device's pixels", async (page) => {
  await page.setViewport({ width: 800, height: 600, deviceScaleFactor: 3 });
  assert.deepEqual(await page.evaluate("[devicePixelRatio, innerWidth]"), [3, 800]);
});

feature(
  "setViewport isMobile and hasTouch",
  "setViewport makes it a phone, which heeds the page's own viewport",
  async (page) => {
    await page.setViewport({ width: 800, height: 1600, isMobile: true, hasTouch: true });
    await page.setContent('<meta name="viewport" content="width=400">');
    assert.deepEqual(await page.evaluate("[navigator.maxTouchPoints > 0, innerWidth]"), [true, 400]);
  },
);

feature("setViewport isMobile and hasTouch", "touch is there for content that is set next", async (page) => {
  await page.setViewport({ width: 375, height: 667, isMobile: true, hasTouch: true });
  await page.setContent("<p>text");
  assert.equal(await page.evaluate(() => "ontouchstart" in window), true);
});

feature("setViewport isLandscape", "setViewport turns the screen", async (page) => {
  const orientation = () => page.evaluate("[screen.orientation.type, screen.orientation.angle]");
  await page.setViewport({ width: 667, height: 375, isMobile: true, hasTouch: true, isLandscape: true });
  assert.deepEqual(await orientation(), ["landscape-primary", 90]);
  await page.setViewport({ width: 667, height: 375 });
  assert.deepEqual(await orientation(), ["portrait-primary", 0]);
});

feature(
  "setViewport isMobile and hasTouch",
  "a phone is held upright, also while its whole page is taken",
  async (page) => {
    await page.setViewport({ width: 390, height: 844, isMobile: true, deviceScaleFactor: 2 });
    await page.setContent(
      "<meta name=viewport content='width=device-width'><div style='height: 100px; width: 1500px'>",
    );
    await page.evaluate(() => {
      const seen = [screen.orientation.type];
      Object.assign(window, { seen });
      for (const target of [window, screen.orientation]) {
        for (const event of ["resize", "change"])
          target.addEventListener(event, () => seen.push(screen.orientation.type));
      }
    });
    await page.screenshot({ fullPage: true });
    assert.deepEqual([...new Set(await page.evaluate("seen"))], ["portrait-primary"]);
  },
);

test("a viewport without height is refused", () =>
  withPage(async (page) => {
    await assert.rejects(page.setViewport(/** @type {any} */ ({ width: 100 })), {
      code: "ERR_INVALID_OPTION",
      message: /"height".*missing/,
    });
  }));

feature("setUserAgent", "setUserAgent changes the header and the property", async (page) => {
  await page.setUserAgent("Boomtown/1 (test)");
  assert.equal((await headers(page))["user-agent"], "Boomtown/1 (test)");
  assert.equal(await page.evaluate("navigator.userAgent"), "Boomtown/1 (test)");
});

feature("setExtraHTTPHeaders", "setExtraHTTPHeaders sends its headers", async (page) => {
  await page.setExtraHTTPHeaders({ "X-One": "1", "X-Two": "zwei" });
  const received = await headers(page);
  assert.deepEqual([received["x-one"], received["x-two"]], ["1", "zwei"]);
});

feature("authenticate", "authenticate answers the server's question", async (page) => {
  await page.authenticate({ username: "me", password: "secret" });
  await page.goto(`${site}/private`);
  assert.equal(await page.title(), "welcome");
});

feature(
  "setJavaScriptEnabled",
  "setJavaScriptEnabled turns the page's scripts off, and evaluate stays",
  async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.goto(`${site}/script`);
    assert.equal(await page.title(), "off");
    await page.setJavaScriptEnabled(true);
    await page.reload();
    assert.equal(await page.title(), "on");
  },
);

feature("emulateMedia", "emulateMedia decides media queries, and null ends it", async (page) => {
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
});

feature("emulateTimezone", "emulateTimezone moves the page's clock", async (page) => {
  await page.emulateTimezone("Asia/Tokyo");
  assert.equal(await page.evaluate(() => new Date(0).getHours()), 9);
});

feature("setOfflineMode", "setOfflineMode takes the network away and gives it back", async (page) => {
  await page.setOfflineMode(true);
  await assert.rejects(page.goto(`${site}/headers`), { code: "ERR_NAVIGATION" });
  await page.setOfflineMode(false);
  await page.goto(`${site}/headers`);
});

feature("setGeolocation", "setGeolocation says where the page is", async (page) => {
  await page.goto(`${site}/headers`);
  await page.setGeolocation({ latitude: 48.2, longitude: 16.4, accuracy: 5 });
  const { coords } = /** @type {GeolocationPosition} */ (
    await page.evaluate(
      () =>
        new Promise((resolve, reject) => {
          navigator.geolocation.getCurrentPosition(
            ({ coords: { latitude, longitude, accuracy } }) => resolve({ coords: { latitude, longitude, accuracy } }),
            reject,
          );
        }),
    )
  );
  assert.deepEqual(coords, { latitude: 48.2, longitude: 16.4, accuracy: 5 });
});

test("setGeolocation checks its ranges", () =>
  withPage(async (page) => {
    await assert.rejects(page.setGeolocation({ latitude: 91, longitude: 0 }), {
      code: "ERR_INVALID_OPTION",
      message: /from -90 to 90, got 91/,
    });
  }));

feature("setCacheEnabled", "setCacheEnabled asks the server again for what it said to keep", async (page) => {
  const requests = () => page.evaluate(() => fetch("/kept").then((response) => response.text()));
  await page.goto(`${site}/headers`);
  assert.equal(await requests(), await requests());
  await page.setCacheEnabled(false);
  assert.notEqual(await requests(), await requests());
});
