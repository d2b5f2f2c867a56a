// The driver of the webdriver engine: whom it answers, and what it makes of a whole Chromium.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { loadNative } = require("../../lib/load-native.js");
const { serve } = require("../helpers/server.js");
const { ENGINE, openTown } = require("../helpers/town.js");

const ON_WEBDRIVER = { skip: ENGINE !== "webdriver" && "only the webdriver engine has a driver" };

test("whoever reaches chromedriver's port and does not know its path can do nothing", ON_WEBDRIVER, async () => {
  /** @type {string[]} */
  const lines = [];
  const town = openTown({ browser: { stdio: (line) => lines.push(line) } });
  await town.ready();
  const port = /successfully on port (\d+)/.exec(lines.join("\n"))?.[1];
  assert.ok(port, lines.join("\n"));
  const capabilities = { alwaysMatch: { "goog:chromeOptions": { binary: "/bin/true" } } };
  for (const [path, init] of /** @type {[string, RequestInit?][]} */ ([
    ["status"],
    ["session", { method: "POST", body: JSON.stringify({ capabilities }) }],
    ["shutdown"],
  ])) {
    /** @type {Response} */
    const response = await fetch(`http://127.0.0.1:${port}/${path}`, init);
    assert.deepEqual([response.status, await response.text()], [400, "unhandled request"], path);
  }
  assert.equal(await town.queue((page) => page.evaluate("6 * 7")), 42);
});

// A headless shell has no tabs that lie behind each other, and no permissions; a whole Chromium has both.
const { browser: whole } = loadNative().Core.survey(false);
const { path: wholePath, missing } =
  "code" in whole ? { path: undefined, missing: whole.message } : { path: whole.path, missing: undefined };
const WITH_WHOLE_BROWSER = ON_WEBDRIVER.skip || missing ? { skip: ON_WEBDRIVER.skip || missing } : {};
const POSITION = `new Promise((...ends) => navigator.geolocation.getCurrentPosition(...ends))
  .then(({ coords }) => coords.latitude, ({ message }) => message)`;

test("every page of a whole Chromium is in front, and has frames", WITH_WHOLE_BROWSER, async () => {
  const town = openTown({ browser: { path: wholePath } });
  for (const number of [1, 2]) {
    const frame = town.queue((page) => page.evaluate("new Promise((resolve) => requestAnimationFrame(resolve))"));
    assert.ok((await frame) > 0, `page ${number}`);
  }
});

test("a whole Chromium tells pages the position that was set, and otherwise none", WITH_WHOLE_BROWSER, async () => {
  const site = await serve({ "/": "<title>site</title>" });
  const town = openTown({ browser: { path: wholePath } });
  assert.match(await town.queue((page) => page.goto(site).then(() => page.evaluate(POSITION))), /denied/);
  const latitude = await town.queue(async (page) => {
    await page.setGeolocation({ latitude: 12, longitude: 3 });
    await page.goto(site);
    return page.evaluate(POSITION);
  });
  assert.equal(latitude, 12);
});
