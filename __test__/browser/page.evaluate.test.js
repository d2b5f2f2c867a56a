// Running scripts in a real page. What may cross is tested in evaluate.test.js; here it crosses a browser.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { BROWSER, HERE, feature, withPage } = require("../helpers/page.js");
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
  ["waitForSelector", (page) => page.waitForSelector("#late").then(() => 1), 1],
  ["waitForSelector, visible", (page) => page.waitForSelector("#late", { visible: true }).then(() => 1), 1],
  ["click", (page) => page.click("#late").then(() => page.evaluate("pressed")), "late"],
  [
    "type",
    (page) => page.type("#field", "typed").then(() => page.$eval("#field", (i) => /** @type {any} */ (i).value)),
    "typed",
  ],
  ["focus", (page) => page.focus("#field").then(() => page.evaluate(() => document.activeElement?.id)), "field"],
  ["select", (page) => page.select("#choice", "b"), ["b"]],
  ["addStyleTag", (page) => page.addStyleTag({ content: "p { color: #f00 }" }).then(() => 1), 1],
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

/** A page that has replaced what scripts are made of, after its names have hidden what the document is read by. */
const HOSTILE = `<!doctype html><!-- kept --><html><head><title>True</title></head><body>
  <img name="title"><img name="documentElement"><img name="childNodes"><img name="head">
  <form id="form"><input id="field" name="focus"><input name="getBoundingClientRect"><input name="getClientRects">
    <input name="scrollIntoView"></form>
  <select id="choice"><option>a<option>b</select><input id="files" type="file"><button id="button">b</button>
  <iframe name="inner" srcdoc="<title>Inner</title>"></iframe>
  <script>
    addEventListener("click", ({ target }) => { window.clicked = target.id }, true);
    const made = document.body.appendChild(document.createElement("iframe"));
    made.contentWindow.Map = made.contentWindow.Reflect = made.contentWindow.JSON = null;
    made.name = "made";
    const { iterator } = Symbol;
    const list = Array.prototype;
    Function.prototype.call = Function.prototype.apply = Function.prototype.bind = () => "forged";
    Object.keys = () => ["forged"];
    Object.getOwnPropertyDescriptor = Object.prototype.toString = () => "forged";
    Object.getPrototypeOf(Uint8Array.prototype).__defineGetter__(Symbol.toStringTag, () => "Float64Array");
    Map.prototype[Symbol.toStringTag] = "Date";
    for (const type of [String, Array, Number, RegExp, Map, Set, Date, URL, Promise]) {
      for (const name of Reflect.ownKeys(type.prototype)) {
        if (name !== "constructor" && name !== Symbol.iterator) try { type.prototype[name] = () => "forged" } catch {}
      }
    }
    for (const type of [Document, Element, Node, HTMLElement, HTMLSelectElement, HTMLOptionElement]) {
      for (const name of ["querySelector", "querySelectorAll", "getBoundingClientRect", "getClientRects", "closest",
        "contains", "scrollIntoView", "elementFromPoint", "append", "focus", "dispatchEvent"]) {
        if (Reflect.has(type.prototype, name)) type.prototype[name] = () => "forged";
      }
    }
    Object.defineProperty(Object.prototype, "exports", { set() { window.met = true } });
    Object.defineProperty(Object.prototype, "stop", { set() { window.met = true } });
    for (const root of [Object, Array, Function, Map]) root.prototype.then = (done) => done("forged");
    Object.prototype.toJSON = () => "forged";
    Object.prototype[Symbol.toStringTag] = "Forged";
    Promise.prototype.constructor = Object;
    Promise.prototype.then = (done) => done('{"t":1,"v":"forged"}');
    Object.defineProperty(Array.prototype, "0", { set() { window.met = true }, get: () => "forged" });
    for (const name of ["Reflect", "Object", "Array", "Map", "Set", "Date", "URL", "RegExp", "Error", "TypeError",
      "Promise", "JSON", "MutationObserver", "Event", "Document", "Element", "Node", "HTMLSelectElement", "ArrayBuffer",
      "Uint8Array", "Float64Array", "XMLSerializer", "eval", "atob", "btoa", "setTimeout", "requestAnimationFrame",
      "getComputedStyle", "String", "Symbol"]) window[name] = null;
    list[iterator] = () => "forged";
    window.hostile = true;
  </script></body></html>`;

