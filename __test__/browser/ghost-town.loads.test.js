// What a page of ghost-town's tells of its resources and of its loads: how often, and in which order.

const { before } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { createServer } = require("node:net");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { shows } = require("../helpers/phantom-page.js");
const { deferred } = require("../helpers/town.js");
const { serve } = require("../helpers/server.js");

const DOT = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==",
  "base64",
);

/** @type {Parameters<typeof serve>[0]} */
const ROUTES = {
  "/": "<!DOCTYPE html><title>Site</title><a id=a href='/second'>go</a>",
  "/second": "<title>Second</title><p>second",
  "/dot": (_request, response) => response.writeHead(200, { "Content-Type": "image/png" }).end(DOT),
  "/script": (_request, response) =>
    response.writeHead(200, { "Content-Type": "text/javascript" }).end("window.ran = true"),
  "/missing": (_request, response) => response.writeHead(404, { "Content-Type": "text/html" }).end("none"),
  "/locked": (_request, response) => response.writeHead(401, { "Content-Type": "text/html" }).end("locked"),
  "/empty": (_request, response) => response.writeHead(500).end(),
  "/nothing": (_request, response) => response.writeHead(204).end(),
  "/redirect": (_request, response) => response.writeHead(302, { Location: "/second" }).end(),
  "/never": () => {},
  "/endless": (_request, response) => {
    response.writeHead(200, { "Content-Type": "text/html" });
    response.write(`<title>Endless</title>${" ".repeat(2000)}`);
  },
  "/with": ({ url = "" }, response) => {
    const tags = new URL(url, "http://site").searchParams.getAll("t").join("");
    response.writeHead(200, { "Content-Type": "text/html" }).end(`<title>With</title>${tags}`);
  },
};

/** @type {string} */
let site;
/** Of another origin. @type {string} */
let other;
/** A place whose server has gone. @type {string} */
let refusing;
before(async () => {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  refusing = `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}/`;
  server.close();
  site = await serve(ROUTES);
  other = await serve(ROUTES);
});

/** @param {string[]} tags */
const withTags = (...tags) => `${site}/with?${new URLSearchParams(tags.map((tag) => ["t", tag]))}`;

/** What is looked at of each event. @type {Record<string, (told: any) => any[]>} */
const LOOK = {
  onResourceRequested: ({ id, url }) => [id, url],
  onResourceReceived: ({ id, stage, status, url }) => [id, stage, status, url],
  onResourceError: ({ id, errorCode, errorString, url }) => [id, errorCode, errorString, url],
  onResourceTimeout: ({ id, errorCode, url }) => [id, errorCode, url],
};
const RESOURCES = Object.keys(LOOK);
const LOADS = ["onNavigationRequested", "onLoadStarted", "onUrlChanged", "onInitialized", "onLoadFinished"];

/** @param {any} page @param {string[]} events @returns {Promise<any[]>} what they tell, as it comes */
async function recorded(page, events) {
  /** @type {any[]} */
  const log = [];
  for (const event of events) {
    const look = LOOK[event] ?? ((/** @type {any[]} */ ...told) => told);
    await page.on(event, (/** @type {[any]} */ ...told) => log.push([event, ...look(...told)]));
  }
  return log;
}

/** What is told of one resource. @param {any[]} log @param {string} url */
const of = (log, url) =>
  log.filter((told) => told.includes(url)).map((told) => told.filter((/** @type {unknown} */ part) => part !== url));

/** @param {any} page @param {(log: any[]) => boolean} isThere @param {any[]} log */
async function told(page, log, isThere) {
  const there = deferred();
  for (const event of [...RESOURCES, ...LOADS]) await page.on(event, () => isThere(log) && there.resolve(undefined));
  if (!isThere(log)) await there.promise;
}

