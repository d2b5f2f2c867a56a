// Queueing: what an item is, the order in which items start, and how they are held back, aborted, refused and drained.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { AsyncLocalStorage } = require("node:async_hooks");
const { getEventListeners, once } = require("node:events");
const boomtown = require("../..");
const { bareTown, openTown, deferred } = require("../helpers/town.js");

const town = openTown();
/** The same with limits. */
const strict = openTown({ queueLimit: 2, errorTries: 2 });

/**
 * Queues while the town is paused, and gives the order in which the items ran.
 * @param {(queue: (name: string, ...options: any[]) => import("../..").Item) => unknown} fill
 */
async function order(fill) {
  /** @type {string[]} */
  const ran = [];
  /** @type {import("../..").Item[]} */
  const items = [];
  town.pause();
  fill((name, ...options) => {
    const item = town.queue(async () => ran.push(name), ...options);
    items.push(item);
    return item;
  });
  town.resume();
  await Promise.allSettled(items);
  return ran.join(" ");
}

test("an item is a promise of what the handler returns", async () => {
  const item = town.queue(async () => ({ answer: 42 }));
  assert.ok(item instanceof Promise);
  assert.deepEqual(await item, { answer: 42 });
});

test("then of an item gives a plain promise", async () => {
  const chained = town.queue(async () => 1).then((/** @type {number} */ one) => one + 1);
  assert.equal(chained.constructor, Promise);
  assert.equal(await chained, 2);
});

test("an item is the very promise that await and Promise.all take", async () => {
  const item = town.queue(async () => 1);
  assert.equal(Promise.resolve(item), item);
  assert.ok(item instanceof boomtown.Item);
  assert.deepEqual(await Promise.all([item]), [1]);
});

test("a callback gets null and the result", async () => {
  const { promise, resolve } = deferred();
  town.queue(
    async () => "done",
    (...args) => resolve(args),
  );
  assert.deepEqual(await promise, [null, "done"]);
});

test("a callback gets the error, and then nothing is an unhandled rejection", async () => {
  /** @type {unknown[]} */
  const unhandled = [];
  const listener = (/** @type {unknown} */ error) => unhandled.push(error);
  process.on("unhandledRejection", listener);
  const { promise, resolve } = deferred();
  const thrown = new Error("mine");
  town.queue(
    () => Promise.reject(thrown),
    (...args) => resolve(args),
  );
  assert.deepEqual(await promise, [thrown]);
  await new Promise(setImmediate);
  process.off("unhandledRejection", listener);
  assert.deepEqual(unhandled, []);
});

test("an item without a callback that nobody awaits is an unhandled rejection, as any promise", async () => {
  const listeners = process.listeners("unhandledRejection");
  process.removeAllListeners("unhandledRejection");
  const unhandled = once(process, "unhandledRejection");
  const thrown = new Error("nobody's");
  const item = town.queue(() => Promise.reject(thrown));
  assert.deepEqual(await unhandled, [thrown, item]);
  for (const listener of listeners) process.on("unhandledRejection", listener);
});

test("items start first in, first out", async () => {
  assert.equal(
    await order((queue) => {
      queue("a");
      queue("b");
      queue("c");
    }),
    "a b c",
  );
});

test("asap puts an item in front", async () => {
  assert.equal(
    await order((queue) => {
      queue("a");
      queue("b", { asap: true });
      queue("c", true, () => {});
      queue("d", false, () => {});
    }),
    "c b a d",
  );
});

test("a higher priority starts first, and asap is the front of its priority only", async () => {
  assert.equal(
    await order((queue) => {
      queue("low", { priority: -1 });
      queue("normal");
      queue("asap", { asap: true });
      queue("high", { priority: 5 });
      queue("high2", { priority: 5 });
    }),
    "high high2 asap normal low",
  );
});

test("an aborted item that waits never runs", async () => {
  /** @type {import("../..").Item | undefined} */
  let item;
  const ran = await order((queue) => {
    queue("a");
    item = queue("b");
    item.abort();
    queue("c");
  });
  assert.equal(ran, "a c");
  await assert.rejects(/** @type {Promise<any>} */ (item), {
    name: "AbortError",
    code: "ERR_ITEM_ABORTED",
    id: item?.id,
  });
  assert.equal(item?.state, "aborted");
  assert.equal(item?.attempts, 0);
});

