// Events of the page, and the answers that a program may give to them.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter, once } = require("node:events");
const fs = require("node:fs");
const { BROWSER, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");
const { deferred, uncaughtBy } = require("../helpers/town.js");

/**
 * The event's arguments. Unlike Node's `once`, it throws at once where the page has no such event.
 * @param {any} page
 * @param {string} event
 * @returns {Promise<any[]>}
 */
function heard(page, event) {
  /** @type {(args: any[]) => void} */
  let resolve = () => {};
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  page.once(event, (/** @type {any[]} */ ...args) => resolve(args));
  return /** @type {Promise<any[]>} */ (promise);
}

/** Firefox ends the script that asks. */
const ONLY_CHROMIUM = BROWSER !== "chromium" && "not so in Firefox";

/** What the server sees of the pages. */
const seen = new EventEmitter();
/** Sends what is left of a document. */
let rest = () => {};
/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>Site</title><p>hello",
    "/says": "<script>console.log('said')</script>",
    "/old": (_request, response) => response.writeHead(302, { Location: "/" }).end(),
    "/with-image": '<img src="/missing.png">',
    "/frames": '<iframe name="inner" src="/"></iframe>',
    "/headers": (request, response) => response.end(`<pre>${request.method} ${request.headers["x-added"]}</pre>`),
    "/data": '{"a": 1}',
    "/picture.svg": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "image/svg+xml", "Cache-Control": "max-age=600" })
        .end('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'),
    "/cookies": (request, response) =>
      response
        .writeHead(200, { "Set-Cookie": ["one=1; Path=/cookies", "two=2; Path=/cookies"], "Content-Type": "text/html" })
        .end(`<pre>${request.headers.cookie ?? ""}</pre>`),
    "/to-cookies": (_request, response) =>
      response.writeHead(302, { Location: "/cookies", "Set-Cookie": "hop=1; Path=/" }).end(),
    "/ahead": (request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).end("<title>ahead</title>");
      if (request.headers["sec-purpose"]) seen.emit("ahead");
    },
    "/to-ahead": (_request, response) => response.writeHead(302, { Location: "/ahead" }).end(),
    "/tagged": (request, response) => {
      const known = request.headers["if-none-match"] === '"tag"';
      response.writeHead(known ? 304 : 200, {
        ETag: '"tag"',
        "Cache-Control": "no-cache",
        "Content-Type": "text/html",
      });
      response.end(known ? undefined : "<title>tagged</title>");
    },
    "/strict": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/html", "Content-Security-Policy": "script-src 'none'" })
        .end("<script>1</script>"),
    "/leaving": "<body><script>addEventListener('beforeunload', (event) => event.preventDefault())</script>",
    "/waits": '<img src="/silent">',
    "/silent": () => {},
    "/file": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/plain", "Content-Disposition": 'attachment; filename="report.txt"' })
        .end("the report"),
    "/named-alike": (request, response) =>
      response.writeHead(200, { "Content-Disposition": 'attachment; filename="alike.txt"' }).end(request.url),
    "/endless": (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/zip", "Content-Disposition": "attachment" }).write("more");
      response.once("close", () => seen.emit("given up"));
    },
    "/in-parts": (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" }).write('<img src="/shown">');
      rest = () => response.end("<p id=late>");
    },
    "/shown": (_request, response) => {
      response.end();
      seen.emit("shown");
    },
  });
});

feature("on console", "console tells type, text, data and place of what the page logs", async (page) => {
  const logged = heard(page, "console");
  await page.evaluate(() => console.warn("a", 1, { b: 2 }, null, undefined));
  const [message] = await logged;
  assert.equal(message.type(), "warn");
  assert.equal(message.text(), "a 1 JSHandle@object null undefined");
  const args = message.args();
  assert.deepEqual(await Promise.all(args.map((/** @type {any} */ handle) => handle.jsonValue())), [
    ...["a", 1, { b: 2 }],
    ...[null, undefined],
  ]);
  assert.equal(message.args(), args);
  assert.equal(typeof message.location().lineNumber, "number");
  assert.deepEqual(message.stackTrace()[0], message.location());
});

feature("on console", "what is a value of its own comes from the console as that value", async (page) => {
  const logged = heard(page, "console");
  await page.evaluate(() => console.log(null, undefined, NaN, -0, -Infinity, 10n, false, "null", [1], () => 1));
  const [message] = await logged;
  const values = [null, undefined, NaN, -0, -Infinity, 10n, false, "null"];
  const given = message.args().slice(0, values.length);
  assert.deepEqual(await Promise.all(given.map((/** @type {any} */ handle) => handle.jsonValue())), values);
  assert.match(message.text(), /null JSHandle@array JSHandle@function$/);
});

feature("on console", "console tells of what the browser itself writes there", async (page) => {
  /** @type {any[]} */
  const lines = [];
  const written = new EventEmitter();
  page.on("console", (message) => {
    lines.push(message);
    written.emit("line");
  });
  /** @param {RegExp} text */
  const line = async (text) => {
    for (;;) {
      const found = lines.find((message) => text.test(message.text()));
      if (found) return found;
      await once(written, "line");
    }
  };
  await page.goto(`${site}/with-image`);
  const missing = await line(/404/);
  assert.deepEqual([missing.type(), missing.location().url, missing.args()], ["error", `${site}/missing.png`, []]);
  await page.goto(`${site}/strict`);
  assert.equal((await line(/Content Security Policy/)).type(), "error");
  await page.goto(`${site}/`);
  await page.evaluate((url) => fetch(url).catch(() => {}), site.replace("127.0.0.1", "localhost"));
  await line(/CORS/);
});

