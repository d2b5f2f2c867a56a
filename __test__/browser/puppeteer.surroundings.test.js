// The page's browser, context and target, and sessions with single frames, as Puppeteer has them.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { once } = require("node:events");
const { HERE, scratch, town, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");
const { openTown } = require("../helpers/town.js");

/** @typedef {import("../..").Page} Page */

const skip = !HERE.startsWith("cdp") && "the cdp engine's";

/** @param {string} title @param {(page: Page) => Promise<void>} use */
const there = (title, use) => test(title, { skip }, () => withPage(use));

/** Where each site has a process of its own, which a headless shell gives it only if asked. @param {string} title @param {(page: Page) => Promise<void>} use */
const apart = (title, use) =>
  test(title, { skip }, async () => {
    await openTown({ browser: { args: ["--site-per-process"] } }).queue(use);
  });

/** @type {string} */
let site;
const elsewhere = () => site.replace("127.0.0.1", "localhost");
before(async () => {
  site = await serve({
    "/": "<title>Site</title>",
    "/inside": "<p>inside",
    "/asks":
      "<script>addEventListener('beforeunload', (event) => { event.preventDefault(); event.returnValue = '?'; })</script>",
    "/works": "<script>worker = new Worker('/worker.js')</script>",
    "/worker.js": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("self.kind = 'worker'"),
    "/frames": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html" })
        .end(`<iframe src="/inside"></iframe><iframe src="${elsewhere()}/inside"></iframe>`),
  });
});

test("the browser tells its process and its version", async () => {
  await withPage(async (page) => {
    const [{ pid, browser }] = town.stats().workers;
    assert.equal(page.browser(), page.browser());
    assert.equal(page.browser().process()?.pid, pid);
    assert.equal((await page.browser().version()).replace("/", " "), browser);
    assert.equal(page.browser().isConnected(), true);
  });
});

there("the user agent is the browser's own, whatever the page has", async (page) => {
  const own = await page.evaluate("navigator.userAgent");
  await page.setUserAgent("another");
  assert.equal(await page.browser().userAgent(), own);
});

there("what reaches beyond the page is refused, with the reason", async (page) => {
  const browser = /** @type {any} */ (page.browser());
  for (const name of ["newPage", "createBrowserContext", "close", "disconnect", "installExtension"]) {
    const message = new RegExp(`^browser\\.${name}: .`);
    await assert.rejects(browser[name](), { code: "ERR_UNSUPPORTED", message });
  }
  assert.throws(() => browser.wsEndpoint(), { code: "ERR_UNSUPPORTED", message: /page\.puppeteer\(\)/ });
  const context = /** @type {any} */ (page.browserContext());
  for (const name of ["newPage", "close"]) {
    const message = new RegExp(`^browserContext\\.${name}: .`);
    await assert.rejects(context[name](), { code: "ERR_UNSUPPORTED", message });
  }
});

there("the page's target opens sessions, and is the page", async (page) => {
  const target = page.target();
  assert.equal(page.target(), target);
  assert.equal(await target.page(), await target.browser().targets()[0].page());
  assert.deepEqual([target.type(), target.url(), target.opener()], ["page", "about:blank", undefined]);
  const session = await target.createCDPSession();
  const { targetInfo } = await session.send("Target.getTargetInfo");
  assert.equal(targetInfo.targetId, /** @type {any} */ (target)._targetId);
});

there("a page that was opened from the page is one of the browser's, which tells of it", async (page) => {
  const browser = page.browser();
  const created = once(browser, "targetcreated");
  const found = browser.waitForTarget((target) => target.url() === `${site}/`);
  await page.goto(`${site}/inside`);
  await page.evaluate("void open('/')");
  const [target] = await created;
  assert.equal(target.opener(), page.target());
  assert.equal(await found, target);
  const popup = await target.page();
  assert.equal(popup.browser(), browser);
  assert.equal(popup.browserContext(), page.browserContext());
  assert.equal((await browser.pages()).length, 2);
  assert.equal((await page.browserContext().pages())[1], popup);
  const destroyed = once(browser, "targetdestroyed");
  await popup.close();
  assert.deepEqual(await destroyed, [target]);
  assert.equal(browser.targets().length, 1);
});

there("a target that does not come is a TimeoutError", async (page) => {
  const waiting = page.browser().waitForTarget(() => false, { timeout: 20 });
  await assert.rejects(waiting, { name: "TimeoutError", message: /^browser\.waitForTarget: / });
});

there("the browser is disconnected when the use of the page is over", async (page) => {
  const browser = page.browser();
  const disconnected = once(browser, "disconnected");
  await page.close();
  await disconnected;
  assert.equal(browser.connected, false);
});

there("the context grants permissions, and takes them back", async (page) => {
  await page.goto(`${site}/`);
  const state = () => page.evaluate("navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state)");
  const context = page.browserContext();
  assert.equal(context, page.browser().defaultBrowserContext());
  await context.overridePermissions(site, ["geolocation"]);
  assert.equal(await state(), "granted");
  await context.overridePermissions(site, []);
  assert.equal(await state(), "denied");
  await context.setPermission(site, { permission: { name: "geolocation" }, state: "granted" });
  assert.equal(await state(), "granted");
  await context.clearPermissionOverrides();
  assert.notEqual(await state(), "granted");
  await assert.rejects(context.overridePermissions(site, [/** @type {any} */ ("fly")]), { code: "ERR_INVALID_OPTION" });
});

there("the context has the cookies of all sites", async (page) => {
  const context = page.browserContext();
  await context.setCookie(
    { name: "here", value: "1", url: site },
    { name: "there", value: "2", domain: "example.test", path: "/a" },
  );
  const names = async () => (await context.cookies()).map(({ name }) => name).sort();
  assert.deepEqual(await names(), ["here", "there"]);
  await context.deleteMatchingCookies({ name: "there", url: "https://example.test/a/b" });
  assert.deepEqual(await names(), ["here"]);
  await page.browser().deleteCookie(...(await page.browser().cookies()));
  assert.deepEqual(await names(), []);
  await assert.rejects(context.setCookie({ name: "lost", value: "" }), {
    code: "ERR_INVALID_OPTION",
    message: /"lost" has neither url nor domain/,
  });
});

apart("a frame's client is a session with its document's process", async (page) => {
  await page.goto(`${site}/frames`);
  const [main, near, far] = page.frames();
  assert.equal(main.client, main.client);
  for (const frame of [far, near, main]) {
    const { result } = await frame.client.send("Runtime.evaluate", { expression: "location.href" });
    // Those of one site are in one process, whose session begins at the outermost of them.
    assert.equal(result.value, (frame === near ? main : frame).url());
  }
  const events = once(main.client, "Runtime.consoleAPICalled");
  await main.client.send("Runtime.enable");
  await page.evaluate("console.log('said')");
  assert.equal((await events)[0].args[0].value, "said");
});

apart("a frame that goes to another site has another client", async (page) => {
  await page.goto(`${site}/frames`);
  const [, near] = page.frames();
  await near.client.send("Runtime.evaluate", { expression: "1" });
  await near.goto(`${elsewhere()}/inside`);
  await assert.doesNotReject(async () => {
    // The browser tells of the frame's new target in its own time.
    for (;;) {
      const { result } = await near.client.send("Runtime.evaluate", { expression: "location.href" });
      if (result.value === near.url()) return;
    }
  });
});

there("a request's client is its frame's", async (page) => {
  const requested = once(page, "request");
  await page.goto(`${site}/`);
  const [request] = await requested;
  assert.equal(request.client, page.mainFrame().client);
  assert.equal(/** @type {any} */ (page)._client(), request.client);
});

there("a worker's client is a session with it", async (page) => {
  const created = once(page, "workercreated");
  await page.goto(`${site}/works`);
  const [worker] = await created;
  await page.waitForFunction("typeof worker === 'object'");
  assert.equal(await worker.evaluate("self.kind"), "worker");
  const { result } = await worker.client.send("Runtime.evaluate", { expression: "self.kind" });
  assert.equal(result.value, "worker");
});

there("a client of a page that is over rejects", async (page) => {
  const { client } = page.mainFrame();
  await page.close();
  await assert.rejects(client.send("Runtime.enable"), { code: "ERR_PAGE_CLOSED" });
});

there("close with runBeforeUnload asks the document", async (page) => {
  await page.goto(`${site}/asks`);
  await page.evaluate("document.body.append('a')");
  await page.click("body");
  const asked = once(page, "dialog");
  await page.close({ runBeforeUnload: true });
  const [dialog] = await asked;
  assert.equal(dialog.type(), "beforeunload");
  await dialog.dismiss();
  assert.equal(page.isClosed(), false);
  assert.equal(await page.evaluate("document.body.textContent"), "a");
});

there("all objects with a prototype are found", async (page) => {
  await page.evaluate("class Kind {}; self.Kind = Kind; self.kept = [new Kind(), new Kind()]; undefined");
  const prototype = await page.evaluateHandle("Kind.prototype");
  const found = await page.queryObjects(prototype);
  assert.equal(await found.evaluate((all) => all.length), 2);
  await prototype.dispose();
  await assert.rejects(page.queryObjects(prototype), /JSHandle is disposed/);
  const primitive = /** @type {any} */ (await page.evaluateHandle("1"));
  await assert.rejects(page.queryObjects(primitive), /must not be referencing primitive value/);
});

there("what is in the page's memory is written to a file", async (page) => {
  const file = path.join(scratch(), "heap.heapsnapshot");
  await page.captureHeapSnapshot({ path: file });
  assert.ok(JSON.parse(fs.readFileSync(file, "utf8")).snapshot.node_count > 0);
});

there("an element's locator acts on it, and leaves the handle", async (page) => {
  await page.setContent("<button disabled onclick='document.title = 42'>go</button>");
  const button = /** @type {import("../..").ElementHandle} */ (await page.$("button"));
  const clicked = button.asLocator().click();
  await page.evaluate("document.querySelector('button').disabled = false");
  await clicked;
  assert.equal(await page.title(), "42");
  assert.equal(button.disposed, false);
});

there("whether the page runs scripts is known", async (page) => {
  assert.equal(page.isJavaScriptEnabled(), true);
  await page.setJavaScriptEnabled(false);
  assert.equal(page.isJavaScriptEnabled(), false);
});
