// Interception as Puppeteer has it: the listeners of "request" decide what becomes of each.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { HERE, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");
const { deferred, uncaughtBy } = require("../helpers/town.js");

/** @typedef {import("../..").Page} Page */

const skip = !HERE.startsWith("cdp") && "the cdp engine's";

/** @param {string} title @param {(page: Page) => Promise<void>} use */
const intercepting = (title, use) => feature("setRequestInterception", title, use);

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>Site</title>",
    "/styled": '<link rel="stylesheet" href="/style.css"><title>Styled</title>',
    "/style.css": "p {}",
    "/old": (_request, response) => response.writeHead(302, { Location: "/" }).end(),
    "/echo": (request, response) => {
      /** @type {string[]} */
      const chunks = [];
      request.on("data", (chunk) => chunks.push(String(chunk)));
      request.on("end", () => response.end(`${request.method} ${request.headers["x-added"]} ${chunks.join("")}`));
    },
    "/worker": "<script>new Worker('/worker.js').onmessage = ({ data }) => { document.title = data }</script>",
    "/worker.js": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/javascript" })
        .end("fetch('/data').then((answer) => answer.text()).then((text) => postMessage(text))"),
    "/data": "the server's",
  });
});

intercepting("a listener answers, changes or aborts requests", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    if (request.url().endsWith("/styled")) return request.respond({ status: 418, body: "<title>Mine</title>" });
    if (request.url().endsWith("/echo"))
      return request.continue({ method: "POST", postData: "body", headers: { ...request.headers(), "X-Added": "1" } });
    return request.abort("connectionrefused");
  });
  const response = await page.goto(`${site}/styled`);
  assert.deepEqual([response?.status(), response?.statusText(), await page.title()], [418, "I'm a Teapot", "Mine"]);
  await page.goto(`${site}/echo`);
  assert.equal(await page.evaluate("document.body.innerText"), "POST 1 body");
  await assert.rejects(page.goto(`${site}/`), { code: "ERR_NAVIGATION", message: /ERR_CONNECTION_REFUSED/ });
});

intercepting("goto gives the very response that listeners got, with the chain of its redirects", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => request.continue());
  /** @type {unknown[]} */
  const responses = [];
  page.on("response", (response) => responses.push(response));
  const response = await page.goto(`${site}/old`);
  assert.equal(response, responses[1]);
  const [hop, ...rest] = response?.request().redirectChain() ?? [];
  assert.deepEqual([hop.url(), hop.response()?.status(), rest], [`${site}/old`, 302, []]);
});

intercepting("of decisions with priorities the highest counts, and of one priority the heaviest", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => request.abort("failed", 0));
  page.on("request", (request) => request.continue({}, 1));
  page.on("request", (request) => {
    assert.deepEqual(request.interceptResolutionState(), { action: "continue", priority: 1 });
    assert.equal(request.abortErrorReason(), "Failed");
    return request.respond({ body: "<title>Mine</title>" }, 1);
  });
  await page.goto(`${site}/`);
  assert.equal(await page.title(), "Mine");
});

intercepting("what is enqueued is awaited before the decision", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    request.respond({ body: "<title>Mine</title>" }, 0);
    request.enqueueInterceptAction(async () => {
      await new Promise((resolve) => setImmediate(resolve));
      await request.continue({}, 1);
    });
  });
  await page.goto(`${site}/`);
  assert.equal(await page.title(), "Site");
});

intercepting("a second decision is refused by its name, and the first one stands", async (page) => {
  await page.setRequestInterception(true);
  const second = deferred();
  page.on("request", async (request) => {
    await request.continue();
    assert.ok(request.isInterceptResolutionHandled());
    second.resolve(await request.abort().catch((error) => error));
  });
  assert.equal((await page.goto(`${site}/`))?.status(), 200);
  const { code, message } = await second.promise;
  assert.equal(code, "ERR_INVALID_OPTION");
  assert.match(message, /request\.abort: Request is already handled!/);
});

test("without interception a decision is refused", { skip }, () =>
  withPage(async (page) => {
    const refused = deferred();
    page.once("request", (request) => request.continue().catch(refused.resolve));
    await page.goto(`${site}/`);
    const { code, message } = await refused.promise;
    assert.equal(code, "ERR_INVALID_OPTION");
    assert.match(message, /Request Interception is not enabled/);
  }),
);

intercepting("a request whose header the browser refuses waits for another decision", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", async (request) => {
    await assert.rejects(request.continue({ headers: { "X-Bad": "a\nb" } }), /Invalid header/);
    await request.continue();
  });
  assert.equal((await page.goto(`${site}/`))?.status(), 200);
});

intercepting("a listener that throws is an uncaught exception, and the others still decide", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", () => {
    throw new Error("mine");
  });
  page.on("request", (request) => request.continue());
  /** @type {Promise<unknown> | undefined} */
  let going;
  const error = await uncaughtBy(() => {
    going = page.goto(`${site}/`);
  });
  assert.equal(/** @type {Error} */ (error).message, "mine");
  await going;
  assert.equal(await page.title(), "Site");
});

intercepting("an enqueued handler that throws is an uncaught exception, and the decision stands", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => {
    request.enqueueInterceptAction(() => {
      throw new Error("mine");
    });
    request.continue({}, 0);
  });
  /** @type {Promise<import("../..").HTTPResponse | null> | undefined} */
  let going;
  const error = await uncaughtBy(() => {
    going = page.goto(`${site}/`);
  });
  assert.equal(/** @type {Error} */ (error).message, "mine");
  assert.equal((await going)?.status(), 200);
});

intercepting("what nobody decides on waits until interception ends", async (page) => {
  await page.setRequestInterception(true);
  const asked = deferred();
  page.once("request", asked.resolve);
  const going = page.goto(`${site}/`);
  const request = await asked.promise;
  assert.deepEqual(request.interceptResolutionState(), { action: "none" });
  await page.setRequestInterception(false);
  assert.equal((await going)?.status(), 200);
  // It has been let go: nobody needs to know.
  await request.continue();
});

test("what nobody decides on goes with its item", { skip }, async () => {
  await withPage(async (page) => {
    await page.setRequestInterception(true);
    const asked = deferred();
    page.once("request", asked.resolve);
    page.goto(`${site}/`).catch(() => {});
    await asked.promise;
  });
  await withPage(async (page) => assert.equal((await page.goto(`${site}/`))?.status(), 200));
});

intercepting("a worker's own requests are decided on as well", async (page) => {
  await page.setRequestInterception(true);
  page.on("request", (request) =>
    request.url().endsWith("/data") ? request.respond({ body: "the program's" }) : request.continue(),
  );
  await page.goto(`${site}/worker`);
  await page.waitForFunction("document.title");
  assert.equal(await page.title(), "the program's");
});

intercepting("a handler in place of true keeps its own contract", async (page) => {
  await page.setRequestInterception(true);
  await page.setRequestInterception((request) => request.respond({ body: `<title>${request.url}</title>` }));
  await page.goto(`${site}/`);
  assert.equal(await page.title(), `${site}/`);
});

test("what is neither a truth nor a function is refused", () =>
  withPage(async (page) => {
    for (const wrong of [undefined, null, "true", 1]) {
      await assert.rejects(page.setRequestInterception(/** @type {any} */ (wrong)), { code: "ERR_INVALID_OPTION" });
    }
  }));
