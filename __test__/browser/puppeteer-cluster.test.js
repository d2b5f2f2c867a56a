// `boomtown/puppeteer-cluster` beside puppeteer-cluster itself: one program, run with the one and with the other, prints the same.
// Then what only ours does.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const puppeteerCore = require("puppeteer-core");
const { Cluster } = require("../../lib/puppeteer-cluster/index.js");
const { loadNative } = require("../../lib/load-native.js");
const { deferred, executable, scratch, wrapped } = require("../helpers/town.js");

const PROGRAM = path.join(__dirname, "../fixtures/puppeteer-cluster.js");
const OURS = "boomtown/puppeteer-cluster";
const LIMIT = { timeout: 120_000 };

const execute = promisify(execFile);

/** The browser that a town would choose. */
function browserPath() {
  const { browser } = loadNative().Core.survey(true);
  if ("code" in browser) throw new Error(browser.message);
  return browser.path;
}

/**
 * What the program prints.
 * @param {string} library
 * @param {string} use
 * @param {object} [options]
 */
async function run(library, use, options = {}) {
  const args = ["--no-warnings", PROGRAM, library, use, JSON.stringify(options)];
  const env = { ...process.env, PUPPETEER_EXECUTABLE_PATH: browserPath() };
  const { stdout } = await execute(process.execPath, args, { env });
  return stdout.split("\n").filter(Boolean);
}

/** What is told of, in words, and by which use of the program. @type {[string, string][]} */
const SAME = [
  ["tasks, their own functions, data and workers, and the events of the queue", "tasks"],
  ["a handler's page", "page"],
  ["retries, which go to the end of the queue, and taskerror", "retries"],
  ["timeouts", "timeouts"],
  ["duplicates", "duplicates"],
  ["the pauses of hosts", "hosts"],
  ["what the pages of each concurrency share", "cookies"],
  ["how many run at a time, and the numbers of their workers", "parallel"],
  ["options that are refused", "wrong"],
];

for (const [what, use] of SAME) {
  test(`a program prints the same: ${what}`, LIMIT, async () => {
    const ours = await run(OURS, use);
    assert.ok(ours.length > 0);
    assert.deepEqual(ours, await run("puppeteer-cluster", use));
  });
}

// What puppeteer-cluster prints too, when it ends: at times it waits for its browser for ever.
test("a program prints what it did of puppeteer-cluster: a task that closes its cluster", LIMIT, async () => {
  assert.deepEqual(await run(OURS, "closing"), ["task", "taskerror mine 1 false"]);
});

test(
  "what has no result when the cluster is closed rejects with ERR_TOWN_CLOSED, and ends no program",
  LIMIT,
  async () => {
    const [codes, end] = [
      new Array(5).fill("ERR_TOWN_CLOSED"),
      ["taskerror the job is not accepted: the cluster is closed 5 false"],
    ];
    assert.deepEqual(await run(OURS, "left"), [...codes, ...end, "idle"]);
  },
);

test("a cluster that is not closed does not keep its program, which ends when its jobs have", LIMIT, async () => {
  // The monitor, where it was first, has moved the cursor.
  assert.ok((await run(OURS, "unclosed")).some((line) => line.endsWith("task")));
});

/** @type {import("../../lib/puppeteer-cluster/index.js").Cluster[]} */
const clusters = [];
test.after(() => Promise.all(clusters.map((cluster) => cluster.close())));

/** @param {any} [options] @returns {Promise<import("../../lib/puppeteer-cluster/index.js").Cluster<any, any, any>>} */
async function launch(options) {
  const cluster = await Cluster.launch(options);
  clusters.push(cluster);
  return cluster;
}

test("ES modules have it by its name", async () => {
  const imported = await import("boomtown/puppeteer-cluster");
  assert.equal(imported.Cluster, Cluster);
});

test("a job that execute() would do twice gives undefined, and a retry is no duplicate", LIMIT, async () => {
  const cluster = await launch({ skipDuplicateUrls: true, retryLimit: 1 });
  let tries = 0;
  await cluster.task(async () => {
    tries += 1;
    if (tries === 1) throw new Error("the first time");
    return "done";
  });
  cluster.queue("http://a/");
  await cluster.idle();
  assert.equal(tries, 2);
  assert.equal(await cluster.execute("http://a/"), undefined);
  assert.equal(await cluster.execute("http://b/"), "done");
});

