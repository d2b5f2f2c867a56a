// What a handler may do, and what becomes of its item: the first outcome counts, and nothing after the attempt's end.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");
const { bareTown, openTown, deferred, runNode, uncaughtBy } = require("../helpers/town.js");

const town = openTown();
/** For what blocks a slot for good. */
const pair = openTown({ workerCount: 1, pageCount: 2 });

test("a handler that throws rejects its item with the very error", async () => {
  const cause = new Error("cause");
  const thrown = new RangeError("mine", { cause });
  const { stack } = thrown;
  const error = await town
    .queue(() => {
      throw thrown;
    })
    .catch((caught) => caught);
  assert.equal(error, thrown);
  assert.equal(error.cause, cause);
  assert.equal(error.stack, stack);
});

test("a handler whose promise rejects rejects its item with the very error", async () => {
  const thrown = Object.assign(new TypeError("mine"), { code: "EMINE" });
  assert.equal(await town.queue(() => Promise.reject(thrown)).catch((caught) => caught), thrown);
});

for (const value of [undefined, null, 0, "text", { plain: true }]) {
  test(`a handler may reject with ${JSON.stringify(value)}`, async () => {
    const outcome = await town
      .queue(() => Promise.reject(value))
      .then(
        () => "fulfilled",
        (caught) => [caught],
      );
    assert.deepEqual(outcome, [value]);
  });
}

test("a handler without a promise settles its item with next", async () => {
  const result = { any: "value" };
  assert.equal(await town.queue((_page, next) => next(null, result)), result);
  assert.equal(await town.queue((_page, next) => setImmediate(() => next(undefined, 5))), 5);
  const error = new Error("mine");
  await assert.rejects(
    town.queue((_page, next) => next(error)),
    error,
  );
});

test("what a handler without a promise returns is not its result", async () => {
  assert.equal(
    await town.queue((_page, next) => {
      setImmediate(() => next(null, "by next"));
      return "returned";
    }),
    "by next",
  );
});

test("any thenable settles an item", async () => {
  // biome-ignore lint/suspicious/noThenProperty: that is what is tested
  const thenable = { then: (/** @type {Function} */ resolve) => resolve("thenable") };
  assert.equal(await town.queue(() => thenable), "thenable");
});

test("of two calls of next the first counts", async () => {
  assert.equal(
    await town.queue((_page, next) => {
      next(null, "first");
      next(new Error("second"));
      next(null, "third");
    }),
    "first",
  );
});

test("of next and a returned promise the first counts", async () => {
  assert.equal(
    await town.queue(async (_page, next) => {
      next(null, "next");
      return "returned";
    }),
    "next",
  );
  const { promise: later, resolve } = deferred();
  assert.equal(
    await town.queue(async (_page, next) => {
      later.then(() => next(null, "late"));
      return "returned";
    }),
    "returned",
  );
  resolve();
  assert.equal(await town.queue(async () => "unharmed"), "unharmed");
});

test("a throw after next changes nothing", async () => {
  assert.equal(
    await town.queue((_page, next) => {
      next(null, "first");
      throw new Error("late");
    }),
    "first",
  );
});

test("this is the town, and data is what was queued, not a copy", async () => {
  const other = bareTown();
  const data = { made: () => "here" };
  other.on(
    "queue",
    /** @this {unknown} */ function (_page, given, next) {
      next(null, [this === other, given === data]);
    },
  );
  assert.deepEqual(await other.queue(data), [true, true]);
  await other.close();
});

test("data and results that cannot be cloned are passed as they are", async () => {
  class Card {
    #secret = Symbol("mine");
    self = this;
    secret = () => this.#secret;
  }
  const other = bareTown();
  /** @type {unknown} */
  let given;
  const result = new Card();
  other.on("queue", async (_page, data) => {
    given = data;
    return result;
  });
  const data = new Card();
  assert.throws(() => structuredClone(data), { name: "DataCloneError" });
  const item = other.queue(data);
  assert.equal(await item, result);
  assert.equal(given, data);
  assert.equal(item.data, data);
  await other.close();
});

