// What users of ghost-town 3.0.0 rely on, run as their programs run it: in a cluster of forked processes, and in one process.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { GHOST_TOWN } = require("../../lib/contract.js");
const { townOptions } = require("../../lib/options.js");
const { LIMIT, SHARED, WAYS, ask, inBothWays, inOneWay, openProgram, openStage } = require("../helpers/ghost-town.js");
const { isAlive, processes, until } = require("../helpers/processes.js");
const { ENGINE, scratch, wrapped } = require("../helpers/town.js");

/** An attempt that never ends. @type {import("../helpers/ghost-town.js").Use} */
const hang = () => {};

/** The time of an attempt, where one has to be in time too: a busy machine may take a second to look. */
const IN_TIME = 4000;

/** Where the item runs: its Node process and its browser. @type {import("../helpers/ghost-town.js").Use} */
const where = (_page, _data, next, town) => {
  const busy = town.isMaster && town.stats().workers.find((worker) => worker.inFlight > 0);
  next(null, { node: process.pid, browser: town.phantom?.process.pid ?? (busy ? busy.pid : undefined) });
};

// The town

test("the defaults are ghost-town's", () => {
  const defaults = townOptions({}, () => {}, GHOST_TOWN);
  const { workerCount, workerDeath, workerShift, pageCount, pageDeath, pageTries, phantomFlags } = defaults;
  assert.deepEqual(
    { workerCount, workerDeath, workerShift, pageCount, pageDeath, pageTries, phantomFlags },
    {
      workerCount: 4,
      workerDeath: 25,
      workerShift: -1,
      pageCount: 1,
      pageDeath: 30_000,
      pageTries: -1,
      phantomFlags: {},
    },
  );
});

inBothWays("a town starts at once, and is the master of the program that opens it", SHARED, async (program) => {
  assert.deepEqual(await program.run((town) => [town.isMaster, town.isRunning]), [true, true]);
});

inOneWay("cluster", "in a forked process the same call gives a town that is not the master", {}, async (program) => {
  const answer = await program.queue((_page, _data, next, town) => next(null, [town.isMaster, process.pid]));
  assert.deepEqual(answer, [false, program.nodes[1]]);
});

for (const workerCount of [1, 4]) {
  inOneWay("cluster", `${workerCount} workers are in cluster.workers at once`, { workerCount }, async (program) => {
    const forked = await program.run((_town, _data, { workers }) => Object.keys(workers ?? {}).length);
    assert.equal(forked, workerCount);
    assert.equal(program.nodes.length, 1 + workerCount);
  });
}

for (const [options, what] of /** @type {[import("../..").TownOptions, string][]} */ ([
  [{ mode: "cluster" }, "mode cluster"],
  [{}, "a branch on isMaster"],
])) {
  test(`cluster: ${what} makes require("boomtown") what require("boomtown/ghost-town") is`, LIMIT, async () => {
    const program = await openProgram("cluster", options, "boomtown");
    const { node } = await program.queue(where);
    assert.equal(node, program.nodes[1]);
    await program.close();
  });
}

inOneWay("in-process", "workerCount is how many browsers there are", { workerCount: 3 }, async (program) => {
  assert.equal(await program.run((town) => town.ready().then(() => town.stats().workers.length)), 3);
});

inBothWays(
  // Nobody stands by for workers that stay.
  "the first of many workers has its items while the others still start",
  { workerCount: 8, workerDeath: -1 },
  async (program) => {
    const [early, all] = await program.run(async (town) => {
      const ready = () => town.stats().workers.filter(({ state }) => state === "ready").length;
      await town.queue({ use: "(_page, _data, next) => next(null)" });
      const early = ready();
      await town.ready();
      return [early, ready()];
    });
    assert.ok(early >= 1 && early < 8, `${early} were ready`);
    assert.equal(all, 8);
  },
);

inBothWays("start does nothing to a town that runs", { workerCount: 2 }, async (program) => {
  const workers = await program.run(async (town) => {
    town.start();
    town.start();
    await town.ready();
    return town.stats().workers.length;
  });
  assert.equal(workers, 2);
  assert.ok(program.nodes.length <= 3);
});

