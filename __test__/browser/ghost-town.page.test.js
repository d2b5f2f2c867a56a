// The page of a program that was written for ghost-town: the names that Puppeteer has too mean what phantom meant by them.

const { before } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { decode } = require("../helpers/formats.js");
const { shows } = require("../helpers/phantom-page.js");
const { deferred, scratch } = require("../helpers/town.js");
const { serve } = require("../helpers/server.js");

const directory = scratch();

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<!DOCTYPE html><title>Site</title><a id=a data-x-y=1 href='/second'>go</a>",
    "/second": "<title>Second</title>",
    "/dialogs": "<script>window.r = [alert('al'), confirm('co'), prompt('pr', 'def')]</script>",
    "/callback": "<script>window.r = JSON.stringify(callPhantom({ a: 1 }))</script>",
    "/console": "<script>console.log('a', 1, [1, { x: 1 }], { x: 1 }, document.documentElement)</script>",
    "/missing": (_request, response) => response.writeHead(404).end("<title>none</title>"),
    "/guarded": (_request, response) =>
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="r"' }).end("<title>out</title>"),
    "/redirect": (_request, response) => response.writeHead(302, { Location: "/" }).end(),
    "/never": () => {},
    "/waiting": "<title>Waiting</title><img src='/never'>",
    "/lacking": "<title>Lacking</title><img src='/missing'>",
    "/headers": ({ headers }, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).end(`${headers["x-token"]} ${headers["user-agent"]}`),
    "/form": "<form method=post action='/second'><input name=a value=1></form>",
    "/hash": "<title>Hash</title>",
    "/sandboxed": (_request, response) =>
      response.writeHead(200, { "Content-Security-Policy": "sandbox allow-scripts" }).end("<title>Sandboxed</title>"),
  });
});

/** @param {any} page @param {string[]} events @returns {Promise<any[]>} what they tell, as it comes */
async function recorded(page, events) {
  /** @type {any[]} */
  const log = [];
  for (const event of events) await page.on(event, (/** @type {any[]} */ ...args) => log.push([event, ...args]));
  return log;
}

const LOAD = ["onNavigationRequested", "onLoadStarted", "onUrlChanged", "onLoadFinished"];

shows("a page is 400 x 300 and has no URL until something else is said", async (page) => {
  assert.deepEqual(await page.property("viewportSize"), { width: 400, height: 300 });
  assert.equal(await page.property("url"), "");
});

shows("on and off give promises", async (page) => {
  assert.equal(typeof page.on("onAlert", () => {}).then, "function");
  assert.equal(typeof page.off("onAlert").then, "function");
});

shows("the text of a function is called with its arguments", async (page) => {
  assert.equal(await page.evaluate("function () { return 1 + 1; }"), 2);
  assert.equal(await page.evaluate("function foo(a) { return a + 1; }", 4), 5);
  assert.equal(await page.evaluate("1 + 1"), null);
  assert.equal(await page.evaluateJavaScript(() => 3), 3);
});

shows("a function may be an argument, also inside of one", async (page) => {
  const double = (/** @type {number} */ x) => x * 2;
  assert.equal(await page.evaluate((/** @type {any} */ f) => f(2), double), 4);
  assert.equal(await page.evaluate((/** @type {any} */ { f }) => f(3), { f: double }), 6);
});

shows("a script that throws gives null and tells onError", async (page) => {
  const log = await recorded(page, ["onError"]);
  assert.equal(
    await page.evaluate(function failing() {
      throw new Error("in evaluate");
    }),
    null,
  );
  assert.deepEqual(
    [log[0][1], log[0][2].map((/** @type {any} */ frame) => frame.function)],
    ["Error: in evaluate", ["failing"]],
  );
});

shows("what a script throws that is no error is told as its text", async (page) => {
  const log = await recorded(page, ["onError"]);
  assert.equal(
    await page.evaluate(() => {
      throw "text";
    }),
    null,
  );
  assert.equal(log[0][1], "text");
});

