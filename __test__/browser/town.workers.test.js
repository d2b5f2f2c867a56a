// Browsers come and go, and items do not notice: deaths, replacement, stop and start, resizing, acquired pages, and counts.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const { family } = require("../helpers/faults.js");
const { ENGINE, ROOT, openTown, deferred, isAlive, busyPid, until } = require("../helpers/town.js");

const ON_LINUX = { skip: process.platform !== "linux" && "only Linux tells" };

const town = openTown({ workerCount: 1, pageTries: 0 });

/** Runs until its browser dies. @param {import("../..").Page} page */
const untilDeath = (page) => page.waitForSelector("#never", { timeout: 0 });

test("an item whose browser is killed is retried on a new one and fulfils", async () => {
  /** @type {string[]} */
  const reasons = [];
  const exit = once(town, "workerExit");
  const item = town.queue(async (page, next) => {
    if (next.attempt > 1) return page.evaluate(() => "survived");
    process.kill(busyPid(town), "SIGKILL");
    await untilDeath(page);
  });
  item.on("retry", (reason) => reasons.push(reason));
  assert.equal(await item, "survived");
  assert.deepEqual(reasons, ["crash"]);
  assert.equal(town.stats().crashed, 1);
  assert.match((await exit)[1], /died|ended|process/);
});

test("a worker's exit is told when its processes are gone", async () => {
  const mortal = openTown({ workerDeath: 1 });
  const [worker] = await once(mortal, "workerReady");
  const exit = new Promise((resolve) =>
    mortal.once("workerExit", ({ id, pid }) => resolve([id, isAlive(Number(pid))])),
  );
  await mortal.queue(async () => {});
  assert.deepEqual(await exit, [worker.id, false]);
});

test("a call on a killed browser is ERR_BROWSER_GONE and next.signal is aborted", async () => {
  const { promise, resolve } = deferred();
  await town.queue(async (page, next) => {
    if (next.attempt > 1) return;
    // Under way when the browser dies: a call that comes later finds its attempt over.
    await page.title();
    const call = untilDeath(page).catch((/** @type {Error} */ caught) => caught);
    process.kill(busyPid(town), "SIGKILL");
    resolve({ error: await call, signal: next.signal });
  });
  const { error, signal } = await promise;
  assert.equal(error.code, "ERR_BROWSER_GONE");
  assert.equal(signal.aborted, true);
});

test("an item that takes down its browser each time is ERR_ITEM_CRASHED after crashTries", async () => {
  const fragile = openTown({ crashTries: 2 });
  const item = fragile.queue(async (page) => {
    process.kill(busyPid(fragile), "SIGKILL");
    await untilDeath(page);
  });
  await assert.rejects(item, {
    code: "ERR_ITEM_CRASHED",
    id: item.id,
    message: /its worker 2 times, as often as crashTries allows: the browser is gone/,
  });
  assert.equal(item.attempts, 2);
  assert.equal(await fragile.queue(async () => "others go on"), "others go on");
  await fragile.close();
});

test("a page that crashes its renderer does not keep the others from running", { timeout: 30_000 }, async () => {
  const item = town.queue((page) => page.goto("chrome://crash", { timeout: 2000 }), { timeout: 5000 });
  await assert.rejects(item);
  assert.equal(await town.queue(async (page) => page.evaluate(() => "fine")), "fine");
});

test("after workerDeath items the next one runs in another browser, and the old one is gone", async () => {
  const mortal = openTown({ workerDeath: 2 });
  const pids = [];
  const exit = once(mortal, "workerExit");
  for (let i = 0; i < 4; i += 1) pids.push(await mortal.queue(async () => busyPid(mortal)));
  const [first, second, third, fourth] = pids;
  assert.equal(first, second);
  assert.notEqual(second, third);
  assert.equal(third, fourth);
  const [worker, reason] = await exit;
  assert.deepEqual([worker.pid, reason], [first, "replaced: it has had workerDeath items"]);
  await mortal.close();
  assert.deepEqual(pids.filter(isAlive), []);
});

