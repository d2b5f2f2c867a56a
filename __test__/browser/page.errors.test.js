// What the page refuses: use after its end, what belongs to another, and wrong arguments.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { withPage, town } = require("../helpers/page.js");

test("every method of a page whose attempt is over is ERR_PAGE_CLOSED", async () => {
  const page = await withPage(async (given) => ({ given }));
  for (const call of [
    () => page.given.title(),
    () => page.given.goto("about:blank"),
    () => page.given.screenshot(),
    () => page.given.render("a.png"),
  ]) {
    await assert.rejects(call(), { code: "ERR_PAGE_CLOSED", message: /^page\.(title|goto|screenshot|render): .*over/ });
  }
});

test("close is emitted with the reason when the attempt is over", async () => {
  const { closed } = await withPage(async (page) => ({ closed: once(page, "close") }));
  assert.deepEqual(await closed, ["fulfilled"]);
});

test("an error knows the item it belongs to", async () => {
  const item = town.queue((/** @type {import("../..").Page} */ page) => page.evaluate("none"));
  await assert.rejects(item, { code: "ERR_EVALUATION", id: item.id });
});

test("an error's stack leads to the line that called the page", () =>
  withPage(async function handlerOfMine(page) {
    const error = await page.goto("no url").catch((/** @type {Error} */ caught) => caught);
    assert.match(/** @type {Error} */ (error).stack ?? "", /handlerOfMine/);
  }));

test("wrong arguments reject and name method, argument and value", () =>
  withPage(async (page) => {
    for (const [call, message] of /** @type {[(page: any) => Promise<unknown>, RegExp][]} */ ([
      [(p) => p.goto(), /^page\.goto: argument "url" must be a string, and is missing$/],
      [(p) => p.setContent(5), /^page\.setContent: argument "html" must be a string, got 5$/],
      [
        (p) => p.waitForSelector("a", { timeout: -1 }),
        /^page\.waitForSelector: option "timeout" must be a number from 0 to 2147483647, got -1$/,
      ],
      [(p) => p.evaluate(), /^page\.evaluate: argument "script"/],
      [(p) => p.setExtraHTTPHeaders({ a: 1 }), /^Expected value of header "a" to be String, but "number" is found\.$/],
    ])) {
      await assert.rejects(call(page), { name: "TypeError", code: "ERR_INVALID_OPTION", message });
    }
  }));

test("a page of an item is not released by hand", () =>
  withPage(async (page) => {
    await assert.rejects(page.release(), { code: "ERR_UNSUPPORTED", message: /acquire/ });
  }));

test("an option that a method does not know is a warning, once, and the method works", () =>
  withPage(async (page) => {
    /** @type {string[]} */
    const warnings = [];
    const listen = (/** @type {Error} */ { message }) => warnings.push(message);
    process.on("warning", listen);
    await page.setContent("<title>T</title>", /** @type {any} */ ({ timeuot: 5 }));
    await page.setContent("<title>T</title>", /** @type {any} */ ({ timeuot: 5 }));
    assert.equal(await page.title(), "T");
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", listen);
    const ours = warnings.filter((message) => message.includes("timeuot"));
    assert.deepEqual(ours, ['page.setContent: unknown option "timeuot"; did you mean "timeout"?']);
  }));