/** @type {[string, () => any, any][]} */
const RESULTS = [
  ["nothing", () => {}, null],
  ["a function", () => () => {}, {}],
  ["a date", () => new Date(0), "1970-01-01T00:00:00.000Z"],
  ["a regular expression", () => /x/, {}],
  ["an error", () => ({ e: new Error("q") }), { e: {} }],
  ["infinity", () => [Infinity, NaN], [null, null]],
  ["a promise's value", async () => 5, 5],
  [
    "a cycle",
    () => {
      /** @type {any} */
      const a = { b: 1 };
      a.a = a;
      return a;
    },
    { b: 1, a: null },
  ],
];
for (const [name, script, expected] of RESULTS) {
  shows(`from a script comes ${name}, as JSON would have it`, async (page) => {
    assert.deepEqual(await page.evaluate(script), expected);
  });
}

shows("from a script come the plain properties of what is the browser's", async (page) => {
  await page.open(site);
  const element = await page.evaluate(() => document.querySelector("a"));
  assert.deepEqual([element.id, element.tagName, element.textContent, element.dataset], ["a", "A", "go", { xY: "1" }]);
  assert.equal((await page.evaluate(() => location)).pathname, "/");
  assert.equal((await page.evaluate(() => document.querySelectorAll("a"))).length, 1);
  const stored = () => {
    localStorage.a = "1";
    return localStorage;
  };
  assert.deepEqual(await page.evaluate(stored), { a: "1" });
});

shows("a page without JavaScript runs no scripts of the program's either", async (page) => {
  await page.setting("javascriptEnabled", false);
  assert.equal(await page.evaluate(() => 1), null);
});

shows("a load is told of in PhantomJS's order, once", async (page) => {
  const log = await recorded(page, LOAD);
  assert.equal(await page.open(`${site}/`), "success");
  assert.deepEqual(log, [
    ["onNavigationRequested", `${site}/`, "Other", true, true],
    ["onLoadStarted"],
    ["onUrlChanged", `${site}/`],
    ["onLoadFinished", "success"],
  ]);
});

shows("a listener that comes after open hears nothing of that load", async (page) => {
  await page.open(`${site}/`);
  const log = await recorded(page, ["onLoadFinished"]);
  await page.reload();
  assert.deepEqual(log, [["onLoadFinished", "success"]]);
});

shows("a page that cannot be had fails, at its own URL", async (page) => {
  const log = await recorded(page, LOAD);
  assert.equal(await page.open("http://nowhere.invalid/"), "fail");
  assert.deepEqual(log, [
    ["onNavigationRequested", "http://nowhere.invalid/", "Other", true, true],
    ["onLoadStarted"],
    ["onLoadFinished", "fail"],
  ]);
});

shows("a page that cannot be had leaves the URL of the page before", async (page) => {
  await page.open("http://127.0.0.1:1/");
  assert.equal(await page.property("url"), "");
  await page.open(`${site}/second`);
  await page.open("http://127.0.0.1:1/");
  assert.equal(await page.property("url"), `${site}/second`);
});

shows("a page that asks for a password fails", async (page) => {
  const log = await recorded(page, ["onLoadFinished"]);
  assert.equal(await page.open(`${site}/guarded`), "fail");
  assert.deepEqual(log, [["onLoadFinished", "fail"]]);
});

shows("a place in the same document is no load", async (page) => {
  await page.open(`${site}/hash`);
  const log = await recorded(page, LOAD);
  const changed = deferred();
  await page.on("onUrlChanged", changed.resolve);
  await page.evaluate(() => {
    location.hash = "q";
  });
  await changed.promise;
  assert.deepEqual(log[0], ["onNavigationRequested", `${site}/hash#q`, "Other", true, true]);
  assert.ok(log.every(([event]) => event !== "onLoadStarted" && event !== "onLoadFinished"));
});

shows("content is a load too", async (page) => {
  const log = await recorded(page, LOAD);
  await page.property("content", "<p>x");
  assert.deepEqual(log, [["onUrlChanged", ""], ["onLoadStarted"], ["onLoadFinished", "success"]]);
});

shows("setContent gives the document its URL and origin", async (page) => {
  await page.setContent("<a id=a href=x>x</a>", `${site}/foo/bar`);
  const seen = () => [location.href, /** @type {any} */ (document.getElementById("a")).href, location.origin];
  assert.deepEqual(await page.evaluate(seen), [`${site}/foo/bar`, `${site}/foo/x`, new URL(site).origin]);
});

