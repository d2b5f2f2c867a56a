// What one item can see of the item that had its slot before: the table of the README, row by row, in every mode.

const { test, after } = require("node:test");
const assert = require("node:assert/strict");
const http = require("node:http");
const { openTown } = require("./helpers/town.js");

/** A document that shows the header it was asked for with. */
const server = http.createServer(({ headers }, response) => {
  response.writeHead(200, { "Content-Type": "text/html" });
  response.end(`<title>${headers["x-trace"] ?? "no header"}</title>`);
});
server.listen(0, "127.0.0.1");
after(() => server.close());

/** @param {import("..").Page} page */
async function leaveTraces(page) {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  await page.goto(`http://127.0.0.1:${port}/first`);
  await page.setViewport({ width: 500, height: 400 });
  await page.setUserAgent("mine");
  await page.setExtraHTTPHeaders({ "X-Trace": "mine" });
  return await page.evaluate(() => {
    Object.assign(window, { trace: "global", name: "named" });
    document.body.append("DOM");
    sessionStorage.setItem("trace", "session");
    localStorage.setItem("trace", "local");
    // biome-ignore lint/suspicious/noDocumentCookie: it is what a page does
    document.cookie = "trace=cookie; max-age=600";
    return history.length;
  });
}

/** @param {import("..").Page} page */
async function lookForTraces(page) {
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const before = await page.evaluate(() => ({
    global: Reflect.get(window, "trace"),
    name: window.name,
    text: document.documentElement?.textContent ?? "",
    width: innerWidth,
    isMyAgent: navigator.userAgent === "mine",
  }));
  await page.goto(`http://127.0.0.1:${port}/second`);
  const after = await page.evaluate(() => ({
    session: sessionStorage.getItem("trace"),
    local: localStorage.getItem("trace"),
    cookie: document.cookie,
    history: history.length,
    header: document.title,
  }));
  return { ...before, ...after };
}

const RESET = { text: "", width: 800, isMyAgent: false, header: "no header" };
const NEW_TAB = { global: undefined, name: "", session: null };
const SHARED = { local: "local", cookie: "trace=cookie" };

/** @type {[NonNullable<import("..").TownOptions["isolation"]>, string, object, boolean][]} */
const MODES = [
  ["page", "shares cookies and storage of the browser, nothing of the tab", { ...NEW_TAB, ...SHARED }, false],
  ["browser", "shares nothing", { ...NEW_TAB, local: null, cookie: "" }, false],
  [
    "reuse",
    "shares the tab, with its globals",
    { global: "global", name: "named", session: "session", ...SHARED },
    true,
  ],
];

for (const [isolation, title, shared, sharesHistory] of MODES) {
  test(`isolation "${isolation}" ${title}, and resets what an item has set`, async () => {
    const town = openTown({ isolation });
    const historyThen = await town.queue(leaveTraces);
    const { history, ...seen } = await town.queue(lookForTraces);
    assert.deepEqual(seen, { ...RESET, ...shared });
    assert.equal(history > historyThen, sharesHistory);
    await town.close();
  });
}
