// The page's ways out to the DevTools protocol, to Puppeteer and to Playwright.

const { before, test } = require("node:test");
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { once } = require("node:events");
const { readFileSync } = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const { has } = require("../helpers/capabilities.js");
const { selfSigned } = require("../helpers/certificate.js");
const { decode, readPdf } = require("../helpers/formats.js");
const { HERE, feature } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");
const { deferred, openTown, wrapped } = require("../helpers/town.js");
const { PLAYWRIGHT, PUPPETEER, connectClient } = require("../../lib/page/puppeteer/client.js");

const ROOT = path.join(__dirname, "../..");

/** @type {string} */
let site;
/** Paths that the site was asked for. @type {string[]} */
const asked = [];
before(async () => {
  /** @type {(text: string, type?: string) => import("node:http").RequestListener} */
  const answer =
    (text, type = "text/html") =>
    (request, response) => {
      asked.push(String(request.url));
      response.writeHead(200, { "Content-Type": type });
      response.end(text);
    };
  site = await serve({
    "/": answer('<title>Site</title><h1>Heading</h1><a href="/next">next</a><img src="/picture.png">'),
    "/next": answer("<title>Next</title>"),
    "/frame": answer("<title>Frame</title><p>inside"),
    "/worker.js": answer("onmessage = ({ data }) => postMessage(data * 2)", "text/javascript"),
  });
});

/** An address of the site that the browser takes for another site. @param {string} to */
const elsewhere = (to) => site.replace("127.0.0.1", "localhost") + to;

feature("cdp", "cdp sends a command and gives its answer", async (page) => {
  const { result } = await page.cdp("Runtime.evaluate", { expression: "6 * 7" });
  assert.equal(result.value, 42);
});

feature("puppeteer", "puppeteer gives the same page as Puppeteer's own", async (page) => {
  await page.setContent("<title>T</title>");
  const own = await page.puppeteer();
  assert.equal(await own.title(), "T");
});

feature("puppeteer", "puppeteer gives the same object again", async (page) => {
  const [own, again] = await Promise.all([page.puppeteer(), page.puppeteer()]);
  assert.equal(own, again);
});

feature("puppeteer", "puppeteer and boomtown take turns on the page", async (page) => {
  await page.setContent("<title>one</title>");
  const own = await page.puppeteer();
  await own.evaluate(() => {
    document.title += " two";
  });
  await page.evaluate(() => {
    document.title += " three";
  });
  assert.deepEqual([await own.title(), await page.title()], ["one two three", "one two three"]);
});

feature("puppeteer", "puppeteer's goto gives the response", async (page) => {
  const own = await page.puppeteer();
  const response = await own.goto(`${site}/next`, { waitUntil: "networkidle0" });
  assert.deepEqual([response.status(), await response.text()], [200, "<title>Next</title>"]);
  assert.equal(await page.url(), `${site}/next`);
});

feature("puppeteer", "puppeteer's setContent is what boomtown's content gives", async (page) => {
  const own = await page.puppeteer();
  await own.setContent("<p>hello");
  assert.match(await page.content(), /<p>hello/);
});

feature("puppeteer", "puppeteer's evaluate takes and gives handles", async (page) => {
  const own = await page.puppeteer();
  await own.setContent("<ul><li>a<li>b</ul>");
  const list = await own.evaluateHandle(() => document.querySelector("ul"));
  const count = await own.evaluate((/** @type {Element} */ element) => element.children.length, list);
  assert.equal(count, 2);
});

feature("puppeteer", "puppeteer's $$eval gets the elements", async (page) => {
  const own = await page.puppeteer();
  await own.setContent("<li>a<li>b");
  const texts = await own.$$eval("li", (/** @type {Element[]} */ items) => items.map((item) => item.textContent));
  assert.deepEqual(texts, ["a", "b"]);
});

feature("puppeteer", "puppeteer's click and keyboard reach the page", async (page) => {
  const own = await page.puppeteer();
  await own.setContent("<input><button onclick='document.title = document.querySelector(`input`).value'>ok</button>");
  await own.type("input", "typed");
  await own.click("button");
  assert.equal(await page.title(), "typed");
});

feature("puppeteer", "puppeteer's screenshot has its viewport's size", async (page) => {
  const own = await page.puppeteer();
  await own.setViewport({ width: 320, height: 240 });
  const { width, height } = decode(Buffer.from(await own.screenshot()));
  assert.deepEqual([width, height], [320, 240]);
});