shows("going back and reloading say so, and give what phantom gives", async (page) => {
  assert.equal(await page.goBack(), false);
  await page.open(`${site}/`);
  assert.equal(await page.goBack(), false);
  await page.open(`${site}/second`);
  const log = await recorded(page, ["onNavigationRequested"]);
  assert.equal(await page.goBack(), true);
  assert.equal(await page.reload(), undefined);
  assert.deepEqual(
    log.map(([, , type]) => type),
    ["BackOrForward", "Reload"],
  );
});

shows("a form that is sent and a link that is clicked are told as such", async (page) => {
  const log = await recorded(page, ["onNavigationRequested"]);
  await page.open(`${site}/form`);
  const sent = deferred();
  await page.on("onLoadFinished", sent.resolve);
  await page.evaluate(() => document.forms[0].submit());
  await sent.promise;
  await page.open(`${site}/`);
  const clicked = deferred();
  await page.on("onLoadFinished", clicked.resolve);
  await page.sendEvent("click", 12, 16);
  await clicked.promise;
  assert.deepEqual(
    log.map(([, , type]) => type),
    ["Other", "FormSubmitted", "Other", "LinkClicked"],
  );
});

shows("a resource that hangs is given up after resourceTimeout, and the page goes on", async (page) => {
  await page.setting("resourceTimeout", "500");
  const log = await recorded(page, ["onResourceTimeout", "onLoadFinished"]);
  assert.equal(await page.open(`${site}/waiting`), "success");
  assert.equal(await page.property("title"), "Waiting");
  assert.deepEqual(
    log.map(([event, told]) => [event, told.errorCode ?? told, told.url]),
    [
      ["onResourceTimeout", 408, `${site}/never`],
      ["onLoadFinished", "success", undefined],
    ],
  );
});

shows("a page that hangs fails after resourceTimeout, and can be used again", async (page) => {
  await page.setting("resourceTimeout", 300);
  const log = await recorded(page, ["onResourceTimeout", "onLoadFinished"]);
  assert.equal(await page.open(`${site}/never`), "fail");
  assert.deepEqual(
    log.map(([event, told]) => [event, told.errorCode ?? told]),
    [
      ["onResourceTimeout", 408],
      ["onLoadFinished", "fail"],
    ],
  );
  assert.equal(await page.evaluate(() => 1 + 1), 2);
  assert.equal(await page.open(`${site}/second`), "success");
});

shows("requests have numbers from 1, text for their time, and their data", async (page) => {
  const log = await recorded(page, ["onResourceRequested", "onResourceReceived"]);
  await page.open(`${site}/`, "POST", "a=1");
  const [, { id, time, method, postData, headers }] = log[0];
  assert.deepEqual([id, typeof time, method, postData], [1, "string", "POST", "a=1"]);
  assert.ok(headers.some(({ name = "" }) => name === "User-Agent"));
  assert.deepEqual(
    log.slice(1).map(([, told]) => [told.id, told.stage, told.status, "bodySize" in told]),
    [
      [1, "start", 200, true],
      [1, "end", 200, false],
    ],
  );
});

shows("a redirect has an end alone, and what follows has a number of its own", async (page) => {
  const log = await recorded(page, ["onResourceReceived"]);
  await page.open(`${site}/redirect`);
  assert.deepEqual(
    log.slice(0, 2).map(([, { id, stage, status }]) => [id, stage, status]),
    [
      [1, "end", 302],
      [2, "start", 200],
    ],
  );
});

shows("errors of resources have Qt's numbers", async (page) => {
  const log = await recorded(page, ["onResourceError"]);
  await page.open(`${site}/missing`);
  // A port that browsers never ask.
  await page.open("http://127.0.0.1:1/");
  await page.open("http://nowhere.invalid/");
  assert.deepEqual(
    log.map(([, { errorCode, errorString }]) => [errorCode, errorString]),
    [
      [203, `Error downloading ${site}/missing - server replied: Not Found`],
      [3, "Host nowhere.invalid not found"],
    ],
  );
});

shows("the console has each argument as text", async (page) => {
  const log = await recorded(page, ["onConsoleMessage"]);
  await page.open(`${site}/console`);
  assert.equal(log[0][1], "a 1 1,[object Object] [object Object] [object HTMLHtmlElement]");
});

