// What an item rejects with for each way in which the core says that it has ended.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { outcomeError } = require("../../lib/outcome.js");

/** @type {[string, import("../../lib/outcome.js").Details, { code: string, message: RegExp }][]} */
const OUTCOMES = [
  ["timedOut", { number: 3 }, { code: "ERR_ITEM_TIMEOUT", message: /^max pageTries.*after 3 attempts$/ }],
  ["timedOut", { number: 1, limit: 50 }, { code: "ERR_ITEM_TIMEOUT", message: /after 1 attempt of 50 ms$/ }],
  [
    "timedOut",
    { number: 2, limit: 50, pending: ["a", "b", "c", "d", "e", "f", "g"] },
    {
      code: "ERR_ITEM_TIMEOUT",
      message: /after 2 attempts of 50 ms each; it waited for a, b, c, d, e and 2 more$/,
    },
  ],
  [
    "expired",
    { number: 1, limit: 70 },
    { code: "ERR_ITEM_TIMEOUT", message: /again, after 1 attempt, within its deadline of 70 ms$/ },
  ],
  ["crashed", { number: 1 }, { code: "ERR_ITEM_CRASHED", message: /took down its worker 1 time, as/ }],
  ["full", { queueLimit: 1 }, { code: "ERR_QUEUE_FULL", message: /1 item waits, as many as queueLimit/ }],
  ["expired", {}, { code: "ERR_ITEM_TIMEOUT", message: /deadline/ }],
  ["crashed", { number: 2 }, { code: "ERR_ITEM_CRASHED", message: /took down its worker 2 times.*crashTries/ }],
  ["aborted", {}, { code: "ERR_ITEM_ABORTED", message: /^item a was aborted$/ }],
  ["aborted", { abortReason: "no need" }, { code: "ERR_ITEM_ABORTED", message: /^item a was aborted: "no need"$/ }],
  ["lost", {}, { code: "ERR_BROWSER_GONE", message: /acquired page/ }],
  ["full", { queueLimit: 7 }, { code: "ERR_QUEUE_FULL", message: /7 items wait.*queueLimit/ }],
  ["closed", {}, { code: "ERR_TOWN_CLOSED", message: /the town was closed first$/ }],
  ["broken", { fault: "a panic" }, { code: "ERR_TOWN_CLOSED", message: /fault of boomtown's own.*a panic$/ }],
  ["unserved", {}, { code: "ERR_BROWSER_LAUNCH", message: /no browser could be started/ }],
  [
    "unserved",
    { failure: { code: "ERR_BROWSER_NOT_FOUND", message: "no chromium" } },
    { code: "ERR_BROWSER_NOT_FOUND", message: /^no chromium$/ },
  ],
];

for (const [outcome, details, expected] of OUTCOMES) {
  test(`an item that is ${outcome} ${JSON.stringify(details)} rejects with ${expected.code} and its id`, () => {
    const error = outcomeError(outcome, "a", details);
    assert.ok(error instanceof Error);
    assert.throws(
      () => {
        throw error;
      },
      { ...expected, id: "a" },
    );
  });
}

test("an item whose retries were ended by something else has the handler's last error as its error's cause", () => {
  const lastError = new Error("no such invoice");
  for (const outcome of ["timedOut", "expired", "closed"]) {
    assert.equal(/** @type {Error} */ (outcomeError(outcome, "a", { number: 2, lastError })).cause, lastError);
  }
});

test("an aborted item has the reason as its error's cause", () => {
  const abortReason = new Error("the client left");
  const error = /** @type {Error} */ (outcomeError("aborted", "a", { abortReason }));
  assert.equal(error.cause, abortReason);
  assert.match(error.message, /: the client left$/);
});

test("an item whose handler failed rejects with the very value", () => {
  const thrown = { any: "value" };
  assert.equal(outcomeError("failed", "a", { thrown }), thrown);
});