feature("puppeteer", "puppeteer leaves the viewport as it is", async (page) => {
  await page.setViewport({ width: 640, height: 480 });
  const own = await page.puppeteer();
  assert.equal(await own.evaluate(() => innerWidth), 640);
});

feature("puppeteer", "puppeteer's pdf is a PDF of the page", async (page) => {
  const own = await page.puppeteer();
  await own.setContent("<p style='break-after: page'>one<p>two");
  assert.equal(readPdf(Buffer.from(await own.pdf())).pages, 2);
});

feature("puppeteer", "puppeteer's request interception answers requests", async (page) => {
  const own = await page.puppeteer();
  await own.setRequestInterception(true);
  own.on("request", (/** @type {any} */ request) =>
    request.respond({ contentType: "text/html", body: "<title>Mine</title>" }),
  );
  await own.goto("http://example.test/");
  assert.equal(await page.title(), "Mine");
});

feature("puppeteer", "puppeteer's exposeFunction is called from the page", async (page) => {
  const own = await page.puppeteer();
  await own.exposeFunction("double", (/** @type {number} */ number) => number * 2);
  assert.equal(await page.evaluate("double(21)"), 42);
});

feature("puppeteer", "puppeteer's events tell what the page does", async (page) => {
  const own = await page.puppeteer();
  const line = new Promise((resolve) => own.once("console", resolve));
  const error = new Promise((resolve) => own.once("pageerror", resolve));
  const response = new Promise((resolve) => own.once("response", resolve));
  await own.goto(`${site}/next`);
  await page.evaluate(() => {
    console.log("hello", 1);
    setTimeout(() => {
      throw new Error("thrown");
    });
  });
  assert.deepEqual(
    [(await line).text(), (await error).message, (await response).url()],
    ["hello 1", "thrown", `${site}/next`],
  );
});

feature("puppeteer", "puppeteer's frames include one of another site, in a process of its own", async (page) => {
  const own = await page.puppeteer();
  await own.goto(`${site}/`);
  await own.setContent(`<iframe src="${elsewhere("/frame")}"></iframe>`);
  const frame = own.frames().find((/** @type {any} */ frame) => frame.url() === elsewhere("/frame"));
  assert.equal(await frame.$eval("p", (/** @type {Element} */ element) => element.textContent), "inside");
});

feature("puppeteer", "puppeteer's workers are there, and run", async (page) => {
  const own = await page.puppeteer();
  await own.goto(`${site}/`);
  const created = new Promise((resolve) => own.once("workercreated", resolve));
  const doubled = own.evaluate(
    () =>
      new Promise((resolve) => {
        const worker = new Worker("/worker.js");
        worker.onmessage = ({ data }) => resolve(data);
        worker.postMessage(21);
      }),
  );
  assert.equal((await created).url(), `${site}/worker.js`);
  assert.equal(await doubled, 42);
});

feature("puppeteer", "puppeteer sees a popup of the page", async (page) => {
  const own = await page.puppeteer();
  await own.goto(`${site}/`);
  const opened = new Promise((resolve) => own.once("popup", resolve));
  await page.evaluate(() => void window.open("/next"));
  const popup = await opened;
  await popup.waitForFunction(() => document.title === "Next");
  assert.equal((await own.browser().pages()).length, 2);
});

feature("puppeteer", "a dialog is puppeteer's to answer", async (page) => {
  const own = await page.puppeteer();
  own.on("dialog", (/** @type {any} */ dialog) => dialog.accept("an answer"));
  assert.equal(await page.evaluate(() => prompt("a question")), "an answer");
});

feature("puppeteer", "a dialog that puppeteer does not listen for is dismissed", async (page) => {
  await page.puppeteer();
  assert.equal(await page.evaluate(() => confirm("sure?")), false);
});

feature("puppeteer", "a dialog that is open when puppeteer disconnects is dismissed", async (page) => {
  const own = await page.puppeteer();
  const opened = new Promise((resolve) => own.once("dialog", resolve));
  const answer = page.evaluate(() => confirm("sure?"));
  await opened;
  await own.browser().disconnect();
  assert.equal(await answer, false);
});