inBothWays("stop ends every worker with its browser", { workerCount: 2 }, async (program) => {
  const pids = await program.run((town) => town.ready().then(() => town.stats().workers.map(({ pid }) => pid)));
  assert.equal(pids.filter(isAlive).length, 2);
  assert.equal(
    await program.run((town) => {
      town.stop();
      return town.isRunning;
    }),
    false,
  );
  await until(() => ![...pids, ...program.nodes.slice(1)].some(isAlive));
});

inOneWay("cluster", "after stop the program's cluster has no worker", { workerCount: 2 }, async (program) => {
  const left = await program.run((town, _data, cluster) => {
    town.stop();
    const forked = () => Object.keys(cluster.workers ?? {}).length;
    // A worker is taken off the list when it has done both.
    return new Promise((resolve) => {
      for (const event of ["exit", "disconnect"]) cluster.on(event, () => forked() === 0 && resolve(forked()));
    });
  });
  assert.equal(left, 0);
  assert.equal(program.nodes.length, 3);
});

inBothWays("what waits when the town is stopped goes on after start", {}, async (program) => {
  await program.run((town) => town.stop());
  const item = program.queue((_page, data, next) => next(null, data), "waited");
  assert.deepEqual(await program.run((town) => [town.isRunning, town.stats().waiting]), [false, 1]);
  const started = program.run((town) => {
    town.start();
    return town.isRunning;
  });
  assert.equal(await started, true);
  assert.equal(await item, "waited");
});

inBothWays(
  "what runs when the town is stopped runs again, before what waits, and counts no try",
  {
    pageTries: 0,
  },
  async (program) => {
    const stage = await openStage();
    const items = [program.queue(ask, `${stage.url}first`), program.queue(ask, `${stage.url}second`)];
    assert.equal((await stage.asked()).who, "first");
    await program.run((town) => town.stop());
    await program.run((town) => town.start());
    for (const expected of ["first", "second"]) {
      const { who, answer } = await stage.asked();
      assert.equal(who, expected);
      await answer(who);
    }
    assert.deepEqual(await Promise.all(items), ["first", "second"]);
  },
);

inBothWays("stop and start at once makes no more workers than workerCount", { workerCount: 2 }, async (program) => {
  const workers = await program.run(async (town) => {
    await town.ready();
    for (let times = 0; times < 3; times += 1) {
      town.stop();
      town.start();
    }
    await town.ready();
    return town.stats().workers.filter(({ state }) => state === "ready").length;
  });
  assert.equal(workers, 2);
  await until(() => program.nodes.slice(1).filter(isAlive).length <= 2);
});

inBothWays("a program ends by itself when its items are done", {}, async (program) => {
  assert.equal(await program.queue((_page, _data, next) => next(null, "done")), "done");
  await program.ends();
});

inBothWays("a program ends by itself once its town is stopped", {}, async (program) => {
  await program.queue((_page, _data, next) => next(null));
  await program.run((town) => town.stop());
  await program.ends();
});

for (const way of WAYS) {
  test(`${way}: SIGKILL of the program leaves no worker and no browser`, LIMIT, async () => {
    const program = await openProgram(way, { workerCount: 2 });
    const stage = await openStage();
    program.queue(ask, stage.url);
    await stage.asked();
    program.child.kill("SIGKILL");
    await program.exited;
    await program.leavesNothing();
  });
}

// queue

inBothWays("queue hands data to the handler, and its result to the callback", SHARED, async (program) => {
  assert.equal(await program.queue((_page, data, next) => next(null, data + 1), 41), 42);
});

for (const data of [null, 0, "", false, "schön 🎃", [1, [2]], { a: { b: [null] } }]) {
  inBothWays(`${JSON.stringify(data)} arrives as it is, there and back`, SHARED, async (program) => {
    const text = JSON.stringify(data);
    const seen = await program.queue((_page, data, next) => next(null, [JSON.stringify(data), data]), data);
    assert.deepEqual(seen, [text, data]);
  });
}

inBothWays("a Buffer arrives as a Buffer", SHARED, async (program) => {
  const seen = await program.run((town) => {
    const use = "(_page, data, next) => next(null, Buffer.from(data))";
    return town.queue({ use, data: "bytes" }).then((result) => [Buffer.isBuffer(result), `${result}`]);
  });
  assert.deepEqual(seen, [true, "bytes"]);
});

