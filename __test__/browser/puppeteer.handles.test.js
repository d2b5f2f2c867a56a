// Handles of what stays in the page, and elements, by Puppeteer's methods.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { HERE, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @typedef {import("../..").Page} Page */

const ONLY_CDP = { skip: HERE !== "cdp chromium" && "the cdp engine's" };

/** @param {string} name @param {(page: Page) => Promise<void>} use */
const handles = (name, use) => test(name, ONLY_CDP, () => withPage(use));

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<title>Home</title><p>home</p>",
    "/framed": "<iframe src='/inner' style='margin: 100px; border: 5px solid; padding: 3px'></iframe>",
    "/inner": "<body style='margin: 0'><button style='width: 50px; height: 20px'>in</button>",
  });
});

/** @template T @param {T | null | undefined} found @returns {T} */
function there(found) {
  assert.ok(found);
  return found;
}

feature("$", "the first element of a selector is a handle, and null if there is none", async (page) => {
  await page.setContent("<p id=a>one<p>two");
  const handle = there(await page.$("p"));
  assert.equal(await handle.evaluate((element) => element.id), "a");
  assert.equal(String(handle), "JSHandle@node");
  assert.equal(await page.$("h1"), null);
});

handles("all elements of a selector are handles in their order", async (page) => {
  await page.setContent("<p>one<p>two");
  const texts = (await page.$$("p")).map((handle) => handle.evaluate((element) => element.textContent));
  assert.deepEqual(await Promise.all(texts), ["one", "two"]);
  assert.deepEqual(await page.$$("h1"), []);
});

handles("a handle is an argument of scripts, wherever in the arguments it is", async (page) => {
  await page.setContent("<p id=a>");
  const handle = there(await page.$("p"));
  const object = await page.evaluateHandle(() => ({ n: 1 }));
  const seen = (/** @type {any} */ element, /** @type {any} */ { list: [again], map }) => [
    element.id,
    element === again,
    map.get("k").n,
  ];
  assert.deepEqual(await page.evaluate(seen, handle, { list: [handle], map: new Map([["k", object]]) }), [
    "a",
    true,
    1,
  ]);
});

handles("a page's variable called $ is what scripts with handles find", async (page) => {
  await page.setContent("<p id=a><script>window.$ = () => 'jQuery'</script>");
  const handle = there(await page.$("p"));
  assert.equal(await handle.evaluate((_element) => /** @type {any} */ (window).$()), "jQuery");
});

handles("a value that is no object is a handle of that value", async (page) => {
  for (const value of [5, "text", true, null, undefined, Number.NaN, -0, 12n]) {
    const handle = await page.evaluateHandle((given) => given, value);
    assert.ok(Object.is(await handle.jsonValue(), value));
    assert.ok(await page.evaluate((a, b) => Object.is(a, b), handle, value));
    assert.equal(handle.asElement(), null);
  }
});

handles("what a promise gives is what a handle is of", async (page) => {
  const handle = await page.evaluateHandle(async () => ({ list: [1] }));
  assert.deepEqual(await handle.jsonValue(), { list: [1] });
});

handles("an error of a script that gives a handle is the page's", async (page) => {
  const failing = () => {
    throw new RangeError("too far");
  };
  await assert.rejects(page.evaluateHandle(failing), {
    code: "ERR_EVALUATION",
    name: "RangeError",
    message: "too far",
  });
});

handles("properties are handles, by their names", async (page) => {
  const object = await page.evaluateHandle(() => ({ one: 1, body: document.body, [Symbol("s")]: 2 }));
  const properties = await object.getProperties();
  assert.deepEqual([...properties.keys()], ["one", "body"]);
  assert.ok(properties.get("body")?.asElement());
  assert.equal(await (await object.getProperty("one")).jsonValue(), 1);
});

handles("a handle that is disposed of is refused, and what it was of is free", async (page) => {
  const handle = await page.evaluateHandle(() => {
    const object = { big: true };
    Object.assign(window, { weak: new WeakRef(object) });
    return object;
  });
  await handle.dispose();
  assert.equal(handle.disposed, true);
  await assert.rejects(handle.jsonValue(), { code: "ERR_EVALUATION", message: /JSHandle is disposed/ });
  await assert.rejects(
    page.evaluate((object) => object, handle),
    /JSHandle is disposed/,
  );
  await page.cdp("HeapProfiler.collectGarbage");
  assert.equal(await page.evaluate(() => /** @type {any} */ (window).weak.deref()), undefined);
});

handles("a handle of a document that was replaced is refused", async (page) => {
  await page.goto(`${site}/`);
  const handle = there(await page.$("p"));
  await page.goto(`${site}/`);
  const refused = { code: "ERR_EVALUATION", message: /replaced by a navigation/ };
  await assert.rejects(
    handle.evaluate((element) => element.id),
    refused,
  );
  await assert.rejects(handle.click(), refused);
  await assert.rejects(handle.getProperties(), refused);
});

handles("a handle of another frame is refused", async (page) => {
  await page.goto(`${site}/framed`);
  const inner = there(await page.frames()[1].$("button"));
  await assert.rejects(
    page.evaluate((element) => element, inner),
    { code: "ERR_EVALUATION", message: /only in the context they were created/ },
  );
});