feature("puppeteer", "a dialog that a client leaves behind is dismissed", async (/** @type {any} */ page) => {
  const own = await page.puppeteer();
  await own.browser().disconnect();
  const client = await page._openRelay("test", () => {});
  const line = new Promise((resolve) => page.once("console", resolve));
  const answer = page.evaluate(() => {
    console.log("about to ask");
    return confirm("sure?");
  });
  await line;
  // To the browser and back, as the dialog is by then.
  await page.cdp("Page.getNavigationHistory");
  client.close();
  assert.equal(await answer, false);
});

feature("puppeteer", "what a DevTools client sends to a page that is over is let go", async (page) => {
  await page.puppeteer();
  const over = deferred();
  const client = await openTown().queue((/** @type {any} */ page) =>
    page._openRelay("test", (/** @type {unknown} */ message) => message === undefined && over.resolve()),
  );
  await over.promise;
  client.send('{ "id": 1, "method": "Target.getTargets" }');
});

feature("puppeteer", "browser().disconnect() ends puppeteer's part and leaves boomtown's as it was", async (page) => {
  await page.setViewport({ width: 640, height: 480 });
  const own = await page.puppeteer();
  await own.setViewport({ width: 320, height: 240 });
  await own.browser().disconnect();
  await assert.rejects(own.title());
  assert.equal(await page.evaluate(() => innerWidth), 640);
});

feature("puppeteer", "puppeteer connects anew after disconnect()", async (page) => {
  await page.setContent("<title>T</title>");
  const own = await page.puppeteer();
  await own.browser().disconnect();
  const anew = await page.puppeteer();
  assert.notEqual(anew, own);
  assert.equal(await anew.title(), "T");
});

feature("puppeteer", "browser().close() leaves the browser to the other items", async (page) => {
  const own = await page.puppeteer();
  await own.browser().close();
  await page.setContent("<title>T</title>");
  assert.equal(await page.title(), "T");
});

feature("puppeteer", "puppeteer's page.close() closes the page", async (page) => {
  const own = await page.puppeteer();
  await own.close();
  assert.equal(own.isClosed(), true);
  await assert.rejects(page.title(), { code: "ERR_PAGE_CLOSED" });
});

feature("puppeteer", "another page is not puppeteer's to make", async (page) => {
  const own = await page.puppeteer();
  await assert.rejects(own.browser().newPage(), /Target\.createTarget is refused: this connection is for one page/);
});

feature("puppeteer", "puppeteer's methods reject once the attempt is over", async (page) => {
  await page.puppeteer();
  const own = await openTown().queue((page) => page.puppeteer());
  const browser = own.browser();
  if (browser.connected) await new Promise((resolve) => browser.once("disconnected", resolve));
  await assert.rejects(own.title());
});

/** Two pages of one browser, for all who need them. @type {ReturnType<typeof openTown> | undefined} */
let ofTwoPages;
const pair = () => (ofTwoPages ??= openTown({ pageCount: 2 }));

feature("puppeteer", "pages of other items are not puppeteer's to see, nor to hold back", async (page) => {
  await page.puppeteer();
  const town = pair();
  await town.queue(async (one) => {
    const own = await one.puppeteer();
    const session = await own.createCDPSession();
    /** @type {string[]} */
    const seen = [];
    own.browser().on("targetcreated", (/** @type {any} */ target) => seen.push(target.url()));
    own.browser().on("targetdiscovered", (/** @type {any} */ target) => seen.push(target.url));
    // From now on it answers nothing, so that what waits for it waits for ever.
    session.connection()._rawSend = () => new Promise(() => {});
    for (const path of ["/", "/next"]) {
      await town.queue(async (other) => {
        await other.goto(site + path);
        await other.evaluate(() => void window.open("/frame"));
        await other.setContent(`<iframe src="${elsewhere("/frame")}"></iframe>`);
      });
    }
    assert.deepEqual(seen, []);
    assert.deepEqual(
      own
        .browser()
        .targets()
        .map((/** @type {any} */ target) => target.type()),
      ["browser", "page"],
    );
  });
});

/** @type {[string, (other: string) => [string, object?]][]} */
const BEYOND = [
  ["list the targets of other items", () => ["Target.getTargets"]],
  ["hear of the targets of other items", () => ["Target.setDiscoverTargets", { discover: true }]],
  ["look at another item's page", (targetId) => ["Target.getTargetInfo", { targetId }]],
  ["attach to another item's page", (targetId) => ["Target.attachToTarget", { targetId, flatten: true }]],
  ["close another item's page", (targetId) => ["Target.closeTarget", { targetId }]],
  ["set what other items' downloads do", () => ["Browser.setDownloadBehavior", { behavior: "deny" }]],
  ["set what other items' downloads do by the old name", () => ["Page.setDownloadBehavior", { behavior: "deny" }]],
  ["close the browser", () => ["Browser.close"]],
];

