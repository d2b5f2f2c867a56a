// What a town survives: items that hang and poison, browsers that stop, pipes that close, starts that fail. The last tests are
// short storms of random faults; __test__/slow has longer ones, and `npm run test:faults` as long ones as one likes.

const { after, test } = require("node:test");
const assert = require("node:assert/strict");
const { Wrapper, blockEventLoop, family, lives } = require("../helpers/faults.js");
const { storm } = require("../helpers/run-storm.js");
const { ENGINE, busyPid, deferred, leftovers, openTown, scratch, until } = require("../helpers/town.js");

/** @typedef {import("../..").Page} Page */

const LIMIT = { timeout: 60_000 };
const LONG_LIMIT = { timeout: 180_000 };
const ON_CDP =
  ENGINE === "cdp" ? LIMIT : { skip: "only the cdp engine has a DevTools pipe and hears of a page's crash" };
const SHARED = ENGINE === "cdp" ? LIMIT : { skip: "with the webdriver engine every slot has a browser of its own" };

after(() => assert.deepEqual(leftovers(process.pid), []));

/** @param {Page} page */
const works = async (page) => {
  await page.setContent("<title>works</title>");
  return page.title();
};
/** Runs until its browser dies. @param {Page} page */
const untilDeath = (page) => page.waitForSelector("#never", { timeout: 0 });

test(
  "of 200 items every second one hangs: all settle, the others fulfil, and every slot is back",
  LONG_LIMIT,
  async () => {
    const town = openTown({ workerCount: 2, pageCount: 4 });
    const items = Array.from({ length: 200 }, (_, i) =>
      i % 2 === 0
        ? town.queue(async (page) => `${i} ${await works(page)}`)
        : town.queue(() => new Promise(() => {}), { timeout: 50, tries: 0 }),
    );
    const ends = await Promise.allSettled(items);
    assert.deepEqual(
      ends.map((end) => (end.status === "fulfilled" ? end.value : end.reason.code)),
      items.map((_, i) => (i % 2 === 0 ? `${i} works` : "ERR_ITEM_TIMEOUT")),
    );
    const together = deferred();
    let running = 0;
    const last = Array.from({ length: 8 }, () =>
      town.queue(async () => {
        running += 1;
        if (running === 8) together.resolve();
        await together.promise;
      }),
    );
    await Promise.all(last);
    await town.close();
  },
);

test(
  "an item that takes its worker down each time is rejected by name with crashTries 1, and its three neighbours fulfil",
  LIMIT,
  async () => {
    const town = openTown({ pageCount: 4, pageTries: 0, crashTries: 1 });
    const together = deferred();
    let running = 0;
    const neighbours = Array.from({ length: 3 }, () =>
      town.queue(async (page, next) => {
        if (next.attempt > 1) return works(page);
        running += 1;
        if (running === 3) together.resolve();
        await untilDeath(page);
      }),
    );
    const poison = town.queue(async (page) => {
      await together.promise;
      process.kill(busyPid(town), "SIGKILL");
      await untilDeath(page);
    });
    await assert.rejects(poison, {
      code: "ERR_ITEM_CRASHED",
      id: poison.id,
      message: new RegExp(`item ${poison.id} `),
    });
    assert.deepEqual(await Promise.all(neighbours), ["works", "works", "works"]);
    await town.close();
  },
);

/** @type {[what: string, use: (page: Page, pid: number) => unknown][]} */
const HANGING = [
  ["whose handler never returns", () => new Promise(() => {})],
  ["whose page is in an endless loop", (page) => page.evaluate("for (;;);")],
  [
    "whose browser no longer answers",
    (page, pid) => {
      process.kill(pid, "SIGSTOP");
      return page.title();
    },
  ],
];
/** Milliseconds that a browser has at least for a new page. */
const PAGE_TIME = 2000;
for (const [what, use] of HANGING) {
  test(`an item ${what} is ERR_ITEM_TIMEOUT, and the next one starts on its slot in time`, LIMIT, async () => {
    const [timeout, closeTimeout, launchTimeout] = [300, 500, 5000];
    const town = openTown({ closeTimeout, launchTimeout });
    let since = Infinity;
    const item = town.queue(
      (page) => {
        since = performance.now();
        return use(page, busyPid(town));
      },
      { timeout, tries: 0 },
    );
    const next = town.queue(async (page) => [performance.now() - since, await works(page)]);
    await assert.rejects(item, { code: "ERR_ITEM_TIMEOUT", id: item.id });
    const [took, result] = await next;
    assert.equal(result, "works");
    assert.ok(took < timeout + closeTimeout + PAGE_TIME + launchTimeout, `after ${took} ms`);
    await town.close();
  });
}

test("a browser that no longer answers is found by the health check alone, and its item fulfils", LIMIT, async () => {
  const town = openTown({ pageDeath: -1 });
  /** @type {string[]} */
  const reasons = [];
  const item = town.queue(async (page, next) => {
    if (next.attempt > 1) return works(page);
    process.kill(busyPid(town), "SIGSTOP");
    await untilDeath(page);
  });
  item.on("retry", (reason) => reasons.push(reason));
  assert.equal(await item, "works");
  assert.deepEqual(reasons, ["crash"]);
  await town.close();
});

