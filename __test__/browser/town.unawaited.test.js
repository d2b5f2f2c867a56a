// What becomes of page calls that nobody awaits when their attempt ends: nothing, for the supervisor's doings end no program. What
// fails for a reason of its own is an unhandled rejection, as any.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { ENGINE, runNode } = require("../helpers/town.js");

const LIMIT = { timeout: 60_000 };
const ON_CDP = ENGINE === "cdp" ? LIMIT : { skip: "of the cdp engine" };

const LATE = "// Nothing but time.";

/** How an attempt ends: the program has the town, the item and the pid of its browser. @type {Record<string, string>} */
const ENDS = {
  "its handler has returned": "finish();",
  "its item is aborted": "item.abort();",
  "its time is over": LATE,
  "the town stops": "town.stop(); item.abort();",
  "the town closes": "town.close();",
  "its browser is killed": `process.kill(pid, "SIGKILL"); await once(town, "itemRetry"); item.abort();`,
  "its browser is told to end": `process.kill(pid, "SIGTERM"); await once(town, "itemRetry"); item.abort();`,
};

/**
 * Runs a program whose one item does something with its page, and then ends in one of those ways.
 * @param {string} use the body of an async function of `page`; a call of `begun()` says that the attempt may end
 * @param {string} end
 */
async function ends(use, end) {
  const { exited } = runNode(`
    const { once } = require("node:events");
    const http = require("node:http");
    const site = http.createServer((request, response) => {
      if (request.url === "/never") return void response.writeHead(200, { "content-type": "text/plain" }).write("half");
      if (request.url === "/silent") return;
      response.setHeader("content-type", "text/html");
      response.end("<p>hello");
    });
    const never = () => new Promise(() => {});
    site.listen(0, "127.0.0.1", async () => {
      const base = "http://127.0.0.1:" + site.address().port;
      const town = boomtown({ ...options, closeTimeout: 500, pageTries: 0 });
      let begun, finish;
      const begins = new Promise((resolve) => (begun = resolve));
      const finished = new Promise((resolve) => (finish = resolve));
      town.on("queue", async (page) => {
        await (async () => { ${use} })();
        await finished;
      });
      await town.ready();
      const { pid } = town.stats().workers[0];
      const item = town.queue("", ${end === LATE ? "{ timeout: 3000 }" : "{}"});
      const settled = item.then(() => "fulfilled", ({ code }) => code);
      await begins;
      ${end}
      const code = await settled;
      await town.close();
      site.closeAllConnections();
      site.close();
      console.log("lives, " + code);
    });`);
  return await exited;
}

/** Calls of every kind, none of them awaited, and none with an end of its own. */
const CALLS = `
  await page.goto(base);
  const forever = { timeout: 0 };
  page.waitForNavigation(forever);
  page.waitForSelector("#never", forever).then(() => page.click("#never"));
  page.waitForFunction("false", forever).finally(() => {});
  page.evaluate(() => new Promise(() => {}));
  page.$eval("p", () => new Promise(() => {}));
  page.evaluateAsync(() => {});
  page.invokeAsyncMethod("waitForSelector", "#never", forever);
  page.property("title").then(() => page.waitForSelector("#never", forever)).then(() => {});
  page.once("close", async () => { await page.title(); });
  page.once("close", () => page.title().then((title) => title.length));
  page.once("close", () => Promise.all([page.title(), page.content()]));
`;

for (const [what, end] of Object.entries(ENDS)) {
  test(`calls that nobody awaits end no program when ${what}`, LIMIT, async () => {
    const { code, printed, errors } = await ends(`${CALLS} begun();`, end);
    assert.deepEqual([code, errors], [0, ""]);
    assert.match(printed, /^lives/);
  });
}