feature("on onConsoleMessage", "onConsoleMessage is for what scripts write", async (page) => {
  /** @type {string[]} */
  const lines = [];
  page.on("onConsoleMessage", (text) => lines.push(text));
  const refused = heard(page, "console");
  await page.goto(`${site}/with-image`);
  await refused;
  await page.evaluate(() => console.log("by a script"));
  assert.deepEqual(lines, ["by a script"]);
});

feature("on crash", "Puppeteer's error event is a crash", async (page) => {
  const crashed = heard(page, "crash");
  const failed = heard(page, "error");
  page.goto("chrome://crash").catch(() => {});
  assert.deepEqual(await failed, await crashed);
});

test("an event that a page does not have is a warning with the one that was meant, and the program's own", () =>
  withPage(async (/** @type {any} */ page) => {
    /** @type {string[]} */
    const warnings = [];
    const listen = (/** @type {Error} */ { message }) => warnings.push(message);
    process.on("warning", listen);
    /** @type {unknown[]} */
    const heard = [];
    const hear = (/** @type {unknown} */ value) => heard.push(value);
    page.on("respons", hear);
    page.once("respons", hear);
    assert.equal(page.emit("respons", 1), true);
    assert.equal(page.emit("respons", 2), true);
    assert.deepEqual(heard, [1, 1, 2]);
    page.off("respons", hear);
    assert.equal(page.emit("respons", 3), false);
    page.off("conssole");
    page.removeAllListeners("conssole");
    page.on("toString", hear);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    assert.equal(warnings.filter((message) => /"respons"; did you mean "response"\?$/.test(message)).length, 2);
    assert.equal(warnings.filter((message) => /"conssole"; did you mean "console"\?$/.test(message)).length, 2);
    const own = Symbol("own");
    const told = once(page, own);
    page.emit(own, 1);
    assert.deepEqual(await told, [1]);
  }));

feature("on pageerror", "pageerror tells of what the page's own scripts throw", async (page) => {
  const thrown = heard(page, "pageerror");
  await page.setContent("<script>null.x</script>");
  const [error] = await thrown;
  assert.ok(error instanceof TypeError);
  assert.match(error.message, /null/);
  assert.match(String(error.stack), /\n\s+at /);
});

feature("on dialog", "a dialog waits for the program's answer", async (page) => {
  page.on("dialog", (dialog) => {
    assert.deepEqual([dialog.type(), dialog.message(), dialog.defaultValue()], ["prompt", "name?", "nobody"]);
    dialog.accept("Ada");
  });
  assert.equal(await page.evaluate(() => prompt("name?", "nobody")), "Ada");
});

feature("on dialog", "a dialog can be answered once only", async (page) => {
  /** @type {Promise<PromiseSettledResult<void>[]>[]} */
  const answers = [];
  page.on("dialog", (dialog) => answers.push(Promise.allSettled([dialog.dismiss(), dialog.accept()])));
  assert.equal(await page.evaluate(() => confirm("sure?")), false);
  const [[first, second]] = await Promise.all(answers);
  assert.equal(first.status, "fulfilled");
  assert.equal(second.status === "rejected" && second.reason.code, "ERR_INVALID_OPTION");
});

test("without a listener, a dialog is dismissed and the page goes on", { skip: ONLY_CHROMIUM }, () =>
  withPage(async (page) => {
    const answers = await page.evaluate(() => [alert("a"), confirm("b"), prompt("c")].map((answer) => answer ?? null));
    assert.deepEqual(answers, [null, false, null]);
  }),
);

feature("on request", "request and response tell of each other, in the order of the redirects", async (page) => {
  /** @type {any[]} */
  const requests = [];
  // A whole browser asks for an icon as well.
  page.on("request", (request) => {
    if (request.isNavigationRequest()) requests.push(request);
  });
  /** @type {any[]} */
  const responses = [];
  page.on("response", (response) => {
    if (response.request().isNavigationRequest()) responses.push(response);
  });
  await page.goto(`${site}/old`);
  const [hop, response] = responses;
  assert.deepEqual([hop.status(), hop.request()], [302, requests[0]]);
  assert.deepEqual(
    requests.map((request) => new URL(request.url()).pathname),
    ["/old", "/"],
  );
  assert.ok(requests.every((request) => request.resourceType() === "document"));
  assert.deepEqual(requests[1].redirectChain(), [requests[0]]);
  assert.equal(requests[0].response().status(), 302);
  assert.equal(response.request(), requests[1]);
  assert.equal(response.status(), 200);
  assert.match(response.headers()["content-type"], /html/);
  assert.match(await response.text(), /hello/);
});

feature("on requestfailed", "requestfailed tells why", async (page) => {
  const failed = heard(page, "requestfailed");
  await page.setContent('<img src="http://127.0.0.1:1/x.png">');
  const [request] = await failed;
  assert.equal(request.url(), "http://127.0.0.1:1/x.png");
  assert.match(request.failure().errorText, /ERR_(CONNECTION_REFUSED|UNSAFE_PORT)/);
});

feature("on response", "a response's body is there once it has been told", async (page) => {
  const answered = heard(page, "response");
  await page.goto(`${site}/data`);
  const [response] = await answered;
  assert.deepEqual([response.status(), response.ok(), response.fromCache()], [200, true, false]);
  assert.deepEqual(await response.json(), { a: 1 });
});

/** What a page asks for ahead, with the statuses of the responses on the way to it. @type {[string, string, number[]][]} */
const AHEAD = [
  ["prefetch", "/ahead", [200]],
  ["prefetch", "/to-ahead", [302, 200]],
  ["prerender", "/ahead", [200]],
  ["prerender", "/to-ahead", [302, 200]],
];