test("a page in an endless loop costs its process, and not its worker", ON_CDP, async () => {
  const town = openTown({ pageTries: 0 });
  await town.ready();
  const { pid } = town.stats().workers[0];
  for (let times = 0; times < 3; times += 1) {
    await assert.rejects(
      town.queue((page) => page.evaluate("for (;;);"), { timeout: 300 }),
      { code: "ERR_ITEM_TIMEOUT" },
    );
    assert.equal(await town.queue(works), "works");
  }
  assert.equal(town.stats().workers[0].pid, pid);
  await town.close();
});

test("a page whose process is killed before its item comes is replaced", ON_CDP, async () => {
  const town = openTown({ pageTries: 0 });
  await town.queue(works);
  const renderers = () => family(process.pid).filter(({ role }) => role === "renderer");
  // That of the page, and of the one after it.
  await until(() => renderers().length === 1);
  const killed = renderers().map(({ pid }) => pid);
  for (const pid of killed) process.kill(pid, "SIGKILL");
  await until(() => renderers().some(({ pid }) => !killed.includes(pid)));
  assert.equal(await town.queue(works), "works");
  await town.close();
});

test("a page whose process is killed under an item that never touches it is not the next one's", ON_CDP, async () => {
  const town = openTown({ pageTries: 0 });
  await town.ready();
  await town.queue(async () => {
    const renderers = family(process.pid).filter(({ role }) => role === "renderer");
    for (const { pid } of renderers) process.kill(pid, "SIGKILL");
    await until(() => renderers.every((one) => !lives(one)));
    // The core hears of it in its own time.
    await new Promise((resolve) => setTimeout(resolve, 300));
  });
  assert.equal(await town.queue(works), "works");
  await town.close();
});

test("an item that kills its browser as its last act fulfils, and its neighbour is not blamed", SHARED, async () => {
  const town = openTown({ pageCount: 2, pageTries: 0, crashTries: 1 });
  const together = deferred();
  const neighbour = town.queue(async (page, next) => {
    if (next.attempt > 1) return works(page);
    together.resolve();
    await untilDeath(page);
  });
  const last = town.queue(async (page, next) => {
    await page.title();
    await together.promise;
    // On a busy machine the browser's end is heard of before the result.
    if (next.attempt === 1) process.kill(busyPid(town), "SIGKILL");
    return "done";
  });
  assert.deepEqual(await Promise.all([last, neighbour]), ["done", "works"]);
  await town.close();
});

test("a worker whose GPU process hangs, so that no picture is ever made, is replaced", LIMIT, async () => {
  const town = openTown({ pageDeath: 700 });
  await town.queue(works);
  const gpus = family(process.pid).filter(({ role }) => role === "gpu");
  for (const { pid } of gpus) process.kill(pid, "SIGSTOP");
  const item = town.queue((page) => page.screenshot());
  assert.ok((await item).length > 0);
  assert.ok(item.attempts > 3, `${item.attempts} attempts`);
  await town.close();
});

for (const [index, direction] of ["to", "from"].entries()) {
  test(`an item is retried when the DevTools pipe ${direction} its living browser closes`, ON_CDP, async () => {
    const town = openTown({ pageTries: 0, browser: { path: new Wrapper(scratch(), { relay: true }).path } });
    const item = town.queue(async (page, next) => {
      if (next.attempt > 1) return works(page);
      const relays = family(busyPid(town)).filter(({ role }) => role === "relay");
      process.kill(relays[index].pid, "SIGKILL");
      await untilDeath(page);
    });
    assert.equal(await item, "works");
    assert.equal(item.attempts, 2);
    await town.close();
  });
}

test("an item is retried when its browser is told to end, and closes its pages first", LIMIT, async () => {
  const town = openTown({ pageTries: 0 });
  const item = town.queue(async (page, next) => {
    if (next.attempt > 1) return works(page);
    process.kill(busyPid(town), "SIGTERM");
    await untilDeath(page);
  });
  assert.equal(await item, "works");
  assert.equal(item.attempts, 2);
  await town.close();
});

for (const [how, times] of /** @type {const} */ ([
  ["fail", 2],
  ["slow", 1],
  ["garbage", 1],
])) {
  test(
    `an item waits for a browser whose start was told to ${how === "fail" ? "fail twice" : `be ${how}`}`,
    LIMIT,
    async () => {
      const wrapper = new Wrapper(scratch());
      wrapper.order(how, times);
      const town = openTown({ browser: { path: wrapper.path } });
      assert.equal(await town.queue(works), "works");
      await town.close();
    },
  );
}

test("a handler that blocks the event loop for 5 s costs the others nothing but time", LIMIT, async () => {
  const town = openTown({ pageCount: 2, pageDeath: 20_000, pageTries: 0 });
  await town.ready();
  const items = [works, async () => blockEventLoop(5000), works].map((use) => town.queue(use));
  assert.deepEqual(await Promise.all(items), ["works", undefined, "works"]);
  assert.deepEqual(
    items.map(({ attempts }) => attempts),
    [1, 1, 1],
  );
  await town.close();
});

for (const mode of /** @type {const} */ (["inline", "cluster"])) {
  test(`a town of mode ${mode} in a short storm of random faults keeps its promises`, { timeout: 600_000 }, (context) =>
    storm(context, { mode, faults: 4 }),
  );
}
