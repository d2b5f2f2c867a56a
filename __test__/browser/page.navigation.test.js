// Going to pages and knowing where one is.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter, once } = require("node:events");
const { BROWSER, HERE, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** A driver is busy with the server that it waits for. */
const ONLY_CDP = !HERE.startsWith("cdp") && "not so with a driver";
const ONLY_CHROMIUM = BROWSER !== "chromium" && "not so in Firefox";

/** What the server sees of the pages. */
const seen = new EventEmitter();
/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/one": "<title>One</title><a href='/two'>two</a>",
    "/two": "<title>Two</title>",
    "/moved": (_request, response) => response.writeHead(302, { Location: "/two" }).end(),
    "/echo": (request, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(`<pre>${JSON.stringify(request.headers)}</pre>`);
    },
    "/fetches": "<script>fetch('/data').then((r) => r.text()).then((text) => { document.title = text })</script>",
    "/data": "arrived",
    "/many-frames": '<iframe src="/two"></iframe>'.repeat(20),
    "/ahead": (request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<title>ahead</title>");
      if (request.headers["sec-purpose"]) seen.emit("ahead");
    },
    "/of-half": (_request, response) => {
      response.end();
      seen.emit("half");
    },
    "/hangs": () => {},
    "/broken": (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html", "Content-Length": "100000" });
      // What had not got to the browser by then would be lost with the connection.
      seen.once("half", () => response.destroy());
      response.write("<title>half</title><img src='/of-half'>");
    },
  });
});

test("goto resolves with the final URL once the page has loaded", () =>
  withPage(async (page) => {
    const response = await page.goto(`${site}/moved`);
    assert.equal(response?.url(), `${site}/two`);
    assert.equal(await page.url(), `${site}/two`);
    assert.equal(await page.title(), "Two");
  }));

test("goto takes a URL object", () =>
  withPage(async (page) => {
    await page.goto(new URL(`${site}/one`));
    assert.equal(await page.title(), "One");
  }));

test("goto tells the status where the engine knows it", () =>
  withPage(async (page) => {
    const status = (await page.goto(`${site}/missing`))?.status();
    assert.ok(status === 404 || status === 0);
  }));

test("goto tells the status of a page with many frames", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    const response = await page.goto(`${site}/many-frames`);
    assert.deepEqual([response?.url(), response?.status()], [`${site}/many-frames`, 200]);
  }),
);

feature("goto referer", "goto sends the referer", async (page) => {
  await page.goto(`${site}/echo`, { referer: `${site}/one` });
  assert.equal(JSON.parse(await page.evaluate("document.body.innerText")).referer, `${site}/one`);
});

feature("goto waitUntil networkidle0", "goto waits until the requests of the page have been answered", async (page) => {
  await page.goto(`${site}/fetches`, { waitUntil: "networkidle0" });
  assert.equal(await page.title(), "arrived");
});

test("history goes back and forward, and reload stays", () =>
  withPage(async (page) => {
    await page.goto(`${site}/one`);
    await page.goto(`${site}/two`);
    await page.goBack();
    assert.equal(await page.title(), "One");
    await page.goForward();
    assert.equal(await page.title(), "Two");
    await page.evaluate("window.mark = 1");
    await page.reload();
    assert.equal(await page.evaluate("window.mark"), undefined);
    assert.equal(await page.title(), "Two");
  }));

test("waitForNavigation resolves where the page asks to be rendered ahead", { skip: ONLY_CHROMIUM }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/one`);
    const fetched = once(seen, "ahead");
    const rules = { prerender: [{ source: "list", urls: ["/ahead"], eagerness: "immediate" }] };
    await page.evaluate((/** @type {string} */ textContent) => {
      const script = Object.assign(document.createElement("script"), { type: "speculationrules", textContent });
      document.body.append(script);
      /** @type {HTMLAnchorElement} */ (document.querySelector("a")).href = "/ahead";
    }, JSON.stringify(rules));
    await fetched;
    await Promise.all([page.waitForNavigation(), page.click("a")]);
    assert.deepEqual([await page.url(), await page.title()], [`${site}/ahead`, "ahead"]);
  }),
);

test("waitForNavigation resolves when a click has led somewhere", () =>
  withPage(async (page) => {
    await page.goto(`${site}/one`);
    await Promise.all([page.waitForNavigation(), page.click("a")]);
    assert.equal(await page.title(), "Two");
  }));

test("a URL that is none is ERR_NAVIGATION and names it", () =>
  withPage(async (page) => {
    await assert.rejects(page.goto("no url"), { code: "ERR_NAVIGATION", message: /no url/ });
  }));

test("an address of which no page comes is ERR_NAVIGATION, and says why that may be", { skip: ONLY_CHROMIUM }, () =>
  withPage(async (page) => {
    await assert.rejects(page.goto("htp:/nonsense"), { code: "ERR_NAVIGATION", message: /htp:\/nonsense.*scheme/ });
    await assert.rejects(page.goto("example.com"), { code: "ERR_NAVIGATION", message: /https:\/\/example\.com/ });
  }),
);

test("a refused connection is ERR_NAVIGATION with the browser's reason", () =>
  withPage(async (page) => {
    await assert.rejects(page.goto("http://127.0.0.1:1/"), { code: "ERR_NAVIGATION", message: /127\.0\.0\.1:1/ });
  }));

test("a page that does not answer is ERR_TIMEOUT", () =>
  withPage(async (page) => {
    await assert.rejects(page.goto(`${site}/hangs`, { timeout: 300 }), { code: "ERR_TIMEOUT" });
  }));

test("a document whose rest never comes has loaded as far as it came", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/broken`);
    assert.equal(await page.title(), "half");
  }),
);

test("after a goto that timed out, the page answers", { skip: ONLY_CDP }, () =>
  withPage(async (page) => {
    await page.goto(`${site}/`);
    await assert.rejects(page.goto(`${site}/hangs`, { timeout: 300 }), { code: "ERR_TIMEOUT" });
    assert.equal(await page.evaluate("6 * 7"), 42);
  }),
);

test("a moment that does not exist is refused before anything is sent", () =>
  withPage(async (page) => {
    // @ts-expect-error
    await assert.rejects(page.goto(`${site}/one`, { waitUntil: "ready" }), { code: "ERR_INVALID_OPTION" });
    assert.equal(await page.url(), "about:blank");
  }));

test("goto tells the URL with its fragment", () =>
  withPage(async (page) => {
    assert.equal((await page.goto(`${site}/#part`))?.url(), `${site}/#part`);
  }));