/** @type {[what: string, url: () => string, expected: (url: string) => any[]][]} */
const PICTURES = [
  [
    "is there",
    () => `${site}/dot`,
    () => [
      ["onResourceRequested", 2],
      ["onResourceReceived", 2, "start", 200],
      ["onResourceReceived", 2, "end", 200],
    ],
  ],
  [
    "is missing on another origin",
    () => `${other}/missing`,
    (url) => [
      ["onResourceRequested", 2],
      ["onResourceReceived", 2, "start", 404],
      ["onResourceError", 2, 203, `Error downloading ${url} - server replied: Not Found`],
      ["onResourceReceived", 2, "end", 404],
    ],
  ],
  [
    "is none, which a browser keeps from the page",
    () => `${other}/second`,
    () => [
      ["onResourceRequested", 2],
      ["onResourceReceived", 2, "start", 200],
      ["onResourceReceived", 2, "end", 200],
    ],
  ],
  [
    "asks for a password",
    () => `${site}/locked`,
    () => [
      ["onResourceRequested", 2],
      ["onResourceReceived", 2, "start", 401],
      ["onResourceError", 2, 204, "Host requires authentication"],
      ["onResourceReceived", 2, "end", 401],
    ],
  ],
  [
    "has no host",
    () => "http://nowhere.invalid/x.png",
    () => [
      ["onResourceRequested", 2],
      ["onResourceError", 2, 3, "Host nowhere.invalid not found"],
      ["onResourceReceived", 2, "end", null],
    ],
  ],
  [
    "has a protocol that there is not",
    () => "foo://x/y",
    () => [
      ["onResourceRequested", 2],
      ["onResourceError", 2, 301, 'Protocol "foo" is unknown'],
      ["onResourceReceived", 2, "end", null],
    ],
  ],
  [
    "is in its own URL",
    () => `data:image/png;base64,${DOT.toString("base64")}`,
    () => [
      ["onResourceRequested", 2],
      ["onResourceReceived", 2, "start", null],
      ["onResourceReceived", 2, "end", null],
    ],
  ],
];
for (const [what, urlOf, expected] of PICTURES) {
  shows(`a picture that ${what} is told of to its end`, async (page) => {
    const url = urlOf();
    const log = await recorded(page, RESOURCES);
    await page.open(withTags(`<img src="${url}">`));
    await told(page, log, () =>
      of(log, url).some(([event, , stage]) => event === "onResourceReceived" && stage === "end"),
    );
    assert.deepEqual(of(log, url), expected(url));
  });
}

shows("a script that is missing has one error", async (page) => {
  const log = await recorded(page, ["onResourceError", "onResourceReceived"]);
  await page.open(withTags("<script src=/missing></script>"));
  assert.deepEqual(
    of(log, `${site}/missing`).map(([event, , code]) => [event, code]),
    [
      ["onResourceReceived", "start"],
      ["onResourceError", 203],
      ["onResourceReceived", "end"],
    ],
  );
});

shows("a request that a callback aborts has no protocol and no URL", async (page) => {
  const log = await recorded(page, ["onResourceError", "onResourceReceived"]);
  /** @param {any} request @param {any} network */
  function onResourceRequested(request, network) {
    if (request.url.endsWith("/script")) network.abort();
  }
  await page.property("onResourceRequested", onResourceRequested);
  await page.open(withTags("<script src=/script></script>"));
  assert.deepEqual(of(log, ""), [
    ["onResourceError", 2, 301, 'Protocol "" is unknown'],
    ["onResourceReceived", 2, "end", null],
  ]);
});

shows("a request that a callback sends elsewhere is told of with its new URL", async (page) => {
  const log = await recorded(page, ["onResourceReceived"]);
  const change = new Function(
    "request",
    "network",
    `if (request.url.endsWith("/missing")) network.changeUrl("${site}/dot")`,
  );
  await page.property("onResourceRequested", change);
  await page.open(withTags("<img src=/missing>"));
  assert.deepEqual(of(log, `${site}/dot`), [
    ["onResourceReceived", 2, "start", 200],
    ["onResourceReceived", 2, "end", 200],
  ]);
});

shows("a picture that is not to be loaded is not told of", async (page) => {
  await page.setting("loadImages", false);
  const log = await recorded(page, RESOURCES);
  await page.open(withTags("<img src=/dot>", "<script src=/script></script>"));
  assert.deepEqual(of(log, `${site}/dot`), []);
});

shows("the page itself is asked about, requested and started, in this order, at each redirect", async (page) => {
  const log = await recorded(page, [...LOADS, "onResourceRequested"]);
  await page.open(`${site}/redirect`);
  assert.deepEqual(log.slice(0, 5), [
    ["onNavigationRequested", `${site}/redirect`, "Other", true, true],
    ["onResourceRequested", 1, `${site}/redirect`],
    ["onLoadStarted"],
    ["onNavigationRequested", `${site}/second`, "Other", true, true],
    ["onResourceRequested", 2, `${site}/second`],
  ]);
});