for (const [kind, to, statuses] of AHEAD) {
  const name = `the document that ${kind} of ${to} has fetched has its responses and its end`;
  feature("on requestfinished", name, async (page) => {
    const ended = deferred();
    page.on("requestfinished", (request) => {
      if (request.resourceType() === "document" && request.url() === `${site}/ahead`) ended.resolve(request);
    });
    await page.goto(`${site}/`);
    const fetched = once(seen, "ahead");
    const rules = { [kind]: [{ source: "list", urls: [to], eagerness: "immediate" }] };
    await page.evaluate(
      (/** @type {string} */ href, /** @type {string} */ textContent) => {
        const script = Object.assign(document.createElement("script"), { type: "speculationrules", textContent });
        document.body.append(script, Object.assign(document.createElement("a"), { href, textContent: "there" }));
      },
      to,
      JSON.stringify(rules),
    );
    await fetched;
    const [answer] = await Promise.all([page.waitForNavigation(), page.click("a")]);
    assert.deepEqual([answer?.url(), answer?.status()], [`${site}/ahead`, 200]);
    const last = await ended.promise;
    const answered = [...last.redirectChain(), last].map((request) => request.response()?.status());
    assert.deepEqual(answered, statuses);
  });
}

feature("on requestfinished", "a request is finished after its response, and knows it", async (page) => {
  const finished = heard(page, "requestfinished");
  /** @type {string[]} */
  const told = [];
  page.on("response", (response) => told.push(`response ${new URL(response.url()).pathname}`));
  await page.goto(`${site}/`);
  const [request] = await finished;
  assert.equal(request.url(), `${site}/`);
  assert.equal(request.response().status(), 200);
  assert.equal(told[0], "response /");
});

feature("on requestfinished", "a redirect's own request is finished too", async (page) => {
  const finished = heard(page, "requestfinished");
  await page.goto(`${site}/old`);
  const [request] = await finished;
  assert.equal(request.url(), `${site}/old`);
  assert.equal(request.response().status(), 302);
});

feature("on response", "what a memory cache answered says so", async (page) => {
  /** @type {boolean[]} */
  const cached = [];
  page.on("response", (response) => {
    if (response.url().endsWith("/picture.svg")) cached.push(response.fromCache());
  });
  const show = () =>
    new Promise((resolve) => {
      const image = document.body.appendChild(new Image());
      image.onload = () => resolve(undefined);
      image.src = "/picture.svg";
    });
  await page.goto(`${site}/`);
  await page.evaluate(show);
  await page.goto(`${site}/`);
  const again = heard(page, "response");
  await page.evaluate(show);
  await again;
  assert.deepEqual(cached, [false, true]);
});

feature("on request", "a request knows its response, though only requests are listened to", async (page) => {
  const asked = heard(page, "request");
  await page.goto(`${site}/`);
  const [request] = await asked;
  assert.equal(request.response().status(), 200);
  assert.match(await request.response().text(), /hello/);
});

feature("on response", "cookies are among the headers of requests and responses", async (page) => {
  /** @type {any[]} */
  const responses = [];
  page.on("response", (response) => responses.push(response));
  const set = await page.goto(`${site}/cookies`);
  assert.equal(set?.headers()["set-cookie"], "one=1; Path=/cookies\ntwo=2; Path=/cookies");
  await page.goto(`${site}/to-cookies#part`);
  const [first, hop, second] = responses.filter((response) => response.request().isNavigationRequest());
  assert.match(first.headers()["set-cookie"], /^one=1/);
  assert.equal(first.request().headers().cookie, undefined);
  assert.equal(hop.headers()["set-cookie"], "hop=1; Path=/");
  assert.equal(second.url(), `${site}/cookies#part`);
  assert.deepEqual(second.request().headers().cookie.split("; ").sort(), ["hop=1", "one=1", "two=2"]);
  await page.clearCookies();
});

feature("on response", "a document that the server says has not changed is a 304", async (page) => {
  assert.equal((await page.goto(`${site}/tagged`))?.status(), 200);
  const answered = heard(page, "response");
  assert.equal((await page.goto(`${site}/tagged`))?.status(), 304);
  const [response] = await answered;
  assert.deepEqual([response.status(), response.statusText()], [304, "Not Modified"]);
  assert.equal(await page.title(), "tagged");
});

feature("on domcontentloaded", "domcontentloaded does not wait for pictures", async (page) => {
  const parsed = heard(page, "domcontentloaded");
  const left = page.goto(`${site}/waits`, { waitUntil: "domcontentloaded" });
  await parsed;
  await left;
  assert.notEqual(await page.evaluate(() => document.readyState), "complete");
});

feature("on load", "domcontentloaded comes before load", async (page) => {
  /** @type {string[]} */
  const told = [];
  const loaded = heard(page, "load");
  page.on("load", () => told.push("load"));
  page.on("domcontentloaded", () => told.push("domcontentloaded"));
  await page.goto(`${site}/`);
  await loaded;
  assert.deepEqual(told, ["domcontentloaded", "load"]);
});

feature("on framenavigated", "framenavigated tells of inner frames too", async (page) => {
  /** @type {[string, boolean][]} */
  const frames = [];
  page.on("framenavigated", (frame) => frames.push([new URL(frame.url()).pathname, frame.isMainFrame()]));
  await page.goto(`${site}/frames`);
  assert.deepEqual(frames, [
    ["/frames", true],
    ["/", false],
  ]);
});

feature("on popup", "a popup is a page that can be driven, and ends with the one that opened it", async (page) => {
  const opened = heard(page, "popup");
  await page.goto(`${site}/`);
  await page.evaluate(() => void window.open("/frames"));
  const [popup] = await opened;
  await popup.waitForSelector("iframe");
  assert.equal(await popup.url(), `${site}/frames`);
  const closed = heard(popup, "close");
  setImmediate(() => page.close());
  await closed;
  await assert.rejects(popup.title(), { code: "ERR_PAGE_CLOSED" });
});