const EVERY_KIND = {
  list: [undefined, null, Number.NaN, -0, 12n, new Date(5), /a"b/gi, '\u2028\ud800 "quoted" 👩'],
  map: new Map([["k", new Set([1n, { deep: true }])]]),
  bytes: new Uint8Array([0, 255]),
  numbers: new Float64Array([1.5, -0]),
  buffer: new Uint8Array([1, 2]).buffer,
  url: new URL("https://example.test/a?b"),
  error: new RangeError("too far"),
};

/** @type {[string, (page: import("../..").Page) => Promise<unknown>, unknown][]} */
const UNDISTURBED = [
  ["a function", (page) => page.evaluate((a) => ({ sum: a + 1, list: [a] }), 1), { sum: 2, list: [1] }],
  ["a value of every kind", (page) => page.evaluate((given) => given, EVERY_KIND), EVERY_KIND],
  ["an object", (page) => page.evaluate(() => ({ a: 1 })), { a: 1 }],
  [
    "an instance of a class",
    (page) =>
      page.evaluate(() => {
        class Point {
          x = 1;
        }
        return [new Point(), { __proto__: null }, { __proto__: { inherited: true } }];
      }),
    [{ x: 1 }, {}, {}],
  ],
  ["a rectangle", (page) => page.evaluate(() => new DOMRect(1, 2, 3, 4)).then(({ right }) => right), 4],
  ["an async function", (page) => page.evaluate(async () => await 42), 42],
  ["a promise", (page) => page.evaluate("await 42"), 42],
  ["a program that declares", (page) => page.evaluate("const o = { a: 1 }; o"), { a: 1 }],
  ["a thenable", (page) => page.evaluate("({ then: (done) => done(42) })"), 42],
  ["what is no data", (page) => page.evaluate(() => [document.body, window]), [{}, undefined]],
  ["an expression", (page) => page.evaluate("[40 + 2]"), [42]],
  ["an expression of an object", (page) => page.evaluate("({ a: 1 })"), { a: 1 }],
  ["a program", (page) => page.evaluate("var kept = 40; kept + 2"), 42],
  ["an error", (page) => page.evaluate("null.x").catch(({ code }) => code), "ERR_EVALUATION"],
  ["$eval", (page) => page.$eval("#button", (element, more) => element.id + more, "!"), "button!"],
  ["$$eval", (page) => page.$$eval("#choice option", (found) => found.length), 2],
  ["title", (page) => page.title(), "True"],
  ["content", (page) => page.content().then((html) => /^<!DOCTYPE html><!-- kept --><html><head>/.test(html)), true],
  ["url", async (page) => page.url(), "about:blank"],
  ["select", (page) => page.select("#choice", "b"), ["b"]],
  ["focus", (page) => page.focus("#field").then(() => page.evaluate(() => document.activeElement?.id)), "field"],
  ["click", (page) => page.click("#button").then(() => page.evaluate("clicked")), "button"],
  ["hover over a form", (page) => page.hover("#form"), undefined],
  ["a picture of a form", (page) => page.screenshot({ selector: "#form" }).then((png) => png.length > 0), true],
  ["waitForSelector", (page) => page.waitForSelector("#button").then(() => 1), 1],
  ["waitForSelector, visible", (page) => page.waitForSelector("#form", { visible: true }).then(() => 1), 1],
  [
    "waitForFunction",
    (page) => page.waitForFunction("({ list: [1] })").then((found) => found.jsonValue()),
    { list: [1] },
  ],
  [
    "waitForFunction of an async one",
    (page) => page.waitForFunction(async () => 42, { polling: "mutation" }).then((found) => found.jsonValue()),
    42,
  ],
  ["uploadFile", (page) => page.uploadFile("#files", __filename), undefined],
  ["uploadFile into none", (page) => page.uploadFile("#field", __filename).catch(({ code }) => code), "ERR_EVALUATION"],
  ["addStyleTag", (page) => page.addStyleTag({ content: "p { color: #f00 }" }).then(() => 1), 1],
  ["addScriptTag", (page) => page.addScriptTag({ content: "window.added = 1" }).then(() => page.evaluate("added")), 1],
  ["evaluateJavaScript", (page) => page.evaluateJavaScript("function () { return [1] }"), [1]],
  ["framesCount", (page) => page.property("framesCount"), 2],
  ["plainText", (page) => page.property("plainText").then((text) => text.includes("b")), true],
];
const FEW = BROWSER !== "chromium" && "WebDriver has the page's own built-ins in Firefox";
const DRIVEN = HERE !== "cdp chromium" && "a driver's own scripts do as the page lets them, and leave globals there";
/** What drivers do by scripts of theirs in the page. */
const BY_DRIVER = ["click", "hover over a form", "uploadFile"];
for (const [what, use, result] of UNDISTURBED) {
  const skip = FEW || (BY_DRIVER.includes(what) && DRIVEN);
  test(`on a page that has replaced the built-ins and hidden the document's, ${what} is as ever`, { skip }, () =>
    withPage(async (page) => {
      await page.setContent(HOSTILE);
      assert.equal(await page.evaluate("hostile"), true);
      assert.deepStrictEqual(await use(page), result);
      assert.equal(await page.evaluate("typeof met"), "undefined");
    }),
  );
}

test("a wait goes on in a page that has replaced the built-ins", { skip: FEW }, () =>
  withPage(async (page) => {
    await page.setContent(HOSTILE);
    for (const polling of /** @type {const} */ (["raf", "mutation", 20])) {
      const waiting = page.waitForFunction("document.body.id === 'on'", { polling });
      const selector = page.waitForSelector("body#on");
      await page.evaluate("document.body.id = 'on'");
      await Promise.all([waiting, selector]);
      await page.evaluate("document.body.id = ''");
    }
  }),
);

test("a frame whose built-ins another's script has replaced gives what a function returns", { skip: DRIVEN }, () =>
  withPage(async (page) => {
    await page.setContent(`<script>
      const made = document.documentElement.appendChild(document.createElement("iframe"));
      made.contentWindow.Map = made.contentWindow.Reflect = made.contentWindow.JSON = null;
    </script>`);
    assert.equal(await page.switchToFrame(0), true);
    assert.deepEqual(await page.evaluate((map) => [map.get("k"), typeof Map], new Map([["k", 1]])), [1, "object"]);
  }),
);

feature("exposeFunction", "an exposed function answers a page that has replaced the built-ins", async (page) => {
  await page.exposeFunction("half", (/** @type {Map<string, number>} */ map) => [(map.get("n") ?? 0) / 2]);
  await page.setContent("<script>window.map = new Map([['n', 84]])</script>");
  await page.evaluate("Map = Promise = JSON = null; Object.keys = () => ['forged']; half.answer = null");
  assert.deepEqual(await page.evaluate("half(map)"), [42]);
});

feature("setJavaScriptEnabled", "scripts of the program run where those of the page do not", async (page) => {
  await page.setJavaScriptEnabled(false);
  await page.goto("data:text/html,<title>Still</title><script>document.title = 'changed'</script><i>a</i>");
  assert.deepStrictEqual(await page.evaluate((given) => given, EVERY_KIND), EVERY_KIND);
  assert.deepEqual([await page.title(), await page.$eval("i", (element) => element.textContent)], ["Still", "a"]);
});

test("a page finds nothing of ours among its globals", { skip: DRIVEN }, () =>
  withPage(async (page) => {
    const globals = () => Reflect.ownKeys(window).map(String);
    await page.setContent("<script>window.before = Reflect.ownKeys(window).map(String)</script>");
    await page.title();
    await page.waitForSelector("html");
    const found = await page.evaluate(globals);
    assert.deepEqual(found, [...(await page.evaluate("before")), "before"]);
    assert.deepEqual(
      found.filter((name) => /boomtown/i.test(name)),
      [],
    );
  }),
);

feature("on popup", "a window that a page opens has nothing to report of ours", async (page) => {
  const errors = /** @type {Error[]} */ ([]);
  /** @type {(popup: import("../..").Page) => void} */
  let come = () => {};
  page.on("popup", (opened) => {
    opened.on("pageerror", (/** @type {Error} */ error) => errors.push(error));
    come(opened);
  });
  /** @type {Promise<import("../..").Page>} */
  const popup = new Promise((resolve) => {
    come = resolve;
  });
  await page.evaluate("window.opened = open('about:blank'); undefined");
  const opened = await popup;
  assert.deepStrictEqual(await opened.evaluate((/** @type {unknown} */ given) => given, EVERY_KIND), EVERY_KIND);
  assert.equal(await opened.title(), "");
  assert.deepEqual(errors, []);
});

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
    assert.equal(error instanceof RangeError, true);
    assert.deepEqual([error.code, error.message], ["ERR_EVALUATION", "too far"]);
    assert.match(error.stack, /^RangeError: too far\n\s+at inPage/);
    assert.match(error.stack, /page\.evaluate\.test\.js/);
  }));