test("an aborted item that runs has its signal aborted and frees its slot", async () => {
  const { promise: signal, resolve } = deferred();
  const item = town.queue((_page, next) => resolve(next.signal));
  const next = await signal;
  item.abort("no longer needed");
  await assert.rejects(item, { code: "ERR_ITEM_ABORTED", cause: "no longer needed", message: /no longer needed/ });
  assert.equal(next.aborted, true);
  assert.equal(await town.queue(async () => "next"), "next");
});

test("an abort after the item has settled changes nothing", async () => {
  const item = town.queue(async () => 1);
  await item;
  item.abort();
  assert.equal(item.state, "fulfilled");
});

test("an AbortSignal aborts its item, with its reason as the cause", async () => {
  const controller = new AbortController();
  const { promise: started, resolve } = deferred();
  const item = town.queue(() => resolve(), { signal: controller.signal });
  await started;
  const reason = new Error("the client left");
  controller.abort(reason);
  await assert.rejects(item, { code: "ERR_ITEM_ABORTED", cause: reason, message: /the client left/ });
});

test("an item whose AbortSignal is aborted already never runs", async () => {
  const item = town.queue(() => assert.fail("it ran"), { signal: AbortSignal.abort() });
  await assert.rejects(item, { name: "AbortError", code: "ERR_ITEM_ABORTED" });
  assert.equal(item.state, "aborted");
});

test("an item whose AbortSignal is aborted already tells of its end, and so does its town", async () => {
  /** @type {string[]} */
  const heard = [];
  const done = once(town, "itemDone");
  const item = town.queue(() => assert.fail("it ran"), { signal: AbortSignal.abort() });
  item.on("settled", () => heard.push(item.state));
  await assert.rejects(item, { code: "ERR_ITEM_ABORTED" });
  assert.deepEqual(heard, ["aborted"]);
  assert.deepEqual(await done, [item]);
});

test("a settled item leaves no listener on its AbortSignal", async () => {
  const { signal } = new AbortController();
  let listeners = 0;
  const { addEventListener, removeEventListener } = signal;
  signal.addEventListener = (/** @type {any[]} */ ...args) => {
    listeners += 1;
    return Reflect.apply(addEventListener, signal, args);
  };
  signal.removeEventListener = (/** @type {any[]} */ ...args) => {
    listeners -= 1;
    return Reflect.apply(removeEventListener, signal, args);
  };
  await town.queue(async () => {}, { signal });
  assert.equal(listeners, 0);
});

test("one AbortSignal may abort any number of items, and is listened to once", async () => {
  /** @type {string[]} */
  const warnings = [];
  const warned = (/** @type {Error} */ { message }) => warnings.push(message);
  process.on("warning", warned);
  const { signal, controller } = counted();
  town.pause();
  const items = Array.from({ length: 500 }, () => town.queue(() => assert.fail("it ran"), { signal: signal.own }));
  assert.equal(signal.listeners(), 1);
  controller.abort(new Error("the client left"));
  const codes = new Set(await Promise.all(items.map((item) => item.catch(({ code }) => code))));
  town.resume();
  assert.deepEqual([...codes], ["ERR_ITEM_ABORTED"]);
  assert.equal(signal.listeners(), 0);
  await new Promise(setImmediate);
  process.off("warning", warned);
  assert.deepEqual(warnings, []);
});

test("towns share their listener on one AbortSignal, and of its items those that settle are let go", async () => {
  const other = openTown();
  const { signal, controller } = counted();
  await Promise.all([town, other].map((each) => each.queue(async () => {}, { signal: signal.own })));
  assert.equal(signal.listeners(), 0);
  const { promise: started, resolve } = deferred();
  const stays = town.queue(() => resolve(), { signal: signal.own });
  await other.queue(async () => {}, { signal: signal.own });
  await started;
  assert.equal(signal.listeners(), 1);
  controller.abort();
  await assert.rejects(stays, { code: "ERR_ITEM_ABORTED" });
  await other.close();
});

/** A signal, and how many listeners it has. */
function counted() {
  const controller = new AbortController();
  const own = controller.signal;
  const listeners = () => getEventListeners(own, "abort").length;
  return { controller, signal: { own, listeners } };
}

test("items beyond queueLimit reject with ERR_QUEUE_FULL and never run", async () => {
  await strict.ready();
  strict.pause();
  const accepted = [1, 2].map((number) => strict.queue(async () => number));
  const refused = strict.queue(() => assert.fail("it ran"));
  await assert.rejects(refused, { code: "ERR_QUEUE_FULL", id: refused.id, message: /queueLimit/ });
  strict.resume();
  assert.deepEqual(await Promise.all(accepted), [1, 2]);
});

