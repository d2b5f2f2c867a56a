// As many handles as a page has elements.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { HERE, withPage } = require("../helpers/page.js");

const MANY = 100_000;
/** Bytes that Node may need for them, more than before: twice what it has needed. */
const MOST = 2 ** 30;

test(
  "a hundred thousand handles are held, used together and one by one, and released",
  { skip: !HERE.startsWith("cdp") && "the cdp engine's" },
  () =>
    withPage(async (page) => {
      const before = process.memoryUsage.rss();
      await page.setContent("<body></body>");
      await page.evaluate((many) => {
        const made = Array.from({ length: many }, () => document.createElement("i"));
        document.body.append(...made);
        Object.assign(globalThis, { weak: made.map((element) => new WeakRef(element)) });
      }, MANY);
      const all = await page.$$("i");
      assert.equal(all.length, MANY);
      assert.equal(await page.evaluate((elements) => new Set(elements).size, all), MANY);
      for (const handle of [all[0], all[MANY / 2], all[MANY - 1]]) {
        assert.equal(await handle.evaluate((element) => element.nodeName), "I");
      }
      for (const handle of all) handle[Symbol.dispose]();
      await assert.rejects(all[0].click(), /JSHandle is disposed/);
      await page.evaluate(() => document.body.replaceChildren());
      // What a script has looked at by a WeakRef stays until its job is over, and what was painted until the next frame.
      await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve))));
      await page.cdp("HeapProfiler.collectGarbage");
      const left = await page.evaluate(
        () => /** @type {any} */ (globalThis).weak.filter((/** @type {WeakRef<Element>} */ ref) => ref.deref()).length,
      );
      assert.equal(left, 0);
      assert.ok(process.memoryUsage.rss() - before < MOST);
    }),
);