for (const [what, call] of BEYOND) {
  feature("puppeteer", `a session of the page's own does not ${what}`, async (page) => {
    await page.puppeteer();
    const town = pair();
    await town.queue(async (one) => {
      await town.queue(async (/** @type {any} */ other) => {
        const { targetInfo } = await other.cdp("Target.getTargetInfo");
        const session = await (await one.puppeteer()).createCDPSession();
        const refused = /is refused: this connection is for one page|No target with given id found/;
        await assert.rejects(session.send(...call(targetInfo.targetId)), refused);
        assert.equal(await other.evaluate("6 * 7"), 42);
      });
    });
  });
}

/**
 * What becomes of the browser-level methods of the protocol; what is not here is refused.
 * @type {Record<string, "passes" | "is answered by us">}
 */
const OVER_THE_CONNECTION = {
  "Browser.cancelDownload": "passes",
  "Browser.getVersion": "passes",
  "Browser.getWindowBounds": "passes",
  "Browser.getWindowForTarget": "passes",
  "Browser.grantPermissions": "passes",
  "Browser.resetPermissions": "passes",
  "Browser.setContentsSize": "passes",
  "Browser.setPermission": "passes",
  "Browser.setWindowBounds": "passes",
  "Storage.clearCookies": "passes",
  "Storage.getCookies": "passes",
  "Storage.setCookies": "passes",
  "Target.activateTarget": "passes",
  "Target.attachToTarget": "passes",
  "Target.closeTarget": "passes",
  "Target.detachFromTarget": "passes",
  "Target.getBrowserContexts": "is answered by us",
  "Target.getTargetInfo": "passes",
  "Target.setAutoAttach": "is answered by us",
  "Target.setDiscoverTargets": "is answered by us",
};

/** Domains that are for the page whose session it is. */
const OF_THE_PAGE = new Set(
  `Accessibility Ads Animation Audits Autofill CSS CacheStorage Console CrashReportContext DOM DOMDebugger DOMSnapshot
  DOMStorage Debugger DeviceAccess DeviceOrientation Emulation EventBreakpoints FedCm Fetch FileSystem FindInPage
  HeadlessExperimental HeapProfiler IO IndexedDB Input Inspector LayerTree Log Media Network Overlay Page Performance
  PerformanceTimeline Preload Profiler Runtime Schema ServiceWorker Storage WebAudio WebAuthn WebMCP`.split(/\s+/),
);

/** Methods of those domains that reach beyond it. */
const BEYOND_THE_PAGE = new Set([
  "Emulation.addScreen",
  "Emulation.removeScreen",
  "Emulation.setPrimaryScreen",
  "Emulation.updateScreen",
  "Page.setDownloadBehavior",
]);

/** Methods of other domains that pass over the page's session, beside those of the connection. */
const OVER_THE_PAGE = new Set([
  "Memory.forciblyPurgeJavaScriptMemory",
  "Memory.getDOMCounters",
  "Memory.getDOMCountersForLeakDetection",
  "Memory.prepareForLeakDetection",
  "Security.disable",
  "Security.enable",
  "Target.setAutoAttach",
  "Tracing.end",
  "Tracing.getCategories",
  "Tracing.recordClockSyncMarker",
  "Tracing.start",
]);

/** The names of all methods that the browser of a town knows, as it says itself. @returns {Promise<string[]>} */
async function protocol() {
  const { promise: address, resolve } = deferred();
  const stdio = (/** @type {string} */ line) => {
    const listens = /^DevTools listening on ws:\/\/([^/]+)/.exec(line);
    if (listens) resolve(listens[1]);
  };
  const town = openTown({ browser: { path: wrapped('set -- "$@" --remote-debugging-port=0'), stdio } });
  await town.ready();
  const answer = await fetch(`http://${await address}/json/protocol`);
  /** @type {{ domains: { domain: string, commands: { name: string }[] }[] }} */
  const { domains } = /** @type {any} */ (await answer.json());
  return domains.flatMap(({ domain, commands }) => commands.map(({ name }) => `${domain}.${name}`));
}

