// Puppeteer's own selectors, and locators.

const { test, afterEach } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { customQueryHandlers, Locator } = require("../..");
const { HERE, withPage } = require("../helpers/page.js");

/** @typedef {import("../..").Page} Page */

const ONLY_CDP = { skip: HERE !== "cdp chromium" && "the cdp engine's" };

/** @param {string} name @param {(page: Page) => Promise<void>} use */
const selectors = (name, use) => test(name, ONLY_CDP, () => withPage(use));

afterEach(() => customQueryHandlers.clear());

/** Runs in the page: how often somebody looks during some frames. */
async function newLooks() {
  const count = () => /** @type {any} */ (window).looks ?? 0;
  const before = count();
  for (let frames = 0; frames < 5; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
  return count() - before;
}

const SHADOWS = `<h1>Title</h1><p>one <b>two</b></p><button aria-label="Send it">x</button><div id=host></div>
  <script>
    host.attachShadow({ mode: "open" }).innerHTML = "<p class=in>three</p><div id=inner></div>";
    host.shadowRoot.querySelector("#inner").attachShadow({ mode: "open" }).innerHTML = "<p class=in>four</p>";
  </script>`;

for (const [selector, texts] of /** @type {[string, string[]][]} */ ([
  ["xpath///p", ["one two"]],
  ["xpath=//b", ["two"]],
  ["text/two", ["two"]],
  ["text/three", ["three"]],
  ["aria/Send it", ["x"]],
  ['aria/[role="button"]', ["x"]],
  ["pierce/.in", ["three", "four"]],
  ["::-p-text(two)", ["two"]],
  ["p::-p-text(one)", ["one two"]],
  ["::-p-xpath(//b)", ["two"]],
  ["::-p-aria(Send it)", ["x"]],
  ["#host >>>> .in", ["three"]],
  ["#host >>> .in", ["three", "four"]],
  [":scope >>> p", ["one two", "three", "four"]],
  ["b, ::-p-text(Title)", ["Title", "two"]],
  ["::-p-text(one) > b", ["two"]],
  ['::-p-text("three")', ["three"]],
])) {
  selectors(`${selector} finds ${texts.join(" and ")}`, async (page) => {
    await page.setContent(SHADOWS);
    const found = await page.$$(selector);
    assert.deepEqual(
      await Promise.all(found.map((handle) => handle.evaluate((element) => element.textContent))),
      texts,
    );
    const first = await page.$(selector);
    assert.equal(await first?.evaluate((element) => element.textContent), texts[0]);
    assert.equal(await page.$eval(selector, (element) => element.textContent), texts[0]);
    assert.deepEqual(await page.$$eval(selector, (elements) => elements.map((element) => element.textContent)), texts);
    assert.ok(await page.waitForSelector(selector));
  });
}

selectors("a selector of Puppeteer's own that finds nothing says so", async (page) => {
  await page.setContent(SHADOWS);
  assert.equal(await page.$("text/none"), null);
  assert.deepEqual(await page.$$("aria/none"), []);
  const missing = { code: "ERR_EVALUATION", message: /text\/none/ };
  await assert.rejects(page.click("text/none"), missing);
  await assert.rejects(
    page.$eval("text/none", (element) => element.id),
    missing,
  );
  await assert.rejects(page.$('aria/[level="1"]'), {
    code: "ERR_INVALID_OPTION",
    message: /Unknown aria attribute "level"/,
  });
  await assert.rejects(page.$("p >>>"), { code: "ERR_INVALID_OPTION", message: /deep combinators/ });
  for (const name of ["none", "toString"]) {
    await assert.rejects(page.$(`::-p-${name}(x)`), {
      code: "ERR_INVALID_OPTION",
      message: `Unknown selector type: ${name}; known are aria, pierce, xpath, text`,
    });
  }
});

selectors("actions take selectors of Puppeteer's own", async (page) => {
  await page.setContent("<button onclick='this.title = 1'>Press me</button><label>Name <input></label>");
  await page.click("text/Press me");
  await page.type("aria/Name", "typed");
  assert.equal(await page.$eval("button", (element) => /** @type {any} */ (element).title), "1");
  assert.equal(await page.$eval("input", (element) => /** @type {any} */ (element).value), "typed");
});

for (const selector of ["text/late", "aria/late", "div >>> b", "xpath///b"]) {
  selectors(`what comes later is waited for by ${selector}`, async (page) => {
    await page.setContent("<div></div>");
    const waiting = page.waitForSelector(selector);
    await page.evaluate(
      () =>
        void setTimeout(
          () => (document.querySelectorAll("div")[0].innerHTML = "<b role=note aria-label=late>late</b>"),
        ),
    );
    assert.equal(await (await waiting)?.evaluate((element) => element.tagName), "B");
  });
}

selectors("a wait by the accessibility tree ends with its time", async (page) => {
  await assert.rejects(page.waitForSelector("aria/none", { timeout: 20 }), {
    code: "ERR_TIMEOUT",
    message: "Waiting for selector `none` failed: Waiting failed: 20ms exceeded",
  });
});

selectors("a wait by the accessibility tree ends with its time though the page does not answer", async (page) => {
  const opened = once(page, "dialog");
  await page.evaluate("void setTimeout(alert)");
  const [dialog] = await opened;
  await assert.rejects(page.waitForSelector("aria/none", { timeout: 20 }), {
    code: "ERR_TIMEOUT",
    message: "Waiting for selector `none` failed: Waiting failed: 20ms exceeded",
  });
  await dialog.dismiss();
});

selectors("a step of the accessibility tree leads to others, as many as there are", async (page) => {
  await page.setContent(`<ul>${"<li role=listitem><a href='#'>go <b>on</b></a>".repeat(150)}</ul>`);
  assert.equal((await page.$$('aria/[role="link"]')).length, 150);
  assert.equal((await page.$$('ul ::-p-aria([role="link"]) b')).length, 150);
  const first = await page.$('::-p-aria([role="listitem"]) ::-p-aria([role="link"]) b');
  assert.equal(await first?.evaluate((element) => element.closest("li")?.previousSibling), null);
  assert.equal(await page.$('::-p-aria([role="link"]) i'), null);
});

selectors("a program's own kind of selector finds by its functions", async (page) => {
  customQueryHandlers.register("byTitle", {
    queryAll(node, value) {
      return node.querySelectorAll(`[title="${value}"]`);
    },
  });
  customQueryHandlers.register("byId", { queryOne: (_node, value) => document.getElementById(value) });
  await page.setContent("<p title=t>one<p title=t>two<p id=a>three");
  assert.equal((await page.$$("byTitle/t")).length, 2);
  assert.equal(await page.$eval("byId/a", (element) => element.textContent), "three");
  assert.equal(await page.$eval("body ::-p-byTitle(t)", (element) => element.textContent), "one");
  assert.deepEqual(customQueryHandlers.names(), ["byTitle", "byId"]);
  customQueryHandlers.unregister("byId");
  await assert.rejects(page.$("byId/a"), { code: "ERR_EVALUATION" });
});

test("a kind of selector that cannot be is refused", () => {
  const refused = { code: "ERR_INVALID_OPTION" };
  assert.throws(() => customQueryHandlers.register("a/b", { queryOne: () => null }), refused);
  assert.throws(() => customQueryHandlers.register("none", {}), refused);
  assert.throws(() => customQueryHandlers.unregister("none"), refused);
  customQueryHandlers.register("one", { queryOne: () => null });
  assert.throws(() => customQueryHandlers.register("one", { queryOne: () => null }), refused);
});

selectors("a locator clicks what comes, shows and is enabled later", async (page) => {
  await page.setContent("<body></body>");
  const clicked = page.locator("button").click();
  await page.evaluate(() => {
    document.body.innerHTML = "<button hidden disabled onclick='this.title = 1' style='margin-top: 3000px'>b</button>";
  });
  await page.$eval("button", (element) => element.toggleAttribute("hidden"));
  await page.$eval("button", (element) => element.toggleAttribute("disabled"));
  await clicked;
  assert.equal(await page.$eval("button", (element) => /** @type {any} */ (element).title), "1");
});

for (const [what, html, value] of [
  ["an input", "<input>", "typed"],
  ["an input that has another value", "<input value=other>", "typed"],
  ["an input that has its beginning", "<input value=ty>", "typed"],
  ["a textarea", "<textarea></textarea>", "typed"],
  ["a select", "<select><option>a<option>b</select>", "b"],
  ["a color", "<input type=color>", "#333333"],
]) {
  selectors(`a locator fills ${what}`, async (page) => {
    await page.setContent(html);
    await page.locator("input, textarea, select").fill(value);
    assert.equal(await page.$eval("input, textarea, select", (element) => /** @type {any} */ (element).value), value);
  });
}

for (const [what, html] of [
  ["a checkbox", "<input type=checkbox>"],
  ["an element with a role", "<p role=switch onclick='this.ariaChecked = this.ariaChecked !== `true`'>on</p>"],
]) {
  selectors(`a locator checks ${what}, if it is not checked yet, and takes that back`, async (page) => {
    await page.setContent(html);
    const checked = () =>
      page.$eval("input, p", (element) => ("checked" in element ? element.checked : element.ariaChecked === "true"));
    const states = [];
    for (const wanted of [true, true, false, false]) {
      await page.locator("input, p").fill(wanted);
      states.push(await checked());
    }
    assert.deepEqual(states, [true, true, false, false]);
  });
}

selectors("a locator fills in a long text without keys", async (page) => {
  await page.setContent("<textarea onkeydown='document.title += 1'></textarea>");
  await page.locator("textarea").fill("x".repeat(500));
  await page.locator("textarea").fill("abc", { typingThreshold: 3 });
  assert.deepEqual([await page.title(), await page.$eval("textarea", ({ value }) => value)], ["", "abc"]);
});

selectors("a locator's value is mapped and filtered in the page", async (page) => {
  await page.setContent("<p>one</p>");
  const found = page
    .locator("p")
    .filter((element) => element.hasAttribute("title"))
    .map((element) => element.getAttribute("title"))
    .wait();
  await page.$eval("p", (element) => element.setAttribute("title", "t"));
  assert.equal(await found, "t");
});

selectors("the first of several locators that finds something is used", async (page) => {
  await page.setContent("<button onclick='this.title += 1'>b</button>");
  await Locator.race([page.locator("h1"), page.locator("button")]).click();
  assert.equal(await page.$eval("button", (element) => /** @type {any} */ (element).title), "1");
});

selectors("a locator gives up when its time is over, or when a signal comes", async (page) => {
  await assert.rejects(page.locator("h1").setTimeout(20).click(), {
    code: "ERR_TIMEOUT",
    message: "Timed out after waiting 20ms",
  });
  const abort = new AbortController();
  const waiting = page.locator("h1").wait({ signal: abort.signal });
  abort.abort();
  await assert.rejects(waiting, { name: "AbortError" });
});

for (const [what, html, use, cause] of /** @type {[string, string, (page: Page) => Promise<unknown>, string][]} */ ([
  [
    "finds nothing",
    "",
    (page) => page.locator("h1").setTimeout(200).click(),
    'page.locator("h1").click: nothing was found',
  ],
  [
    "finds what does not fit",
    "<h1 hidden>a</h1>",
    (page) => page.locator("h1").setVisibility("visible").setTimeout(200).wait(),
    'page.locator("h1").wait: what was found is not visible',
  ],
  [
    "finds what is never enabled",
    "<button disabled>a</button>",
    (page) =>
      Locator.race([page.mainFrame().locator("button")])
        .setTimeout(500)
        .click(),
    'Locator.race([frame.locator("button")]).click: what was found did not come into view, come to rest or be enabled',
  ],
])) {
  selectors(`a locator that ${what} says so, and what it looks for`, async (page) => {
    await page.setContent(html);
    await assert.rejects(use(page), (/** @type {any} */ error) => {
      assert.deepEqual([error.name, error.code, error.cause.message], ["TimeoutError", "ERR_TIMEOUT", cause]);
      return true;
    });
  });
}

selectors("the error that a locator's mapper has thrown last is a cause of its timeout", async (page) => {
  await page.setContent("<h1>a</h1>");
  const mistaken = page.locator("h1").map((element) => /** @type {any} */ (element).none.of.it);
  await assert.rejects(mistaken.setTimeout(500).wait(), (/** @type {any} */ error) => {
    assert.match(
      error.cause.message,
      /^page\.locator\("h1"\)\.map\(\.\.\.\)\.wait: Cannot read properties of undefined/,
    );
    assert.equal(error.cause.cause.code, "ERR_EVALUATION");
    return true;
  });
});

for (const [what, use] of /** @type {[string, (page: Page) => Promise<unknown>][]} */ ([
  ["CSS that is none", (page) => page.locator("h1[").click()],
  ["a kind of selector that there is not", (page) => page.locator("::-p-none(x)").wait()],
  ["a race with one of these", (page) => Locator.race([page.locator("h1"), page.locator("h1[")]).wait()],
  ["options of a click that are none", (page) => page.locator("body").click(/** @type {any} */ ({ delay: "long" }))],
  ["no options of a click", (page) => page.locator("body").click(/** @type {any} */ (null))],
  ["a value that is no text", (page) => page.locator("body").fill(/** @type {any} */ (1))],
])) {
  selectors(`a locator does not try again what cannot be: ${what}`, async (page) => {
    await assert.rejects(use(page), { code: "ERR_INVALID_OPTION" });
  });
}

selectors("what a locator is set to is checked", async (page) => {
  const locator = /** @type {any} */ (page.locator("h1"));
  for (const [method, wrong] of /** @type {[string, unknown][]} */ ([
    ["setVisibility", "shown"],
    ["setWaitForEnabled", 1],
    ["setEnsureElementIsInTheViewport", "no"],
    ["setWaitForStableBoundingBox", undefined],
    ["map", "element"],
    ["filterHandle", null],
  ])) {
    assert.throws(() => locator[method](wrong), {
      code: "ERR_INVALID_OPTION",
      message: new RegExp(`locator.${method}`),
    });
  }
  assert.throws(() => Locator.race(/** @type {any} */ (undefined)), { code: "ERR_INVALID_OPTION" });
});

test("a locator is refused where there are no handles", { skip: HERE === "cdp chromium" && "it has handles" }, () =>
  withPage(async (page) => {
    assert.throws(() => page.locator("h1"), { code: "ERR_UNSUPPORTED", message: /the cdp engine can$/ });
  }),
);

/** Runs in the page: notes its paragraphs, takes them away, and tells later which of them somebody holds still. */
const paragraphs = {
  drop() {
    const all = [...document.querySelectorAll("p")];
    /** @type {any} */ (window).dropped = all.map((each) => new WeakRef(each));
    for (const each of all) each.remove();
  },
  /** The browser's own accessibility tree lets go of what is gone with the next frame. */
  async frame() {
    for (let frames = 0; frames < 2; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
  },
  held: () => /** @type {any} */ (window).dropped.filter((/** @type {any} */ each) => each.deref()).length,
};

/** How many of its paragraphs are held though the page has them no more. @param {Page} page */
async function held(page) {
  await page.evaluate(paragraphs.drop);
  await page.evaluate(paragraphs.frame);
  await page.cdp("HeapProfiler.collectGarbage");
  return await page.evaluate(paragraphs.held);
}

for (const [what, use] of /** @type {[string, (page: Page) => Promise<unknown>][]} */ ([
  [
    "is not visible",
    (page) =>
      page
        .locator("p")
        .setVisibility("hidden")
        .setTimeout(300)
        .wait()
        .catch(() => {}),
  ],
  [
    "does not pass a filter",
    (page) =>
      page
        .locator("p")
        .filterHandle(() => false)
        .setTimeout(300)
        .wait()
        .catch(() => {}),
  ],
  [
    "has passed a filter",
    (page) =>
      page
        .locator("p")
        .filter(() => true)
        .wait(),
  ],
  [
    "was mapped",
    (page) =>
      page
        .locator("p")
        .map((element) => element.textContent)
        .wait(),
  ],
  [
    "lost a race",
    async (page) => {
      const race = () => Locator.race([page.locator("p"), page.locator("p")]).wait();
      for (let races = 0; races < 20; races++) await race();
    },
  ],
  ["was clicked", (page) => page.locator("p").click()],
  [
    "was waited for in vain",
    (page) => {
      const abort = new AbortController();
      const waiting = page.waitForSelector("p", { signal: abort.signal }).catch(() => {});
      setImmediate(() => abort.abort());
      return waiting;
    },
  ],
  [
    "was on the way to others",
    (page) => page.$eval("::-p-xpath(//p) ::-p-aria(b)", (element) => element.id).catch(() => {}),
  ],
])) {
  selectors(`nothing holds what ${what}`, async (page) => {
    await page.setContent("<p>a</p><p>b</p>");
    await use(page);
    assert.equal(await held(page), 0);
  });
}

selectors("what a handle is of is held", async (page) => {
  await page.setContent("<p>a</p><p>b</p>");
  const handle = await page.$("p");
  assert.equal(await held(page), 1);
  await handle?.dispose();
});

selectors("a locator of a page that is over is ERR_PAGE_CLOSED", async (page) => {
  const locator = page.locator("h1");
  await page.close();
  await assert.rejects(locator.wait(), { code: "ERR_PAGE_CLOSED" });
});

selectors("what a race of locators has lost looks no more in the page", async (page) => {
  await page.setContent("<h1>here</h1>");
  const never = page.locator(() => {
    const counted = /** @type {any} */ (window);
    counted.looks = (counted.looks ?? 0) + 1;
    return null;
  });
  await Locator.race([never, page.locator("h1")]).wait();
  assert.equal(await page.evaluate(newLooks), 0);
});

test("a race of locators ends with its page", ONLY_CDP, async () => {
  /** @type {Promise<unknown> | undefined} */
  let waiting;
  await withPage(async (page) => {
    const inner = Locator.race([page.locator("h2"), page.locator("h3")]);
    waiting = Locator.race([page.locator("h1"), inner])
      .setTimeout(10_000)
      .wait();
    waiting.catch(() => {});
    await page.title();
  });
  await assert.rejects(async () => await waiting, { code: "ERR_PAGE_CLOSED" });
});
