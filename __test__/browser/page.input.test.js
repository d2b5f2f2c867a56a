// Mouse, keyboard, forms and files.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { withPage, scratch } = require("../helpers/page.js");

const directory = scratch();
const LOG = `<script>
  window.seen = [];
  for (const type of ["click", "dblclick", "mousedown", "mouseup", "contextmenu", "mouseover", "focusin", "keydown", "input", "change"]) {
    addEventListener(type, (event) => seen.push([type, event.target.id, event.key ?? event.button ?? null]), true);
  }
</script>`;

/** @param {import("../..").Page} page @param {string[]} types @returns {Promise<any[]>} */
async function seen(page, ...types) {
  return await page.evaluate(
    (wanted) => /** @type {any} */ (window).seen.filter((/** @type {any[]} */ [type]) => wanted.includes(type)),
    types,
  );
}

test("click clicks the middle of the element", () =>
  withPage(async (page) => {
    await page.setContent(`${LOG}<button id="a" style="margin: 50px">a</button>`);
    await page.click("#a");
    assert.deepEqual(await seen(page, "click"), [["click", "a", 0]]);
  }));

test("click scrolls to an element that is out of sight", () =>
  withPage(async (page) => {
    await page.setContent(`${LOG}<div style="height: 5000px"></div><button id="a">a</button>`);
    await page.click("#a");
    assert.deepEqual(await seen(page, "click"), [["click", "a", 0]]);
  }));

test("click has buttons and counts", () =>
  withPage(async (page) => {
    await page.setContent(`${LOG}<button id="a">a</button>`);
    await page.click("#a", { button: "right" });
    await page.click("#a", { clickCount: 2 });
    assert.deepEqual(await seen(page, "contextmenu", "dblclick"), [
      ["contextmenu", "a", 2],
      ["dblclick", "a", 0],
    ]);
  }));

test("hover and focus reach their element", () =>
  withPage(async (page) => {
    await page.setContent(`${LOG}<input id="a"><input id="b">`);
    await page.hover("#a");
    await page.focus("#b");
    assert.deepEqual((await seen(page, "mouseover")).at(-1).slice(0, 2), ["mouseover", "a"]);
    assert.equal(await page.evaluate("document.activeElement.id"), "b");
  }));

test("type writes text as a person would, in any script", () =>
  withPage(async (page) => {
    await page.setContent('<input id="a" value="">');
    await page.type("#a", "Grüße 漢字 👩!");
    assert.equal(await page.$eval("#a", (input) => /** @type {HTMLInputElement} */ (input).value), "Grüße 漢字 👩!");
  }));

test("press sends a named key", () =>
  withPage(async (page) => {
    await page.setContent(`${LOG}<input id="a" value="">`);
    await page.type("#a", "ab");
    await page.press("ArrowLeft");
    await page.press("Backspace");
    await page.press("c");
    assert.equal(await page.$eval("#a", (input) => /** @type {HTMLInputElement} */ (input).value), "cb");
    assert.deepEqual((await seen(page, "keydown")).map(([, , key]) => key).slice(-3), ["ArrowLeft", "Backspace", "c"]);
  }));

test("a key that does not exist is ERR_INVALID_OPTION", () =>
  withPage(async (page) => {
    await assert.rejects(page.press("NoSuchKey"), { code: "ERR_INVALID_OPTION", message: /NoSuchKey/ });
  }));

test("select chooses options, tells which, and fires input and change", () =>
  withPage(async (page) => {
    await page.setContent(
      `${LOG}<select id="a"><option value="x">x<option value="y">y</select><select id="b" multiple><option>1<option>2<option>3</select>`,
    );
    assert.deepEqual(await page.select("#a", "y", "x"), ["x"]);
    assert.deepEqual(await page.select("#b", "3", "1", "9"), ["1", "3"]);
    assert.deepEqual(
      (await seen(page, "input", "change")).map(([type, id]) => type + id),
      ["inputa", "changea", "inputb", "changeb"],
    );
    await assert.rejects(page.select("body", "x"), { code: "ERR_EVALUATION", message: /not a <select>/ });
  }));

test("uploadFile fills a file input, with several files too", () =>
  withPage(async (page) => {
    const files = ["one.txt", "two.txt"].map((name) => path.join(directory, name));
    for (const file of files) fs.writeFileSync(file, path.basename(file));
    await page.setContent('<input type="file" id="a" multiple>');
    await page.uploadFile("#a", ...files);
    const texts = await page.$eval("#a", (input) =>
      Promise.all([.../** @type {any} */ (input).files].map((file) => file.text())),
    );
    assert.deepEqual(texts, ["one.txt", "two.txt"]);
  }));

test("a file that does not exist is ERR_INVALID_OPTION and named", () =>
  withPage(async (page) => {
    await page.setContent('<input type="file" id="a">');
    await assert.rejects(page.uploadFile("#a", "/no/such/file"), {
      code: "ERR_INVALID_OPTION",
      message: /\/no\/such\/file/,
    });
  }));

for (const method of /** @type {const} */ (["click", "hover", "focus"])) {
  test(`${method} of a selector without a match fails and names it`, () =>
    withPage(async (page) => {
      await assert.rejects(page[method]("#none"), { message: /#none/ });
    }));
}

test("select chooses a later option of a plain dropdown", () =>
  withPage(async (page) => {
    await page.setContent("<select><option value=a>a<option value=b>b</select>");
    assert.deepEqual(await page.select("select", "b"), ["b"]);
    assert.equal(await page.$eval("select", (select) => /** @type {HTMLSelectElement} */ (select).value), "b");
  }));

test("uploadFile refuses an input that is not one of files", () =>
  withPage(async (page) => {
    await page.setContent("<input>");
    await assert.rejects(page.uploadFile("input", __filename), { code: "ERR_EVALUATION", message: /type="file"/ });
    assert.equal(await page.$eval("input", (input) => /** @type {HTMLInputElement} */ (input).value), "");
  }));

test("text with half a character is typed with a replacement", () =>
  withPage(async (page) => {
    await page.setContent("<input>");
    await page.type("input", "a\ud800b");
    assert.equal(await page.$eval("input", (input) => /** @type {HTMLInputElement} */ (input).value), "a\ufffdb");
  }));