handles("a handle of another page is refused", async (page) => {
  /** @type {Promise<Page>} */
  const popup = new Promise((resolve) => void page.on("popup", resolve));
  await page.evaluate("window.opened = open('about:blank'); undefined");
  const handle = there(await (await popup).$("body"));
  await assert.rejects(
    page.evaluate((element) => element, handle),
    { code: "ERR_EVALUATION", message: /only in the context they were created/ },
  );
});

handles("a script with handles that navigates away is an error that says so", async (page) => {
  await page.goto(`${site}/`);
  const handle = there(await page.$("p"));
  const leave = () => {
    location.reload();
    return new Promise(() => {});
  };
  await assert.rejects(handle.evaluate(leave), { code: "ERR_EVALUATION", message: /navigation/ });
});

handles("a click brings an element into view, and is where it is", async (page) => {
  await page.setContent("<button style='margin-top: 3000px' onclick='this.textContent = event.isTrusted'>no</button>");
  const button = there(await page.$("button"));
  await button.click();
  assert.equal(await button.evaluate((element) => element.textContent), "true");
});

handles("an element of a frame is measured and clicked in the page", async (page) => {
  await page.goto(`${site}/framed`);
  const button = there(await page.frames()[1].$("button"));
  const box = there(await button.boundingBox());
  const corner = await page.$eval("iframe", (element) => element.getBoundingClientRect().x);
  assert.deepEqual([box.x, box.width, box.height], [corner + 8, 50, 20]);
  await button.evaluate((element) => element.setAttribute("onclick", "this.textContent = 'clicked'"));
  await button.click();
  assert.equal(await button.evaluate((element) => element.textContent), "clicked");
});

handles("an element that is in no document, not shown, or none is not clicked", async (page) => {
  await page.setContent("<p>text</p><b hidden>hidden</b>");
  const paragraph = there(await page.$("p"));
  const text = there((await paragraph.evaluateHandle((element) => element.firstChild)).asElement());
  await assert.rejects(text.click(), { code: "ERR_EVALUATION", message: /not of type HTMLElement/ });
  await assert.rejects(there(await page.$("b")).click(), { code: "ERR_EVALUATION", message: /not clickable/ });
  await paragraph.evaluate((element) => element.remove());
  await assert.rejects(paragraph.click(), { code: "ERR_EVALUATION", message: /detached/ });
});

handles("text is typed and keys are pressed in the element of a handle", async (page) => {
  await page.setContent("<input><input>");
  const [, second] = await page.$$("input");
  await second.type("tyed");
  await second.press("ArrowLeft");
  await second.press("ArrowLeft");
  await second.type("p");
  assert.deepEqual(await page.$$eval("input", (inputs) => inputs.map((input) => /** @type {any} */ (input).value)), [
    "",
    "typed",
  ]);
});

handles("options are chosen and files are given to the element of a handle", async (page) => {
  await page.setContent("<select><option>a<option>b</select><input type=file>");
  assert.deepEqual(await there(await page.$("select")).select("b"), ["b"]);
  const input = there(await page.$("input"));
  await input.uploadFile(__filename);
  assert.equal(
    await input.evaluate((element) => /** @type {any} */ (element).files[0].name),
    "puppeteer.handles.test.js",
  );
});

handles("an element knows whether it shows and where its boxes are", async (page) => {
  await page.setContent(
    "<p style='margin: 1px; border: 2px solid; padding: 3px; width: 50px; height: 20px; position: absolute; left: 0; top: 0'>a<b hidden>",
  );
  const [paragraph, hidden] = [there(await page.$("p")), there(await page.$("b"))];
  assert.deepEqual([await paragraph.isVisible(), await hidden.isVisible()], [true, false]);
  assert.deepEqual([await paragraph.isHidden(), await hidden.isHidden()], [false, true]);
  assert.equal(await hidden.boundingBox(), null);
  assert.equal(await hidden.boxModel(), null);
  const model = there(await paragraph.boxModel());
  assert.deepEqual([model.width, model.height], [60, 30]);
  assert.deepEqual(
    [model.margin[0], model.content[0]],
    [
      { x: 0, y: 0 },
      { x: 6, y: 6 },
    ],
  );
});

handles("a picture of an element is of its size", async (page) => {
  await page.setContent("<p style='width: 50px; height: 20px; background: red'>");
  const png = await there(await page.$("p")).screenshot();
  assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [50, 20]);
});

handles("what is waited for is a handle", async (page) => {
  await page.setContent("<div id=a></div>");
  const root = there(await page.$("div"));
  const waiting = root.waitForSelector("p", { visible: true });
  await page.evaluate(() => void setTimeout(() => (document.querySelectorAll("div")[0].innerHTML = "<p>come")));
  const found = there(await waiting);
  assert.equal(await found.evaluate((element) => element.textContent), "come");
  assert.equal(await page.waitForSelector("h1", { hidden: true }), null);
  const value = await page.waitForFunction((/** @type {any} */ element) => element.textContent, {}, found);
  assert.equal(await value.jsonValue(), "come");
});

handles("a wait that a signal ends rejects with its reason", async (page) => {
  const abort = new AbortController();
  const waiting = page.waitForSelector("h1", { signal: abort.signal });
  abort.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});

handles("a handle that is used after the page is over is ERR_PAGE_CLOSED", async (page) => {
  const handle = there(await page.$("body"));
  await page.close();
  await assert.rejects(handle.click(), { code: "ERR_PAGE_CLOSED" });
  await handle.dispose();
});
