// Running scripts in a real page. What may cross is tested in evaluate.test.js; here it crosses a browser.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { BROWSER, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/strict": (_request, response) => {
      response.setHeader("Content-Security-Policy", "default-src 'none'; script-src 'self'");
      response.setHeader("Content-Type", "text/html");
      response.end("<title>Strict</title>");
    },
    "/hostile": `<script>
      Array.prototype.toJSON = String.prototype.toJSON = Object.prototype.toJSON = () => "patched";
      window.JSON = { stringify: () => "patched", parse: () => "patched" };
      Promise.prototype.finally = () => { throw new Error("patched") };
      Array.prototype.map = Array.prototype.join = () => "patched";
    </script>`,
  });
});

test("a function runs in the page with its arguments and gives its result", () =>
  withPage(async (page) => {
    await page.setContent("<title>T</title>");
    assert.equal(await page.evaluate((a, b) => `${document.title}${a}${b.c}`, 1, { c: 2 }), "T12");
  }));

test("every kind of value survives both ways", () =>
  withPage(async (page) => {
    const value = {
      list: [undefined, null, Number.NaN, Infinity, -Infinity, -0, 12n, new Date(5), /a"b/g, "\u2028\ud800 👩"],
      map: new Map([["k", new Set([1n])]]),
      bytes: new Uint8Array([0, 255]),
      $: "tag",
    };
    assert.deepStrictEqual(await page.evaluate((given) => given, value), value);
  }));

test("promises are awaited", () =>
  withPage(async (page) => {
    assert.equal(await page.evaluate(() => new Promise((resolve) => requestAnimationFrame(() => resolve(7)))), 7);
  }));

test("a string may be an expression or a program", () =>
  withPage(async (page) => {
    assert.equal(await page.evaluate("1 + 1"), 2);
    assert.equal(await page.evaluate("var kept = 40; function two() { return 2 }\nkept + two()"), 42);
    assert.equal(await page.evaluate("kept + two()"), 42);
  }));

test("the collections that a program makes survive", () =>
  withPage(async (page) => {
    assert.deepStrictEqual(await page.evaluate("var made = [new Set([1]), new Map([[2, 3]])]; made"), [
      new Set([1]),
      new Map([[2, 3]]),
    ]);
  }));

test("a Content-Security-Policy without unsafe-eval does not forbid functions, expressions or programs", () =>
  withPage(async (page) => {
    await page.goto(`${site}/strict`);
    assert.equal(await page.evaluate(() => document.title), "Strict");
    assert.equal(await page.evaluate("document.title"), "Strict");
    assert.equal(await page.evaluate("const a = 40; const b = 2;\na + b"), 42);
  }));

test("a page that patches the built-ins changes nothing", () =>
  withPage(async (page) => {
    await page.goto(`${site}/hostile`);
    const value = { list: [1, "two", { three: [undefined] }], when: new Date(3) };
    assert.deepStrictEqual(await page.evaluate((given) => given, value), value);
  }));

/** A page whose names hide the document's own methods, and whose script has thrown away what others rely on. */
const HIDDEN = `<!doctype html><body><img name="querySelector"><img name="querySelectorAll">
  <input id="field"><select id="choice"><option>a<option>b</select><p id="late">text</p><iframe name="inner"></iframe>
  <script>
    Promise = undefined;
    document.getElementById = () => null;
    addEventListener("mousedown", ({ target }) => { window.pressed = target.id }, true);
  </script>`;

/** @type {[string, (page: import("../..").Page) => Promise<unknown>, unknown][]} */
const RELYING = [
  ["$eval", (page) => page.$eval("#late", (element) => element.textContent), "text"],
  ["$$eval", (page) => page.$$eval("img", (found) => found.length), 2],
  ["waitForSelector", (page) => page.waitForSelector("#late"), undefined],
  ["waitForSelector, visible", (page) => page.waitForSelector("#late", { visible: true }), undefined],
  ["click", (page) => page.click("#late").then(() => page.evaluate("pressed")), "late"],
  [
    "type",
    (page) => page.type("#field", "typed").then(() => page.$eval("#field", (i) => /** @type {any} */ (i).value)),
    "typed",
  ],
  ["focus", (page) => page.focus("#field").then(() => page.evaluate(() => document.activeElement?.id)), "field"],
  ["select", (page) => page.select("#choice", "b"), ["b"]],
  ["addStyleTag", (page) => page.addStyleTag({ content: "p { color: #f00 }" }), undefined],
  ["addScriptTag", (page) => page.addScriptTag({ content: "window.added = 1" }).then(() => page.evaluate("added")), 1],
  ["screenshot of an element", (page) => page.screenshot({ selector: "#late" }).then((png) => png.length > 0), true],
  ["switchToFrame", (page) => page.switchToFrame("inner"), true],
];
for (const [what, use, result] of RELYING) {
  test(`${what} works on a page that hides the document's methods and has no Promise`, () =>
    withPage(async (page) => {
      await page.setContent(HIDDEN);
      assert.deepEqual(await use(page), result);
    }));
}

test("a wait goes on in a page that has no Promise", () =>
  withPage(async (page) => {
    await page.setContent(HIDDEN);
    for (const polling of /** @type {const} */ (["raf", "mutation", 20])) {
      const later = (/** @type {string} */ done) =>
        void setTimeout(() => document.body.setAttribute("data-done", done), 50);
      await page.evaluate(later, String(polling));
      await page.waitForFunction((done) => document.body.dataset.done === done, { polling }, String(polling));
    }
  }));

test("an error of the page is ERR_EVALUATION with its name, message and stack", () =>
  withPage(async (page) => {
    const error = await page
      .evaluate(function inPage() {
        throw new RangeError("too far");
      })
      .catch((/** @type {any} */ caught) => caught);
    assert.deepEqual([error.code, error.message], ["ERR_EVALUATION", "RangeError: too far"]);
    assert.ok(error.cause instanceof RangeError);
    assert.match(error.cause.stack, /inPage/);
    assert.match(error.stack, /page\.evaluate\.test\.js/);
  }));

test("a syntax error is ERR_EVALUATION", () =>
  withPage(async (page) => {
    await assert.rejects(page.evaluate("1 +"), { code: "ERR_EVALUATION", message: /SyntaxError/ });
    await assert.rejects(page.evaluate("const = 1;"), { code: "ERR_EVALUATION", message: /SyntaxError/ });
  }));

test("a DOM node cannot leave the page, and the message says where it is", () =>
  withPage(async (page) => {
    await assert.rejects(
      page.evaluate(() => ({ list: [document.body] })),
      { code: "ERR_EVALUATION", message: /result\.list\[0\] is an HTMLBodyElement/ },
    );
    await assert.rejects(page.evaluate("window"), { code: "ERR_EVALUATION", message: /a Window/ });
  }));

test("a rectangle of an element leaves the page as plain data", () =>
  withPage(async (page) => {
    await page.setContent('<div id="a" style="position: absolute; left: 3px; top: 4px; width: 50px; height: 60px">');
    const { x, y, width, height } = await page.$eval("#a", (element) => element.getBoundingClientRect());
    assert.deepEqual([x, y, width, height], [3, 4, 50, 60]);
  }));

test("an argument that cannot enter the page is refused", () =>
  withPage(async (page) => {
    await assert.rejects(
      page.evaluate((f) => f, { act() {} }),
      { code: "ERR_INVALID_OPTION", message: /args\[0\]\.act/ },
    );
  }));

test("$eval passes the first match and $$eval all of them", () =>
  withPage(async (page) => {
    await page.setContent("<li>a<li>b");
    assert.equal(await page.$eval("li", (element, suffix) => element.textContent + suffix, "!"), "a!");
    assert.deepEqual(await page.$$eval("li", (elements) => elements.map((element) => element.textContent)), ["a", "b"]);
    assert.deepEqual(await page.$$eval("ol", (elements) => elements.length), 0);
  }));

test("a selector without a match, or that is none, is ERR_EVALUATION and named", () =>
  withPage(async (page) => {
    await assert.rejects(
      page.$eval("#none", (element) => element.id),
      { code: "ERR_EVALUATION", message: /selector "#none"/ },
    );
    await assert.rejects(
      page.$eval("##", (element) => element.id),
      { code: "ERR_EVALUATION", message: /SyntaxError.*##/ },
    );
  }));

feature("evaluateOnNewDocument", "evaluateOnNewDocument runs before the scripts of the next document", async (page) => {
  await page.evaluateOnNewDocument((value) => Object.assign(window, { early: value }), 42);
  await page.goto(`data:text/html,${encodeURIComponent("<script>window.seen = window.early</script>")}`);
  assert.equal(await page.evaluate("window.seen"), 42);
});

feature("exposeFunction", "exposeFunction makes a function callable in the page", async (page) => {
  await page.exposeFunction("half", (/** @type {number} */ value) => value / 2);
  assert.equal(await page.evaluate("half(84)"), 42);
});

const skip = BROWSER !== "chromium" && "Firefox has other words for it";
test("a navigation in the middle of a script is ERR_EVALUATION and says so", { skip }, () =>
  withPage(async (page) => {
    const leave = () =>
      new Promise(() => {
        location.href = "about:blank?elsewhere";
      });
    await assert.rejects(page.evaluate(leave), { code: "ERR_EVALUATION", message: /replaced by a navigation/ });
  }),
);

test("calls on one page begin in the order in which they were made", () =>
  withPage(async (page) => {
    await page.setContent("<title></title>");
    const add = (/** @type {number} */ number) => {
      document.title += number;
    };
    await Promise.all([1, 2, 3, 4, 5, 6, 7, 8].map((number) => page.evaluate(add, number)));
    assert.equal(await page.title(), "12345678");
  }));
