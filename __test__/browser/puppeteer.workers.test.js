// The page's workers, as Puppeteer has them.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { HERE, feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** @typedef {import("../..").Page} Page */

const skip = !HERE.startsWith("cdp") && "the cdp engine's";

/** @param {string} title @param {(page: Page) => Promise<void>} use */
const working = (title, use) => test(title, { skip }, () => withPage(use));

/** @type {string} */
let site;
/** Ends the answer that a worker's script is. */
let send = () => {};
before(async () => {
  site = await serve({
    "/": "<title>Site</title>",
    "/works": "<script>worker = new Worker('/worker.js')</script>",
    "/waits": "<script>worker = new Worker('/late.js')</script>",
    "/late.js": (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/javascript" }).write("self.answer = () => location.pathname");
      send = () => response.end();
    },
    "/worker.js": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/javascript" }).end("self.answer = () => 42"),
  });
});

working("a worker is there from its event until its end, as one object", async (page) => {
  const created = once(page, "workercreated");
  await page.goto(`${site}/works`);
  const [worker] = await created;
  assert.equal(worker.url(), `${site}/worker.js`);
  assert.deepEqual(page.workers(), [worker]);
  const destroyed = once(page, "workerdestroyed");
  await page.evaluate("worker.terminate()");
  assert.deepEqual(await destroyed, [worker]);
  assert.deepEqual(page.workers(), []);
});

feature("workers", "workers are there though nobody listens, and go with their document", async (page) => {
  assert.deepEqual(page.workers(), []);
  await page.goto(`${site}/works`);
  await page.waitForFunction("typeof worker === 'object'");
  const [worker] = page.workers();
  assert.equal(worker, page.workers()[0]);
  await page.goto(`${site}/`);
  // The browser may tell of a worker's end after the end of the next document's load.
  if (page.workers().length > 0) await once(page, "workerdestroyed");
  assert.deepEqual(page.workers(), []);
});

working("a worker evaluates functions with arguments, and gives handles", async (page) => {
  const created = once(page, "workercreated");
  await page.goto(`${site}/works`);
  const [worker] = await created;
  assert.deepEqual(await worker.evaluate((/** @type {Date} */ date) => [date, 1n], new Date(5)), [new Date(5), 1n]);
  const handle = await worker.evaluateHandle("({ a: 1 })");
  assert.equal(await worker.evaluate((/** @type {any} */ object) => object.a, handle), 1);
  await assert.rejects(worker.evaluate("throw new RangeError('mine')"), { code: "ERR_EVALUATION", message: /mine/ });
});

working("a script for a new worker runs after the worker's own", async (page) => {
  const created = once(page, "workercreated");
  await page.goto(`${site}/waits`);
  const [worker] = await created;
  const answered = worker.evaluate("answer()");
  send();
  assert.equal(await answered, "/late.js");
});

working("a worker can be closed, and its handles are then refused", async (page) => {
  const created = once(page, "workercreated");
  await page.goto(`${site}/works`);
  const [worker] = await created;
  const handle = await worker.evaluateHandle("self");
  await Promise.all([once(page, "workerdestroyed"), worker.close()]);
  await assert.rejects(handle.getProperty("name"), /detached frame or worker/);
  await assert.rejects(worker.evaluate("1"), /detached frame or worker/);
});

working("what a worker writes to the console is its own, as handles", async (page) => {
  const [created, line] = [once(page, "workercreated"), once(page, "console")];
  await page.goto(`${site}/`);
  await page.evaluate(`void new Worker("data:text/javascript,console.log({ a: 1 })")`);
  const [[worker], [message]] = [await created, await line];
  const [handle] = message.args();
  assert.equal(await worker.evaluate("1 + 1"), 2);
  assert.equal(await worker.evaluate((/** @type {any} */ object) => object.a, handle), 1);
  assert.deepEqual(await handle.jsonValue(), { a: 1 });
});

working("what a frame writes to the console is its own, as handles", async (page) => {
  await page.goto(`${site}/`);
  const line = once(page, "console");
  await page.setContent("<iframe srcdoc='<script>console.log(document)</script>'></iframe>");
  const [message] = await line;
  const [handle] = message.args();
  assert.equal(await page.frames()[1].evaluate((/** @type {any} */ node) => node.nodeName, handle), "#document");
});

working("what a worker writes to the console and throws is the page's", async (page) => {
  const [line, error] = [once(page, "console"), once(page, "pageerror")];
  await page.goto(`${site}/`);
  const source = "console.log('from the worker'); throw new Error('of the worker')";
  await page.evaluate(`void new Worker(${JSON.stringify(`data:text/javascript,${source}`)})`);
  assert.equal((await line)[0].text(), "from the worker");
  assert.match((await error)[0].message, /of the worker/);
});

working(
  "a worker's console is told of to the worker's listeners and the page's, with handles of the worker",
  async (page) => {
    const created = once(page, "workercreated");
    await page.goto(`${site}/works`);
    const [worker] = await created;
    const [ofWorker, ofPage] = [once(worker, "console"), once(page, "console")];
    await worker.evaluate("console.log('said', [1, 2])");
    const [message] = await ofWorker;
    assert.deepEqual(await ofPage, [message]);
    assert.equal(message.text(), "said JSHandle@array");
    assert.deepEqual(await message.args()[1].jsonValue(), [1, 2]);
    assert.deepEqual(
      await message.args()[1].evaluate((/** @type {number[]} */ list) => [...list, self.constructor.name]),
      [...[1, 2], "DedicatedWorkerGlobalScope"],
    );
  },
);

working(
  "what a worker has written to the console can be used before anything was asked of that worker",
  async (page) => {
    const told = once(page, "console");
    await page.evaluate(() => {
      const text = "console.log({ a: [1, 2] }); addEventListener('message', () => {})";
      /** @type {any} */ (window).worker = new Worker(URL.createObjectURL(new Blob([text])));
    });
    const [message] = await told;
    assert.deepEqual(await message.args()[0].evaluate((/** @type {any} */ written) => written.a), [1, 2]);
  },
);

working("what a worker throws is told of to its listeners alone, if nobody else listens", async (page) => {
  const created = once(page, "workercreated");
  await page.goto(`${site}/works`);
  const [worker] = await created;
  const thrown = new Promise((resolve) => worker.once("error", resolve));
  await worker.evaluate("void setTimeout(() => { throw new TypeError('no') })");
  const error = await thrown;
  assert.deepEqual([error.name, error.message], ["TypeError", "no"]);
});
