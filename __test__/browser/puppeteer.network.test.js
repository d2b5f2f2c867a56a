// Requests and responses as Puppeteer tells them, and waiting for them.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { HERE, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");
const { TimeoutError } = require("../../index.js");

/** @typedef {import("../..").Page} Page */

const skip = !HERE.startsWith("cdp") && "the cdp engine's";

/** @param {string} title @param {(page: Page) => Promise<void>} use */
const watching = (title, use) => test(title, { skip }, () => withPage(use));

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>Site</title>",
    "/old": (_request, response) => response.writeHead(302, { Location: "/data" }).end(),
    "/data": '{"a": 1}',
    "/styled": '<link rel="stylesheet" href="/style.css">',
    "/style.css": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/css", "Cache-Control": "max-age=600" }).end("p {}"),
    "/post": (request, response) => request.resume().on("end", () => response.end("posted")),
    "/echo": (request, response) => response.end(`${request.headers.referer}`),
    "/hangs": () => {},
  });
});

watching("the response of goto can be read though nobody listens", async (page) => {
  const response = await page.goto(`${site}/data`);
  assert.ok(response);
  assert.deepEqual(await response.json(), { a: 1 });
  assert.equal(Buffer.from(await response.content()).toString(), await response.text());
  assert.equal(response.ok(), true);
  assert.equal(response.request().method(), "GET");
  assert.equal(response.request().resourceType(), "document");
  assert.equal(response.request().isNavigationRequest(), true);
});

watching("a response tells where it came from, when, and how", async (page) => {
  const response = await page.goto(`${site}/data`);
  const { port } = new URL(site);
  assert.equal(response?.remoteAddress().port, Number(port));
  assert.ok(Number(response?.timing()?.receiveHeadersEnd) > 0);
  assert.deepEqual(
    [response?.securityDetails(), response?.fromCache(), response?.fromServiceWorker(), response?.statusText()],
    [null, false, false, "OK"],
  );
});

watching("the redirects that led to a response of goto are its request's chain", async (page) => {
  const response = await page.goto(`${site}/old`);
  assert.equal(response?.url(), `${site}/data`);
  const chain = response?.request().redirectChain() ?? [];
  assert.deepEqual(
    chain.map((request) => [request.url(), request.response()?.status()]),
    [[`${site}/old`, 302]],
  );
  await assert.rejects(async () => chain[0].response()?.text(), /Response body is unavailable for redirect responses/);
});

watching("goto, reload and the history give the event's own response", async (page) => {
  /** @type {unknown[]} */
  const heard = [];
  page.on("response", (response) => response.request().isNavigationRequest() && heard.push(response));
  const got = [
    await page.goto(`${site}/data`),
    await page.goto(`${site}/`),
    await page.goBack(),
    await page.goForward(),
    await page.reload(),
  ];
  assert.deepEqual(heard.length, 5);
  assert.ok(got.every((response, at) => response === heard[at]));
});

watching("a navigation without a server's answer gives null", async (page) => {
  assert.equal(await page.goto("about:blank"), null);
  await page.goto(`${site}/`);
  assert.equal(await page.goto(`${site}/#part`), null);
  assert.equal(await page.goForward(), null);
  const [moved] = await Promise.all([page.waitForNavigation(), page.evaluate("history.pushState({}, '', '/pushed')")]);
  assert.equal(moved, null);
});

watching("a request tells its body, be it a Blob's", async (page) => {
  await page.goto(`${site}/`);
  /** @param {string} body */
  const post = async (body) => {
    const [request] = await Promise.all([page.waitForRequest(`${site}/post`), page.evaluate(body)]);
    return request;
  };
  const text = await post("void fetch('/post', { method: 'POST', body: 'text' })");
  assert.deepEqual([text.postData(), text.hasPostData(), await text.fetchPostData()], ["text", true, "text"]);
  const blob = await post("void fetch('/post', { method: 'POST', body: new Blob(['blob']) })");
  assert.deepEqual([blob.postData(), blob.hasPostData(), await blob.fetchPostData()], [undefined, true, "blob"]);
  const [none] = await Promise.all([page.waitForRequest(`${site}/data`), page.evaluate("void fetch('/data')")]);
  assert.deepEqual([none.postData(), none.hasPostData(), await none.fetchPostData()], [undefined, false, undefined]);
});