shows("what a browser's console shows in a way of its own is a line of its text, or none", async (page) => {
  const log = await recorded(page, ["onConsoleMessage"]);
  const told = deferred();
  await page.on("onConsoleMessage", (/** @type {string} */ line) => line === "end" && told.resolve(undefined));
  await page.open(site);
  await page.evaluate(() => {
    console.assert(false, "asserted");
    console.dir({ a: 1 });
    console.table([1, 2]);
    console.trace("traced");
    console.group("group");
    console.log("in it");
    console.groupEnd();
    console.count();
    console.time();
    console.timeEnd();
    console.log();
    console.log("end");
  });
  await told.promise;
  assert.deepEqual(
    log.map(([, line]) => line),
    ["[object Object]", "1,2", "traced", "in it", "end"],
  );
});

shows("the text of a field is selected when a script focuses it first, and typed over", async (page) => {
  await page.property("content", "<input id=a value=before><input id=b value=kept><textarea id=c>area</textarea>");
  const focus = (/** @type {string} */ id) => document.getElementById(id)?.focus();
  const value = (/** @type {string} */ id) => /** @type {any} */ (document.getElementById(id)).value;
  await page.evaluate(focus, "a");
  await page.sendEvent("keypress", "X");
  await page.evaluate(focus, "b");
  await page.evaluate(focus, "a");
  await page.sendEvent("keypress", "Y");
  await page.evaluate(focus, "c");
  await page.sendEvent("keypress", "Z");
  assert.deepEqual(await Promise.all(["a", "b", "c"].map((id) => page.evaluate(value, id))), ["XY", "kept", "Zarea"]);
});

shows("only a callback that is set as a property answers a dialog", async (page) => {
  const log = await recorded(page, ["onAlert", "onConfirm", "onPrompt"]);
  await page.open(`${site}/dialogs`);
  assert.deepEqual(log, [
    ["onAlert", "al"],
    ["onConfirm", "co"],
    ["onPrompt", "pr", "def"],
  ]);
  assert.deepEqual(await page.evaluate(() => JSON.stringify(/** @type {any} */ (window).r)), "[null,false,null]");
  await page.property("onConfirm", () => true);
  await page.property("onPrompt", (/** @type {string} */ m, /** @type {string} */ d) => `${m}/${d}`);
  await page.open(`${site}/dialogs`);
  assert.deepEqual(await page.evaluate(() => JSON.stringify(/** @type {any} */ (window).r)), '[null,true,"pr/def"]');
});

shows("callPhantom is there without a callback, and gives null", async (page) => {
  await page.open(`${site}/callback`);
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).r), "null");
});

shows("what a callback that runs on phantom reads of the page, it can give back to it", async (page) => {
  const told = deferred();
  await page.on("onConsoleMessage", told.resolve);
  /** @this {any} */
  function onLoadFinished() {
    const title = this.evaluate(() => document.title);
    this.evaluate((/** @type {string} */ given) => console.log(`got ${given}`), title);
  }
  await page.property("onLoadFinished", onLoadFinished);
  await page.open(site);
  assert.equal(await told.promise, "got Site");
});

/** @param {string} part of its text @returns {Promise<Error>} the process's next warning that has it */
const warningOf = (part) =>
  new Promise((resolve) => {
    const look = (/** @type {Error} */ warning) => {
      if (!warning.message.includes(part)) return;
      process.off("warning", look);
      resolve(warning);
    };
    process.on("warning", look);
  });

shows("what a callback on phantom throws is a warning, and the load goes on", async (page) => {
  const warned = warningOf("of the load");
  await page.property("onLoadFinished", () => {
    throw new Error("of the load");
  });
  assert.equal(await page.open(`${site}/`), "success");
  assert.match((await warned).message, /page\.property: onLoadFinished failed on phantom: Error: of the load/);
  assert.equal(await page.property("title"), "Site");
});

shows("a request is let go on by a callback that throws", async (page) => {
  await page.property("onResourceRequested", () => {
    throw new Error("of the request");
  });
  assert.equal(await page.open(`${site}/`), "success");
});

shows("callPhantom gives nothing but a text where its callback throws", async (page) => {
  await page.property("onCallback", () => {
    throw new Error("of the call");
  });
  await page.open(`${site}/callback`);
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).r), '""');
});