test("drained resolves when fewer items wait than queueLimit", async () => {
  strict.pause();
  const items = [1, 2].map((number) => strict.queue(async () => number));
  let isDrained = false;
  const drained = strict.drained().then(() => {
    isDrained = true;
  });
  await new Promise(setImmediate);
  assert.equal(isDrained, false);
  strict.resume();
  await drained;
  assert.ok(strict.stats().waiting < 2);
  await Promise.all(items);
});

test("of many that wait for a place, as many go on as there are places", async () => {
  const producer = async () => {
    for (let i = 0; i < 5; i += 1) {
      await strict.drained();
      await strict.queue(async () => {});
    }
  };
  await Promise.all(Array.from({ length: 6 }, producer));
});

test("a place that is not used is left to the next who waits", async () => {
  await Promise.all(Array.from({ length: 10 }, () => strict.drained()));
});

test("idle resolves, and is emitted, when nothing waits and nothing is in flight", async () => {
  const event = once(town, "idle");
  const items = [1, 2, 3].map(() => town.queue(async () => {}));
  await town.idle();
  assert.deepEqual(
    items.map((item) => item.state),
    ["fulfilled", "fulfilled", "fulfilled"],
  );
  await event;
  await town.idle();
});

test("an item whose deadline passes while it waits is ERR_ITEM_TIMEOUT and never runs", async () => {
  town.pause();
  const item = town.queue(() => assert.fail("it ran"), { deadline: 1 });
  await assert.rejects(item, { code: "ERR_ITEM_TIMEOUT", id: item.id, message: /deadline/ });
  town.resume();
});

test("a paused town finishes what runs and starts nothing", async () => {
  const { promise: started, resolve: start } = deferred();
  const { promise: end, resolve: finish } = deferred();
  const running = town.queue(async () => {
    start();
    await end;
    return "finished";
  });
  await started;
  town.pause();
  const waiting = town.queue(async () => "started");
  finish();
  assert.equal(await running, "finished");
  assert.equal(waiting.state, "waiting");
  assert.equal(town.stats().waiting, 1);
  town.resume();
  assert.equal(await waiting, "started");
});

test("errorTries retries after the handler failed, each time with a new page", async () => {
  /** @type {unknown[]} */
  const pages = [];
  const item = strict.queue(async (page, next) => {
    pages.push(page);
    if (next.attempt < 3) throw new Error(`attempt ${next.attempt}`);
    return next.attempt;
  });
  assert.equal(await item, 3);
  assert.equal(new Set(pages).size, 3);
});

test("an error that was to be retried is the cause when the town closes first", async () => {
  const town = openTown({ errorTries: 5, retryDelay: 60_000 });
  const failed = new Error("no such invoice");
  const item = town.queue(() => {
    throw failed;
  });
  await new Promise((resolve) => item.on("retry", resolve));
  const rejected = assert.rejects(item, { code: "ERR_TOWN_CLOSED", cause: failed });
  await town.close();
  await rejected;
});

test("an error whose retry would come too late is the item's own", async () => {
  const town = openTown({ errorTries: 5 });
  const failed = new Error("no such invoice");
  const released = deferred();
  const item = town.queue(async () => {
    await released.promise;
    throw failed;
  });
  await new Promise((resolve) => item.on("start", resolve));
  const rejected = assert.rejects(item, failed);
  const closed = town.close();
  released.resolve();
  await rejected;
  await closed;
});

test("after errorTries retries an item rejects with the last error", async () => {
  const item = strict.queue((_page, next) => Promise.reject(new Error(`attempt ${next.attempt}`)));
  await assert.rejects(item, { message: "attempt 3" });
  assert.equal(item.attempts, 3);
});

test("progress arrives at the item in order, before it settles", async () => {
  /** @type {unknown[]} */
  const heard = [];
  const item = town.queue(async (_page, next) => {
    next.progress(10);
    next.progress({ half: true });
    return "end";
  });
  item.on("progress", (value) => heard.push(value));
  item.on("settled", () => heard.push("settled"));
  await item;
  assert.deepEqual(heard, [10, { half: true }, "settled"]);
});