feature("waitForRequest", "a request tells what has caused it", async (page) => {
  const [request] = await Promise.all([page.waitForRequest(`${site}/style.css`), page.goto(`${site}/styled`)]);
  assert.deepEqual([request.initiator().type, request.initiator().url], ["parser", `${site}/styled`]);
});

watching("what a cache of the page's own has is told of", async (page) => {
  await page.goto(`${site}/styled`);
  /** @type {string[]} */
  const cached = [];
  page.on("requestservedfromcache", (request) => cached.push(request.url()));
  await page.reload();
  assert.deepEqual(cached, [`${site}/style.css`]);
});

feature("waitForResponse", "waitForResponse takes a URL or a predicate, which may be async", async (page) => {
  await page.goto(`${site}/`);
  const [byUrl] = await Promise.all([page.waitForResponse(`${site}/data`), page.evaluate("void fetch('/data')")]);
  assert.equal(byUrl.url(), `${site}/data`);
  const [byPredicate] = await Promise.all([
    page.waitForResponse(async (response) => (await response.text()) === '{"a": 1}'),
    page.evaluate("void fetch('/data?again')"),
  ]);
  assert.equal(byPredicate.url(), `${site}/data?again`);
});

watching("a wait that takes too long is a TimeoutError, by the page's own limit too", async (page) => {
  const late = (/** @type {unknown} */ error) =>
    error instanceof TimeoutError && error.code === "ERR_TIMEOUT" && /waiting 20ms/.test(error.message);
  await assert.rejects(
    page.waitForRequest(() => false, { timeout: 20 }),
    late,
  );
  page.setDefaultTimeout(20);
  await assert.rejects(
    page.waitForResponse(() => false),
    late,
  );
});

watching("a signal ends a wait, and leaves no listener behind", async (page) => {
  const controller = new AbortController();
  const wait = page.waitForRequest(() => true, { signal: controller.signal });
  controller.abort();
  await assert.rejects(wait, { name: "AbortError" });
  await assert.rejects(
    page.waitForRequest(() => true, { signal: controller.signal }),
    { name: "AbortError" },
  );
  assert.deepEqual([page.listenerCount("request"), page.listenerCount("close")], [0, 0]);
});

watching("a predicate that throws ends its wait", async (page) => {
  const wait = page.waitForRequest(() => {
    throw new Error("mine");
  });
  const rejected = assert.rejects(wait, /mine/);
  await page.goto(`${site}/`);
  await rejected;
});

test("a wait for a request ends with the attempt", { skip }, async () => {
  /** @type {Promise<unknown> | undefined} */
  let wait;
  await withPage(async (page) => {
    wait = page.waitForRequest(() => false);
    wait.catch(() => {});
  });
  await assert.rejects(async () => await wait, { code: "ERR_PAGE_CLOSED" });
});

watching("any number of waits may be under way", async (page) => {
  /** @type {Error[]} */
  const warnings = [];
  const warned = (/** @type {Error} */ warning) => warnings.push(warning);
  process.on("warning", warned);
  await page.goto(`${site}/`);
  const waits = Array.from({ length: 20 }, (_, at) => page.waitForResponse(`${site}/data?${at}`));
  await page.evaluate("for (let at = 0; at < 20; at++) void fetch('/data?' + at)");
  await Promise.all(waits);
  process.off("warning", warned);
  assert.deepEqual(warnings, []);
});

watching("a header that is no text is refused in Puppeteer's words", async (page) => {
  await assert.rejects(page.setExtraHTTPHeaders(/** @type {any} */ ({ foo: 1 })), {
    code: "ERR_INVALID_OPTION",
    message: 'Expected value of header "foo" to be String, but "number" is found.',
  });
});

watching("goto's referrerPolicy says what the referer tells", async (page) => {
  await page.goto(`${site}/echo`, { referer: `${site}/one`, referrerPolicy: "no-referrer" });
  assert.equal(await page.evaluate("document.body.innerText"), "undefined");
  await page.goto(`${site}/echo`, { referer: `${site}/one`, referrerPolicy: "origin" });
  assert.equal(await page.evaluate("document.body.innerText"), `${site}/`);
});