inBothWays("the callback gets null and the result", SHARED, async (program) => {
  const seen = await program.run(
    (town) =>
      new Promise((resolve) => {
        const use = "(_page, _data, next) => next(null, 'result')";
        town.queue({ use }, (error, result) => resolve([error, result]));
      }),
  );
  assert.deepEqual(seen, [null, "result"]);
});

inBothWays("next without arguments is success", SHARED, async (program) => {
  assert.equal(await program.queue((_page, _data, next) => next()), undefined);
});

inBothWays("items run in the order in which they were queued", SHARED, async (program) => {
  const stage = await openStage();
  const items = ["1", "2", "3"].map((name) => program.queue(ask, stage.url + name));
  for (const expected of ["1", "2", "3"]) {
    const { who, answer } = await stage.asked();
    assert.equal(who, expected);
    await answer(who);
  }
  assert.deepEqual(await Promise.all(items), ["1", "2", "3"]);
});

inBothWays("asap true puts an item at the front, and false at the end", SHARED, async (program) => {
  const stage = await openStage();
  const queue = (/** @type {string} */ name, /** @type {boolean} */ asap) => program.queue(ask, stage.url + name, asap);
  const items = [queue("running", false)];
  const { answer } = await stage.asked();
  items.push(queue("late", false), queue("soon", true), queue("sooner", true));
  await program.run((town) => town.stats());
  await answer("done");
  for (const expected of ["sooner", "soon", "late"]) {
    const { who, answer } = await stage.asked();
    assert.equal(who, expected);
    await answer("done");
  }
  await Promise.all(items);
});

for (const asap of ["undefined", "null", "1", "0"]) {
  inBothWays(`queue(data, ${asap}, next) is taken as ghost-town took it`, SHARED, async (program) => {
    const seen = await program.run((town, asap) => {
      const use = "(_page, _data, next) => next(null, 'done')";
      const value = { undefined: undefined, null: null, 1: 1, 0: 0 }[/** @type {"null"} */ (asap)];
      return new Promise((resolve) =>
        town.queue({ use }, /** @type {any} */ (value), (_error, result) => resolve(result)),
      );
    }, asap);
    assert.equal(seen, "done");
  });
}

inOneWay("cluster", "queue in a forked process throws, and says why", SHARED, async (program) => {
  const refused = program.queue((_page, _data, _next, town) => town.queue("data"));
  await assert.rejects(refused, { message: /queue\(\) is called in a worker process.*because of mode "cluster"/ });
});

// The handler

inOneWay("cluster", "town.phantom.process.pid is the browser's", SHARED, async (program) => {
  const { node, browser } = await program.queue(where);
  assert.ok(processes(node).some(({ pid }) => pid === browser));
});

inBothWays("a second call of next does nothing", SHARED, async (program) => {
  const stage = await openStage();
  const twice = program.queue((_page, _data, next) => {
    next(null, "first");
    next(null, "second");
    next(new Error("third"));
  });
  assert.equal(await twice, "first");
  // Nor does it free a slot that is not there.
  const items = [program.queue(ask, stage.url), program.queue(ask, stage.url)];
  for (const _ of items) await (await stage.asked()).answer("done");
  await Promise.all(items);
  assert.equal(stage.most(), 1);
});

inBothWays("the page closes when next is called", SHARED, async (program) => {
  await program.queue((page, _data, next) => {
    next(null);
    Object.assign(globalThis, { late: page.property("title").then(String, (error) => error.code) });
  });
  assert.equal(await program.queue(() => Reflect.get(globalThis, "late")), "ERR_PAGE_CLOSED");
});

inBothWays("every item has a page of its own", SHARED, async (program) => {
  const use = (/** @type {import("../..").Page} */ page) =>
    page.evaluate(() => {
      const seen = Reflect.get(window, "seen");
      Reflect.set(window, "seen", true);
      return [seen ?? "nothing", location.href];
    });
  for (const _ of "12") assert.deepEqual(await program.queue(use), ["nothing", "about:blank"]);
});

/** What only the cdp engine can. @type {typeof inBothWays} */
const withEvents = ENGINE === "cdp" ? inBothWays : () => {};