for (const [options, why] of /** @type {const} */ ([
  [{ workerShift: 50 }, "replaced: its workerShift is over"],
  [{ workerMemory: 1 }, "replaced: it has outgrown workerMemory"],
])) {
  test(`${Object.keys(options)[0]} replaces a browser while items go on, and no item is lost`, async () => {
    const renewed = openTown(options);
    /** @type {[unknown, string][]} */
    const exits = [];
    renewed.on("workerExit", ({ pid }, reason) => exits.push([pid, reason]));
    const pids = [await renewed.queue(async () => busyPid(renewed))];
    let rounds = 0;
    for (; !exits.some(([pid]) => pid === pids[0]); rounds += 1) {
      // Two at a time, so that there is always one that waits.
      const items = [1, 2].map((number) => renewed.queue(async (page) => page.evaluate((same) => same, number)));
      assert.deepEqual(await Promise.all(items), [1, 2]);
    }
    pids.push(await renewed.queue(async () => busyPid(renewed)));
    assert.ok(exits.every(([, reason]) => reason === why));
    assert.notEqual(pids[1], pids[0]);
    const { fulfilled, rejected, retried, crashed } = renewed.stats();
    assert.deepEqual([fulfilled, rejected, retried, crashed], [2 * rounds + 2, 0, 0, 0]);
    await renewed.close();
  });
}

test("stop kills the browsers and keeps what waits and what ran; start runs both", async () => {
  const { promise: started, resolve } = deferred();
  const running = town.queue(async (page, next) => {
    if (next.attempt > 1) return "again";
    resolve(busyPid(town));
    await untilDeath(page);
  });
  /** @type {string[]} */
  const reasons = [];
  running.on("retry", (reason) => reasons.push(reason));
  const pid = await started;
  const waiting = town.queue(async () => "waited");
  const stopped = once(town, "stopped");
  town.stop();
  town.stop();
  assert.equal(town.isRunning, false);
  await stopped;
  assert.equal(isAlive(pid), false);
  assert.deepEqual([running.state, waiting.state], ["waiting", "waiting"]);
  assert.equal(town.stats().waiting, 2);
  const restarted = once(town, "started");
  town.start();
  town.start();
  await restarted;
  assert.equal(town.isRunning, true);
  assert.deepEqual(await Promise.all([running, waiting]), ["again", "waited"]);
  assert.deepEqual(reasons, ["stopped"]);
});

test("resize grows and shrinks a running town", async () => {
  town.resize(2);
  await town.ready();
  assert.equal(town.stats().workers.filter((worker) => worker.state === "ready").length, 2);
  const meet = [deferred(), deferred()];
  const pids = await Promise.all(
    meet.map(({ resolve }) =>
      town.queue(async () => {
        resolve();
        await Promise.all(meet.map(({ promise }) => promise));
        return town.stats().workers.map((worker) => worker.inFlight);
      }),
    ),
  );
  assert.deepEqual(pids, [
    [1, 1],
    [1, 1],
  ]);
  const exit = once(town, "workerExit");
  town.resize(1);
  assert.equal((await exit)[1], "not needed: the town was resized to fewer workers");
  assert.equal(await town.queue(async () => "runs"), "runs");
});

test("the town tells of each worker: start, ready with pid and version, exit", async () => {
  const told = openTown();
  /** @type {[string, number, string][]} */
  const heard = [];
  for (const event of /** @type {const} */ (["workerStart", "workerReady", "workerExit"])) {
    /** @type {any} */ (told).on(event, (/** @type {any} */ worker) => heard.push([event, worker.id, worker.state]));
  }
  const [worker] = await once(told, "workerReady");
  assert.ok(isAlive(worker.pid));
  assert.match(worker.browser, /chrom.* \d+\./);
  assert.equal(worker.engine, ENGINE);
  await told.close();
  assert.deepEqual(heard, [
    ["workerStart", 1, "starting"],
    ["workerReady", 1, "ready"],
    ["workerExit", 1, "gone"],
  ]);
  assert.equal(isAlive(worker.pid), false);
});

