// Option `browser` as a function: other options for each worker, which it is asked for when the worker's browser is launched.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { openTown, deferred, busyPid, runNode } = require("../helpers/town.js");
const { BROWSER, ENGINE } = require("../helpers/pair.js");

const CHROMIUM = { timeout: 120_000, skip: BROWSER !== "chromium" && "by arguments of Chromium" };

/** @param {number} number @returns {import("../..").BrowserOptions} */
const named = (number) => ({ sandbox: false, args: [`--user-agent=worker ${number}`] });

/** @param {import("../..").Page} page */
const agent = (page) => page.evaluate(() => navigator.userAgent);

/**
 * So many items at a time, each on a worker of its own.
 * @param {import("../..").Town<any, any>} town
 * @param {number} count
 */
async function onEach(town, count) {
  const all = deferred();
  let running = 0;
  const items = Array.from({ length: count }, () =>
    town.queue(async (/** @type {any} */ page, /** @type {any} */ next) => {
      running += 1;
      if (running === count) all.resolve();
      await all.promise;
      return [next.worker.id, next.worker.place, await agent(page)];
    }),
  );
  return (await Promise.all(items)).sort(([one], [other]) => one - other);
}

test("each worker's browser has its own options, by the worker's number and place", CHROMIUM, async () => {
  /** @type {number[][]} */
  const asked = [];
  const town = openTown({
    workerCount: 3,
    browser: (...numbers) => {
      asked.push(numbers);
      return named(numbers[0]);
    },
  });
  await town.ready();
  assert.deepEqual(asked.sort(), [
    [1, 0],
    [2, 1],
    [3, 2],
  ]);
  assert.deepEqual(await onEach(town, 3), [
    [1, 0, "worker 1"],
    [2, 1, "worker 2"],
    [3, 2, "worker 3"],
  ]);
  assert.deepEqual(
    town.stats().workers.map(({ id, place }) => [id, place]),
    [
      [1, 0],
      [2, 1],
      [3, 2],
    ],
  );
});

test("a worker in another's place is asked for anew: after a death, and after its last item", CHROMIUM, async () => {
  const town = openTown({ workerCount: 2, workerDeath: 3, browser: (worker) => named(worker) });
  await town.ready();
  const gone = once(town, "workerExit");
  /** @type {any} */
  let before;
  const after = await town.queue(async (page, next) => {
    if (next.attempt === 1) {
      before = next.worker;
      process.kill(busyPid(town), "SIGKILL");
      await page.waitForSelector("#never", { timeout: 0 });
    }
    return [next.worker, await agent(page)];
  });
  await gone;
  assert.equal(after[1], `worker ${after[0].id}`);
  await town.ready();
  const [one, other] = await onEach(town, 2);
  assert.deepEqual([one[1], other[1]].sort(), [0, 1]);
  const successor = town.stats().workers.find(({ place, id }) => place === before.place && id !== before.id);
  assert.ok(successor, JSON.stringify(town.stats().workers));
  /** @type {Set<string>} */
  const agents = new Set();
  for (let count = 0; count < 8; count += 1) {
    const [worker, name] = await town.queue(async (page, next) => [next.worker, await agent(page)]);
    assert.equal(name, `worker ${worker.id}`);
    assert.ok(worker.place < 2);
    agents.add(name);
  }
  assert.ok(agents.size > 2, [...agents].join());
});

test("a larger town asks for its new workers", CHROMIUM, async () => {
  const town = openTown({ workerCount: 1, browser: async (worker) => named(worker) });
  await town.ready();
  town.resize(2);
  assert.deepEqual(await onEach(town, 2), [
    [1, 0, "worker 1"],
    [2, 1, "worker 2"],
  ]);
});

test("a function that fails is asked again, and what waits runs then", CHROMIUM, async () => {
  let calls = 0;
  const town = openTown({
    workerCount: 1,
    browser: (worker) => {
      calls += 1;
      if (calls === 1) throw new Error("no proxy is free");
      if (calls === 2) return /** @type {any} */ ({ args: "--a" });
      return named(worker);
    },
  });
  /** @type {string[]} */
  const reasons = [];
  town.on("workerExit", (_worker, reason) => reasons.push(reason));
  const item = town.queue(agent);
  assert.equal(await item, "worker 3");
  assert.deepEqual([item.attempts, calls], [1, 3]);
  // Of two workers whose ends overlap, either may be told of first.
  reasons.sort();
  assert.match(reasons[0], /^worker 1: option "browser", a function, failed: no proxy is free$/);
  assert.match(
    reasons[1],
    /^worker 2: option "browser", a function, gave what is no use: .*"browser\.args" must be an array/,
  );
});