withEvents("a callback that is set as a property of the page ends the item", SHARED, async (program) => {
  const heard = await program.queue((page, _data, next) => {
    page
      .property("onLoadFinished", (_status, next) => next(null, "replaced"), next)
      .then(() => page.property("onLoadFinished", (status, next, word) => next(null, [status, word]), next, "word"))
      .then(() => page.property("content", "<h1>Hello</h1>"))
      .catch(next);
  });
  assert.deepEqual(heard, ["success", "word"]);
});

inBothWays("an Error arrives with its name, message, stack and code", SHARED, async (program) => {
  const failed = program.queue(function thrower(_page, _data, next) {
    next(Object.assign(new RangeError("too much of it"), { code: "E_MUCH" }));
  });
  await assert.rejects(failed, (/** @type {any} */ error) => {
    assert.deepEqual([error.name, error.message, error.code], ["RangeError", "too much of it", "E_MUCH"]);
    assert.match(error.stack, /^RangeError: too much of it\n.*thrower/);
    return true;
  });
});

inBothWays("an Error arrives as an instance of Error, with its cause", SHARED, async (program) => {
  const seen = await program.run((town) => {
    const use = "(_page, _data, next) => next(new Error('outer', { cause: new Error('inner') }))";
    return town.queue({ use }).catch((error) => [error instanceof Error, error.cause?.message]);
  });
  assert.deepEqual(seen, [true, "inner"]);
});

inBothWays("what is no Error arrives as it is", SHARED, async (program) => {
  await assert.rejects(
    program.queue((_page, _data, next) => next(/** @type {any} */ ("just text"))),
    { given: "just text" },
  );
});

inBothWays("an Error of the page arrives with its code", SHARED, async (program) => {
  const failed = program.queue((page, _data, next) => page.goto("http://127.0.0.1:1/").then(() => next(null), next));
  await assert.rejects(failed, { code: "ERR_NAVIGATION", message: /127\.0\.0\.1:1/ });
});

inBothWays("a handler that throws fails its item at once", SHARED, async (program) => {
  const failed = program.queue(() => {
    throw new TypeError("thrown");
  });
  await assert.rejects(failed, { name: "TypeError", message: "thrown" });
});

inBothWays("a handler that does not take next may return a promise", SHARED, async (program) => {
  assert.equal(await program.queue(async (page) => page.evaluate(() => 6 * 7)), 42);
});

inOneWay(
  "cluster",
  "null for an option is as if it were not given",
  /** @type {any} */ ({ phantomBinary: null, workerShift: null }),
  async (program) => {
    assert.equal(await program.queue((_page, _data, next) => next(null, "runs")), "runs");
  },
);

inOneWay("cluster", "the program and its workers can send messages of their own", {}, async (program) => {
  const seen = await program.run((town, _data, { workers }) => {
    const [worker] = Object.values(workers ?? {});
    worker?.on("message", (message) => {
      if (message?.question)
        for (const answer of ["text", 5, { ghost: "town", id: 0 }, { mine: 1 }]) worker.send(answer);
    });
    const use = `(_page, _data, next) => {
      process.on("message", (message) => message?.mine && next(null, message));
      process.send({ question: true });
    }`;
    return town.queue({ use });
  });
  assert.deepEqual(seen, { mine: 1 });
  assert.equal(await program.queue((_page, _data, next) => next(null, "goes on")), "goes on");
});

// Time

inBothWays(
  "an item whose attempt times out is tried again, before what waits",
  { pageDeath: IN_TIME },
  async (program) => {
    const stage = await openStage();
    const items = [program.queue(ask, `${stage.url}slow`), program.queue(ask, `${stage.url}other`)];
    await stage.asked();
    for (const expected of ["slow", "other"]) {
      const { who, answer } = await stage.asked();
      assert.equal(who, expected);
      await answer(who);
    }
    assert.deepEqual(await Promise.all(items), ["slow", "other"]);
  },
);

for (const pageTries of [0, 1, 2]) {
  inBothWays(
    `pageTries: ${pageTries} is so many retries, and then an Error`,
    {
      pageDeath: 300,
      pageTries,
    },
    async (program) => {
      const [code, message, attempts] = await program.run((town) => {
        const item = town.queue({ use: "() => {}" });
        return item.catch((error) => [error.code, error.message, item.attempts]);
      });
      assert.equal(code, "ERR_ITEM_TIMEOUT");
      assert.match(message, /max pageTries/);
      assert.equal(attempts, pageTries + 1);
    },
  );
}