test("an acquired page works without a handler and returns its slot when released", async () => {
  town.removeAllListeners("queue");
  const page = await town.acquire();
  await page.setContent("<title>mine</title>");
  assert.equal(await page.title(), "mine");
  await page.release();
  await assert.rejects(page.title(), { code: "ERR_PAGE_CLOSED" });
  await page.release();
  town.on("queue", (given, use, next) => use(given, next));
  assert.equal(await town.queue(async () => "slot is free"), "slot is free");
});

test("items wait while a page is acquired, and no page within the timeout is ERR_TIMEOUT", async () => {
  const page = await town.acquire();
  const item = town.queue(async () => "after");
  await assert.rejects(town.acquire({ timeout: 10 }), { code: "ERR_TIMEOUT", message: /town\.acquire.*10 ms/ });
  await assert.rejects(town.acquire({ signal: AbortSignal.timeout(10) }), { code: "ERR_ITEM_ABORTED" });
  assert.equal(item.state, "waiting");
  await page[Symbol.asyncDispose]();
  assert.equal(await item, "after");
});

test("acquire with timeout 0 waits without a limit", async () => {
  const page = await town.acquire();
  const second = town.acquire({ timeout: 0 });
  // The wait ends by this signal or by its own limit, whichever comes first.
  await assert.rejects(town.acquire({ timeout: 0, signal: AbortSignal.timeout(50) }), { code: "ERR_ITEM_ABORTED" });
  await page.release();
  await (await second).release();
});

test("an acquired page whose browser is killed is ERR_BROWSER_GONE and emits close", async () => {
  const page = await town.acquire();
  const closed = once(page, "close");
  const call = assert.rejects(untilDeath(page), { code: "ERR_BROWSER_GONE" });
  process.kill(busyPid(town), "SIGKILL");
  await call;
  await closed;
  await page.release();
  assert.equal(await town.queue(async () => "recovered"), "recovered");
});

test("the counts of stats add up", async () => {
  const counted = openTown({ errorTries: 1 });
  const { promise: started, resolve } = deferred();
  await counted.queue(async () => {});
  await counted.queue(() => Promise.reject(new Error("mine"))).catch(() => {});
  await counted.queue(() => {}, { timeout: 20, tries: 0 }).catch(() => {});
  const running = counted.queue(() => resolve());
  const waiting = counted.queue(() => {});
  await started;
  const { workers, ...counts } = counted.stats();
  assert.deepEqual(counts, {
    ...{ waiting: 1, inFlight: 1, fulfilled: 1, rejected: 2, aborted: 0, retried: 1, timedOut: 1, crashed: 0 },
  });
  assert.equal(workers.length, 1);
  assert.equal(workers[0].items, 5);
  assert.equal(workers[0].inFlight, 1);
  for (const item of [running, waiting]) {
    item.abort();
    await assert.rejects(item, { code: "ERR_ITEM_ABORTED" });
  }
  assert.equal(counted.stats().aborted, 2);
  assert.equal(counted.stats().waiting + counted.stats().inFlight, 0);
  await counted.close();
});

test("stats count every item as its own state says", async () => {
  const counted = openTown({ queueLimit: 1 });
  await counted.ready();
  const states = { fulfilled: 0, rejected: 0, aborted: 0 };
  counted.on("itemDone", ({ state }) => {
    states[/** @type {keyof typeof states} */ (state)] += 1;
  });
  await counted.queue(async () => {});
  await counted.queue(() => Promise.reject(new Error("mine"))).catch(() => {});
  await counted.queue(() => {}, { timeout: 20, tries: 0 }).catch(() => {});
  const running = counted.queue(() => {});
  const started = once(/** @type {any} */ (running), "start");
  const waiting = counted.queue(() => {});
  const refused = counted.queue(() => {});
  const late = counted.queue(() => {}, { signal: AbortSignal.abort() });
  await started;
  for (const item of [running, waiting]) item.abort();
  await Promise.allSettled([running, waiting, refused, late]);
  const { fulfilled, rejected, aborted } = counted.stats();
  assert.deepEqual(states, { fulfilled: 1, rejected: 3, aborted: 3 });
  assert.deepEqual({ fulfilled, rejected, aborted }, states);
  assert.ok(counted.metrics().includes('boomtown_items_settled_total{outcome="rejected"} 3\n'));
  await counted.close();
});