/** @type {[string, any, { code: string, message: RegExp }][]} */
const WRONG = [
  [
    "undefined",
    () => undefined,
    { code: "ERR_INVALID_OPTION", message: /worker \d: .*option "browser" must be an object, and is missing/ },
  ],
  ["null", () => null, { code: "ERR_INVALID_OPTION", message: /option "browser" must be an object, got null/ }],
  ["a function", () => () => ({}), { code: "ERR_INVALID_OPTION", message: /option "browser" must be an object/ }],
  [
    "a path of the wrong type",
    () => ({ path: 5 }),
    { code: "ERR_INVALID_OPTION", message: /option "browser\.path" must be a string/ },
  ],
  [
    "an argument of boomtown's own",
    () => ({ args: ["--user-data-dir=/a"] }),
    { code: "ERR_INVALID_OPTION", message: /must not have --user-data-dir/ },
  ],
  [
    "what cannot be beside each other",
    () => ({ url: "http://127.0.0.1:1", path: "/a" }),
    { code: "ERR_INVALID_OPTION", message: /"browser\.path" has no effect beside "browser\.url"/ },
  ],
  [
    "capabilities that are no JSON",
    () => ({ capabilities: { a: 1n } }),
    { code: "ERR_INVALID_OPTION", message: /must be JSON/ },
  ],
  [
    "no browser's path",
    () => ({ path: "/nowhere/chromium" }),
    { code: "ERR_BROWSER_NOT_FOUND", message: /worker \d: .*\/nowhere\/chromium/ },
  ],
  [
    "what it throws",
    () => {
      throw new Error("mine");
    },
    { code: "ERR_BROWSER_LAUNCH", message: /failed: mine/ },
  ],
  [
    "a rejected promise of no Error",
    () => Promise.reject("mine"),
    { code: "ERR_BROWSER_LAUNCH", message: /failed: "mine"/ },
  ],
];

for (const [what, browser, expected] of WRONG) {
  test(`a function that always gives ${what} is why items reject, after several launches`, {
    timeout: 60_000,
  }, async () => {
    const town = openTown({ browser });
    const item = town.queue(() => assert.fail("ran without a browser"));
    await Promise.all([assert.rejects(town.ready(), expected), assert.rejects(item, { ...expected, id: item.id })]);
    assert.equal(item.attempts, 0);
  });
}

test("a promise that never settles is a launch that takes too long", { timeout: 60_000 }, async () => {
  const town = openTown({ launchTimeout: 50, browser: () => new Promise(() => {}) });
  const message =
    /the browser, with what the option "browser" had to say of it, was not ready within launchTimeout, 50 ms/;
  await assert.rejects(town.ready(), { code: "ERR_BROWSER_LAUNCH", message });
});

test("a town that waits for the function can be closed, and what it says later does nothing", CHROMIUM, async () => {
  const [asked, answer] = [deferred(), deferred()];
  const town = openTown({
    browser: async () => {
      asked.resolve();
      await answer.promise;
      return named(1);
    },
  });
  const item = town.queue(agent);
  await asked.promise;
  await Promise.all([town.close(), assert.rejects(item, { code: "ERR_TOWN_CLOSED" })]);
  answer.resolve();
  await new Promise(setImmediate);
  assert.deepEqual(town.stats().workers, []);
});

test("a worker without a browser does not keep the others from their items", CHROMIUM, async () => {
  const town = openTown({
    workerCount: 2,
    browser: (worker, place) => {
      if (place === 1) throw new Error("no proxy is free");
      return named(worker);
    },
  });
  const warned = once(town, "warning");
  assert.equal(await town.queue(agent), "worker 1");
  const [warning] = await warned;
  assert.match(warning.message, /the others go on: .*no proxy is free/);
  assert.equal(await town.queue(agent), "worker 1");
});

test("an unknown option of several workers is one warning", CHROMIUM, async () => {
  const town = openTown({
    workerCount: 2,
    browser: (worker) => /** @type {any} */ ({ ...named(worker), argz: [] }),
  });
  /** @type {string[]} */
  const warnings = [];
  town.on("warning", ({ message }) => warnings.push(message));
  await town.ready();
  await town.queue(agent);
  assert.deepEqual(
    warnings.filter((message) => message.includes("unknown")),
    ['boomtown: unknown option "browser.argz"; did you mean "browser.args"?'],
  );
});

test("each worker's output goes where its own options say", CHROMIUM, async () => {
  const { wrapped } = require("../helpers/town.js");
  const path = wrapped("echo mine");
  /** @type {string[]} */
  const lines = [];
  const town = openTown({
    workerCount: 2,
    browser: (worker) => ({
      ...named(worker),
      path,
      stdio: worker === 1 ? (line, _stream, number) => line === "mine" && lines.push(`${line} ${number}`) : "ignore",
    }),
  });
  await town.ready();
  await onEach(town, 2);
  assert.deepEqual([...new Set(lines)], ["mine 1"]);
});

test("what the town's engine cannot start is told with the worker", {
  timeout: 60_000,
  skip: ENGINE !== "cdp" && "of the cdp engine",
}, async () => {
  const town = openTown({ browser: () => ({ name: "firefox" }) });
  await assert.rejects(town.ready(), { code: "ERR_UNSUPPORTED", message: /^worker \d: .*engine "webdriver" can/ });
});

test("a town whose function is at work does not keep its program", { timeout: 60_000 }, async () => {
  const program = runNode(
    `boomtown({ ...options, mode: "inline", browser: () => new Promise(() => {}) }).on("queue", () => {});`,
  );
  assert.equal((await program.exited).code, 0);
});