inBothWays("pageTries: -1 tries again and again", { pageDeath: 300 }, async (program) => {
  const stage = await openStage();
  const item = program.queue(ask, stage.url);
  for (let attempts = 0; attempts < 4; attempts += 1) await stage.asked();
  await (await stage.asked()).answer("at last");
  // Its attempt may have timed out meanwhile; another one follows then.
  const answering = (async () => {
    for (;;) await (await stage.asked()).answer("at last");
  })();
  assert.equal(await Promise.race([item, answering]), "at last");
});

inBothWays("what an attempt says after its time is ignored", { pageDeath: IN_TIME }, async (program) => {
  const stage = await openStage();
  const item = program.queue(ask, stage.url);
  const late = await stage.asked();
  const right = await stage.asked();
  await late.answer("late");
  await right.answer("right");
  assert.equal(await item, "right");
});

inBothWays(
  "a handler that never ends does not keep its slot",
  { pageDeath: IN_TIME, pageTries: 0 },
  async (program) => {
    const hung = assert.rejects(program.queue(hang), { code: "ERR_ITEM_TIMEOUT" });
    assert.equal(await program.queue((_page, _data, next) => next(null, "next one")), "next one");
    await hung;
  },
);

for (const [way, pageDeath] of /** @type {[import("../helpers/ghost-town.js").Way, number][]} */ ([
  ["in-process", 0],
  ["in-process", -1],
  ["cluster", -1],
])) {
  if (!WAYS.includes(way)) continue;
  inOneWay(way, `pageDeath: ${pageDeath} is no limit`, { pageDeath, pageTries: 0 }, async (program) => {
    const item = program.queue((_page, _data, next) => {
      setTimeout(next, 1000, null, "done");
    });
    assert.equal(await item, "done");
  });
}

inOneWay(
  "cluster",
  "pageDeath: 0 ends each attempt as soon as it starts",
  { pageDeath: 0, pageTries: 9 },
  async (program) => {
    const [code, attempts] = await program.run((town) => {
      const item = town.queue({ use: "(_page, _data, next) => next(null, 'in time')" });
      return item.catch((error) => [error.code, item.attempts]);
    });
    assert.deepEqual([code, attempts], ["ERR_ITEM_TIMEOUT", 10]);
  },
);

inOneWay(
  "cluster",
  "the primary hears a worker's message for each page that is free, as it did of ghost-town's",
  { pageDeath: 0 },
  async (program) => {
    const heard = await program.run((town) => {
      /** @type {unknown[]} */
      const messages = [];
      return new Promise((resolve) => {
        // Of whichever worker: one on which all attempts run out of time is replaced.
        /** @type {import("node:cluster").Cluster} */
        const cluster = /** @type {any} */ (process.getBuiltinModule("node:cluster"));
        cluster.on("message", (_worker, message) => messages.push(message) > 20 && resolve(messages[20]));
        town.queue({ use: "() => {}" }).catch(() => {});
      });
    });
    assert.equal(heard.ghost, "town");
    await program.run((town) => town.stop());
  },
);

// Workers

inOneWay(
  "cluster",
  "an item whose worker exits is queued again at the front, and counts no try",
  {
    pageTries: 0,
  },
  async (program) => {
    const stage = await openStage();
    const items = [program.queue(ask, `${stage.url}first`), program.queue(ask, `${stage.url}second`)];
    await (await stage.asked()).answer("exit");
    for (const expected of ["first", "second"]) {
      const { who, answer } = await stage.asked();
      assert.equal(who, expected);
      await answer(who);
    }
    assert.deepEqual(await Promise.all(items), ["first", "second"]);
  },
);

inOneWay(
  "cluster",
  "an item keeps its count of tries when its worker exits",
  {
    pageDeath: IN_TIME,
    pageTries: 1,
  },
  async (program) => {
    const stage = await openStage();
    const item = program.queue(ask, stage.url);
    await stage.asked();
    await (await stage.asked()).answer("exit");
    await stage.asked();
    await assert.rejects(item, { code: "ERR_ITEM_TIMEOUT", message: /max pageTries/ });
  },
);