test("an item that never ends is ERR_ITEM_TIMEOUT, max pageTries, while others go on", async () => {
  /** @type {number[]} */
  const attempts = [];
  /** @type {number[]} */
  const timeouts = [];
  const item = pair.queue((_page, next) => void attempts.push(next.attempt), { timeout: 30, tries: 2 });
  item.on("timeout", (attempt) => timeouts.push(attempt));
  const rejected = assert.rejects(item, {
    code: "ERR_ITEM_TIMEOUT",
    id: item.id,
    message: /^max pageTries.*3 attempts/,
  });
  for (let i = 0; i < 5; i += 1) assert.equal(await pair.queue(async (page) => page.evaluate(() => 2)), 2);
  await rejected;
  // The time of an attempt may be over before its handler is called.
  assert.deepEqual(
    attempts,
    [1, 2, 3].filter((attempt) => attempts.includes(attempt)),
  );
  assert.deepEqual(timeouts, [1, 2, 3]);
  assert.equal(pair.stats().timedOut, 3);
});

test("an item that times out names its id, its limit and what it waited for", async () => {
  const item = town.queue(
    async (page) => {
      await page.setContent("<p>hello");
      page.waitForSelector("#never", { timeout: 0 });
      await page.evaluate(() => new Promise(() => {}));
    },
    { id: "invoice-7", timeout: 1500, tries: 0 },
  );
  await assert.rejects(item, {
    code: "ERR_ITEM_TIMEOUT",
    id: "invoice-7",
    message:
      /^max pageTries: item invoice-7 timed out, after 1 attempt of 1500 ms; it waited for page\.waitForSelector\("#never"\) \(for \d+ ms\), page\.evaluate \(for \d+ ms\)$/,
  });
});

test("errors of an item that has a name tell that, and not the core's number", async () => {
  const messages = /** @type {string[]} */ ([]);
  /** @type {any} */
  let page;
  const tell = (/** @type {Error} */ { message }) => messages.push(message);
  const item = town.queue(
    async (given) => {
      page = given;
      page.waitForSelector("#never", { timeout: 0 }).catch(tell);
      await page.evaluate("1");
    },
    { id: "invoice-8" },
  );
  await item;
  await page.title().catch(tell);
  town.pause();
  const waits = town.queue(async () => {}, { id: "invoice-9", deadline: 20 });
  await waits.catch(tell);
  town.resume();
  assert.equal(messages.length, 3);
  assert.match(messages[2], /^item invoice-9 was not started within its deadline of 20 ms$/);
  for (const message of messages) assert.doesNotMatch(message, /item \d/);
});

test("a page that loops forever times out and leaves its slot usable", async () => {
  const item = pair.queue(
    (page) =>
      page.evaluate(() => {
        for (;;);
      }),
    { timeout: 200, tries: 0 },
  );
  await assert.rejects(item, { code: "ERR_ITEM_TIMEOUT" });
  assert.deepEqual(
    await Promise.all([1, 2, 3, 4].map(() => pair.queue(async (page) => page.evaluate(() => 3)))),
    [3, 3, 3, 3],
  );
});

test("a result after the timeout is ignored", async () => {
  /** @type {import("../..").Next[]} */
  const nexts = [];
  const item = town.queue(
    (_page, next) => {
      nexts.push(next);
      if (next.attempt < 2) return;
      nexts[0](null, "late result of the first attempt");
      next(null, "second");
    },
    { timeout: 1000, tries: 1 },
  );
  assert.equal(await item, "second");
  nexts[0](new Error("later still"));
  nexts[0].progress("late");
  assert.equal(await item, "second");
});

test("next.signal is aborted when the attempt times out, and tells why", async () => {
  const { promise, resolve } = deferred();
  // Its time may be over before the handler is called; then it is tried again.
  const item = town.queue((_page, next) => resolve(next.signal), { timeout: 20 });
  const signal = await promise;
  if (!signal.aborted) await once(signal, "abort");
  assert.match(signal.reason.message, /timed out/);
  item.abort();
  await assert.rejects(item, { code: "ERR_ITEM_ABORTED" });
});