test("a worker's memory is what its processes hold together, shared parts counted once", ON_LINUX, async () => {
  const held = openTown();
  await held.queue((page) => page.setContent("<h1>held</h1>"));
  const share = (/** @type {number} */ pid) => {
    try {
      const rollup = fs.readFileSync(`/proc/${pid}/smaps_rollup`, "latin1");
      return Number(/^Pss:\s+(\d+) kB/m.exec(rollup)?.[1]) * 1024;
    } catch {
      // It ended while we looked.
      return 0;
    }
  };
  let seen = "";
  // It is measured every few seconds.
  await until(() => {
    const [{ pid, memory }] = held.stats().workers;
    const shares = [{ pid: Number(pid) }, ...family(Number(pid))].map((one) => share(one.pid));
    const sum = shares.reduce((all, one) => all + one, 0);
    seen = `${memory} of ${shares}`;
    return shares.length > 1 && memory > Math.max(...shares) && Math.abs(memory - sum) < sum / 4;
  }).catch((error) => assert.fail(`${error.message}: ${seen}`));
  await held.close();
});

test("metrics are Prometheus' text format with the numbers of stats", () => {
  const { fulfilled, crashed } = town.stats();
  const text = town.metrics();
  assert.match(text, /^# HELP boomtown_items .+\n# TYPE boomtown_items gauge\n/);
  assert.ok(text.includes(`boomtown_items_settled_total{outcome="fulfilled"} ${fulfilled}\n`));
  assert.ok(text.includes(`boomtown_attempts_crashed_total ${crashed}\n`));
  for (const line of text.trimEnd().split("\n")) assert.match(line, /^(# (HELP|TYPE) \S+ .+|\w+(\{[^}]*\})? [\d.]+)$/);
});

test("metrics tell how long items waited, attempts ran and browsers launched", async () => {
  const timed = openTown();
  await timed.queue(async () => {});
  await timed.queue(async () => {});
  const text = timed.metrics();
  assert.match(text, /^boomtown_item_waiting_seconds_count 2$/m);
  assert.match(text, /^boomtown_attempt_running_seconds_bucket\{le="\+Inf"\} 2$/m);
  assert.match(text, /^boomtown_attempt_running_seconds_sum \d+\.\d{3}$/m);
  assert.match(text, /^boomtown_worker_launching_seconds_count 1$/m);
  assert.match(text, /^boomtown_workers_launched_total 1$/m);
  await timed.close();
});

test("stop gives a running item back once, however many workers are idle", async () => {
  const pair = openTown({ workerCount: 2, queueLimit: 1 });
  await pair.ready();
  /** @type {string[]} */
  const reasons = [];
  const started = deferred();
  const item = pair.queue(async (_page, next) => {
    if (next.attempt === 1) {
      started.resolve();
      await new Promise(() => {});
    }
    return next.attempt;
  });
  item.on("retry", (reason) => reasons.push(reason));
  await started.promise;
  pair.stop();
  await once(pair, "stopped");
  pair.start();
  assert.equal(await item, 2);
  assert.deepEqual(reasons, ["stopped"]);
  assert.equal(pair.stats().retried, 1);
  await pair.drained();
});

test("a handler that is set after removeAllListeners() gets the items", async () => {
  const cleared = openTown();
  cleared.removeAllListeners();
  const item = cleared.queue(async () => "ran");
  cleared.on("queue", (page, use, next) => use(page, next));
  assert.equal(await item, "ran");
});

test("a program whose last act is stop() lives until it has heard of the end", async () => {
  const program = `const town = require(${JSON.stringify(ROOT)})({ mode: "inline", workerCount: 1, browser: { sandbox: false } });
    town.on("stopped", () => console.log("stopped"));
    town.ready().then(() => town.stop());`;
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (chunk) => (printed += chunk));
  assert.deepEqual(await once(child, "close"), [0, null]);
  assert.equal(printed, "stopped\n");
});