test("a job without a task fails, by taskerror or by its promise, and the next one runs", LIMIT, async () => {
  const cluster = await launch();
  const heard = once(cluster, "taskerror");
  cluster.queue("data");
  const [error, data, again] = await heard;
  assert.deepEqual(
    [error.message, error.code, data, again],
    ["No task function defined!", "ERR_INVALID_OPTION", "data", false],
  );
  await assert.rejects(cluster.execute("data"), { message: "No task function defined!" });
  assert.equal(await cluster.execute(async () => "ran"), "ran");
});

test("a task that is given in the turn of the first data, or after it, is theirs", LIMIT, async () => {
  const cluster = await launch();
  const result = cluster.execute("data");
  cluster.task(async ({ data }) => `${data} done`);
  assert.equal(await result, "data done");
});

test("what is no function is refused as a task", LIMIT, async () => {
  const cluster = await launch();
  const expected = { code: "ERR_INVALID_OPTION", message: /argument "taskFunction" must be a function/ };
  for (const wrong of [undefined, null, "task", {}])
    await assert.rejects(cluster.task(/** @type {any} */ (wrong)), expected);
  await assert.rejects(cluster.queue("data", /** @type {any} */ ("task")), expected);
  await assert.rejects(cluster.execute("data", /** @type {any} */ ({})), expected);
  await cluster.idle();
});

test("data whose url throws are refused when they are queued", LIMIT, async () => {
  const cluster = await launch({ skipDuplicateUrls: true });
  const data = {
    get url() {
      throw new Error("mine");
    },
  };
  await assert.rejects(
    cluster.queue(data, async () => {}),
    { message: "mine" },
  );
  await assert.rejects(
    cluster.execute(data, async () => {}),
    { message: "mine" },
  );
  await cluster.idle();
});

test("a listener that throws is the program's uncaught exception, and the next job runs", LIMIT, async () => {
  const cluster = await launch();
  const { uncaughtBy } = require("../helpers/town.js");
  cluster.on("taskerror", () => {
    throw new Error("mine");
  });
  const error = await uncaughtBy(() => cluster.queue("data", async () => Promise.reject(new Error("the task's"))));
  assert.equal(/** @type {Error} */ (error).message, "mine");
  assert.equal(await cluster.execute(async () => "ran"), "ran");
});

test("a job whose browser dies runs again, and is not told of", LIMIT, async () => {
  const file = path.join(scratch(), "pid");
  const cluster = await launch({ puppeteerOptions: { executablePath: wrapped(`echo $$ > ${file}`) } });
  let tries = 0;
  const title = await cluster.execute(async ({ page }) => {
    tries += 1;
    if (tries === 1) process.kill(Number(fs.readFileSync(file, "utf8")), "SIGKILL");
    await page.goto("data:text/html,<title>Again</title>");
    return page.title();
  });
  assert.deepEqual([title, tries], ["Again", 2]);
});

test("jobs that have no browser yet wait for workerCreationDelay, and all run", LIMIT, async () => {
  const cluster = await launch({
    concurrency: Cluster.CONCURRENCY_BROWSER,
    maxConcurrency: 2,
    workerCreationDelay: 50,
  });
  const both = [deferred(), deferred()];
  // Neither ends before the other runs.
  const results = both.map((mine, index) =>
    cluster.execute(async () => {
      mine.resolve();
      await both[1 - index].promise;
      return index;
    }),
  );
  assert.deepEqual(await Promise.all(results), [0, 1]);
});

test("without a limit several jobs run at a time", LIMIT, async () => {
  const cluster = await launch({ maxConcurrency: 0 });
  const both = [deferred(), deferred()];
  const results = both.map((mine, index) =>
    cluster.execute(async () => {
      mine.resolve();
      await both[1 - index].promise;
    }),
  );
  await Promise.all(results);
});