/** @param {{ send: (method: string) => Promise<unknown> }} client @param {string} method */
const isRefused = (client, method) =>
  client.send(method).then(
    () => false,
    (/** @type {Error} */ error) => error.message.includes(`${method} is refused: `),
  );

/** @param {any} client @param {string[]} methods those that are refused */
async function refusedOf(client, methods) {
  const refused = await Promise.all(methods.map((method) => isRefused(client, method)));
  return methods.filter((_, index) => refused[index]);
}

feature(
  "puppeteer",
  "of all methods of the browser's protocol, those of the table and no others pass over the connection",
  async (page) => {
    const connection = (await (await page.puppeteer()).createCDPSession()).connection();
    const methods = await protocol();
    assert.ok(methods.length > 400 && methods.includes("Browser.close"), `${methods.length} methods`);
    const beyond = methods.filter((method) => !Object.hasOwn(OVER_THE_CONNECTION, method));
    assert.deepEqual(await refusedOf(connection, beyond), beyond);
    // The tables have no method that would close the page without naming it.
    const known = methods.filter((method) => Object.hasOwn(OVER_THE_CONNECTION, method));
    assert.deepEqual(await refusedOf(connection, known), []);
  },
);

feature(
  "puppeteer",
  "of all methods of the browser's protocol, those for the page alone and no others pass over its session",
  async (page) => {
    const session = await (await page.puppeteer()).createCDPSession();
    const methods = await protocol();
    const beyond = methods.filter((method) => {
      const [domain] = method.split(".");
      if (OF_THE_PAGE.has(domain)) return BEYOND_THE_PAGE.has(method);
      const everywhere = Object.hasOwn(OVER_THE_CONNECTION, method) && method !== "Target.setDiscoverTargets";
      return !everywhere && !OVER_THE_PAGE.has(method);
    });
    assert.deepEqual(await refusedOf(session, beyond), beyond);
  },
);

feature("puppeteer", "a page that has the browser to itself is traced", async (page) => {
  const own = await page.puppeteer();
  await own.tracing.start({ categories: ["devtools.timeline"] });
  await page.goto(`${site}/next`);
  const { traceEvents } = JSON.parse(Buffer.from(await own.tracing.stop()).toString());
  assert.ok(traceEvents.some((/** @type {any} */ event) => JSON.stringify(event).includes("/next")));
});

feature("puppeteer", "a trace that would show the pages of other items is refused", async (page) => {
  await page.puppeteer();
  await pair().queue(async (one) => {
    await assert.rejects(
      (await one.puppeteer()).tracing.start(),
      /Tracing\.start is refused: a trace is of all pages .* pageCount 1/,
    );
  });
});

feature("puppeteer", "requests of other items are not puppeteer's to hold", async (page) => {
  await page.puppeteer();
  const town = pair();
  await town.queue(async (one) => {
    const connection = (await (await one.puppeteer()).createCDPSession()).connection();
    await assert.rejects(connection.send("Fetch.enable"), /Fetch\.enable is refused/);
    assert.equal(await town.queue(async (other) => (await other.goto(`${site}/next`))?.status()), 200);
  });
});

feature("puppeteer", "the windows of other items are not puppeteer's to move, but the page's own is", async (page) => {
  await page.puppeteer();
  const town = pair();
  await town.queue(async (one) => {
    await town.queue(async (/** @type {any} */ other) => {
      const [mine, theirs] = await Promise.all(
        [one, other].map((/** @type {any} */ each) => each.cdp("Browser.getWindowForTarget")),
      );
      const session = await (await one.puppeteer()).createCDPSession();
      const bounds = { width: 500, height: 400 };
      for (const client of [session, session.connection()]) {
        const move = (/** @type {number} */ windowId) => client.send("Browser.setWindowBounds", { windowId, bounds });
        await assert.rejects(move(theirs.windowId), /Browser window not found/);
        await move(mine.windowId);
      }
      assert.deepEqual((await other.cdp("Browser.getWindowForTarget")).bounds, theirs.bounds);
    });
  });
});

/** Whether a page gets to a server whose certificate nobody has signed. @param {any} page @param {string} address */
const isLetIn = (page, address) =>
  page.goto(address).then(
    () => true,
    (/** @type {Error} */ error) => {
      assert.match(error.message, /ERR_CERT_AUTHORITY_INVALID/);
      return false;
    },
  );

