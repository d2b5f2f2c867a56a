// The browser is killed before and under every command of a handler, one after another: the item is tried again and comes
// out as if nothing had been.

const { after, before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { serve } = require("../helpers/server.js");
const { busyPid, leftovers, openTown } = require("../helpers/town.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({ "/": "<title>site</title>", "/other": "<title>other</title>" });
});
after(() => assert.deepEqual(leftovers(process.pid), []));

/** @param {Buffer} file */
const kind = (file) => file.subarray(0, 4).toString("latin1");

/**
 * What the handler does, one after another, and what each gives.
 * @type {[name: string, send: (page: import("../..").Page) => Promise<unknown>, result: unknown][]}
 */
const COMMANDS = [
  [
    "setContent",
    (page) => page.setContent("<title>t</title><input><button onclick=\"document.title = 'clicked'\">b</button>"),
    undefined,
  ],
  ["evaluate", (page) => page.evaluate(() => 6 * 7), 42],
  ["waitForSelector", (page) => page.waitForSelector("button", { visible: true }).then(() => 1), 1],
  ["type", (page) => page.type("input", "typed"), undefined],
  ["$eval", (page) => page.$eval("input", (input) => /** @type {HTMLInputElement} */ (input).value), "typed"],
  ["click", (page) => page.click("button"), undefined],
  ["title", (page) => page.title(), "clicked"],
  ["setViewport", (page) => page.setViewport({ width: 640, height: 480 }), undefined],
  ["emulateMedia", (page) => page.emulateMedia({ media: "print" }), undefined],
  ["screenshot", async (page) => kind(await page.screenshot()), "\x89PNG"],
  ["pdf", async (page) => kind(await page.pdf()), "%PDF"],
  ["goto", async (page) => (await page.goto(`${site}/`))?.url(), "/"],
  ["setCookie", (page) => page.setCookie({ name: "a", value: "b" }), undefined],
  ["reload", async (page) => void (await page.reload()), undefined],
  ["cookies", async (page) => (await page.cookies()).map(({ name, value }) => `${name}=${value}`), ["a=b"]],
  ["content", async (page) => /<title>.*<\/title>/.exec(await page.content())?.[0], "<title>site</title>"],
];

/** @param {unknown} result that may be a URL of the site */
const ofSite = (result) => (typeof result === "string" ? result.replace(site, "") : result);

/** The moments around a command at which its browser is killed. */
const MOMENTS = {
  /** @param {() => void} kill @param {() => Promise<unknown>} send */
  before: (kill, send) => {
    kill();
    return send();
  },
  /** @param {() => void} kill @param {() => Promise<unknown>} send */
  under: (kill, send) => {
    const sent = send();
    kill();
    return sent;
  },
};

/**
 * Runs all commands; around one of them, the first attempt loses its browser.
 * @param {keyof typeof MOMENTS} moment
 * @param {number} index
 */
async function killAt(moment, index) {
  const town = openTown({ pageTries: 0 });
  const retried = once(town, "itemRetry");
  const item = town.queue(async (page, next) => {
    const results = [];
    for (const [number, [, send]] of COMMANDS.entries()) {
      const run = () => send(page);
      const isFatal = next.attempt === 1 && number === index;
      results.push(
        ofSite(await (isFatal ? MOMENTS[moment](() => process.kill(busyPid(town), "SIGKILL"), run) : run())),
      );
    }
    // The last one may have been answered before the browser was dead.
    await page.title();
    return results;
  });
  assert.deepEqual(
    await item,
    COMMANDS.map(([, , result]) => result),
  );
  assert.equal(item.attempts, 2);
  assert.deepEqual(await retried, [item, "crash"]);
  await town.close();
}

for (const moment of /** @type {(keyof typeof MOMENTS)[]} */ (Object.keys(MOMENTS))) {
  describe(`a browser that is killed right ${moment === "before" ? "before" : "after"} it is sent`, {
    concurrency: 3,
  }, () => {
    for (const [index, [name]] of COMMANDS.entries()) {
      test(`${name}: the item is fulfilled by its second attempt`, { timeout: 60_000 }, () => killAt(moment, index));
    }
  });
}
