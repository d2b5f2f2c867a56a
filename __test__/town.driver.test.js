// The driver of the webdriver engine: whom it answers.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { ENGINE, openTown } = require("./helpers/town.js");

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
