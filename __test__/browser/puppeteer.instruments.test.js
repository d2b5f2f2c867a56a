// What a program measures of the page with Puppeteer's names: what assistive technology gets, what is covered, a trace.

const { before, test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const boomtown = require("../..");
const { feature, scratch, withPage } = require("../helpers/page.js");
const { ENGINE, browserOptions } = require("../helpers/pair.js");
const { serve } = require("../helpers/server.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/script": `<script>function used() { return 1 }
function unused() { return 2 }
used();</script>`,
    "/style": "<style>b { color: red } i { color: blue }</style><b>text</b>",
    "/else": "<title>else</title>",
  });
});

feature("accessibility", "a snapshot is what matters to a person, of each thing what it says", async (page) => {
  await page.setContent(`<title>form</title><h1>one <i>two</i></h1><div><div><button aria-pressed=mixed disabled>go</button></div></div>
    <input aria-label=name value=me required><ul><li>item</ul>`);
  const snapshot = await page.accessibility.snapshot();
  assert.ok(snapshot?.children);
  assert.deepEqual([snapshot.role, snapshot.name], ["RootWebArea", "form"]);
  const by = (/** @type {string} */ role) => snapshot.children?.find((node) => node.role === role);
  assert.deepEqual({ ...by("heading") }, { role: "heading", name: "one two", level: 1 });
  assert.deepEqual({ ...by("button") }, { role: "button", name: "go", disabled: true, pressed: "mixed" });
  assert.deepEqual([by("textbox")?.value, by("textbox")?.required], ["me", true]);
  assert.equal(by("generic"), undefined);
  const button = await by("button")?.elementHandle();
  assert.equal(await button?.evaluate((element) => element.textContent), "go");
});

feature("accessibility", "a snapshot begins with an element, and tells of all on demand", async (page) => {
  await page.setContent("<p id=empty></p><div><button>go</button></div>");
  const [button, div] = [await page.$("button"), await page.$("div")];
  assert.ok(button && div);
  const root = await page.accessibility.snapshot({ root: button });
  assert.deepEqual({ ...root }, { role: "button", name: "go" });
  assert.equal(await page.accessibility.snapshot({ root: div }), null);
  const all = await page.accessibility.snapshot({ root: div, interestingOnly: false });
  assert.equal(all?.children?.[0].children?.[0].role, "StaticText");
  await button.evaluate((element) => element.remove());
  assert.equal(await page.accessibility.snapshot({ root: button }), null);
});

feature("accessibility", "a snapshot looks into frames on demand, whatever process they are in", async (page) => {
  await page.goto(`${site}/else`);
  await page.setContent(`<iframe src="${site.replace("127.0.0.1", "localhost")}/style"></iframe>`);
  const roles = (/** @type {any} */ node) => [node.role, ...(node.children ?? []).flatMap(roles)];
  assert.equal(roles(await page.accessibility.snapshot()).includes("StaticText"), false);
  const seen = roles(await page.accessibility.snapshot({ includeIframes: true }));
  assert.deepEqual(seen, ["RootWebArea", "Iframe", "RootWebArea", "StaticText"]);
});

feature("coverage", "what a script has run is told by its places", async (page) => {
  await page.coverage.startJSCoverage();
  await assert.rejects(page.coverage.startJSCoverage(), /JSCoverage is already enabled/);
  await page.goto(`${site}/script`);
  await page.evaluate("1 + 1");
  const entries = await page.coverage.stopJSCoverage();
  assert.deepEqual([entries.length, entries[0].url], [1, `${site}/script`]);
  const { text, ranges } = entries[0];
  const used = ranges.map(({ start, end }) => text.slice(start, end)).join("");
  assert.ok(used.includes("return 1") && !used.includes("return 2"), used);
  await assert.rejects(page.coverage.stopJSCoverage(), /JSCoverage is not enabled/);
});

feature("coverage", "another document takes away what was covered", async (page) => {
  await page.coverage.startJSCoverage();
  await page.coverage.startCSSCoverage();
  await page.goto(`${site}/script`);
  await page.goto(`${site}/style`);
  await page.goto(`${site}/else`);
  assert.deepEqual(await page.coverage.stopJSCoverage(), []);
  assert.deepEqual(await page.coverage.stopCSSCoverage(), []);
});

feature("coverage", "the rules of a style sheet that apply are told", async (page) => {
  await page.coverage.startCSSCoverage();
  await page.goto(`${site}/style`);
  const [{ url, text, ranges }] = await page.coverage.stopCSSCoverage();
  assert.equal(url, `${site}/style`);
  assert.deepEqual(
    ranges.map(({ start, end }) => text.slice(start, end)),
    ["b { color: red }"],
  );
});

feature("tracing", "a trace is refused where pages of several items share the browser", async (page) => {
  const file = path.join(scratch(), "trace.json");
  const shared = boomtown({ workerCount: 1, pageCount: 2, engine: ENGINE, browser: browserOptions() });
  const another = await shared.acquire();
  await assert.rejects(another.tracing.start(), /Tracing/);
  await shared.close();
  await page.tracing.start({ path: file, categories: ["-*", "devtools.timeline"] });
  await assert.rejects(page.tracing.start(), { code: "ERR_INVALID_OPTION", message: /stop it first/ });
  await page.setContent("<p>text");
  const trace = await page.tracing.stop();
  assert.ok(JSON.parse(Buffer.from(trace).toString()).traceEvents.length > 0);
  assert.deepEqual(fs.readFileSync(file), Buffer.from(trace));
  await assert.rejects(page.tracing.stop(), { code: "ERR_INVALID_OPTION", message: /start one first/ });
});

feature(
  "exposeFunction",
  "a function that was exposed is taken away again, and a module stands for its default",
  async (page) => {
    await page.exposeFunction("add", { default: (/** @type {number} */ a, /** @type {number} */ b) => a + b });
    assert.equal(await page.evaluate("add(1, 2)"), 3);
    await page.removeExposedFunction("add");
    assert.equal(await page.evaluate("typeof add"), "undefined");
    await page.reload();
    assert.equal(await page.evaluate("typeof add"), "undefined");
    await page.exposeFunction("fails", () => Promise.reject(null));
    assert.equal(await page.evaluate("fails().catch((error) => error)"), null);
  },
);

const skip = ENGINE === "webdriver" && "it has no handles";
test("a tag that was added comes as a handle, with the place of its file", { skip }, () =>
  withPage(async (page) => {
    const file = path.join(scratch(), "added.js");
    fs.writeFileSync(file, "window.fail = () => { throw new Error('here') }");
    const script = await page.addScriptTag({ path: file, id: "added" });
    assert.equal(await script.evaluate((element) => element.id), "added");
    assert.match(await page.evaluate("try { fail() } catch (error) { error.stack }"), /added\.js/);
    const style = await page.addStyleTag({ content: "p { color: red }" });
    assert.equal(await style.evaluate((element) => element.textContent), "p { color: red }");
    for (const options of [{}, { url: "a", content: "b" }, "/a.js"]) {
      await assert.rejects(page.addScriptTag(/** @type {any} */ (options)), {
        code: "ERR_INVALID_OPTION",
        message: "Exactly one of `url`, `path`, or `content` must be specified.",
      });
    }
  }),
);