shows("a document without a text is a failure where it is an error, and changes no URL", async (page) => {
  await page.open(`${site}/second`);
  const log = await recorded(page, ["onResourceError", "onLoadFinished"]);
  assert.equal(await page.open(`${site}/nothing`), "fail");
  assert.equal(await page.property("url"), `${site}/second`);
  assert.equal(await page.open(`${site}/empty`), "fail");
  assert.deepEqual(
    log.map(([event, ...rest]) => [event, rest[1] ?? rest[0]]),
    [
      ["onLoadFinished", "fail"],
      ["onResourceError", 401],
      ["onLoadFinished", "fail"],
    ],
  );
});

shows("a page without a password is what the server sent, where the server asks for none", async (page) => {
  assert.equal(await page.open(`${site}/locked`), "success");
  assert.equal(await page.property("plainText"), "locked");
});

/** @type {[what: string, place: string, code: number, words: (file: string) => string][]} */
const NO_FILES = [
  ["a file that there is not", "nowhere.html", 203, (file) => `Error opening ${file}: No such file or directory`],
  ["no place", "", 202, (file) => `Cannot open ${pathToFileURL(file)}: Path is a directory`],
  ["a folder", os.tmpdir(), 202, (file) => `Cannot open ${pathToFileURL(file)}: Path is a directory`],
];
for (const [what, place, code, words] of NO_FILES) {
  shows(`to open ${what} fails as if it had been tried`, async (page) => {
    const file = path.resolve(place);
    const url = pathToFileURL(file).href;
    const log = await recorded(page, [...LOADS, ...RESOURCES]);
    assert.equal(await page.open(place), "fail");
    assert.deepEqual(log, [
      ["onNavigationRequested", url, "Other", true, true],
      ["onResourceRequested", 1, url],
      ["onLoadStarted"],
      ["onResourceError", 1, code, words(file), url],
      ["onResourceReceived", 1, "end", null, url],
      ["onLoadFinished", "fail"],
    ]);
  });
}

shows("what resourceTimeout ends is canceled, and has its end", async (page) => {
  await page.setting("resourceTimeout", 500);
  const log = await recorded(page, [...RESOURCES, "onLoadFinished"]);
  assert.equal(await page.open(withTags("<img src=/never>")), "success");
  assert.deepEqual(of(log, `${site}/never`), [
    ["onResourceRequested", 2],
    ["onResourceTimeout", 2, 408],
    ["onResourceError", 2, 5, "Operation canceled"],
    ["onResourceReceived", 2, "end", null],
  ]);
  assert.deepEqual(log.at(-1), ["onLoadFinished", "success"]);
});

shows("a page whose own text never ends fails after resourceTimeout, and shows what there is", async (page) => {
  await page.setting("resourceTimeout", 500);
  const log = await recorded(page, ["onResourceTimeout", "onLoadFinished"]);
  assert.equal(await page.open(`${site}/endless`), "fail");
  assert.deepEqual(log, [
    ["onResourceTimeout", 1, 408, `${site}/endless`],
    ["onLoadFinished", "fail"],
  ]);
  assert.equal(await page.property("title"), "Endless");
});

shows("resourceTimeout ends what a page begins after its load", async (page) => {
  await page.setting("resourceTimeout", 500);
  const log = await recorded(page, RESOURCES);
  await page.open(`${site}/`);
  await page.evaluate(() => void fetch("/never").catch(() => {}));
  await told(page, log, () => of(log, `${site}/never`).length === 4);
  assert.deepEqual(of(log, `${site}/never`), [
    ["onResourceRequested", 2],
    ["onResourceTimeout", 2, 408],
    ["onResourceError", 2, 5, "Operation canceled"],
    ["onResourceReceived", 2, "end", null],
  ]);
});