feature("on popup", "close of a popup closes it, and not the page that opened it", async (page) => {
  const opened = heard(page, "popup");
  await page.goto(`${site}/`);
  await page.evaluate("void (window.opened = window.open('/'))");
  const [popup] = await opened;
  await popup.close();
  await page.waitForFunction("opened.closed");
  assert.equal(await page.title(), "Site");
});

feature("on popup", "a popup that closes itself tells so", async (page) => {
  const opened = heard(page, "popup");
  await page.goto(`${site}/`);
  await page.evaluate("void (window.opened = window.open('/'))");
  const [popup] = await opened;
  const closed = heard(popup, "close");
  await page.evaluate("opened.close()");
  assert.deepEqual(await closed, ["closed"]);
});

feature("on download", "a download lands in a folder of the item, under its own name", async (page, next) => {
  const downloading = heard(page, "download");
  await page.setContent(`<a href="${site}/file" id="link">file</a>`);
  await page.click("#link");
  const [download] = await downloading;
  assert.equal(download.suggestedFilename(), "report.txt");
  const file = await download.path();
  assert.match(file, /report\.txt$/);
  assert.equal(fs.readFileSync(file, "utf8"), "the report");
  assert.equal(next.attempt, 1);
});

feature(
  "on download",
  "a download whose name is longer than a file system takes lands under a part of it",
  async (page) => {
    const long = await serve({
      "/": (_, response) => {
        const name = `${"x".repeat(300)}.txt`;
        response.writeHead(200, { "Content-Disposition": `attachment; filename="${name}"` }).end("long");
      },
    });
    const downloading = heard(page, "download");
    await page.evaluate((/** @type {string} */ url) => {
      location.href = url;
    }, long);
    const [download] = await downloading;
    assert.match(download.suggestedFilename(), /^x{100,}\.txt$/);
    assert.equal(fs.readFileSync(/** @type {string} */ (await download.path()), "utf8"), "long");
  },
);

feature("on download", "two files of one name are both kept", async (page) => {
  await page.setContent(`<a href="${site}/named-alike?1">one</a><a href="${site}/named-alike?2" id="two">two</a>`);
  const files = [];
  for (const link of ["a", "#two"]) {
    const downloading = heard(page, "download");
    await page.click(link);
    const [download] = await downloading;
    files.push(await download.path());
  }
  assert.deepEqual(
    files.map((file) => fs.readFileSync(file, "utf8")),
    ["/named-alike?1", "/named-alike?2"],
  );
});

feature("on download", "a page in a browser context of its own cancels a download", async (page) => {
  const downloading = heard(page, "download");
  await page.setProxy("");
  await page.setContent(`<a href="${site}/endless">file</a>`);
  await page.click("a");
  const [download] = await downloading;
  const givenUp = once(seen, "given up");
  await download.cancel();
  await givenUp;
  await assert.rejects(download.path(), { code: "ERR_NAVIGATION" });
});

feature("on download", "what a popup downloads unasked is given up, in whichever browser context", async (page) => {
  page.on("download", () => assert.fail("it is the popup that downloads"));
  await page.setProxy("");
  await page.goto(`${site}/`);
  const opened = heard(page, "popup");
  await page.evaluate(() => void window.open("/"));
  const [popup] = await opened;
  await popup.waitForSelector("p");
  const givenUp = once(seen, "given up");
  await popup.evaluate(() => location.assign("/endless"));
  await givenUp;
});

feature("on crash", "a crash is told, and later calls say that the page is closed", async (page) => {
  const crashed = heard(page, "crash");
  page.goto("chrome://crash").catch(() => {});
  const [error] = await crashed;
  assert.match(error.message, /crashed/);
  await assert.rejects(page.title(), { code: "ERR_PAGE_CLOSED" });
});

feature("setRequestInterception", "a request is answered by the program", async (page) => {
  await page.setRequestInterception((request) => {
    request.respond({ contentType: "text/html", body: "<title>Mine</title>" });
  });
  await page.goto("http://example.test/");
  assert.equal(await page.title(), "Mine");
});

feature("setRequestInterception", "requests are aborted, and changed on their way", async (page) => {
  await page.setRequestInterception((request) => {
    if (request.resourceType === "image") request.abort("blockedbyclient");
    else request.continue({ headers: { ...request.headers, "x-added": "yes" } });
  });
  await page.goto(`${site}/headers`);
  assert.equal(await page.evaluate(() => document.body.innerText), "GET yes");
  const failed = await page.evaluate(
    () =>
      new Promise((resolve) => {
        const image = new Image();
        image.onerror = () => resolve("blocked");
        image.onload = () => resolve("loaded");
        image.src = "/missing.png";
      }),
  );
  assert.equal(failed, "blocked");
});

/** @type {[string, (thrown: Error) => unknown][]} */
const FAILING = [
  [
    "throws",
    (thrown) => {
      throw thrown;
    },
  ],
  ["rejects", (thrown) => Promise.reject(thrown)],
  [
    "fails after a while",
    async (thrown) => {
      await new Promise(setImmediate);
      throw thrown;
    },
  ],
];
for (const [how, failing] of FAILING) {
  const title = `a request whose handler ${how} is aborted, and the program hears of it`;
  feature("setRequestInterception", title, async (page) => {
    const thrown = new Error("in the handler");
    const uncaught = await uncaughtBy(async () => {
      await page.setRequestInterception((request) => {
        if (request.url.endsWith("/headers")) return /** @type {any} */ (failing(thrown));
        request.continue();
      });
      await assert.rejects(page.goto(`${site}/headers`), { code: "ERR_NAVIGATION", message: /net::ERR_FAILED/ });
    });
    assert.equal(uncaught, thrown);
    await page.goto(`${site}/`);
    assert.equal(await page.title(), "Site");
  });
}