test("an item goes from waiting over running to fulfilled and tells each step", async () => {
  /** @type {unknown[]} */
  const steps = [];
  const item = strict.queue(async (_page, next) => {
    steps.push(["handler", item.state]);
    if (next.attempt === 1) throw new Error("again");
  });
  steps.push(item.state);
  item.on("start", (attempt) => steps.push(["start", attempt, item.state]));
  item.on("retry", (reason) => steps.push(["retry", reason, item.state]));
  item.on("settled", () => steps.push(["settled", item.state]));
  await item;
  assert.deepEqual(steps, [
    "waiting",
    ["start", 1, "running"],
    ["handler", "running"],
    ["retry", "error", "waiting"],
    ["start", 2, "running"],
    ["handler", "running"],
    ["settled", "fulfilled"],
  ]);
});

test("a listener that was removed from an item hears nothing", async () => {
  const item = town.queue(async () => {});
  const listener = () => assert.fail("it heard");
  item.on("start", listener).off("start", listener);
  await item;
});

test("an event that an item does not have is refused", async () => {
  const item = /** @type {any} */ (town.queue(async () => {}));
  for (const method of ["on", "once", "off"]) {
    assert.throws(() => item[method]("settle", () => {}), { code: "ERR_INVALID_OPTION", message: /"settled"/ });
  }
  await item;
});

test("a listener of almost an event's name is a warning, and an event of the program's own is none", async () => {
  /** @type {string[]} */
  const warnings = [];
  const warned = (/** @type {Error} */ { message }) => warnings.push(message);
  const emitter = /** @type {any} */ (town);
  town.on("warning", warned);
  const listener = () => {};
  for (const event of ["itemdone", "accounting"]) emitter.on(event, listener).off(event, listener);
  await new Promise(setImmediate);
  town.off("warning", warned);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /"itemdone"; did you mean "itemDone"\?/);
});

test("the town tells of items that wait, start, are retried and are done", async () => {
  /** @type {string[]} */
  const heard = [];
  /** @type {[any, (item: import("../..").Item, reason?: string) => void][]} */
  const listeners = ["backlog", "itemStart", "itemRetry", "itemDone"].map((event) => [
    event,
    (item, reason) => heard.push([event, item.id, item.state, reason].filter(Boolean).join(" ")),
  ]);
  for (const [event, listener] of listeners) strict.on(event, listener);
  strict.pause();
  const use = async (/** @type {unknown} */ _page, /** @type {import("../..").Next} */ next) => {
    if (next.attempt === 1) throw new Error("again");
  };
  const item = strict.queue(use, { id: "mine" });
  await once(strict, "backlog");
  strict.resume();
  await item;
  for (const [event, listener] of listeners) strict.off(event, listener);
  assert.deepEqual(heard, [
    "backlog mine waiting",
    "itemStart mine running",
    "itemRetry mine waiting error",
    "itemStart mine running",
    "itemDone mine fulfilled",
  ]);
});

test("an item knows its id, its data and its attempts", async () => {
  const use = async () => {};
  const named = town.queue(use, { id: "order-7" });
  const numbered = [town.queue(use), town.queue(use)];
  assert.equal(named.id, "order-7");
  assert.equal(named.data, use);
  assert.ok(Number(numbered[0].id) < Number(numbered[1].id));
  await Promise.all([named, ...numbered]);
  assert.equal(named.attempts, 1);
});

test("items wait for a handler that comes later", async () => {
  const late = bareTown();
  const item = late.queue("data");
  await late.ready();
  assert.equal(item.state, "waiting");
  late.on("queue", async (_page, data) => `late ${data}`);
  assert.equal(await item, "late data");
  late.removeAllListeners("queue");
  const next = late.queue("more");
  await new Promise(setImmediate);
  assert.equal(late.stats().waiting, 1);
  late.once("queue", async () => "once");
  assert.equal(await next, "once");
  await late.close();
});

/**
 * A town whose core has started an item that was not delivered before the only handler went.
 * @param {import("../..").QueueOptions} [options]
 */
async function startWithoutHandler(options) {
  const deserted = bareTown({ pageTries: 0 });
  deserted.on("queue", () => assert.fail("it ran in a handler that was removed"));
  await deserted.ready();
  const started = once(deserted, "itemStart");
  const item = deserted.queue("data", options);
  // Nothing is delivered while this tick lasts.
  while (deserted.stats().inFlight === 0);
  deserted.removeAllListeners("queue");
  await started;
  return { deserted, item };
}

test("an item that starts as the last handler goes runs when one comes", async () => {
  const { deserted, item } = await startWithoutHandler();
  deserted.once("queue", async (page, data, next) => [data, next.attempt, await page.evaluate("1 + 1")]);
  assert.deepEqual(await item, ["data", 1, 2]);
  await deserted.close();
});