test(
  "each worker's browser has its own options and viewport, and its number, also after the browser's death",
  LIMIT,
  async () => {
    const file = path.join(scratch(), "pid");
    const own = (/** @type {string} */ name) => ({
      args: [`--user-agent=${name}`],
      defaultViewport: { width: name.length * 100, height: 50 },
    });
    const cluster = await launch({
      concurrency: Cluster.CONCURRENCY_BROWSER,
      maxConcurrency: 2,
      perBrowserOptions: [{ ...own("one"), executablePath: wrapped(`echo $$ > ${file}`) }, own("other")],
    });
    const look = (/** @type {any} */ page) => page.evaluate(() => [navigator.userAgent, innerWidth]);
    const both = [deferred(), deferred()];
    const found = await Promise.all(
      both.map((mine, index) =>
        cluster.execute(async ({ page, worker }) => {
          mine.resolve();
          await both[1 - index].promise;
          return [worker.id, ...(await look(page))];
        }),
      ),
    );
    assert.deepEqual(found.sort(), [
      [0, "one", 300],
      [1, "other", 500],
    ]);
    let tries = 0;
    process.kill(Number(fs.readFileSync(file, "utf8")), "SIGKILL");
    for (; tries < 20; tries += 1) {
      const [id, name] = await cluster.execute(async ({ page, worker }) => [worker.id, ...(await look(page))]);
      assert.equal(name, ["one", "other"][id]);
    }
  },
);

test("defaultViewport is each page's, and null is none", LIMIT, async () => {
  const size = async (/** @type {any} */ { page }) => page.evaluate(() => [innerWidth, innerHeight]);
  const cluster = await launch({ puppeteerOptions: { defaultViewport: { width: 300, height: 250 } } });
  assert.deepEqual(await cluster.execute(size), [300, 250]);
  await (await launch({ puppeteerOptions: { defaultViewport: null } })).execute(size);
});

test('page: "puppeteer" gives puppeteer-core\'s page, with its viewport', LIMIT, async () => {
  const cluster = await launch({ page: "puppeteer", puppeteerOptions: { slowMo: 1 } });
  const { Page } = await import("puppeteer-core");
  const found = await cluster.execute(async ({ page }) => {
    await page.goto("data:text/html,<title>Theirs</title>");
    return [page instanceof Page, await page.title(), page.viewport()];
  });
  assert.deepEqual(found, [true, "Theirs", { width: 800, height: 600 }]);
});

/** As puppeteer-extra has it. @param {object[]} plugins @returns {any} */
const withPlugins = (plugins) => ({ connect: puppeteerCore.connect.bind(puppeteerCore), plugins });

test(
  "a Puppeteer with plugins gives its own pages, which the plugins have been told of, as of the browser's options",
  LIMIT,
  async () => {
    const plugin = {
      beforeLaunch: (/** @type {any} */ options) => ({
        ...options,
        args: [...options.args, "--user-agent=plugged in"],
        userDataDir: "/nowhere",
        ignoreDefaultArgs: ["--enable-automation"],
      }),
      onPageCreated: (/** @type {any} */ page) => page.evaluateOnNewDocument("window.plugged = true"),
    };
    const cluster = await launch({ puppeteer: withPlugins([plugin, {}]) });
    const found = await cluster.execute(async ({ page }) => {
      await page.goto("data:text/html,");
      return [page instanceof puppeteerCore.Page, await page.evaluate("[window.plugged, navigator.userAgent]")];
    });
    assert.deepEqual(found, [true, [true, "plugged in"]]);
  },
);

test("a Puppeteer without plugins is not needed", LIMIT, async () => {
  const cluster = await launch({ puppeteer: puppeteerCore });
  assert.equal(await cluster.execute(async ({ page }) => page instanceof puppeteerCore.Page), false);
});

test("a browser that cannot be launched is why launch() rejects", LIMIT, async () => {
  await assert.rejects(Cluster.launch({ puppeteerOptions: { executablePath: "/nowhere/chromium" } }), {
    code: "ERR_BROWSER_NOT_FOUND",
    message: /^Unable to launch browser, error message: .*\/nowhere\/chromium/,
  });
  const broken = executable("#!/bin/sh\necho 'no display for me' >&2\nexit 7\n");
  await assert.rejects(Cluster.launch({ puppeteerOptions: { executablePath: broken } }), {
    code: "ERR_BROWSER_LAUNCH",
    message: /^Unable to launch browser, error message: .*no display for me/s,
  });
});

