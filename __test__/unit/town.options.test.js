// Which options a town refuses, and which it only warns about. No town here lives long enough to need a browser.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const boomtown = require("../..");
const { BOOMTOWN } = require("../../lib/contract.js");
const { coreOptions, townOptions } = require("../../lib/options.js");
const { ENGINE, bareTown } = require("../helpers/town.js");

const REMOTE = "http://127.0.0.1:1";

/** @type {[any, RegExp][]} */
const REFUSED = [
  [{ workerCount: 0 }, /option "workerCount" must be an integer from 1 to 10000, got 0$/],
  [{ workerCount: "4" }, /option "workerCount" .*got '?"?4/],
  [{ workerCount: 1.5 }, /option "workerCount" .*got 1\.5$/],
  [{ workerCount: Number.NaN }, /option "workerCount" .*got NaN$/],
  [{ workerDeath: 0 }, /option "workerDeath" .*Infinity.*got 0$/],
  [{ workerShift: -2 }, /option "workerShift" .*-1 \(never\), got -2$/],
  [{ pageCount: 0 }, /option "pageCount"/],
  [{ pageDeath: -5 }, /option "pageDeath"/],
  [{ pageDeath: 2 ** 31 }, /option "pageDeath" .*2147483647/],
  [{ pageTries: "never" }, /option "pageTries"/],
  [{ phantomBinary: 5 }, /option "phantomBinary" must be a string/],
  [{ phantomFlags: { a: {} } }, /option "phantomFlags\.a"/],
  [{ mode: "thread" }, /option "mode" must be .*"auto".*"inline".*"cluster".*"thread"$/],
  [{ engine: "gecko" }, /option "engine" must be .*"webdriver".*"gecko"$/],
  [{ isolation: true }, /option "isolation" .*got true$/],
  [{ queueLimit: -1 }, /option "queueLimit"/],
  [{ errorTries: -1 }, /option "errorTries"/],
  [{ crashTries: 0 }, /option "crashTries"/],
  [{ retryDelay: { min: 5 } }, /option "retryDelay/],
  [
    { retryDelay: { min: 9, max: 5 } },
    /"retryDelay\.min" must be at most "retryDelay\.max", got \{ min: 9, max: 5 \}$/,
  ],
  [{ workerMemory: 0 }, /option "workerMemory"/],
  [{ launchTimeout: 0 }, /option "launchTimeout"/],
  [{ closeTimeout: null }, /option "closeTimeout" .*got null$/],
  [{ handleSignals: 1 }, /option "handleSignals" must be true or false, got 1$/],
  [{ browser: "chromium" }, /option "browser"/],
  [{ browser: { name: "opera" } }, /option "browser\.name" .*"chromium".*"opera"$/],
  [{ browser: { path: "" } }, /option "browser\.path" must be a string that is not empty/],
  [{ browser: { args: "--a" } }, /option "browser\.args" must be an array/],
  [{ browser: { args: ["--user-data-dir=/tmp/a"] } }, /option "browser\.args" must not have --user-data-dir=\/tmp\/a/],
  [{ browser: { args: ["--a", 5] } }, /option "browser\.args\b.*1.*got 5$/],
  [{ browser: { env: { A: 1 } } }, /option "browser\.env\.A" must be a string, got 1$/],
  [{ browser: { stdio: "pipe" } }, /option "browser\.stdio"/],
  [{ browser: { url: "no url" } }, /browser\.url must be .*"no url"/],
  [{ browser: { name: "firefox", sandbox: false } }, /"browser\.sandbox" has no effect with browser\.name "firefox"/],
  [{ browser: { name: "webkit" } }, /option "browser\.name" must be .*got "webkit"$/],
  [{ phantomBinary: "/a", browser: { path: "/b" } }, /"phantomBinary" has no effect beside "browser\.path"/],
  [{ browser: { url: REMOTE, path: "/b" } }, /"browser\.path" has no effect beside "browser\.url"/],
  [{ browser: { url: REMOTE, driver: "/d" } }, /"browser\.driver" has no effect beside "browser\.url"/],
  [{ browser: { url: REMOTE, env: { A: "1" } } }, /"browser\.env" has no effect beside "browser\.url"/],
  [{ browser: { url: REMOTE, stdio: "inherit" } }, /"browser\.stdio" has no effect beside "browser\.url"/],
  [{ browser: { url: REMOTE }, phantomBinary: "/b" }, /"phantomBinary" has no effect beside "browser\.url"/],
  [{ browser: { url: REMOTE }, workerMemory: 1e9 }, /"workerMemory" has no effect beside "browser\.url"/],
  [null, /must be an object, got null$/],
  ["fast", /must be an object/],
];

for (const [options, message] of REFUSED) {
  test(`the options ${JSON.stringify(options)} are refused by name, with the value seen`, () => {
    assert.throws(() => boomtown(options), { name: "TypeError", code: "ERR_INVALID_OPTION", message });
  });
}

test("beside browser.url, what reaches the remote session is allowed", async () => {
  const browser = { url: REMOTE, args: ["--a"], headless: false, sandbox: false, capabilities: { a: 1 } };
  await bareTown({ engine: "auto", browser: { ...browser, env: {}, stdio: "ignore" } }).close();
});

/** @type {[any, RegExp][]} */
const UNSUPPORTED = [
  [{ engine: "webdriver", isolation: "context" }, /isolation "context".*"page"/],
  [{ engine: "cdp", browser: { name: "firefox" } }, /browser\.name "firefox".*engine "webdriver" can/],
  [{ engine: "cdp", browser: { url: "http://127.0.0.1:9515" } }, /browser\.url.*engine "webdriver" can/],
  [{ engine: "cdp", browser: { driver: "/usr/bin/chromedriver" } }, /browser\.driver.*engine "webdriver" can/],
  [{ engine: "cdp", browser: { capabilities: { a: 1 } } }, /browser\.capabilities.*engine "webdriver" can/],
];

for (const [options, message] of UNSUPPORTED) {
  test(`the options ${JSON.stringify(options)} are ERR_UNSUPPORTED, naming what is supported`, () => {
    assert.throws(() => boomtown(options), { code: "ERR_UNSUPPORTED", message });
  });
}

test("an unknown option is the same warning of the process and of the town, and the town works", async () => {
  const ofProcess = new Promise((resolve) => {
    process.on("warning", (warning) => /workerCuont/.test(warning.message) && resolve(warning));
  });
  const town = bareTown(/** @type {any} */ ({ workerCuont: 2 }));
  /** @type {Error & { code?: string }} */
  const warning = await new Promise((resolve) => {
    town.on("warning", (heard) => /workerCuont/.test(heard.message) && resolve(heard));
  });
  assert.equal(warning.name, "BoomtownWarning");
  assert.equal(warning.code, "BOOMTOWN_UNKNOWN_OPTION");
  assert.match(warning.message, /unknown option "workerCuont"; did you mean "workerCount"\?/);
  assert.equal(await ofProcess, warning);
  assert.equal(town.isRunning, true);
  await town.close();
});

test("a PhantomJS as phantomBinary is ignored with a warning", async () => {
  const town = bareTown({ phantomBinary: "/usr/bin/phantomjs" });
  const warnings = await new Promise((resolve) => {
    /** @type {string[]} */
    const heard = [];
    town.on("warning", (warning) => {
      heard.push(warning.message);
      if (/phantomBinary/.test(warning.message)) resolve(heard);
    });
  });
  assert.match(warnings.at(-1), /phantomjs.*ignored.*Chromium/);
  await town.close();
});

test("the warning as root says how to have a sandbox, and that browser.sandbox only silences it", async (t) => {
  t.mock.method(/** @type {any} */ (process), "getuid", () => 0);
  const town = bareTown();
  const [{ message }] = await once(town, "warning");
  assert.match(
    message,
    /run the program as another user to have it; browser\.sandbox: false .*only ends this warning$/,
  );
  await town.close();
});

test("browser.sandbox: false ends the warning as root", (t) => {
  t.mock.method(/** @type {any} */ (process), "getuid", () => 0);
  const options = townOptions({ browser: { sandbox: false } }, () => assert.fail("it warned"), BOOMTOWN);
  coreOptions(options, () => assert.fail("it warned"), BOOMTOWN);
});

/** @type {[(town: any) => unknown, RegExp][]} */
const CALLS = [
  [(town) => town.resize(0), /^town\.resize: argument "workerCount" must be an integer from 1 to 10000, got 0$/],
  [(town) => town.queue({}, { priority: "high" }), /^town\.queue: option "priority" .*high/],
  [(town) => town.queue({}, { asap: 1 }), /^town\.queue: option "asap" must be true or false, got 1$/],
  [(town) => town.queue({}, { timeout: -5 }), /^town\.queue: option "timeout"/],
  [(town) => town.queue({}, { signal: {} }), /^town\.queue: option "signal" must be an AbortSignal/],
  [(town) => town.queue({}, { id: 7 }), /^town\.queue: option "id" must be a string/],
  [(town) => town.queue({}, { prio: 1 }), /^town\.queue: unknown option "prio"/],
  [(town) => town.queue({}, true, "next"), /^town\.queue: argument "next" must be a function/],
];

test("wrong arguments of the town's methods are thrown at the call and name method, argument and value", async () => {
  const town = bareTown();
  for (const [call, message] of CALLS) {
    assert.throws(() => call(town), { name: "TypeError", code: "ERR_INVALID_OPTION", message });
  }
  assert.equal(town.stats().waiting, 0);
  await town.close();
});

test("wrong options of close and acquire reject", async () => {
  const town = /** @type {any} */ (bareTown());
  const refused = (/** @type {RegExp} */ message) => ({ name: "TypeError", code: "ERR_INVALID_OPTION", message });
  await assert.rejects(town.close({ drain: "yes" }), refused(/^town\.close: option "drain"/));
  await assert.rejects(town.acquire({ timeout: "soon" }), refused(/^town\.acquire: option "timeout"/));
  assert.equal(town.isRunning, true);
  await town.close();
});

/** @type {[string, (page: import("../..").Page) => Promise<unknown>, RegExp][]} */
const PAGE_CALLS = [
  [
    "waiting for what is visible and hidden",
    (page) => page.waitForSelector("p", { visible: true, hidden: true }),
    /^page\.waitForSelector: options "visible" and "hidden" exclude each other/,
  ],
];

for (const [what, call, message] of PAGE_CALLS) {
  test(`${what} is refused before anything is sent to the page`, async () => {
    const sent = () => assert.fail("it was sent");
    const page = Reflect.construct(boomtown.Page, [{ call: sent, engine: ENGINE, item: "1" }]);
    await assert.rejects(call(page), { name: "TypeError", code: "ERR_INVALID_OPTION", message });
  });
}

test("boomtown works with and without new, and gives a Town", async () => {
  const town = bareTown();
  assert.ok(town instanceof /** @type {any} */ (boomtown).Town);
  assert.equal(town.isMaster, true);
  await town.close();
});

test("capabilities that are no JSON are refused by name", () => {
  assert.throws(() => boomtown({ browser: { capabilities: { a: 1n } } }), {
    code: "ERR_INVALID_OPTION",
    message: /option "browser\.capabilities" must be JSON \(.*BigInt/,
  });
});