feature(
  "setRequestInterception",
  "of two answers to a request the first counts, and the second rejects",
  async (page) => {
    /** @type {Promise<unknown>[]} */
    const second = [];
    await page.setRequestInterception((request) => {
      request.respond({ contentType: "text/html", body: "<title>Mine</title>" });
      second.push(request.abort().then(undefined, (/** @type {unknown} */ error) => error));
    });
    await page.goto("http://example.test/");
    assert.equal(await page.title(), "Mine");
    const [error] = /** @type {any[]} */ (await Promise.all(second));
    assert.equal(error.code, "ERR_INVALID_OPTION");
    assert.match(error.message, /"http:\/\/example\.test\/" has been handled already/);
  },
);

feature("setRequestInterception", "an answer that comes too late names the request by its URL", async (page) => {
  const asked = deferred();
  await page.setRequestInterception((request) => asked.resolve(request));
  const going = page.goto(`${site}/`);
  const request = await asked.promise;
  await page.setRequestInterception(false);
  await going;
  await assert.rejects(request.continue(), (/** @type {any} */ { code, message }) => {
    assert.equal(code, "ERR_INVALID_OPTION");
    return message.includes(`${site}/`) && !message.includes("interception-job");
  });
});

feature("setRequestInterception", "a request that is never answered waits, and goes with its item", async (page) => {
  await page.setRequestInterception(() => {});
  await assert.rejects(page.goto(`${site}/`, { timeout: 500 }), { code: "ERR_TIMEOUT" });
});

feature(
  "setRequestInterception",
  "a request whose document was left takes its answer without an error",
  async (page) => {
    const left = deferred();
    await page.setRequestInterception((request) => {
      if (request.url.endsWith("/left")) left.resolve(request);
      else request.continue();
    });
    await page.goto(`${site}/`);
    await page.evaluate((url) => void fetch(url).catch(() => {}), `${site}/left`);
    const request = await left.promise;
    await page.goto(`${site}/headers`);
    await page.goto(`${site}/`);
    await request.continue();
    assert.equal(await page.title(), "Site");
  },
);

feature("setRequestInterception", "of two spellings of a header the later one is sent", async (page) => {
  await page.setRequestInterception((request) =>
    request.continue({ headers: { ...request.headers, "x-added": "no", "X-Added": "yes" } }),
  );
  await page.goto(`${site}/headers`);
  assert.equal(await page.evaluate(() => document.body.innerText), "GET yes");
});

/** Steps that the browser refuses, then those that it takes. @type {[string, (request: any) => Promise<void>, (request: any) => Promise<void>][]} */
const DECISIONS = [
  ["continue", (request) => request.continue({ headers: { "x-added": "a\nb" } }), (request) => request.continue()],
  [
    "respond",
    (request) => request.respond({ headers: { "x-answer": "a\nb" } }),
    (request) => request.respond({ contentType: "text/html", body: "<title>Site</title>" }),
  ],
];
for (const [method, refused, taken] of DECISIONS) {
  feature("setRequestInterception", `a request whose ${method} was refused can still be decided`, async (page) => {
    /** @type {unknown} */
    let error;
    await page.setRequestInterception(async (request) => {
      await refused(request).catch((/** @type {unknown} */ thrown) => {
        error ??= thrown;
      });
      await taken(request);
    });
    await page.goto(`${site}/`);
    assert.match(String(error), /header/i);
    assert.equal(await page.title(), "Site");
  });
}

feature("setRequestInterception", "undefined is no header, an array several, and a number its text", async (page) => {
  await page.setRequestInterception((/** @type {any} */ request) => {
    if (request.url.endsWith("/own")) {
      request.respond({
        headers: {
          "Content-Type": "text/plain",
          "X-Number": 5,
          "X-Many": ["a", 2],
          "X-None": undefined,
          "Set-Cookie": "a=1\nb=2",
        },
        contentType: "text/html",
        body: `<title>own</title>`,
      });
    } else
      request.continue({ headers: { ...request.headers, "X-Added": [7, 8], "Upgrade-Insecure-Requests": undefined } });
  });
  await page.goto(`${site}/headers`);
  assert.equal(await page.evaluate(() => document.body.innerText), "GET 7, 8");
  const headers = (await page.goto(`${site}/own`))?.headers();
  assert.equal(await page.title(), "own");
  assert.deepEqual(
    ["content-type", "content-length", "x-number", "x-none"].map((name) => headers?.[name]),
    ["text/html", "18", "5", undefined],
  );
  assert.match(String(headers?.["x-many"]), /^a(, |\n)2$/);
  assert.equal((await page.cookies()).length, 2);
  await page.clearCookies();
  for (const headers of [{ a: {} }, { a: [undefined] }, { a: () => {} }]) {
    await page.setRequestInterception((/** @type {any} */ request) =>
      assert.rejects(request.continue({ headers }), { code: "ERR_INVALID_OPTION" }).then(() => request.continue()),
    );
    await page.goto(`${site}/`);
  }
});

feature("setRequestInterception", "a navigation with a method of its own is the handler's as well", async (page) => {
  /** @type {string[]} */
  const seen = [];
  await page.setRequestInterception((request) => {
    seen.push(`${request.method} ${request.body}`);
    request.continue();
  });
  assert.equal(await page.open(`${site}/headers`, "POST", "a=1"), "success");
  assert.equal(seen[0], "POST a=1");
  assert.match(await page.evaluate(() => document.body.innerText), /^POST/);
});

feature("setRequestInterception", "phantom's listener and the handler both have their say", async (page) => {
  await page.setRequestInterception((request) => {
    if (request.headers["x-added"] === "by phantom") request.continue();
    else request.abort();
  });
  page.on("onResourceRequested", (_data, request) => request.setHeader("X-Added", "by phantom"));
  await page.goto(`${site}/headers`);
  assert.equal(await page.evaluate(() => document.body.innerText), "GET by phantom");
});