feature(
  "puppeteer",
  "which certificates are accepted is not puppeteer's to say where other items would accept them too",
  async (page) => {
    const own = await page.puppeteer();
    const session = await own.createCDPSession();
    const address = await serve({ "/": "<title>Unsigned</title>" }, selfSigned("127.0.0.1"));
    for (const client of [session, session.connection()]) {
      const ignoring = client.send("Security.setIgnoreCertificateErrors", { ignore: true });
      await assert.rejects(ignoring, /Security\.setIgnoreCertificateErrors is refused/);
    }
    assert.equal(await isLetIn(page, address), false);
  },
);

feature(
  "puppeteer",
  "with isolation context, certificates that puppeteer accepts are accepted by that item alone",
  async (page) => {
    await page.puppeteer();
    const address = await serve({ "/": "<title>Unsigned</title>" }, selfSigned("127.0.0.1"));
    const town = openTown({ isolation: "context", pageCount: 2 });
    await town.queue(async (one) => {
      const session = await (await one.puppeteer()).createCDPSession();
      await session.send("Security.setIgnoreCertificateErrors", { ignore: true });
      assert.equal(await isLetIn(one, address), true);
      assert.equal(await town.queue((other) => isLetIn(other, address)), false);
    });
    assert.equal(await town.queue((next) => isLetIn(next, address)), false);
  },
);

/** @param {import("boomtown").Page} page */
const innerSize = (page) => page.evaluate("[innerWidth, innerHeight]");

feature("puppeteer", "a viewport that puppeteer gives up is the item's own again", async (page) => {
  await page.setViewport({ width: 640, height: 480 });
  const own = await page.puppeteer();
  await own.setViewport({ width: 320, height: 240 });
  await own.setViewport(null);
  assert.deepEqual(await innerSize(page), [640, 480]);
});

for (const domain of ["Emulation", "Page"]) {
  feature("puppeteer", `what ${domain}.clear... clears becomes what the item has set`, async (page) => {
    await page.puppeteer();
    await page.goto(`${site}/`);
    await page.setViewport({ width: 640, height: 480 });
    await page.setGeolocation({ latitude: 10, longitude: 20 });
    const session = await (await page.puppeteer()).createCDPSession();
    const size = { width: 320, height: 240, deviceScaleFactor: 1, mobile: false };
    await session.send("Emulation.setDeviceMetricsOverride", size);
    await session.send("Emulation.setGeolocationOverride", { latitude: 1, longitude: 2, accuracy: 1 });
    await session.send(`${domain}.clearDeviceMetricsOverride`);
    await session.send(`${domain}.clearGeolocationOverride`);
    assert.deepEqual(await innerSize(page), [640, 480]);
    const latitude = () =>
      new Promise((resolve) => navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords.latitude)));
    assert.equal(await page.evaluate(latitude), 10);
  });
}

feature("puppeteer", "a viewport is as the later one of puppeteer and boomtown says", async (page) => {
  await page.setViewport({ width: 640, height: 480 });
  const own = await page.puppeteer();
  await own.setViewport({ width: 320, height: 240 });
  await page.setViewport({ width: 640, height: 480 });
  assert.deepEqual(await innerSize(page), [640, 480]);
  await own.setViewport({ width: 200, height: 100 });
  assert.deepEqual(await innerSize(page), [200, 100]);
});

feature("puppeteer", "browser().target() is the browser's", async (page) => {
  const browser = (await page.puppeteer()).browser();
  assert.equal(browser.target().type(), "browser");
});

feature(
  "puppeteer",
  "puppeteer's waitForNavigation resolves where the page asks to be rendered ahead",
  async (page) => {
    const own = await page.puppeteer();
    await own.goto(`${site}/`);
    const rules = { prerender: [{ source: "list", urls: ["/next"], eagerness: "immediate" }] };
    await own.evaluate((/** @type {string} */ text) => {
      const script = Object.assign(document.createElement("script"), { type: "speculationrules", textContent: text });
      document.head.append(script);
    }, JSON.stringify(rules));
    // What is rendered ahead is asked for before this is answered.
    await own.evaluate(() => fetch("/frame").then((response) => response.text()));
    const [response] = await Promise.all([own.waitForNavigation(), own.click("a")]);
    assert.equal(response.url(), `${site}/next`);
    assert.equal(await own.title(), "Next");
  },
);

feature("puppeteer", "puppeteer's connect gets the options that it is called with", async (page) => {
  const own = await page.puppeteer({ defaultViewport: { width: 321, height: 123 }, protocolTimeout: 12_345 });
  assert.deepEqual(await innerSize(page), [321, 123]);
  const session = await own.createCDPSession();
  assert.equal(session.connection().timeout, 12_345);
});