/** @type {[object, string, RegExp][]} */
const REFUSED = [
  [{ concurrency: class {} }, "ERR_UNSUPPORTED", /a class as option "concurrency".* puppeteer-cluster itself/],
  [{ concurrency: 4 }, "ERR_INVALID_OPTION", /^Unknown concurrency option: 4$/],
  [{ maxConcurrency: "2" }, "ERR_INVALID_OPTION", /^maxConcurrency must be of number type$/],
  [{ maxConcurrency: -1 }, "ERR_INVALID_OPTION", /option "maxConcurrency" must be an integer from 0 to 1000, got -1/],
  [{ maxConcurrency: Number.NaN }, "ERR_INVALID_OPTION", /option "maxConcurrency"/],
  [{ perBrowserOptions: [] }, "ERR_INVALID_OPTION", /^perBrowserOptions length must equal maxConcurrency$/],
  [{ perBrowserOptions: {} }, "ERR_INVALID_OPTION", /^perBrowserOptions length must equal maxConcurrency$/],
  [
    { perBrowserOptions: [{ args: "--a" }] },
    "ERR_INVALID_OPTION",
    /option "perBrowserOptions\[0\]\.args" must be an array/,
  ],
  [{ timeout: "5" }, "ERR_INVALID_OPTION", /option "timeout" must be a number/],
  [{ retryLimit: -1 }, "ERR_INVALID_OPTION", /option "retryLimit"/],
  [{ puppeteerOptions: "headless" }, "ERR_INVALID_OPTION", /option "puppeteerOptions" must be an object/],
  [{ puppeteerOptions: { args: [5] } }, "ERR_INVALID_OPTION", /option "puppeteerOptions\.args\[0\]" must be a string/],
  [
    { puppeteerOptions: { userDataDir: "/tmp/me" } },
    "ERR_UNSUPPORTED",
    /"puppeteerOptions\.userDataDir" cannot be had/,
  ],
  [{ puppeteerOptions: { debuggingPort: 9222 } }, "ERR_UNSUPPORTED", /"puppeteerOptions\.debuggingPort" cannot be had/],
  [
    { concurrency: 3, perBrowserOptions: [{ userDataDir: "/tmp/me" }] },
    "ERR_UNSUPPORTED",
    /"perBrowserOptions\[0\]\.userDataDir" cannot be had/,
  ],
  [{ puppeteer: { plugins: [{}] } }, "ERR_INVALID_OPTION", /option "puppeteer" must have a function connect/],
  [{ puppeteer: "puppeteer-extra" }, "ERR_INVALID_OPTION", /option "puppeteer" must be Puppeteer/],
];

for (const [options, code, message] of REFUSED) {
  test(`launch() refuses ${JSON.stringify(options, (_, value) => (typeof value === "function" ? "class" : value))}`, async () => {
    await assert.rejects(Cluster.launch(/** @type {any} */ (options)), { code, message });
  });
}

/** @type {[object, RegExp][]} */
const WARNED = [
  [{ perBrowserOptions: [{}] }, /option "perBrowserOptions" has no effect but with Cluster\.CONCURRENCY_BROWSER/],
  [
    { concurrency: 3, perBrowserOptions: [{ pipes: 1 }] },
    /unknown option "perBrowserOptions\[0\]\.pipes"; did you mean/,
  ],
  [{ maxConcurency: 2 }, /unknown option "maxConcurency"; did you mean "maxConcurrency"\?/],
  [
    { puppeteerOptions: { headles: true } },
    /unknown option "puppeteerOptions\.headles"; did you mean "puppeteerOptions\.headless"\?/,
  ],
  [
    { puppeteerOptions: { channel: "chrome" } },
    /option "puppeteerOptions\.channel" has no effect; name the browser by executablePath/,
  ],
  [{ puppeteerOptions: { slowMo: 5 } }, /option "puppeteerOptions\.slowMo" has no effect; use page: "puppeteer"/],
];

for (const [options, message] of WARNED) {
  test(`launch() warns of ${JSON.stringify(options)}`, LIMIT, async () => {
    /** @type {string[]} */
    const warnings = [];
    const listen = (/** @type {Error} */ warning) => warnings.push(warning.message);
    process.on("warning", listen);
    await launch(options);
    process.off("warning", listen);
    assert.deepEqual(warnings.filter((warning) => message.test(warning)).length, 1, warnings.join("\n"));
  });
}