shows("callbacks on phantom have timers, whose errors are warnings too, and share their globals", async (page) => {
  const [told, warned] = [deferred(), warningOf("of the timer")];
  await page.on("onConsoleMessage", told.resolve);
  await page.property("onLoadStarted", () => Object.assign(globalThis, { word: "shared" }));
  /** @this {any} */
  function onLoadFinished() {
    const lost = setTimeout(() => this.evaluate(() => console.log("lost")), 0);
    clearTimeout(lost);
    const every = setInterval(() => {
      clearInterval(every);
      this.evaluate((/** @type {string} */ word) => console.log(word), /** @type {any} */ (globalThis).word);
      throw new Error("of the timer");
    }, 1);
  }
  await page.property("onLoadFinished", onLoadFinished);
  await page.open(`${site}/`);
  assert.equal(await told.promise, "shared");
  await warned;
});

shows("a module that a callback on phantom requires is named by a warning", async (page) => {
  const warned = warningOf("require('webpage')");
  await page.property("onLoadFinished", () => void (/** @type {any} */ (require)("webpage")));
  await page.open(`${site}/`);
  await warned;
});

shows("a callback on phantom reads what is known of its page, and keeps what it adds", async (page) => {
  await page.property("viewportSize", { width: 300, height: 200 });
  await page.property("customHeaders", { "X-Token": "1" });
  /** @this {any} */
  function onLoadFinished() {
    const { url, viewportSize, customHeaders, zoomFactor, settings } = this;
    this.seen = [url, viewportSize, customHeaders, zoomFactor, settings.loadImages];
  }
  await page.property("onLoadFinished", onLoadFinished);
  await page.open(`${site}/second`);
  const expected = [`${site}/second`, { width: 300, height: 200 }, { "X-Token": "1" }, 1, true];
  assert.equal(JSON.stringify(await page.property("seen")), JSON.stringify(expected));
});

shows("a callback on phantom knows the page's URL while it loads", async (page) => {
  /** @this {any} */
  function onConsoleMessage() {
    this.seen = this.url;
  }
  await page.property("onConsoleMessage", onConsoleMessage);
  await page.open(`${site}/console`);
  assert.equal(await page.property("seen"), `${site}/console`);
});

shows("what a callback on phantom assigns to its page takes effect before what is called next", async (page) => {
  await page.property("customHeaders", { "X-Token": "secret" });
  /** @this {any} */
  function onLoadFinished() {
    this.viewportSize = { width: 320, height: 240 };
    this.customHeaders = {};
    this.settings.userAgent = "assigned";
    this.zoomFactor = 2;
    this.onLoadFinished = null;
  }
  await page.property("onLoadFinished", onLoadFinished);
  await page.open(`${site}/second`);
  await page.open(`${site}/headers`);
  assert.equal(await page.property("plainText"), "undefined assigned");
  assert.deepEqual(await page.property("viewportSize"), { width: 320, height: 240 });
  assert.equal(await page.property("zoomFactor"), 2);
  assert.equal(await page.property("onLoadFinished"), undefined);
});

shows("an out object gives what a callback put there", async (page) => {
  const out = page.phantom.createOutObject();
  out.urls = [];
  const note = (/** @type {any} */ request, /** @type {any} */ _network, /** @type {any} */ to) =>
    to.urls.push(request.url);
  await page.property("onResourceRequested", note, out);
  await page.open(`${site}/`);
  assert.deepEqual(await out.property("urls"), [`${site}/`]);
});

shows("phantom makes a page beside the handler's, and a heading's function", async (page) => {
  const other = await page.phantom.createPage();
  assert.equal(await other.open(`${site}/second`), "success");
  assert.equal(await other.property("title"), "Second");
  await other.close();
  const contents = page.phantom.callback(() => "<b>heading</b>");
  await page.property("paperSize", { format: "A4", header: { height: "1cm", contents } });
  const plain = path.join(directory, "heading.pdf");
  assert.equal(await page.render(plain), true);
  assert.ok(fs.statSync(plain).size > 0);
});

shows("two pages that phantom makes at a time are two", async (page) => {
  const others = await Promise.all([page.phantom.createPage(), page.phantom.createPage()]);
  await Promise.all([others[0].open(`${site}/second`), others[1].open(`${site}/hash`)]);
  assert.deepEqual(await Promise.all(others.map((other) => other.property("title"))), ["Second", "Hash"]);
});

shows("the page that phantom makes is none of the page's own popups, nor is it the page's to prevent", async (page) => {
  await page.open(site);
  const own = page.evaluate(() => {
    window.open("/second");
    window.open = () => null;
  });
  const made = await Promise.all([page.phantom.createPage(), page.phantom.createPage()]);
  await own;
  for (const other of made)
    assert.deepEqual([await other.property("title"), await other.property("windowName")], ["", ""]);
});