test("an item that starts as the last handler goes times out, and is not run afterwards", async () => {
  const { deserted, item } = await startWithoutHandler({ timeout: 20 });
  await assert.rejects(item, { code: "ERR_ITEM_TIMEOUT" });
  /** @type {unknown[]} */
  const ran = [];
  deserted.on("queue", async (_page, data) => ran.push(data));
  await deserted.queue("next");
  assert.deepEqual(ran, ["next"]);
  await deserted.close();
});

test("an item that starts as the last handler goes can be aborted, and is not run afterwards", async () => {
  const { deserted, item } = await startWithoutHandler();
  item.abort();
  await assert.rejects(item, { code: "ERR_ITEM_ABORTED" });
  /** @type {unknown[]} */
  const ran = [];
  deserted.on("queue", async (_page, data) => ran.push(data));
  await deserted.queue("next");
  assert.deepEqual(ran, ["next"]);
  await deserted.close();
});

test("items that wait for 10 s without a handler are a warning", async (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  const lonely = bareTown();
  /** @type {string[]} */
  const warnings = [];
  const { promise, resolve } = deferred();
  lonely.on("warning", ({ message }) => {
    warnings.push(message);
    if (/listener/.test(message)) resolve(message);
  });
  const item = lonely.queue("data");
  const rejected = assert.rejects(item, { code: "ERR_TOWN_CLOSED" });
  t.mock.timers.tick(9_999);
  await new Promise(setImmediate);
  assert.equal(warnings.filter((message) => /listener/.test(message)).length, 0);
  t.mock.timers.tick(1);
  assert.match(await promise, /1 item\(s\) wait.*no "queue" listener.*town\.on\("queue", handler\)/);
  assert.equal(item.state, "waiting");
  await lonely.close();
  await rejected;
});

test("nothing of an item happens within the call that queues it", async () => {
  const idle = openTown({ workerCount: 1 });
  await idle.ready();
  /** @type {string[]} */
  const events = [];
  for (const event of /** @type {const} */ (["itemStart", "itemDone", "backlog"]))
    idle.on(event, () => events.push(event));
  const items = [1, 2, 3].map((value) => idle.queue(async () => value));
  assert.equal(idle.stats().inFlight, 1);
  assert.deepEqual(events, []);
  assert.deepEqual(
    items.map(({ state }) => state),
    ["waiting", "waiting", "waiting"],
  );
  items[0].abort();
  assert.equal(items[0].state, "waiting");
  await Promise.allSettled(items);
  assert.equal(events[0], "itemStart");
});

test("who queues an item in a handler has time to listen to it", async () => {
  const pair = openTown({ workerCount: 1, pageCount: 2 });
  await pair.ready();
  const heard = deferred();
  await pair.queue(async () => {
    const inner = pair.queue(async () => "inner");
    await null;
    await new Promise(process.nextTick);
    inner.on("start", heard.resolve);
  });
  assert.equal(await heard.promise, 1);
});

test("a hundred thousand items keep no timer from firing", async () => {
  /** @type {import("../..").Item<number>[]} */
  const items = [];
  /** Milliseconds that this process has had: on a busy machine others have the rest. */
  const spent = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let turns = 0;
  let late = 0;
  let before = spent();
  const timer = setInterval(() => {
    turns += 1;
    late = Math.max(late, spent() - before);
    before = spent();
  }, 1);
  const fast = bareTown().on("queue", async (_page, number) => number);
  await fast.ready();
  for (let number = 0; number < 100_000; number += 1) items.push(fast.queue(number));
  before = spent();
  [turns, late] = [0, 0];
  const results = await Promise.all(items);
  clearInterval(timer);
  assert.deepEqual(
    results.findIndex((result, number) => result !== number),
    -1,
  );
  assert.ok(turns > 100, `${turns} timers have fired`);
  assert.ok(late < 2000, `${late} ms of computing without a timer`);
});

test("each of a thousand items may queue the next", async () => {
  let left = 1000;
  /** @type {(resolve: (value?: unknown) => void) => void} */
  const again = (resolve) => {
    left -= 1;
    if (left === 0) resolve();
    else town.queue(async () => {}).then(() => again(resolve));
  };
  await new Promise(again);
  assert.equal(left, 0);
});

