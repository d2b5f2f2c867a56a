// How options and arguments are refused: by name, with the value seen and what is allowed.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const v = require("../../lib/validate.js");

const TOWN = {
  workerCount: v.integer({ min: 1, default: 4 }),
  workerDeath: v.integer({ min: 1, infinity: true, default: 25 }),
  workerShift: v.number({ min: 0, never: true, default: -1 }),
  quality: v.integer({ min: 0, max: 100 }),
  ratio: v.number({ above: 0 }),
  mode: v.oneOf(["auto", "inline"], { default: "auto" }),
  handleSignals: v.boolean(),
  path: v.string({ empty: false }),
  stdio: v.anyOf([v.oneOf(["ignore", "inherit"]), v.func()]),
  retryDelay: v.anyOf([v.number({ min: 0 }), v.shape({ min: v.number({ required: true }), max: v.number() })], {
    default: 0,
  }),
  browser: v.shape(
    { args: v.arrayOf(v.string()), env: v.recordOf(v.string()), headless: v.boolean({ default: true }) },
    { default: {} },
  ),
  signal: v.abortSignal(),
  data: v.anything(),
};
/** @param {unknown} options @param {(message: string) => void} [warn] */
const check = (options, warn) => v.check("boomtown", TOWN, options, warn);

for (const [options, message] of [
  [{ workerCount: "4" }, 'boomtown: option "workerCount" must be an integer of at least 1, got "4"'],
  [{ workerCount: 1.5 }, 'boomtown: option "workerCount" must be an integer of at least 1, got 1.5'],
  [{ workerCount: Number.NaN }, 'boomtown: option "workerCount" must be an integer of at least 1, got NaN'],
  [{ workerCount: Infinity }, 'boomtown: option "workerCount" must be an integer of at least 1, got Infinity'],
  [{ workerCount: null }, 'boomtown: option "workerCount" must be an integer of at least 1, got null'],
  [{ workerDeath: 0 }, 'boomtown: option "workerDeath" must be an integer of at least 1, or Infinity, got 0'],
  [{ workerShift: -2 }, 'boomtown: option "workerShift" must be a number of at least 0, or -1 (never), got -2'],
  [{ quality: 101 }, 'boomtown: option "quality" must be an integer from 0 to 100, got 101'],
  [{ ratio: 0 }, 'boomtown: option "ratio" must be a number above 0, got 0'],
  [{ mode: "cluste" }, 'boomtown: option "mode" must be "auto" or "inline", got "cluste"'],
  [{ handleSignals: 1 }, 'boomtown: option "handleSignals" must be true or false, got 1'],
  [{ path: "" }, 'boomtown: option "path" must be a string that is not empty, got ""'],
  [{ stdio: "pipe" }, 'boomtown: option "stdio" must be "ignore" or "inherit" or a function, got "pipe"'],
  [{ retryDelay: -1 }, 'boomtown: option "retryDelay" must be a number of at least 0 or an object, got -1'],
  [{ retryDelay: {} }, 'boomtown: option "retryDelay.min" must be a number, and is missing'],
  [{ browser: [] }, 'boomtown: option "browser" must be an object, got []'],
  [{ browser: { args: "--x" } }, 'boomtown: option "browser.args" must be an array, each item a string, got "--x"'],
  [{ browser: { args: ["--x", 5] } }, 'boomtown: option "browser.args[1]" must be a string, got 5'],
  [{ browser: { env: { HOME: 5 } } }, 'boomtown: option "browser.env.HOME" must be a string, got 5'],
  [{ signal: {} }, 'boomtown: option "signal" must be an AbortSignal, got {}'],
  ["fast", 'boomtown: the options must be an object, got "fast"'],
  [null, "boomtown: the options must be an object, got null"],
  [{ workercount: 2 }, 'boomtown: unknown option "workercount"; did you mean "workerCount"?'],
  [{ browser: { arg: [] } }, 'boomtown: unknown option "browser.arg"; did you mean "browser.args"?'],
]) {
  test(`refused: ${message}`, () => {
    assert.throws(() => check(options), { name: "TypeError", code: "ERR_INVALID_OPTION", message });
  });
}

test("a name that resembles none is answered with all of them", () => {
  assert.throws(() => v.check("x", { a: v.string(), b: v.string() }, { zebra: 1 }), {
    message: 'x: unknown option "zebra"; known are a or b',
  });
});

test("a long value is shortened in the message", () => {
  assert.throws(
    () => check({ workerCount: "x".repeat(10_000) }),
    (error) => /** @type {Error} */ (error).message.length < 200,
  );
});

test("defaults are filled in, nested ones too, and absent options stay absent", () => {
  assert.deepStrictEqual(check(undefined), {
    workerCount: 4,
    workerDeath: 25,
    workerShift: -1,
    mode: "auto",
    retryDelay: 0,
    browser: { headless: true },
  });
});

test("allowed values pass as they are", () => {
  const options = {
    workerCount: 1,
    workerDeath: Infinity,
    workerShift: -1,
    quality: 0,
    ratio: 0.1,
    mode: "inline",
    handleSignals: false,
    path: "p",
    stdio: () => {},
    retryDelay: { min: 1, max: 2 },
    browser: { args: ["a"], env: { A: "b" }, headless: false },
    signal: new AbortController().signal,
    data: null,
  };
  assert.deepStrictEqual(check(options), options);
});

test("the caller's options are left alone", () => {
  const options = Object.freeze({ browser: Object.freeze({}) });
  assert.notEqual(check(options).browser, options.browser);
});

test("unknown names are warnings where somebody listens to them", () => {
  /** @type {string[]} */
  const heard = [];
  const options = { workercount: 9, browser: { arg: [] } };
  assert.equal(check(options, (message) => heard.push(message)).workerCount, 4);
  assert.deepEqual(heard, [
    'boomtown: unknown option "workercount"; did you mean "workerCount"?',
    'boomtown: unknown option "browser.arg"; did you mean "browser.args"?',
  ]);
});

test("an argument is called an argument", () => {
  assert.throws(() => v.argument("page.goto", "url", v.string({ required: true }), undefined), {
    code: "ERR_INVALID_OPTION",
    message: 'page.goto: argument "url" must be a string, and is missing',
  });
});

test("a fraction of a millisecond is rounded up", () => {
  assert.equal(v.argument("page.goto", "timeout", v.milliseconds(), 5.5), 6);
  assert.throws(() => v.argument("page.goto", "timeout", v.milliseconds(), -1), { code: "ERR_INVALID_OPTION" });
});

test("a record is no Map and no Headers, whose entries are no properties", () => {
  for (const value of [new Map([["a", "1"]]), new Headers({ a: "1" })]) {
    assert.throws(() => v.argument("here", "headers", v.recordOf(v.string()), value), { code: "ERR_INVALID_OPTION" });
  }
  assert.deepEqual(
    v.argument("here", "env", v.recordOf(v.string()), Object.create({}, { a: { value: "1", enumerable: true } })),
    {
      a: "1",
    },
  );
});