inOneWay("cluster", "a worker that is killed is replaced, and its browser goes with it", {}, async (program) => {
  const { node, browser } = await program.queue(where);
  process.kill(node, "SIGKILL");
  const next = await program.queue(where);
  assert.notEqual(next.node, node);
  assert.notEqual(next.browser, browser);
  await until(() => !isAlive(browser));
});

inBothWays("an item whose browser dies is queued again, and counts no try", { pageTries: 0 }, async (program) => {
  const stage = await openStage();
  const { browser } = await program.queue(where);
  const item = program.queue(ask, stage.url);
  await stage.asked();
  process.kill(browser, "SIGKILL");
  await (await stage.asked()).answer("survived");
  assert.equal(await item, "survived");
});

inBothWays("workerDeath is how many items a worker has before it is replaced", { workerDeath: 3 }, async (program) => {
  const browsers = [];
  for (let items = 0; items < 7; items += 1) browsers.push((await program.queue(where)).browser);
  const [first, second, third] = [browsers[0], browsers[3], browsers[6]];
  assert.equal(new Set([first, second, third]).size, 3);
  assert.deepEqual(browsers, [first, first, first, second, second, second, third]);
  await until(() => ![first, second].some(isAlive));
});

inOneWay("cluster", "a worker that is replaced is another process", { workerDeath: 1 }, async (program) => {
  const [first, second] = [await program.queue(where), await program.queue(where)];
  assert.notEqual(first.node, second.node);
  await until(() => !isAlive(first.node));
});

inBothWays("workerShift replaces a worker by its age, and no item is lost", { workerShift: 500 }, async (program) => {
  const { browser } = await program.queue(where);
  let next = browser;
  while (next === browser) ({ browser: next } = await program.queue(where));
  await until(() => !isAlive(browser));
});

inBothWays("pageCount is how many items a worker has at a time", { pageCount: 3 }, async (program) => {
  const stage = await openStage();
  const items = Array.from("123456", (name) => program.queue(ask, stage.url + name));
  const first = [await stage.asked(), await stage.asked(), await stage.asked()];
  for (const { answer } of first) await answer("done");
  for (const _ of first) await (await stage.asked()).answer("done");
  await Promise.all(items);
  assert.equal(stage.most(), 3);
});

inBothWays("items go to every worker at the same time", { workerCount: 3 }, async (program) => {
  const stage = await openStage();
  const items = Array.from("123", (name) => program.queue(ask, stage.url + name));
  const asked = [await stage.asked(), await stage.asked(), await stage.asked()];
  for (const { answer } of asked) await answer("done");
  await Promise.all(items);
});

inOneWay("cluster", "the settings of cluster.setupPrimary hold for the workers", {}, async (program) => {
  const seen = await program.run(async (town, _data, cluster) => {
    cluster.setupPrimary({ args: [...(cluster.settings.args ?? []), "--mine"] });
    town.stop();
    town.start();
    return town.queue({ use: "(_page, _data, next) => next(null, process.argv.at(-1))" });
  });
  assert.equal(seen, "--mine");
});

// The browser

inBothWays(
  "phantomFlags are on the browser's command line",
  {
    phantomFlags: { "disk-cache": "true", "my-own": 5 },
  },
  async (program) => {
    const { node, browser } = await program.queue(where);
    // A driver has the browser as its child.
    const those = processes(node).filter(({ pid }) => ENGINE !== "cdp" || pid === browser);
    const commands = those.map(({ command }) => command);
    assert.ok(commands.some((command) => command.includes("--disk-cache=true") && command.includes("--my-own=5")));
  },
);

for (const way of WAYS) {
  test(`${way}: phantomBinary is what runs`, ENGINE === "cdp" ? LIMIT : { skip: "of the cdp engine" }, async () => {
    const mark = path.join(scratch(), "mark");
    const program = await openProgram(way, { phantomBinary: wrapped(`echo ran >>'${mark}'`) });
    assert.equal(await program.queue((page) => page.evaluate(() => "drawn")), "drawn");
    assert.match(fs.readFileSync(mark, "utf8"), /^ran\n/);
    await program.close();
  });
}