feature("puppeteer", "a puppeteer that the program brings is the one that connects", async (page) => {
  const { default: puppeteer } = await import("puppeteer-core");
  /** @type {any[]} */
  const given = [];
  const brought = {
    connect: (/** @type {any} */ options) => {
      given.push(options);
      return puppeteer.connect(options);
    },
  };
  const own = await page.puppeteer({ puppeteer: brought, slowMo: 1 });
  assert.equal(await own.title(), "");
  assert.equal(given.length, 1);
  const [{ transport, ...options }] = given;
  assert.deepEqual(options, { defaultViewport: null, slowMo: 1 });
});

feature(
  "puppeteer",
  "puppeteer called again with the options that it has gives the same object, with others it is refused",
  async (page) => {
    const own = await page.puppeteer({ slowMo: 1 });
    assert.equal(await page.puppeteer({ slowMo: 1 }), own);
    assert.equal(await page.puppeteer(), own);
    await assert.rejects(page.puppeteer({ slowMo: 2 }), { code: "ERR_INVALID_OPTION", message: /connected already/ });
    await own.browser().disconnect();
    assert.notEqual(await page.puppeteer({ slowMo: 2 }), own);
  },
);

/** @type {[string, unknown, RegExp][]} */
const NOT_OPTIONS = [
  ["a number", 1, /"options" must be an object, got 1/],
  ["null", null, /"options" must be an object, got null/],
  ["a puppeteer without connect", { puppeteer: {} }, /"puppeteer" must be Puppeteer, which has a function connect/],
  ["an address of a browser", { browserURL: "http://127.0.0.1:9222" }, /"browserURL" says how to reach a browser/],
  ["a transport", { transport: {} }, /"transport" says how to reach a browser/],
  ["another protocol", { protocol: "webDriverBiDi" }, /"protocol" says how to reach a browser/],
  ["a filter of targets without the page", { targetFilter: () => false }, /"targetFilter" leaves out the page/],
];

for (const [what, options, message] of NOT_OPTIONS) {
  feature("puppeteer", `puppeteer refuses ${what}`, async (/** @type {any} */ page) => {
    await page.puppeteer().then((/** @type {any} */ own) => own.browser().disconnect());
    await assert.rejects(page.puppeteer(options), { code: "ERR_INVALID_OPTION", message });
    assert.equal(await (await page.puppeteer()).title(), "");
  });
}

feature(
  "playwright",
  "a playwright that the program brings is the one that connects, with the options given",
  async (page) => {
    const { default: playwright } = await import("playwright-core");
    /** @type {object[]} */
    const given = [];
    const chromium = {
      connectOverCDP: (/** @type {any} */ transport, /** @type {any} */ options) => {
        given.push(options);
        return playwright.chromium.connectOverCDP(transport, options);
      },
    };
    const own = await page.playwright({ playwright: { chromium }, slowMo: 1 });
    assert.equal(await own.title(), "");
    assert.deepEqual(given, [{ noDefaults: true, slowMo: 1 }]);
  },
);

feature("playwright", "playwright refuses an address of a browser", async (page) => {
  await page.playwright();
  const connecting = openTown().queue((page) => page.playwright({ endpointURL: "http://127.0.0.1:9222" }));
  await assert.rejects(connecting, {
    code: "ERR_INVALID_OPTION",
    message: /"endpointURL" says how to reach a browser/,
  });
});

feature("puppeteer", "two items of one browser have a puppeteer each", async (page) => {
  await page.puppeteer();
  const town = pair();
  const titles = await Promise.all(
    ["one", "two"].map((title) =>
      town.queue(async (each) => {
        const own = await each.puppeteer();
        await own.setContent(`<title>${title}</title>`);
        return await own.title();
      }),
    ),
  );
  assert.deepEqual(titles, ["one", "two"]);
});

feature("puppeteer", "with isolation context, cookies that puppeteer sets are the page's", async (page) => {
  await page.puppeteer();
  const town = openTown({ isolation: "context" });
  await town.queue(async (isolated) => {
    const own = await isolated.puppeteer();
    await isolated.goto(`${site}/`);
    await own.browserContext().setCookie({ name: "a", value: "1", domain: "127.0.0.1" });
    assert.equal(await isolated.evaluate(() => document.cookie), "a=1");
  });
});