test("a syntax error is ERR_EVALUATION", () =>
  withPage(async (page) => {
    await assert.rejects(page.evaluate("1 +"), { code: "ERR_EVALUATION", name: "SyntaxError" });
    await assert.rejects(page.evaluate("const = 1;"), { code: "ERR_EVALUATION", name: "SyntaxError" });
  }));

test("a DOM node leaves the page as its own properties, and a window as undefined", () =>
  withPage(async (page) => {
    assert.deepEqual(await page.evaluate(() => ({ list: [document.body] })), { list: [{}] });
    assert.equal(await page.evaluate("window"), undefined);
  }));

test("a rectangle of an element leaves the page as plain data", () =>
  withPage(async (page) => {
    await page.setContent('<div id="a" style="position: absolute; left: 3px; top: 4px; width: 50px; height: 60px">');
    const { x, y, width, height } = await page.$eval("#a", (element) => element.getBoundingClientRect());
    assert.deepEqual([x, y, width, height], [3, 4, 50, 60]);
  }));

test("an argument that is inside of itself is refused", () =>
  withPage(async (page) => {
    /** @type {any} */
    const cycle = {};
    cycle.again = cycle;
    await assert.rejects(
      page.evaluate((given) => given, cycle),
      { code: "ERR_INVALID_OPTION", message: /Recursive objects/ },
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
      { code: "ERR_EVALUATION", name: "SyntaxError", message: /##/ },
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