feature("on onResourceRequested", "a listener that has gone is asked no more", async (page) => {
  const listener = () => assert.fail("asked");
  /** @type {any} */ (page).once("onResourceRequested", listener);
  page.off("onResourceRequested", listener);
  assert.equal(await page.open(`${site}/`), "success");
});

feature("setRequestInterception", "after false, requests go their way again", async (page) => {
  await page.setRequestInterception((request) => request.respond({ body: "mine" }));
  await page.setRequestInterception(false);
  await page.goto(`${site}/`);
  assert.equal(await page.title(), "Site");
});

feature(
  "exposeFunction",
  "the page calls a function of the program, and gets its result or its error",
  async (page) => {
    await page.exposeFunction("double", (/** @type {number} */ value) => {
      if (value < 0) throw new RangeError("too small");
      return { doubled: value * 2, on: new Date(0) };
    });
    const call = (/** @type {number} */ value) => /** @type {any} */ (globalThis).double(value);
    assert.deepEqual(await page.evaluate(call, 21), { doubled: 42, on: new Date(0) });
    await page.goto(`${site}/`);
    assert.equal((await page.evaluate(call, 1)).doubled, 2);
    await assert.rejects(page.evaluate(call, -1), { code: "ERR_EVALUATION", message: /too small/ });
  },
);

feature("on onLoadStarted", "the loading events of phantom come in their order", async (page) => {
  /** @type {string[]} */
  const told = [];
  page.on("onLoadStarted", () => told.push("started"));
  const finished = heard(page, "onLoadFinished");
  page.on("onUrlChanged", (url) => told.push(new URL(url).pathname));
  page.on("onInitialized", () => told.push("initialized"));
  page.on("onLoadFinished", (status) => told.push(status));
  assert.equal(await page.open(`${site}/`), "success");
  await finished;
  assert.deepEqual(told, ["started", "/", "initialized", "success"]);
});

feature("on onLoadFinished", "content that is set has loaded", async (page) => {
  /** @type {string[]} */
  const told = [];
  page.on("onLoadFinished", (status) => told.push(status));
  page.on("onLoadStarted", () => told.push("started"));
  await page.property("content", "<title>mine</title>");
  assert.deepEqual(told, ["started", "success"]);
});

feature("on onInitialized", "a page is initialized before its own scripts run", async (page) => {
  /** @type {string[]} */
  const told = [];
  page.on("onInitialized", () => told.push("initialized"));
  page.on("onConsoleMessage", (text) => told.push(text));
  const logged = heard(page, "onConsoleMessage");
  await page.goto(`${site}/says`);
  await logged;
  assert.deepEqual(told, ["initialized", "said"]);
});

feature("on onUrlChanged", "a new URL is told, of the main frame alone", async (page) => {
  /** @type {string[]} */
  const told = [];
  page.on("onUrlChanged", (url) => told.push(url));
  await page.open(`${site}/frames`);
  assert.deepEqual(told, [`${site}/frames`]);
});

feature("on onLoadFinished", "a load that fails finishes as well", async (page) => {
  const finished = heard(page, "onLoadFinished");
  assert.equal(await page.open("http://127.0.0.1:1/"), "fail");
  assert.deepEqual(await finished, ["fail"]);
});

feature("on onNavigationRequested", "a navigation is told with its frame", async (page) => {
  /** @type {[string, boolean, boolean][]} */
  const told = [];
  page.on("onNavigationRequested", (url, _type, willNavigate, main) =>
    told.push([new URL(url).pathname, willNavigate, main]),
  );
  await page.open(`${site}/frames`);
  assert.deepEqual(told, [
    ["/frames", true, true],
    ["/", true, false],
  ]);
});

feature("on onResourceTimeout", "what has not been answered within resourceTimeout is told", async (page) => {
  const late = heard(page, "onResourceTimeout");
  await page.setting("resourceTimeout", 300);
  assert.equal(await page.setting("resourceTimeout"), 300);
  assert.equal(await page.open(`${site}/silent`), "fail");
  const [request] = await late;
  assert.deepEqual([request.url, request.errorCode, request.method], [`${site}/silent`, 408, "GET"]);
});

feature("on onResourceTimeout", "so is what the browser had no time to ask for", async (page) => {
  const late = heard(page, "onResourceTimeout");
  await page.setting("resourceTimeout", 1);
  assert.equal(await page.open(`${site}/silent`), "fail");
  const [request] = await late;
  assert.deepEqual([request.url, request.errorCode, request.method], [`${site}/silent`, 408, "GET"]);
});

feature("on onResourceError", "a resource that fails is told with the reason", async (page) => {
  const failed = heard(page, "onResourceError");
  await page.setContent('<img src="http://127.0.0.1:2/x.png">');
  const [error] = await failed;
  assert.equal(error.url, "http://127.0.0.1:2/x.png");
  assert.deepEqual([error.errorCode, error.errorString], [1, "Connection refused"]);
});

feature("on onResourceRequested", "phantom's listener aborts and changes requests", async (page) => {
  /** @type {string[]} */
  const seen = [];
  page.on("onResourceRequested", (data, request) => {
    seen.push(`${data.method} ${new URL(data.url).pathname}`);
    if (data.url.endsWith(".png")) request.abort();
    else request.setHeader("X-Added", "by phantom");
  });
  await page.open(`${site}/headers`);
  assert.equal(await page.property("plainText"), "GET by phantom");
  assert.equal(seen[0], "GET /headers");
});

feature("on onResourceRequested", "with runOnPhantom, the listener's text runs without its closure", async (page) => {
  page.on(
    "onResourceRequested",
    true,
    (_data, request, value) => request.setHeader("X-Added", `${value} ${typeof feature}`),
    "given",
  );
  await page.open(`${site}/headers`);
  assert.equal(await page.property("plainText"), "GET given undefined");
});