inBothWays(
  "a phantomBinary that is a PhantomJS is ignored with a warning",
  {
    phantomBinary: "/usr/local/bin/phantomjs",
  },
  async (program) => {
    assert.equal(await program.queue((page) => page.evaluate(() => "Chromium")), "Chromium");
    await program.warns(/phantomBinary.*\/usr\/local\/bin\/phantomjs.*ignored/);
  },
);

inBothWays(
  "a phantomBinary that is not there fails what waits, with its path",
  {
    phantomBinary: "/nowhere/chromium",
  },
  async (program) => {
    await assert.rejects(
      program.queue(() => "ran"),
      { code: "ERR_BROWSER_NOT_FOUND", message: /\/nowhere\/chromium/ },
    );
  },
);

// Options

for (const way of WAYS) {
  for (const [option, value, allowed] of /** @type {[string, any, RegExp][]} */ ([
    ["workerCount", "4", /an integer from 1/],
    ["workerDeath", 0, /an integer of at least 1, or Infinity, or -1 \(never\)/],
    ["pageTries", "never", /an integer/],
    ["phantomFlags", ["--a=b"], /an object/],
  ])) {
    const name = `${way}: ${option}: ${JSON.stringify(value)}`;
    if (way === "cluster") {
      test(`${name} is a warning with what is allowed, and its default is taken`, LIMIT, async () => {
        const program = await openProgram(way, { workerCount: 1, [option]: value });
        await program.warns(new RegExp(`option "${option}".*${allowed.source}.*its default is taken`));
        await program.close();
      });
      continue;
    }
    test(`${name} is refused with what is allowed`, LIMIT, async () => {
      const program = await openProgram(way, { [option]: value });
      const { name, code, message } = await program.refused;
      assert.deepEqual([name, code], ["TypeError", "ERR_INVALID_OPTION"]);
      assert.match(message, new RegExp(`option "${option}"`));
      assert.match(message, allowed);
      assert.deepEqual(program.nodes, [program.pid]);
      await program.ends();
    });
  }
}

inBothWays(
  "an unknown option is a warning that names the nearest one",
  /** @type {any} */ ({ workerCuont: 1 }),
  (program) => program.warns(/workerCuont.*workerCount/),
);

// Many

inBothWays(
  "200 items each call back once, with their own result",
  { workerCount: 2, pageCount: 4 },
  async (program) => {
    const seen = await program.run(async (town) => {
      const use = "(_page, data, next) => next(null, data)";
      /** @type {number[]} */
      const results = [];
      const all = Array.from({ length: 200 }, (_, data) =>
        town.queue({ use, data }, (_error, got) => results.push(got)),
      );
      await Promise.all(all);
      await new Promise(setImmediate);
      return results.sort((a, b) => a - b);
    });
    assert.deepEqual(
      seen,
      Array.from({ length: 200 }, (_, data) => data),
    );
  },
);

inBothWays(
  "60 items are done while six browsers are killed",
  // Nobody else ends them.
  { workerCount: 2, workerDeath: -1, crashTries: 10 },
  async (program) => {
    const items = Array.from({ length: 60 }, (_, data) =>
      program.queue((page, data) => page.evaluate((/** @type {number} */ data) => data, data), data),
    );
    const killed = new Set();
    while (killed.size < 6) {
      const { browser } = await program.queue(where, undefined, true);
      // Its end may not have been heard of yet.
      if (!killed.has(browser)) process.kill(browser, "SIGKILL");
      killed.add(browser);
    }
    assert.deepEqual(
      await Promise.all(items),
      Array.from({ length: 60 }, (_, data) => data),
    );
  },
);

inBothWays(
  "half of 60 items are done when every second handler never ends",
  { workerCount: 4, pageCount: 4, pageDeath: 2000, pageTries: 0 },
  async (program) => {
    const items = Array.from({ length: 60 }, (_, data) =>
      program.queue((_page, data, next) => data % 2 && next(null, data), data),
    );
    const outcomes = (await Promise.allSettled(items)).map(({ status }) => status);
    assert.deepEqual(
      outcomes,
      Array.from({ length: 60 }, (_, data) => (data % 2 ? "fulfilled" : "rejected")),
    );
  },
);
