// Waiting for selectors, functions and the network.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<script>fetch('/data').then((r) => r.text()).then((text) => { document.title = text })</script>",
    "/data": (_request, response) => response.end("arrived"),
    "/slow": (_request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      setTimeout(() => response.end("arrived late"), 400);
    },
    "/worker": "<script>new Worker('/worker.js').onmessage = ({ data }) => { document.title = data }</script>",
    "/worker.js": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/javascript" })
        .end("fetch('/slow').then((response) => response.text()).then(postMessage); postMessage('asked')"),
    "/frames":
      "<iframe src='/none'></iframe><div style='height: 9000px'></div><iframe loading='lazy' src='/'></iframe>",
    "/none": (_request, response) => response.writeHead(204).end(),
  });
});

test("waitForSelector resolves when the element appears", () =>
  withPage(async (page) => {
    await page.setContent("<body></body>");
    await Promise.all([
      page.waitForSelector("#late"),
      page.evaluate(() => void setTimeout(() => document.body.insertAdjacentHTML("beforeend", '<p id="late">'), 50)),
    ]);
    assert.equal(await page.$$eval("#late", (found) => found.length), 1);
  }));

test("waitForSelector waits until the element shows, or until it does not", () =>
  withPage(async (page) => {
    await page.setContent('<p id="a" style="display: none">text');
    /** @param {string} display */
    const later = (display) =>
      page.evaluate(
        (value) => void setTimeout(() => document.getElementById("a")?.style.setProperty("display", value), 50),
        display,
      );
    const display = () => page.$eval("#a", (element) => getComputedStyle(element).display);
    await Promise.all([page.waitForSelector("#a", { visible: true }), later("block")]);
    assert.equal(await display(), "block");
    await Promise.all([page.waitForSelector("#a", { hidden: true }), later("none")]);
    assert.equal(await display(), "none");
    await page.waitForSelector("#never", { hidden: true });
  }));

test("a selector that does not come is ERR_TIMEOUT and named", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForSelector("#never", { visible: true, timeout: 100 }), {
      code: "ERR_TIMEOUT",
      message: /waitForSelector\("#never", visible\)/,
    });
  }));

test("a selector that is none fails at once", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForSelector("##", { timeout: 0 }), { code: "ERR_EVALUATION", message: /##/ });
  }));

for (const polling of /** @type {const} */ (["raf", "mutation", 20])) {
  test(`waitForFunction gives the truthy value, polling by ${polling}`, () =>
    withPage(async (page) => {
      await page.setContent("<body></body>");
      const [value] = await Promise.all([
        page.waitForFunction((wanted) => document.body.dataset.state === wanted && { wanted }, { polling }, "ready"),
        page.evaluate(() => void setTimeout(() => document.body.setAttribute("data-state", "ready"), 50)),
      ]);
      assert.deepEqual(value, { wanted: "ready" });
    }));
}

test("waitForFunction takes an element for true", () =>
  withPage(async (page) => {
    assert.equal(await page.waitForFunction("document.documentElement"), true);
  }));

test("waitForFunction passes on the error of the function", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForFunction("none.such"), { code: "ERR_EVALUATION", message: /ReferenceError/ });
  }));

test("a function that stays false is ERR_TIMEOUT and shown", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForFunction("window.never", { timeout: 100 }), {
      code: "ERR_TIMEOUT",
      message: /waitForFunction\(window\.never\)/,
    });
  }));

feature("waitForNetworkIdle", "waitForNetworkIdle resolves when the requests have been answered", async (page) => {
  await page.goto(`${site}/`);
  await page.waitForNetworkIdle({ idleTime: 100 });
  assert.equal(await page.title(), "arrived");
});

feature("waitForNetworkIdle", "what a page asked for after setContent is waited for", async (page) => {
  await page.setContent("<title>before</title>");
  const ask = (/** @type {string} */ url) =>
    void fetch(url)
      .then((response) => response.text())
      .then((text) => {
        document.title = text;
      });
  await page.evaluate(ask, `${site}/slow`);
  await page.waitForNetworkIdle({ idleTime: 100 });
  assert.equal(await page.title(), "arrived late");
});

feature("waitForNetworkIdle", "a page with workers becomes idle, and what they ask for is waited for", async (page) => {
  await page.goto(`${site}/worker`);
  await page.waitForFunction("document.title === 'asked'");
  await page.waitForNetworkIdle({ idleTime: 300 });
  assert.equal(await page.title(), "arrived late");
});

feature(
  "goto waitUntil networkidle0",
  "frames that never load do not keep the network from being idle",
  async (page) => {
    const response = await page.goto(`${site}/frames`, { waitUntil: "networkidle0", timeout: 20_000 });
    assert.equal(response.status, 200);
  },
);

feature(
  "setJavaScriptEnabled",
  "a wait on a page without scripts ends by its timeout, and the page goes on",
  async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.setContent("<title>still</title>");
    await assert.rejects(page.waitForSelector("#never", { timeout: 300 }), { code: "ERR_TIMEOUT" });
    assert.equal(await page.title(), "still");
  },
);