test("a handler runs in its town's async context, not in that of who queues", async () => {
  const context = new AsyncLocalStorage();
  const mine = context.run("town", () => openTown({ workerCount: 1, pageCount: 2 }));
  const ran = await context.run("program", () =>
    Promise.all([1, 2, 3].map(() => mine.queue(async () => context.getStore()))),
  );
  assert.deepEqual(ran, ["town", "town", "town"]);
});

test("a program that mocks its timers gets its results", async (t) => {
  await town.ready();
  t.mock.timers.enable({ apis: ["setImmediate", "setTimeout"] });
  assert.equal(await town.queue(async () => "result"), "result");
});

test("several towns run at once, each its own items", async () => {
  const other = openTown();
  const both = [town, other].map((one) => one.queue(async (page) => page.evaluate(() => 6 * 7)));
  assert.deepEqual(await Promise.all(both), [42, 42]);
  await other.close();
  assert.equal(await town.queue(async () => "still open"), "still open");
});

test("close rejects what waits with ERR_TOWN_CLOSED and lets what runs finish", async () => {
  const closing = openTown();
  const { promise: started, resolve } = deferred();
  const running = closing.queue(async (page) => {
    resolve();
    return page.evaluate(() => "finished");
  });
  await started;
  const waiting = closing.queue(() => assert.fail("it ran"));
  const rejected = assert.rejects(waiting, { code: "ERR_TOWN_CLOSED", id: waiting.id });
  await Promise.all([closing.close(), rejected]);
  assert.equal(await running, "finished");
});

test("a short closeTimeout does not keep items from running", { timeout: 15_000 }, async () => {
  const hasty = openTown({ closeTimeout: 5 });
  assert.equal(await hasty.queue(async () => "ran"), "ran");
  await hasty.close();
});

test("close gives what runs its timeout, and then rejects it", async () => {
  const closing = openTown();
  const { promise: started, resolve } = deferred();
  const item = closing.queue((_page, next) => resolve(next.signal));
  const signal = await started;
  const rejected = assert.rejects(item, { code: "ERR_TOWN_CLOSED", id: item.id });
  await closing.close({ timeout: 10 });
  await rejected;
  assert.equal(signal.aborted, true);
});

test("close with drain finishes what waits", async () => {
  const closing = openTown();
  const items = [1, 2, 3].map((number) => closing.queue(async () => number));
  await closing.close({ drain: true });
  assert.deepEqual(await Promise.all(items), [1, 2, 3]);
});

test("close with drain finishes what waits though the town is paused before or afterwards", async () => {
  const closing = openTown();
  const items = [1, 2, 3].map((number) => closing.queue(async () => number));
  closing.pause();
  const closed = closing.close({ drain: true });
  closing.pause();
  await closed;
  assert.deepEqual(await Promise.all(items), [1, 2, 3]);
});

test("close with drain rejects an item that starts as the last handler goes", async () => {
  const closing = openTown({ pageDeath: -1 });
  await closing.ready();
  const rejected = assert.rejects(
    closing.queue(() => assert.fail("it ran")),
    { code: "ERR_TOWN_CLOSED" },
  );
  closing.removeAllListeners("queue");
  await closing.close({ drain: true });
  await rejected;
});

test("close with drain gives up after its timeout", async () => {
  const closing = openTown();
  const { promise: started, resolve } = deferred();
  const rejected = [() => resolve(), () => assert.fail("it ran")].map((use) =>
    assert.rejects(closing.queue(use), { code: "ERR_TOWN_CLOSED" }),
  );
  await started;
  await closing.close({ drain: true, timeout: 10 });
  await Promise.all(rejected);
});

test("after close: queue rejects, close resolves again, start does nothing, ready rejects, idle resolves", async () => {
  const closed = openTown();
  await Promise.all([closed.close(), closed.close()]);
  await closed.close({ drain: true });
  const item = closed.queue(() => assert.fail("it ran"));
  await assert.rejects(item, { code: "ERR_TOWN_CLOSED", id: item.id });
  await assert.rejects(closed.acquire(), { code: "ERR_TOWN_CLOSED" });
  closed.start();
  assert.equal(closed.isRunning, false);
  await assert.rejects(closed.ready(), { code: "ERR_TOWN_CLOSED" });
  await closed.idle();
  await closed.drained();
  closed.stop();
  closed.pause();
  closed.resize(3);
  assert.deepEqual(closed.stats().workers, []);
  assert.match(closed.metrics(), /boomtown_items/);
});

test("a town is closed while its first browser still starts", async () => {
  const hasty = boomtown({ workerCount: 1 });
  await hasty.close();
  assert.deepEqual(hasty.stats().workers, []);
});