test("next.signal is not aborted when the handler ends by itself", async () => {
  const { signal } = await town.queue(async (_page, next) => ({ signal: next.signal }));
  await town.queue(async () => {});
  assert.equal(signal.aborted, false);
});

test("a signal asked for after its attempt was cut short is aborted, and tells why", async () => {
  const { promise: handed, resolve } = deferred();
  const item = town.queue((_page, next) => {
    resolve(next);
    return new Promise(() => {});
  });
  const next = await handed;
  item.abort();
  await assert.rejects(item, { code: "ERR_ITEM_ABORTED" });
  assert.equal(next.signal.aborted, true);
  assert.match(next.signal.reason.message, /^the attempt is over: aborted$/);
});

test("a signal asked for after its handler has ended is not aborted", async () => {
  const next = await town.queue(async (_page, next) => next);
  assert.equal(next.signal.aborted, false);
});

test("the signal of an attempt is one and the same", async () => {
  const next = await town.queue(async (_page, next) => next);
  assert.equal(next.signal, next.signal);
});

test("next tells the item's id and the attempt", async () => {
  const use = (/** @type {any} */ _page, /** @type {import("../..").Next} */ next) => {
    if (next.attempt > 1) next(null, [next.id, next.attempt]);
  };
  const item = town.queue(use, { id: "mine", timeout: 20 });
  assert.deepEqual(await item, ["mine", item.attempts]);
  assert.ok(item.attempts > 1);
});

test("a page that is used after its attempt is ERR_PAGE_CLOSED and names the item", async () => {
  const item = town.queue(async (page) => ({ page }));
  const { page } = await item;
  await assert.rejects(page.title(), { code: "ERR_PAGE_CLOSED", id: item.id });
});

test("a page that is first used after its attempt is ERR_PAGE_CLOSED", async () => {
  const page = await town.queue(async (page) => page);
  page.on("console", () => {});
  await assert.rejects(page.title(), { code: "ERR_PAGE_CLOSED" });
  await assert.rejects(page.puppeteer(), { code: "ERR_PAGE_CLOSED" });
});

test("a page that is first used when its handler has just ended is ERR_PAGE_CLOSED", async () => {
  const { promise: used, resolve } = deferred();
  await town.queue((page, next) => {
    next();
    page.on("console", () => {});
    resolve(Promise.allSettled([page.title(), page.puppeteer()]));
  });
  for (const { status, reason } of await used) {
    assert.equal(status, "rejected");
    assert.equal(reason.code, "ERR_PAGE_CLOSED");
  }
});

test("who keeps an item does not keep its page", async () => {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  /** @type {WeakRef<object>[]} */
  const pages = [];
  const item = town.queue(async (page) => {
    pages.push(new WeakRef(page));
  });
  await item;
  // A weak reference holds what it was asked for until its turn is over.
  for (let turn = 0; turn < 10 && pages[0].deref(); turn += 1) {
    await new Promise(setImmediate);
    collect();
  }
  assert.equal(pages[0].deref(), undefined);
  assert.equal(item.state, "fulfilled");
});

test("a call that runs when its attempt times out rejects, and nothing hangs", async () => {
  const { promise, resolve } = deferred();
  const item = town.queue(
    (page) => {
      resolve({ call: page.waitForSelector("#never").catch((/** @type {Error} */ error) => error) });
    },
    // Its time may be over before the handler is called; then it is tried again.
    { timeout: 100 },
  );
  const { call } = await promise;
  assert.equal((await call).code, "ERR_PAGE_CLOSED");
  item.abort();
  await assert.rejects(item, { code: "ERR_ITEM_ABORTED" });
});

