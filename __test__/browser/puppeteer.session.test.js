// Sessions of the DevTools protocol, as Puppeteer has them.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { HERE, feature, withPage } = require("../helpers/page.js");

/** @typedef {import("../..").Page} Page */

const skip = !HERE.startsWith("cdp") && "the cdp engine's";

/** @param {string} title @param {(page: Page) => Promise<void>} use */
const speaking = (title, use) => feature("createCDPSession", title, use);

speaking("a session sends commands to the page, and hears its own domains' events alone", async (page) => {
  const session = await page.createCDPSession();
  await session.send("Runtime.enable");
  /** @type {Set<string>} */
  const domains = new Set();
  session.on("*", (name) => domains.add(String(name).split(".")[0]));
  const called = once(session, "Runtime.consoleAPICalled");
  const answer = await session.send("Runtime.evaluate", { expression: "console.log('said'), 42", returnByValue: true });
  assert.equal(answer.result.value, 42);
  assert.equal((await called)[0].args[0].value, "said");
  await page.setContent("<p>hello");
  assert.deepEqual([...domains], ["Runtime"]);
});

speaking("sessions of one page are independent, and detached one by one", async (page) => {
  const [one, other] = [await page.createCDPSession(), await page.createCDPSession()];
  assert.notEqual(one.id(), other.id());
  await one.detach();
  assert.deepEqual([one.detached, other.detached], [true, false]);
  await assert.rejects(one.send("Runtime.enable"), { code: "ERR_PAGE_CLOSED", message: /Session closed\./ });
  await assert.rejects(one.detach(), { code: "ERR_PAGE_CLOSED" });
  await other.send("Runtime.enable");
  assert.equal(one.connection(), other.connection());
});

speaking("what the browser refuses says so in its words, from the line that asked", async (page) => {
  const session = await page.createCDPSession();
  const theCulprit = async () => await session.send("No.such");
  const error = await theCulprit().catch((caught) => caught);
  assert.equal(error.code, "ERR_BROWSER");
  assert.match(error.message, /Protocol error \(No\.such\)/);
  assert.match(error.stack, /theCulprit/);
});

speaking("a command that takes too long is a TimeoutError", async (page) => {
  const session = await page.createCDPSession();
  const forever = { expression: "new Promise(() => {})", awaitPromise: true };
  await assert.rejects(session.send("Runtime.evaluate", forever, { timeout: 20 }), { name: "TimeoutError" });
});

speaking("a dialog that nobody listens to holds no page with a session", async (page) => {
  const session = await page.createCDPSession();
  await session.send("Page.enable");
  assert.equal(await page.evaluate("confirm('sure?')"), false);
});

test("a session ends with its item", { skip }, async () => {
  /** @type {import("../..").CDPSession | undefined} */
  let session;
  /** @type {Promise<unknown> | undefined} */
  let pending;
  await withPage(async (page) => {
    session = await page.createCDPSession();
    pending = session.send("Runtime.evaluate", { expression: "new Promise(() => {})", awaitPromise: true });
    pending.catch(() => {});
  });
  await assert.rejects(async () => await pending, { code: "ERR_PAGE_CLOSED" });
  await assert.rejects(async () => await session?.send("Runtime.enable"), { code: "ERR_PAGE_CLOSED" });
});

test("a session that is asked for when its item ends is refused by an error as any call is", { skip }, async () => {
  /** @type {Promise<Error>[]} */
  let refusals = [];
  await withPage(async (page) => {
    const untilRefused = async () => {
      try {
        for (;;) await page.createCDPSession();
      } catch (error) {
        return /** @type {Error} */ (error);
      }
    };
    await page.createCDPSession();
    // Each is at another step when the item ends.
    refusals = Array.from({ length: 50 }, untilRefused);
  });
  for (const refusal of await Promise.all(refusals)) {
    assert.ok(refusal instanceof Error, String(refusal));
    assert.equal(/** @type {any} */ (refusal).code, "ERR_PAGE_CLOSED", refusal.message);
  }
});

feature("setProxy", "after setProxy a session is one with the page that goes on", async (page) => {
  const before = await page.createCDPSession();
  await page.setProxy("");
  await page.setContent("<title>goes on</title>");
  const session = await page.createCDPSession();
  const { result } = await session.send("Runtime.evaluate", { expression: "document.title" });
  assert.equal(result.value, "goes on");
  assert.notEqual(session.connection(), before.connection());
});
