// What programs that were written for Puppeteer rely on, beside what its own tests look at.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { HERE, scratch, withPage } = require("../helpers/page.js");

/** @typedef {import("../..").Page} Page */

const skip = !HERE.startsWith("cdp") && "the cdp engine's";

/** @param {string} title @param {(page: Page) => Promise<void>} use */
const program = (title, use) => test(title, { skip }, () => withPage(use));

program("a page that the program has closed still tells its address, and has no frames", async (page) => {
  await page.goto("data:text/html,<title>T</title>");
  const main = page.mainFrame();
  await page.close();
  assert.equal(page.url(), "data:text/html,<title>T</title>");
  assert.deepEqual(page.frames(), []);
  assert.equal(page.mainFrame(), main);
  assert.equal(main.url(), page.url());
});

program("an error that the page logs is its kind and message in the console's text", async (page) => {
  const told = once(page, "console");
  await page.evaluate(() => console.error("failed:", new TypeError("no\nluck"), {}));
  assert.equal((await told)[0].text(), "failed: TypeError: no JSHandle@object");
});

program("a dialog that is answered twice says in Puppeteer's words that it was handled", async (page) => {
  const told = once(page, "dialog");
  const shown = page.evaluate(() => confirm("sure?"));
  const [dialog] = await told;
  await dialog.accept();
  await assert.rejects(dialog.accept(), { message: /Cannot accept dialog which is already handled!/ });
  await assert.rejects(dialog.dismiss(), { message: /Cannot dismiss dialog which is already handled!/ });
  assert.equal(await shown, true);
});

program("a function that is exposed twice says in Puppeteer's words that it exists", async (page) => {
  await page.exposeFunction("add", () => 1);
  const message = /Failed to add page binding with name add: window\['add'\] already exists!/;
  await assert.rejects(
    page.exposeFunction("add", () => 2),
    { message },
  );
});

program("cookies with a sameSite of another program's words are kept without one", async (page) => {
  const url = "http://example.test/";
  for (const sameSite of /** @type {any[]} */ (["no_restriction", "unspecified", "lax"])) {
    await page.setCookie({ name: sameSite, value: "1", url, sameSite });
  }
  const kept = (await page.cookies(url)).map(({ name, sameSite }) => [name, sameSite]).sort();
  assert.deepEqual(kept, [
    ["lax", undefined],
    ["no_restriction", undefined],
    ["unspecified", undefined],
  ]);
});

program("a picture whose path ends in what is no picture's is png", async (page) => {
  const file = path.join(scratch(), "picture.tmp");
  await page.screenshot({ path: file });
  assert.equal(fs.readFileSync(file).subarray(1, 4).toString(), "PNG");
});

program("arguments beside a string of JavaScript are left out", async (page) => {
  assert.equal(await page.evaluate(/** @type {any} */ ("1 + 1"), /** @type {any} */ (5)), 2);
});