/** @type {[what: string, type: string, script: () => void][]} */
const NAVIGATIONS = [
  ["a link that a script clicks", "LinkClicked", () => document.getElementById("a")?.click()],
  ["a script's own", "Other", () => location.assign("/second")],
  ["a script that reloads", "Reload", () => location.reload()],
  [
    "a form that is sent by GET",
    "FormSubmitted",
    () => {
      const form = Object.assign(document.createElement("form"), { action: "/second" });
      document.body.append(form);
      form.submit();
    },
  ],
];
for (const [what, type, script] of NAVIGATIONS) {
  shows(`a navigation by ${what} is told of as ${type}`, async (page) => {
    await page.open(`${site}/`);
    const log = await recorded(page, LOADS);
    const finished = deferred();
    await page.on("onLoadFinished", finished.resolve);
    await page.evaluate(script);
    await finished.promise;
    assert.deepEqual(log[0].slice(2), [type, true, true]);
    assert.deepEqual(
      log.map(([event]) => event),
      LOADS,
    );
  });
}

shows("a script that goes back is told of as such", async (page) => {
  await page.open(`${site}/second`);
  await page.open(`${site}/`);
  const log = await recorded(page, ["onNavigationRequested"]);
  const finished = deferred();
  await page.on("onLoadFinished", finished.resolve);
  await page.evaluate(() => history.back());
  await finished.promise;
  assert.deepEqual(log, [["onNavigationRequested", `${site}/second`, "BackOrForward", true, true]]);
});

shows("pushState changes the URL, and loads nothing", async (page) => {
  await page.open(`${site}/`);
  const log = await recorded(page, LOADS);
  const changed = deferred();
  await page.on("onUrlChanged", changed.resolve);
  await page.evaluate(() => history.pushState({}, "", "/pushed"));
  await changed.promise;
  await page.evaluate(() => 1);
  assert.deepEqual(log, [["onUrlChanged", `${site}/pushed`]]);
});

shows("setContent tells of the document's resources, not of the document", async (page) => {
  const log = await recorded(page, [...LOADS, "onResourceRequested", "onResourceReceived"]);
  await page.setContent("<img src=/dot>", `${site}/written`);
  assert.deepEqual(of(log, `${site}/written`), [["onNavigationRequested", "Other", true, true], ["onUrlChanged"]]);
  assert.deepEqual(of(log, `${site}/dot`), [
    ["onResourceRequested", 1],
    ["onResourceReceived", 1, "start", 200],
    ["onResourceReceived", 1, "end", 200],
  ]);
  const loads = log.map(([event]) => event).filter((event) => LOADS.includes(event));
  assert.deepEqual(loads, [
    "onNavigationRequested",
    "onUrlChanged",
    "onInitialized",
    "onLoadStarted",
    "onLoadFinished",
  ]);
});

shows("content that is set is told of as a document without a URL", async (page) => {
  await page.open(`${site}/`);
  const log = await recorded(page, LOADS);
  await page.property("content", "<title>Set</title>");
  assert.deepEqual(log, [["onUrlChanged", ""], ["onInitialized"], ["onLoadStarted"], ["onLoadFinished", "success"]]);
});

shows("go moves by as many steps as there are, by none it loads anew", async (page) => {
  await page.open(`${site}/`);
  await page.open(`${site}/second`);
  assert.equal(await page.go(-2), false);
  assert.equal(await page.property("title"), "Second");
  assert.equal(await page.go(-1), true);
  assert.equal(await page.property("title"), "Site");
  const log = await recorded(page, ["onNavigationRequested"]);
  assert.equal(await page.go(0), true);
  assert.deepEqual(log, [["onNavigationRequested", `${site}/`, "BackOrForward", true, true]]);
});

/** @type {[what: string, place: () => string, code: number][]} */
const FAILURES = [
  ["has no host", () => "http://nowhere.invalid/", 3],
  ["refuses the connection", () => refusing, 1],
];
for (const [what, place, code] of FAILURES) {
  shows(`a place that ${what} leaves the document before it as it was`, async (page) => {
    await page.open(`${site}/second`);
    await page.evaluate(() => Object.assign(window, { mark: 1 }));
    const log = await recorded(page, ["onResourceError", "onLoadFinished", "onUrlChanged"]);
    assert.equal(await page.open(place()), "fail");
    assert.deepEqual(
      log.map(([event, ...told]) => [event, told[1] ?? told[0]]),
      [
        ["onResourceError", code],
        ["onLoadFinished", "fail"],
      ],
    );
    assert.deepEqual([await page.property("title"), await page.property("plainText")], ["Second", "second"]);
    assert.equal(await page.evaluate(() => /** @type {any} */ (window).mark), 1);
    assert.equal(await page.open(`${site}/`), "success");
  });
}