shows("phantom makes a page for a listener of the page", async (page) => {
  const made = deferred();
  await page.on("onLoadFinished", () => made.resolve(page.phantom.createPage()));
  await page.open(site);
  assert.equal(await (await made.promise).open(`${site}/second`), "success");
});

shows("phantom makes no page for one that ends, and says so", async (page) => {
  const made = page.phantom.createPage();
  await page.close();
  await assert.rejects(made, { code: "ERR_PAGE_CLOSED" });
  await assert.rejects(page.phantom.createPage(), { code: "ERR_PAGE_CLOSED" });
});

shows("phantom makes no page where the document may open none, and says so", async (page) => {
  await page.open(`${site}/sandboxed`);
  await assert.rejects(page.phantom.createPage(), { code: "ERR_UNSUPPORTED", message: /sandboxed/ });
});

shows("as base64 there are the pictures of PhantomJS, and nothing of what it does not give so", async (page) => {
  await page.property("content", "text");
  for (const format of ["png", "JPEG", "jpg", "bmp"]) assert.notEqual(await page.renderBase64(format), "", format);
  for (const format of ["pdf", "gif", "webp", "foo"]) assert.equal(await page.renderBase64(format), "", format);
});

shows("a fixed element is once in a full picture, where the window is", async (page) => {
  await page.property("viewportSize", { width: 100, height: 100 });
  const fixed = "position: fixed; bottom: 0; left: 0; width: 100px; height: 10px; background: red";
  await page.property("content", `<body style='margin: 0'><div style='height: 300px'></div><div style='${fixed}'>`);
  const { height, at } = decode(Buffer.from(await page.renderBase64(), "base64"));
  assert.deepEqual([height, at(5, 95), at(5, 295)[3]], [300, [255, 0, 0, 255], 0]);
});

shows("a click tells of no move, and a modifier of no key", async (page) => {
  const listening = () => {
    /** @type {any} */ (window).log = [];
    for (const type of ["mousemove", "mousedown", "mouseup", "click", "keydown"])
      document.addEventListener(type, (event) => /** @type {any} */ (window).log.push(type + event.isTrusted));
  };
  await page.property("content", "<div style='height: 200px'>text</div>");
  await page.evaluate(listening);
  await page.sendEvent("click", 50, 50, "left", 0x02000000);
  assert.deepEqual(await page.evaluate(() => /** @type {any} */ (window).log), [
    "mousedowntrue",
    "mouseuptrue",
    "clicktrue",
  ]);
});

shows("uploading what is no file does nothing", async (page) => {
  await page.property("content", "<input type=file id=f>");
  await page.uploadFile("#f", "/nonexistent");
  await page.uploadFile("#none", __filename);
  assert.equal(await page.evaluate(() => /** @type {any} */ (document.getElementById("f")).files.length), 0);
  await page.uploadFile("#f", [__filename]);
  assert.equal(await page.evaluate(() => /** @type {any} */ (document.getElementById("f")).files.length), 1);
});

shows("deleteCookie says whether there was one", async (page) => {
  await page.open(site);
  await page.addCookie({ name: "a", value: "1", domain: "127.0.0.1" });
  assert.equal(await page.deleteCookie("a"), true);
  assert.equal(await page.deleteCookie("a"), false);
});

shows("clearCookies says that they are cleared", async (page) => {
  assert.equal(await page.clearCookies(), true);
});

shows("render makes the folders of its file, and is false where none can be made", async (page) => {
  await page.property("content", "text");
  assert.equal(await page.render(path.join(directory, "a", "b", "c.png")), true);
  assert.equal(await page.render(path.join("/proc/nope", "c.png")), false);
});

shows("event.key has letters and digits, by which a field is emptied", async (page) => {
  const { key, modifier } = await page.property("event");
  assert.deepEqual([key.A, key.Z, key[0], key.Space], [65, 90, 48, 32]);
  await page.property("content", "<input value=before>");
  await page.evaluate(() => /** @type {any} */ (document.querySelector("input")).focus());
  await page.sendEvent("keypress", key.A, null, null, modifier.ctrl);
  await page.sendEvent("keypress", key.Delete);
  assert.equal(await page.evaluate(() => /** @type {any} */ (document.querySelector("input")).value), "");
});