feature("property onResourceRequested", "a callback may be set as a property, with its arguments", async (page) => {
  await page.property(
    "onResourceRequested",
    (request, network, ending, name) => {
      if (request.url.endsWith(ending)) network.abort();
      else network.setHeader(name, `by phantom ${typeof feature}`);
    },
    "/",
    "X-Added",
  );
  assert.equal(await page.open(`${site}/`), "fail");
  assert.equal(await page.open(`${site}/headers`), "success");
  assert.equal(await page.property("plainText"), "GET by phantom undefined");
});

feature(
  "property onResourceRequested",
  "a second callback takes the place of the first, and null of both",
  async (page) => {
    await page.property("onResourceRequested", (_request, network) => network.abort());
    await page.property("onResourceRequested", (_request, network) => network.setHeader("X-Added", "by the second"));
    await page.open(`${site}/headers`);
    assert.equal(await page.property("plainText"), "GET by the second");
    assert.equal(typeof (await page.property("onResourceRequested")), "function");
    await page.property("onResourceRequested", null);
    assert.equal(await page.property("onResourceRequested"), undefined);
    await page.open(`${site}/headers`);
    assert.equal(await page.property("plainText"), "GET undefined");
  },
);

feature("property onConfirm", "a callback that is set as a property leaves listeners where they are", async (page) => {
  /** @type {string[]} */
  const heard = [];
  await page.property("onConfirm", (_message, answer) => answer, false);
  page.on("onConfirm", (message) => heard.push(message));
  await page.property("onConfirm", (_message, answer) => answer, true);
  assert.equal(await page.evaluate(() => confirm("sure?")), true);
  assert.deepEqual(heard, ["sure?"]);
});

feature(
  "property onConfirm",
  "a callback may be the text of a function, and what is none is no callback",
  async (page) => {
    await page.property("onConfirm", /** @type {any} */ ("function () { return true; }"));
    assert.equal(await page.evaluate(() => confirm("sure?")), true);
    await page.property("onConfirm", /** @type {any} */ (5));
    assert.equal(await page.property("onConfirm"), undefined);
    assert.equal(await page.evaluate(() => confirm("sure?")), false);
  },
);

feature("on onResourceReceived", "phantom's view of a response has its stages and headers", async (page) => {
  /** @type {any[]} */
  const told = [];
  const { promise: ended, resolve } = deferred();
  page.on("onResourceReceived", (resource) => {
    // A whole browser asks for an icon as well.
    if (resource.url !== `${site}/`) return;
    told.push(resource);
    if (resource.stage === "end") resolve();
  });
  await page.open(`${site}/`);
  await ended;
  assert.deepEqual(
    told.map(({ stage, status }) => [stage, status]),
    [
      ["start", 200],
      ["end", 200],
    ],
  );
  assert.match(told[0].contentType, /html/);
});

feature("on onConsoleMessage", "phantom hears what the page logs", async (page) => {
  const logged = heard(page, "onConsoleMessage");
  await page.setContent("<script>console.log('said')</script>");
  assert.equal((await logged)[0], "said");
});

feature("on onError", "phantom hears of an error with its trace", async (page) => {
  const failed = heard(page, "onError");
  await page.setContent("<script>throw new Error('oops')</script>");
  const [message, trace] = await failed;
  assert.equal(message, "Error: oops");
  assert.equal(typeof trace[0].line, "number");
});

feature("on onAlert", "an alert is told, and the page goes on", async (page) => {
  /** @type {string[]} */
  const alerts = [];
  page.on("onAlert", (text) => alerts.push(text));
  assert.equal(await page.evaluate(() => alert("a")), undefined);
  assert.deepEqual(alerts, ["a"]);
});

feature("on onConfirm", "what the listener returns is the answer to a confirm", async (page) => {
  page.on("onConfirm", (text) => text === "yes?");
  assert.deepEqual(await page.evaluate(() => [confirm("yes?"), confirm("no?")]), [true, false]);
});

feature("on onPrompt", "what the listener returns is the answer to a prompt", async (page) => {
  page.on("onPrompt", (_text, suggestion) => `${suggestion}!`);
  assert.equal(await page.evaluate(() => prompt("b", "c")), "c!");
});

feature("on onCallback", "an answer may take its time", async (page) => {
  page.on("onCallback", async (data) => ({ doubled: data * 2 }));
  const call = () => /** @type {any} */ (globalThis).callPhantom(21);
  assert.deepEqual(await page.evaluate(call), { doubled: 42 });
});

feature("on onAlert", "a listener for alerts does not keep a page from being left", async (page) => {
  page.on("onAlert", () => {});
  await page.goto(`${site}/leaving`);
  await page.click("body");
  await page.goto(`${site}/`);
  assert.equal(await page.title(), "Site");
});

feature("on onCallback", "window.callPhantom gives back what the listener returns, at once", async (page) => {
  page.on("onCallback", (data) => ({ echoed: data }));
  await page.open(`${site}/`);
  const call = () => /** @type {any} */ (window).callPhantom({ a: [1] });
  assert.deepEqual(await page.evaluate(call), { echoed: { a: [1] } });
});

feature("on onPageCreated", "phantom hears of pages that open, and of pages that close themselves", async (page) => {
  const created = heard(page, "onPageCreated");
  await page.goto(`${site}/`);
  await page.evaluate(() => void Object.assign(window, { opened: window.open("/") }));
  const [popup] = await created;
  const closing = heard(popup, "onClosing");
  await page.evaluate(() => /** @type {any} */ (window).opened.close());
  assert.equal((await closing)[0], popup);
});

feature("on onFilePicker", "the file that phantom's listener names is chosen", async (page) => {
  page.on("onFilePicker", () => __filename);
  await page.setContent("<input type=file>");
  await page.click("input");
  await page.waitForFunction(() => document.querySelector("input")?.files?.length === 1);
  const name = await page.$eval("input", (input) => /** @type {any} */ (input).files[0].name);
  assert.equal(name, "page.events.test.js");
});

