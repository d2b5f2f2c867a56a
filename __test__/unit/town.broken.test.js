// A town whose core has ended by a fault of its own: nothing hangs, and everything says why.

process.env.BOOMTOWN_ADDON = require.resolve("../helpers/silent-core.js");
const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { bareTown, deferred } = require("../helpers/town.js");
const { Core } = require("../helpers/silent-core.js");

const BROKEN = { code: "ERR_TOWN_CLOSED", message: /fault of boomtown's own.*index out of bounds/ };
/** @type {import("../../lib/native.js").CoreEvent} */
const FAULT = { kind: "broken", fault: "index out of bounds" };

/** A town with one item that runs, one that waits, and one place to wait. */
function busyTown() {
  const town = bareTown({ queueLimit: 1 });
  const core = Core.last;
  const { promise: handed, resolve } = deferred();
  town.on("queue", (...args) => resolve(args));
  const running = town.queue("runs");
  const waiting = town.queue("waits");
  core.put({ kind: "start", item: 1, attempt: 1, number: 1, worker: 1, slot: 0 });
  return { town, core, running, waiting, handed };
}

/** A town that has broken while it was busy. */
async function brokenTown() {
  const { town, core, running, waiting } = busyTown();
  const ended = Promise.allSettled([running, waiting]);
  core.put(FAULT);
  await ended;
  return town;
}

test("items that run and items that wait reject, and the town tells of both", async () => {
  const { town, core, running, waiting } = busyTown();
  /** @type {unknown[]} */
  const done = [];
  town.on("itemDone", (item) => done.push(item));
  core.put(FAULT);
  await assert.rejects(running, { ...BROKEN, id: running.id });
  await assert.rejects(waiting, { ...BROKEN, id: waiting.id });
  assert.deepEqual(done, [running, waiting]);
});

test("a handler that runs has its signal aborted, its call rejected, and its page closed", async () => {
  const { core, running, waiting, handed } = busyTown();
  const ended = Promise.allSettled([running, waiting]);
  const [page, , next] = await handed;
  const call = page.title();
  core.put(FAULT);
  await assert.rejects(call, BROKEN);
  await ended;
  assert.equal(next.signal.aborted, true);
  await assert.rejects(page.title(), { code: "ERR_PAGE_CLOSED" });
});

test("ready, idle, drained and close that wait already settle", async () => {
  const { town, core, running, waiting } = busyTown();
  const ended = Promise.allSettled([running, waiting]);
  const others = [town.idle(), town.drained(), town.close()];
  const ready = assert.rejects(town.ready(), BROKEN);
  core.put(FAULT);
  await Promise.all([ready, ...others]);
  await ended;
});

test("an item that is queued later rejects, and tells of it", async () => {
  const town = await brokenTown();
  const done = once(town, "itemDone");
  const item = town.queue("late");
  await assert.rejects(item, { ...BROKEN, id: item.id });
  assert.deepEqual(await done, [item]);
});

test("later calls settle at once", async () => {
  const town = await brokenTown();
  await assert.rejects(town.ready(), BROKEN);
  await assert.rejects(town.acquire(), BROKEN);
  await town.idle();
  await town.drained();
  await town.close();
  await town.close({ drain: true });
});

test("the town is not running, and is not started again", async () => {
  const town = await brokenTown();
  assert.equal(town.isRunning, false);
  town.start();
  assert.equal(town.isRunning, false);
});

test("an acquired page is closed and its release resolves", async () => {
  const town = bareTown();
  const core = Core.last;
  const acquired = town.acquire();
  core.put({ kind: "start", item: 1, attempt: 1, number: 1, worker: 1, slot: 0 });
  const mine = await acquired;
  const closed = once(mine, "close");
  core.put(FAULT);
  await closed;
  await assert.rejects(mine.title(), { code: "ERR_PAGE_CLOSED" });
  await mine.release();
});
