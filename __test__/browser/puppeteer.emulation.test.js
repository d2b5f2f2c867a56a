// What Puppeteer's names make the page believe of its window, its machine and its user.

const { before } = require("node:test");
const assert = require("node:assert/strict");
const { feature } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>plain</title>",
    "/strict": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": "script-src 'none'" })
        .end("<title>off</title><script>document.title = 'on'</script>"),
    "/headers": (request, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end(`<pre>${JSON.stringify(request.headers)}</pre>`),
    "/worker": `<script>navigator.serviceWorker.register("/worker.js").then(() => navigator.serviceWorker.ready)
      .then(({ active }) => new Promise((go) => active.state === "activated" ? go() : active.onstatechange = go))
      .then(() => document.title = "ready")</script>`,
    "/worker.js": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/javascript" }).end(`
        addEventListener("activate", (event) => event.waitUntil(clients.claim()));
        addEventListener("fetch", (event) => event.respondWith(new Response("by the worker")));`),
    "/asked": (_request, response) => response.end("by the server"),
  });
});

const PHONE = {
  userAgent: "Mozilla/5.0 (Phone) Boomtown/1",
  viewport: { width: 375, height: 667, deviceScaleFactor: 2, isMobile: true, hasTouch: true },
};

feature("setViewport isMobile and hasTouch", "emulate is the viewport and the name of a device", async (page) => {
  await page.emulate({ name: "Phone", ...PHONE });
  await page.goto(`${site}/headers`);
  assert.match(await page.evaluate("document.body.textContent"), /"user-agent":"Mozilla\/5.0 \(Phone\) Boomtown\/1"/);
  assert.deepEqual(await page.evaluate("[navigator.userAgent, devicePixelRatio, screen.width]"), [
    PHONE.userAgent,
    2,
    375,
  ]);
  assert.deepEqual(page.viewport(), PHONE.viewport);
});

feature("setViewport null", "without a viewport the page has the size of its window", async (page) => {
  assert.deepEqual(page.viewport(), { width: 800, height: 600 });
  const size = () => page.evaluate("[innerWidth, innerHeight]");
  await page.setViewport({ width: 321, height: 123, hasTouch: true });
  await page.setViewport(null);
  assert.equal(page.viewport(), null);
  assert.notDeepEqual(await size(), [321, 123]);
  assert.equal(await page.evaluate("navigator.maxTouchPoints"), 0);
  await page.setViewport({ width: 321, height: 123 });
  assert.deepEqual(await size(), [321, 123]);
});

feature("emulateMediaType", "the type and the features of media are set apart from each other", async (page) => {
  const matches = (/** @type {string} */ query) => page.evaluate((text) => matchMedia(text).matches, query);
  await page.emulateMediaType("print");
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  assert.deepEqual([await matches("print"), await matches("(prefers-color-scheme: dark)")], [true, true]);
  await page.emulateMediaFeatures([{ name: "color-gamut", value: "p3" }]);
  assert.deepEqual([await matches("(color-gamut: p3)"), await matches("(prefers-color-scheme: dark)")], [true, false]);
  await page.emulateMediaFeatures();
  await page.emulateMediaType();
  assert.deepEqual([await matches("print"), await matches("(color-gamut: p3)")], [false, false]);
  await assert.rejects(page.emulateMediaType("paper"), { code: "ERR_INVALID_OPTION", message: /paper/ });
  await assert.rejects(page.emulateMediaFeatures([{ name: "smell", value: "" }]), /Unsupported media feature: smell/);
});

feature("emulateTimezone", "a time zone that there is not is refused, and none is the machine's", async (page) => {
  const zone = () => page.evaluate(() => Intl.DateTimeFormat().resolvedOptions().timeZone);
  const own = await zone();
  await page.emulateTimezone("Pacific/Honolulu");
  assert.equal(await zone(), "Pacific/Honolulu");
  await page.emulateTimezone();
  assert.equal(await zone(), own);
});

feature("setUserAgent with metadata", "setUserAgent takes what client hints tell, and the platform", async (page) => {
  const metadata = { platform: "Amiga", platformVersion: "3", architecture: "m68k", model: "500", mobile: false };
  await page.setUserAgent("Mozilla/5.0 (Amiga)", { brands: [{ brand: "Boomtown", version: "1" }], ...metadata });
  await page.goto(site);
  assert.deepEqual(await page.evaluate("[navigator.userAgent, navigator.userAgentData?.platform]"), [
    "Mozilla/5.0 (Amiga)",
    // A page of plain HTTP from another place has no such object.
    await page.evaluate("isSecureContext && 'Amiga'"),
  ]);
  await page.setUserAgent({ platform: "Amiga" });
  assert.equal(await page.evaluate("navigator.platform"), "Amiga");
  assert.match(await page.evaluate("navigator.userAgent"), /Chrome/);
});

feature("setBypassCSP", "a page without its content security policy runs what that forbids", async (page) => {
  await page.goto(`${site}/strict`);
  assert.equal(await page.title(), "off");
  await page.setBypassCSP(true);
  await page.reload();
  assert.equal(await page.title(), "on");
});

feature("setBypassServiceWorker", "requests go past a service worker", async (page) => {
  assert.equal(page.isServiceWorkerBypassed(), false);
  await page.goto(`${site.replace("127.0.0.1", "localhost")}/worker`);
  await page.waitForFunction("document.title === 'ready' && navigator.serviceWorker.controller !== null");
  const asked = () => page.evaluate(() => fetch("/asked").then((response) => response.text()));
  assert.equal(await asked(), "by the worker");
  await page.setBypassServiceWorker(true);
  assert.equal(page.isServiceWorkerBypassed(), true);
  assert.equal(await asked(), "by the server");
});

feature("emulateVisionDeficiency", "whoever looks at the page sees no colours", async (page) => {
  await page.setViewport({ width: 20, height: 20 });
  await page.setContent("<body style='background: #f00'>");
  const seen = await page.screenshot();
  await page.emulateVisionDeficiency("achromatopsia");
  assert.notDeepEqual(await page.screenshot(), seen);
  await page.emulateVisionDeficiency("none");
  assert.deepEqual(await page.screenshot(), seen);
  await assert.rejects(
    page.emulateVisionDeficiency(/** @type {any} */ ("blind")),
    /Unsupported vision deficiency: blind/,
  );
});

feature(
  "emulateNetworkConditions",
  "a slow network is one, and no network stays none whatever its speed",
  async (page) => {
    await page.goto(site);
    const network = () => page.evaluate("[navigator.onLine, navigator.connection.effectiveType]");
    const slow = { download: 50_000, upload: 50_000, latency: 2000 };
    await page.emulateNetworkConditions(slow);
    assert.deepEqual(await network(), [true, "2g"]);
    await page.setOfflineMode(true);
    await page.emulateNetworkConditions(null);
    assert.equal((await network())[0], false);
    await page.emulateNetworkConditions({ ...slow, offline: false });
    assert.equal((await network())[0], true);
  },
);

feature("emulateIdleState", "a program decides whether somebody is there", async (page) => {
  await page.emulateIdleState({ isUserActive: false, isScreenUnlocked: false });
  await page.emulateIdleState();
  const half = /** @type {any} */ ({ isUserActive: true });
  await assert.rejects(page.emulateIdleState(half), { code: "ERR_INVALID_OPTION", message: /isScreenUnlocked/ });
});

feature("emulateCPUThrottling", "a processor is slower, and never faster", async (page) => {
  await page.emulateCPUThrottling(4);
  await page.emulateCPUThrottling(null);
  await assert.rejects(page.emulateCPUThrottling(0.5), {
    code: "ERR_INVALID_OPTION",
    message: /of at least 1, got 0.5/,
  });
});

feature("emulateFocusedPage", "a page has the focus unless it is told otherwise", async (page) => {
  await page.setContent("<input>");
  assert.equal(await page.evaluate("document.hasFocus()"), true);
  await page.emulateFocusedPage(true);
  assert.equal(await page.evaluate("document.hasFocus()"), true);
});

feature("metrics", "metrics are what the browser measures of the page", async (page) => {
  await page.setContent("<p>1<p>2");
  const metrics = await page.metrics();
  assert.ok(Number(metrics.Nodes) > 4 && Number(metrics.JSHeapUsedSize) > 0, JSON.stringify(metrics));
  assert.equal("Resources" in metrics, false);
});

feature("on metrics", "a time stamp of the page's script tells of its metrics", async (page) => {
  const told = new Promise((resolve) => page.once("metrics", resolve));
  await page.evaluate(() => console.timeStamp("here"));
  const { title, metrics } = /** @type {any} */ (await told);
  assert.deepEqual([title, metrics.Nodes > 0], ["here", true]);
});

feature("bringToFront", "a page is brought to the front, and closed when its use is over", async (page) => {
  await page.bringToFront();
  assert.equal(await page.evaluate("document.visibilityState"), "visible");
  assert.equal(page.isClosed(), false);
  await page.close();
  assert.equal(page.isClosed(), true);
});

feature("on filechooser", "all that wait for a file chooser get the same one", async (page) => {
  await page.setContent("<input type=file>");
  const [first, second] = await Promise.all([
    page.waitForFileChooser(),
    page.waitForFileChooser(),
    page.click("input"),
  ]);
  assert.equal(first, second);
  assert.equal(first.isMultiple(), false);
  await assert.rejects(page.waitForFileChooser({ timeout: 1 }), { name: "TimeoutError", code: "ERR_TIMEOUT" });
  const gone = new AbortController();
  const aborted = page.waitForFileChooser({ signal: gone.signal });
  gone.abort();
  await assert.rejects(aborted, /aborted/);
});

feature("on filechooser", "of two inputs that were clicked for files each gets its own", async (page) => {
  await page.setContent("<input type=file id=one><input type=file id=two>");
  const choosers = [];
  for (const selector of ["#one", "#two"]) {
    const [chooser] = await Promise.all([page.waitForFileChooser(), page.click(selector)]);
    choosers.push(chooser);
  }
  const names = () =>
    page.$$eval("input", (inputs) => inputs.map((input) => /** @type {any} */ (input).files[0]?.name));
  await assert.rejects(choosers[0].accept([__filename, __filename]), { code: "ERR_INVALID_OPTION" });
  await choosers[0].accept([__filename]);
  assert.deepEqual(await names(), ["puppeteer.emulation.test.js", undefined]);
  await choosers[1].accept([require.resolve("../helpers/page.js")]);
  assert.deepEqual(await names(), ["puppeteer.emulation.test.js", "page.js"]);
});

feature("on filechooser", "an input of a frame of another site tells as well", async (page) => {
  const site = await serve({ "/": "<title>page</title>", "/input": "<input type=file>" });
  await page.goto(`${site}/`);
  const found = page.waitForFrame((frame) => frame.url().endsWith("/input"));
  await page.setContent(`<iframe src="${site.replace("127.0.0.1", "localhost")}/input"></iframe>`);
  const frame = await found;
  const input = await frame.waitForSelector("input");
  assert.ok(input);
  const [chooser] = await Promise.all([page.waitForFileChooser(), input.click()]);
  await chooser.accept([__filename]);
  assert.equal(await input.evaluate((element) => /** @type {any} */ (element).files.length), 1);
});

feature("on filechooser", "an input that was clicked for files gets those of the program", async (page) => {
  await page.setContent("<input type=file multiple>");
  const count = () => page.$eval("input", (input) => /** @type {any} */ (input).files.length);
  const choose = async () => {
    const chosen = new Promise((resolve) => page.once("filechooser", resolve));
    await page.click("input");
    return /** @type {import("../..").FileChooser} */ (await chosen);
  };
  const chooser = await choose();
  assert.equal(chooser.isMultiple(), true);
  await chooser.accept([__filename, __filename]);
  assert.equal(await count(), 2);
  await assert.rejects(chooser.accept([]), /Cannot accept FileChooser which is already handled!/);
  const second = await choose();
  await second.cancel();
  assert.equal(await count(), 2);
  await assert.rejects(second.cancel(), /Cannot cancel FileChooser which is already handled!/);
  await (await choose()).accept([]);
  assert.equal(await count(), 0);
});