feature("on onFilePicker", "the file that an async listener names is chosen", async (page) => {
  page.on("onFilePicker", async () => {
    await page.title();
    return __filename;
  });
  await page.setContent("<input type=file>");
  await page.click("input");
  await page.waitForFunction(() => document.querySelector("input")?.files?.length === 1);
  const name = await page.$eval("input", (input) => /** @type {any} */ (input).files[0].name);
  assert.equal(name, "page.events.test.js");
});

feature("on onRepaintRequested", "a repaint is told with its place", async (page) => {
  const painted = heard(page, "onRepaintRequested");
  await page.setContent('<div style="width: 50px; height: 50px; background: red"></div>');
  await page.screenshot();
  const place = await painted;
  assert.equal(place.length, 4);
  assert.ok(place.every((part) => typeof part === "number"));
});

feature("on onClosing", "a page that closes itself tells so", async (page) => {
  page.on("onClosing", () => assert.fail("it is the popup that closes"));
  const opened = heard(page, "onPageCreated");
  await page.goto(`${site}/`);
  await page.evaluate(() => void window.open("/"));
  const [popup] = await opened;
  const closing = heard(popup, "onClosing");
  popup.evaluate(() => window.close()).catch(() => {});
  assert.equal((await closing)[0], popup);
});

feature("property navigationLocked", "a locked page stays where it is", async (page) => {
  await page.goto(`${site}/`);
  await page.property("navigationLocked", true);
  assert.equal(await page.open(`${site}/frames`), "fail");
  assert.equal(await page.property("title"), "Site");
  await page.property("navigationLocked", false);
  assert.equal(await page.open(`${site}/frames`), "success");
});

feature("setProxy", "a page goes through the proxy that it was given, with what was set before", async (page) => {
  /** @type {string[]} */
  const asked = [];
  const proxy = await serve({
    "/": (request, response) => {
      asked.push(String(request.url));
      response.writeHead(200, { "Content-Type": "text/html" }).end("<title>Proxied</title>");
    },
  });
  await page.setViewport({ width: 640, height: 481 });
  await page.setProxy(proxy);
  await page.goto("http://example.test/");
  assert.equal(await page.title(), "Proxied");
  assert.equal(asked[0], "http://example.test/");
  assert.equal(await page.evaluate(() => innerHeight), 481);
});

/** A proxy that asks for its password, and stands for a site that asks for one as well. */
async function askingProxy() {
  const basic = (/** @type {string} */ who) => `Basic ${Buffer.from(who).toString("base64")}`;
  const proxy = await serve({
    "/": ({ headers }, response) => {
      if (headers["proxy-authorization"] !== basic("me:of-proxy")) {
        return response.writeHead(407, { "Proxy-Authenticate": 'Basic realm="proxy"' }).end();
      }
      const known = headers.authorization === basic("me:of-site");
      response.writeHead(known ? 200 : 401, { "WWW-Authenticate": 'Basic realm="site"', "Content-Type": "text/html" });
      response.end("<title>site</title>");
    },
  });
  return proxy.replace("//", "//me:of-proxy@");
}

feature("setProxy", "a site that asks for credentials is not given those of the proxy", async (page) => {
  /** @type {(string | undefined)[]} */
  const told = [];
  const proxy = await serve({
    "/": ({ headers }, response) => {
      told.push(headers.authorization);
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="site"', "Content-Type": "text/html" }).end("who?");
    },
  });
  await page.setProxy(proxy.replace("//", "//me:of-proxy@"));
  assert.equal((await page.goto("http://asks.test/"))?.status(), 401);
  assert.deepEqual(told, [undefined]);
});

feature("authenticate", "a proxy and a site that both ask are each given their own credentials", async (page) => {
  await page.authenticate({ username: "me", password: "of-site" });
  await page.setProxy(await askingProxy());
  assert.equal((await page.goto("http://both.test/"))?.status(), 200);
});

feature("setProxy", "a proxy is not given the credentials of the one before", async (page) => {
  /** @type {(string | undefined)[]} */
  const told = [];
  const next = await serve({
    "/": ({ headers }, response) => {
      told.push(headers["proxy-authorization"]);
      response.writeHead(407, { "Proxy-Authenticate": 'Basic realm="another"' }).end();
    },
  });
  await page.setProxy(await askingProxy());
  await page.setProxy(next);
  await page.goto("http://next.test/").catch(() => {});
  assert.deepEqual(told, [undefined]);
});

feature("setProxy", "URLs of this machine go through the proxy as well", async (page) => {
  const proxy = await serve({ "/": "<title>Proxied</title>" });
  await page.setProxy(proxy);
  await page.goto(`${site}/`);
  assert.equal(await page.title(), "Proxied");
});

feature("setProxy", "a page keeps its position behind a proxy", async (page) => {
  await page.setProxy("");
  await page.setGeolocation({ latitude: 48.2, longitude: 16.4 });
  await page.setProxy("");
  await page.goto(`${site}/`);
  const latitude = () =>
    new Promise((resolve, reject) => {
      navigator.geolocation.getCurrentPosition(({ coords }) => resolve(coords.latitude), reject);
    });
  assert.equal(await page.evaluate(latitude), 48.2);
});

feature("setProxy", "a page without scripts is waited for behind a proxy too", async (page) => {
  await page.setProxy("");
  await page.setJavaScriptEnabled(false);
  await page.setProxy("");
  const shown = once(seen, "shown");
  const going = page.goto(`${site}/in-parts`);
  await shown;
  const late = page.waitForSelector("#late");
  // By then, it has been looked for in vain.
  await page.evaluate("1");
  rest();
  await Promise.all([late, going]);
});