feature("playwright", "playwright gives the same page as Playwright's own", async (page) => {
  await page.setContent("<title>T</title><button onclick='document.title = `clicked`'>ok</button>");
  const own = await page.playwright();
  await own.getByRole("button").click();
  assert.deepEqual([await own.title(), await page.title()], ["clicked", "clicked"]);
});

feature("playwright", "playwright's goto, route and screenshot work", async (page) => {
  const own = await page.playwright();
  await own.route("**/next", (/** @type {any} */ route) =>
    route.fulfill({ contentType: "text/html", body: "<title>Mine</title>" }),
  );
  const response = await own.goto(`${site}/next`);
  assert.deepEqual([response.status(), await page.title()], [200, "Mine"]);
  const { width, height } = decode(await own.screenshot());
  assert.deepEqual([width, height], [800, 600]);
});

feature("playwright", "playwright's methods reject once the attempt is over", async (page) => {
  await page.playwright();
  const own = await openTown().queue((page) => page.playwright());
  const browser = own.context().browser();
  if (browser.isConnected()) await once(browser, "disconnected");
  await assert.rejects(own.title());
});

feature("playwright", "playwright and puppeteer drive one page together", async (page) => {
  const playwright = await page.playwright();
  const puppeteer = await page.puppeteer();
  await puppeteer.setContent("<title>T</title>");
  assert.equal(await playwright.title(), "T");
});

test("a package that is not installed is named, with the command that installs it", async () => {
  let ended = false;
  const library = { name: "boomtown-not-installed", objects: false, connect: async () => assert.fail("connected") };
  const connecting = connectClient(library, {
    open: async () => ({ send: () => {}, close: () => {} }),
    missing: (name) => new Error(`npm install ${name}`),
    ended: () => {
      ended = true;
    },
  });
  await assert.rejects(connecting, /npm install boomtown-not-installed/);
  assert.equal(ended, true);
});

for (const library of [PUPPETEER, PLAYWRIGHT]) {
  test(`${library.name} hears of a connection that has ended before it has it`, async () => {
    const connecting = connectClient(library, {
      open: async (deliver) => {
        deliver(undefined);
        return { send: () => {}, close: () => {} };
      },
      missing: (name) => new Error(name),
      ended: () => {},
    });
    await assert.rejects(connecting, /closed/);
  });
}

test("what a library does on a message, it does before the next one comes", async () => {
  /** @type {unknown[]} */
  const order = [];
  /** @param {any} _library @param {any} transport */
  const connect = async (_library, transport) => {
    await new Promise((resolve) => {
      transport.onmessage = async (/** @type {unknown} */ message) => {
        order.push(message);
        await null;
        await null;
        order.push("done");
        if (message === "two") resolve(undefined);
      };
    });
  };
  /** @type {import("../../lib/page/core.js").Receive} */
  let receive = () => {};
  const connected = connectClient(
    { name: "node:path", objects: false, connect },
    {
      open: async (deliver) => {
        receive = deliver;
        return { send: () => {}, close: () => {} };
      },
      missing: (name) => new Error(name),
      ended: () => {},
    },
  );
  setImmediate(() => {
    receive("one");
    receive("two");
  });
  await connected;
  assert.deepEqual(order, ["one", "done", "two", "done"]);
});

/** The programs of the guide, against the site. */
const programs = [...readFileSync(path.join(ROOT, "docs/puppeteer.md"), "utf8").matchAll(/```js\n(.*?)```/gs)].map(
  ([, program]) => program,
);

/** @param {string} program @returns {Promise<string>} what it prints */
async function run(program) {
  const text = program.replaceAll("https://example.com", site);
  const { stdout } = await promisify(execFile)(process.execPath, ["-e", text], { cwd: ROOT });
  return stdout;
}

/** They are for the engine that can do it, and start browsers of their own. */
const GUIDE = { skip: !has("puppeteer", HERE) && `not with ${HERE}` };

test("the guide's handler of puppeteer-cluster runs as it is written", GUIDE, async () => {
  asked.length = 0;
  const printed = await run(programs[0]);
  assert.match(printed, /title: 'Site'/);
  assert.ok(printed.includes(`links: [ '${site}/next' ]`), printed);
  assert.ok(!asked.includes("/picture.png"));
});

test("the guide's handler for Playwright runs as it is written", GUIDE, async () => {
  assert.equal(await run(programs[1]), "Heading\n");
});