const LISTENERS = `
  page.on("response", async (response) => { await response.text(); });
  page.on("response", (response) => response.buffer().then((body) => body.length));
  page.on("response", (response) => Promise.all([response.text()]));
  page.on("dialog", (dialog) => dialog.accept());
  page.on("popup", async (popup) => { await popup.waitForSelector("#never", { timeout: 0 }); });
  page.on("popup", (popup) => void popup.waitForNavigation({ timeout: 0 }));
  page.on("onResourceRequested", async () => { await page.waitForSelector("#never", { timeout: 0 }); });
  await page.exposeFunction("mine", async () => { await page.waitForSelector("#never", { timeout: 0 }); });
  await page.goto(base);
  const asked = once(page, "response", { signal: AbortSignal.timeout(10000) });
  page.evaluate(() => { mine(); open("about:blank"); return fetch("/never").then((response) => response.text()); });
  await asked;
  page.waitForNetworkIdle({ timeout: 0 });
  page.cdp("Runtime.evaluate", { expression: "new Promise(() => {})", awaitPromise: true });
  await page.setRequestInterception(async (request) => {
    begun();
    await page.waitForSelector("#never", { timeout: 0 });
    request.continue();
  });
  page.goto(base + "/silent", { timeout: 0 });
`;

for (const [what, end] of Object.entries(ENDS)) {
  test(`listeners and what they were given end no program when ${what}`, ON_CDP, async () => {
    const { code, printed, errors } = await ends(LISTENERS, end);
    assert.deepEqual([code, errors], [0, ""]);
    assert.match(printed, /^lives/);
  });
}

for (const [what, use, limit = LIMIT] of /** @type {[string, string, object?][]} */ ([
  ["a call", `page.waitForSelector("#never", { timeout: 50 });`],
  ["a call and what follows from it", `page.waitForSelector("#never", { timeout: 50 }).then(() => {});`],
  ["an evaluation", `page.evaluate(() => { throw new Error("mine"); });`],
  ["a wrong argument", "page.goto();"],
  ["an async listener", `page.on("load", async () => { throw new Error("mine"); }); await page.goto(base);`, ON_CDP],
  ["a listener's promise", `page.on("load", () => Promise.reject(new Error("mine"))); await page.goto(base);`, ON_CDP],
])) {
  test(`${what} that fails for a reason of its own is an unhandled rejection`, limit, async () => {
    const { code, errors } = await ends(`${use} begun();`, "await never();");
    assert.equal(code, 1);
    assert.match(errors, /mine|#never|argument "url"/);
  });
}

test("a listener's promise that the program handles itself is no unhandled rejection", ON_CDP, async () => {
  const { code, printed, errors } = await ends(
    `let work;
     page.on("load", () => (work = Promise.reject(new Error("mine"))));
     const loaded = once(page, "load").then(() => work).catch(() => {});
     await page.goto(base);
     await loaded;
     begun();`,
    "finish();",
  );
  assert.deepEqual([code, errors], [0, ""]);
  assert.match(printed, /^lives, fulfilled/);
});

test("an acquired page's calls that nobody awaits end no program when it is released", LIMIT, async () => {
  const { code, errors } = await ends(
    "begun();",
    `finish();
     await settled;
     const page = await town.acquire();
     page.waitForSelector("#never", { timeout: 0 });
     page.evaluate(() => new Promise(() => {})).then(() => {});
     await page.release();
     page.title();`,
  );
  assert.deepEqual([code, errors], [0, ""]);
});

test("a call that is awaited when its attempt ends rejects", LIMIT, async () => {
  const { code, printed } = await ends(
    `page.waitForSelector("#never", { timeout: 0 }).catch((error) => console.log(error.code)); begun();`,
    "item.abort();",
  );
  assert.equal(code, 0);
  assert.match(printed, /^ERR_PAGE_CLOSED\nlives/);
});

test("what an async listener of the town fails with is an unhandled rejection, whatever its code", LIMIT, async () => {
  const { exited } = runNode(`
    process.on("unhandledRejection", ({ code }) => console.log("unhandled", code));
    const town = boomtown(options).on("queue", async () => {});
    town.once("itemDone", async () => {
      await town.close();
      await town.queue("");
    });
    town.queue("");
  `);
  assert.match((await exited).printed, /^unhandled ERR_TOWN_CLOSED$/m);
});
