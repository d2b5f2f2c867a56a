// What an item rejects with for each way in which the core says that it has ended.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { outcomeError } = require("../../lib/town/outcome.js");

/** @typedef {import("../../lib/town/outcome.js").Failing} Failing */

/** @type {[Failing, import("../../lib/town/outcome.js").Details, { code: string, message: RegExp }][]} */
const OUTCOMES = [
  [{ kind: "timedOut", attempts: 3 }, {}, { code: "ERR_ITEM_TIMEOUT", message: /^max pageTries.*after 3 attempts$/ }],
  [
    { kind: "timedOut", attempts: 1 },
    { timeout: 50 },
    { code: "ERR_ITEM_TIMEOUT", message: /after 1 attempt of 50 ms$/ },
  ],
  [
    { kind: "timedOut", attempts: 2 },
    { timeout: 50, pending: ["a", "b", "c", "d", "e", "f", "g"] },
    {
      code: "ERR_ITEM_TIMEOUT",
      message: /after 2 attempts of 50 ms each; it waited for a, b, c, d, e and 2 more$/,
    },
  ],
  [
    { kind: "expired" },
    { attempts: 1, deadline: 70 },
    { code: "ERR_ITEM_TIMEOUT", message: /again, after 1 attempt, within its deadline of 70 ms$/ },
  ],
  [{ kind: "crashed", browsers: 1 }, {}, { code: "ERR_ITEM_CRASHED", message: /took down its worker 1 time, as/ }],
  [{ kind: "full" }, { queueLimit: 1 }, { code: "ERR_QUEUE_FULL", message: /1 item waits, as many as queueLimit/ }],
  [{ kind: "expired" }, {}, { code: "ERR_ITEM_TIMEOUT", message: /deadline/ }],
  [
    { kind: "crashed", browsers: 2 },
    {},
    { code: "ERR_ITEM_CRASHED", message: /took down its worker 2 times.*crashTries/ },
  ],
  [{ kind: "aborted" }, {}, { code: "ERR_ITEM_ABORTED", message: /^item a was aborted$/ }],
  [
    { kind: "aborted" },
    { abortReason: "no need" },
    { code: "ERR_ITEM_ABORTED", message: /^item a was aborted: "no need"$/ },
  ],
  [{ kind: "lost" }, {}, { code: "ERR_BROWSER_GONE", message: /acquired page/ }],
  [{ kind: "full" }, { queueLimit: 7 }, { code: "ERR_QUEUE_FULL", message: /7 items wait.*queueLimit/ }],
  [{ kind: "closed" }, {}, { code: "ERR_TOWN_CLOSED", message: /the town was closed first$/ }],
  [{ kind: "broken" }, { fault: "a panic" }, { code: "ERR_TOWN_CLOSED", message: /fault of boomtown's own.*a panic$/ }],
  [{ kind: "unserved" }, {}, { code: "ERR_BROWSER_LAUNCH", message: /no browser could be started/ }],
  [
    { kind: "unserved", failure: { code: "ERR_BROWSER_NOT_FOUND", message: "no chromium", permanent: true } },
    {},
    { code: "ERR_BROWSER_NOT_FOUND", message: /^no chromium$/ },
  ],
];

for (const [end, details, expected] of OUTCOMES) {
  test(`an item that is ${end.kind} ${JSON.stringify({ ...end, ...details })} rejects with ${expected.code} and its id`, () => {
    const error = outcomeError(end, "a", details);
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
  /** @type {Failing[]} */
  const ends = [{ kind: "timedOut", attempts: 2 }, { kind: "expired" }, { kind: "closed" }];
  for (const end of ends) {
    assert.equal(/** @type {Error} */ (outcomeError(end, "a", { attempts: 2, lastError })).cause, lastError);
  }
});

test("an aborted item has the reason as its error's cause", () => {
  const abortReason = new Error("the client left");
  const error = /** @type {Error} */ (outcomeError({ kind: "aborted" }, "a", { abortReason }));
  assert.equal(error.cause, abortReason);
  assert.match(error.message, /: the client left$/);
});

test("an item whose handler failed rejects with the very value", () => {
  const thrown = { any: "value" };
  assert.equal(outcomeError({ kind: "failed" }, "a", { thrown }), thrown);
});