test("every attempt has a page without anything of the one before", async () => {
  assert.equal(
    await town.queue(async (page) => {
      await page.setContent("<title>mine</title>");
      return page.evaluate(() => {
        Object.assign(window, { trace: 1 });
        return document.title;
      });
    }),
    "mine",
  );
  assert.deepEqual(
    await town.queue(async (page) => [await page.title(), await page.url(), await page.evaluate("typeof trace")]),
    ["", "about:blank", "undefined"],
  );
});

test("a page that its item never touched is the next one's, and one that was touched is not", async () => {
  const made = (/** @type {import("../..").Page} */ page) => page.evaluate(() => performance.timeOrigin);
  // It gets its page before it starts.
  await town.queue(async () => {});
  const before = Date.now();
  for (let i = 0; i < 5; i += 1) await town.queue(async () => {});
  const first = await town.queue(made);
  assert.ok(first < before, `made at ${first}, and the first item started after ${before}`);
  assert.notEqual(await town.queue(made), first);
});

test("an exception thrown by a callback is the program's and does not harm the town", async () => {
  const thrown = new Error("in the callback");
  const throws = () => {
    throw thrown;
  };
  assert.equal(await uncaughtBy(() => town.queue(async () => 1, throws)), thrown);
  assert.equal(await town.queue(async () => "unharmed"), "unharmed");
});

test("malformed HTML renders as browsers do", async () => {
  const html = "<!doctype html><p>one<p>two</b><table><td>three</i><div <span>four\u0000&notanentity;<!-- never closed";
  const [text, picture] = await town.queue(async (page) => {
    await page.setContent(html);
    return [await page.evaluate(() => document.body.textContent), await page.screenshot()];
  });
  assert.match(text, /one\s*two[\s\S]*three/);
  assert.equal(picture.subarray(1, 4).toString(), "PNG");
});

test("a document of 20 MB goes in and comes out whole", { timeout: 60_000 }, async () => {
  const paragraph = `<p>${"x".repeat(1017)}</p>`;
  // Hidden, because to lay out so many paragraphs takes a browser several times as long as to read them.
  const html = `<!doctype html><body hidden>${paragraph.repeat((20 * 1024 * 1024) / paragraph.length)}<i id="end">end</i>`;
  const [end, length] = await town.queue(async (page) => {
    await page.setContent(html);
    return [await page.$eval("#end", (element) => element.textContent), (await page.content()).length];
  });
  assert.equal(end, "end");
  assert.ok(length >= 20 * 1024 * 1024);
});

test("page.cdp is Chromium's own protocol, and what a command gives back is its result", async () => {
  const params = { expression: "6 * 7", returnByValue: true };
  const { result } = await town.queue(async (page) => page.cdp("Runtime.evaluate", params));
  assert.equal(result.value, 42);
});

test("a listener of the page's close event that throws is the program's uncaught exception, and the item settles", async () => {
  const { exited, prints } = runNode(`
    process.on("uncaughtException", ({ message }) => console.log("uncaught", message));
    const town = boomtown(options);
    town.on("queue", async (page) => { page.on("close", () => { throw new Error("mine"); }); return 1; });
    town.queue({}).then((result) => { console.log("result", result); return town.close(); });
  `);
  await prints("result 1");
  assert.match((await exited).printed, /uncaught mine/);
});

test("a callback always gets a truthy error for a failed item", async () => {
  const town = openTown();
  const error = await new Promise((resolve) => town.queue(() => Promise.reject(null), resolve));
  assert.ok(error instanceof Error);
  assert.equal(error.cause, null);
});

test("a handler that returns what is no promise is warned about once", async () => {
  const town = openTown({ pageDeath: 500, pageTries: 0 });
  /** @type {Promise<Error>} */
  const warned = new Promise((resolve) => {
    town.on("warning", (warning) => {
      if (/handler/.test(warning.message)) resolve(warning);
    });
  });
  const item = town.queue(() => 42);
  assert.match((await warned).message, /returned 42, which settles nothing.*next\(null, result\)/);
  await assert.rejects(item, { code: "ERR_ITEM_TIMEOUT" });
});
