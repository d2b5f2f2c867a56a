// Mode "cluster": the queue here, handlers and browsers in forked processes. Each test runs a program of its own, whose primary
// prints lines, and looks at what is left of it.

const { after, test } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { family } = require("../helpers/faults.js");
const { processesIn } = require("../helpers/processes.js");
const { ENGINE, ROOT, isAlive, leftovers, scratch, until, wrapped } = require("../helpers/town.js");

const LIMIT = { timeout: 60_000 };
const ON_CDP = ENGINE === "cdp" ? LIMIT : { skip: "of the cdp engine" };

/** @type {(() => unknown)[]} */
const cleanups = [];
after(() => cleanups.forEach((cleanup) => void cleanup()));

/**
 * A program with `boomtown`, `options` and `town` in scope.
 * @param {object} parts
 * @param {string} [parts.options] further ones of the town
 * @param {string} parts.primary runs where the town is the master; `show` prints a value as a line of JSON
 * @param {string} parts.worker runs in the forked processes
 * @param {string} [parts.first] runs before the town is made
 * @param {string} [parts.branch] how it tells the two apart
 * @param {string} [parts.name] of the file
 */
function program({ options = "", primary, worker, first = "", branch = "town.isMaster", name = "program.js" }) {
  const file = path.join(scratch(), name);
  const load = name.endsWith(".mjs")
    ? `import cluster from "node:cluster"; import boomtown from ${JSON.stringify(path.join(ROOT, "index.mjs"))};`
    : `const cluster = require("node:cluster"); const boomtown = require(${JSON.stringify(ROOT)});`;
  fs.writeFileSync(
    file,
    `${load}
const show = (value) => console.log(JSON.stringify(value));
const told = ({ name, code, message }) => ({ name, code, message });
${first}
const town = boomtown({ mode: "cluster", workerCount: 1, engine: ${JSON.stringify(ENGINE)}, browser: { sandbox: false }, ${options} });
async function primary() { ${primary} }
function worker() { ${worker} }
if (${branch}) primary().catch((error) => { console.error(error); process.exit(70); });
else worker();
`,
  );
  return file;
}

/** @param {string} file @param {string[]} [flags] */
function start(file, flags = []) {
  const child = spawn(process.execPath, ["--no-warnings", ...flags, file], { stdio: ["pipe", "pipe", "pipe"] });
  cleanups.push(() => child.kill("SIGKILL"));
  /** @type {any[]} */
  const lines = [];
  let [rest, errors] = ["", ""];
  /** @type {(() => void)[]} */
  const readers = [];
  child.stderr.on("data", (chunk) => (errors += chunk));
  child.stdout.on("data", (chunk) => {
    const all = (rest + chunk).split("\n");
    rest = all.pop() ?? "";
    lines.push(...all.map((line) => JSON.parse(line)));
    for (const look of readers) look();
  });
  const exited = once(child, "close").then(([code, signal]) => ({ code, signal, lines, errors }));
  return {
    child,
    pid: /** @type {number} */ (child.pid),
    exited,
    /** Resolves with the first so many lines. @param {number} count */
    prints: (count) =>
      new Promise((resolve, reject) => {
        const look = () => lines.length >= count && resolve(lines);
        readers.push(look);
        look();
        exited.then((end) => reject(new Error(`ended too early: ${JSON.stringify(end)}`)));
      }),
  };
}

/** Runs a program to its end, and what it has printed. @param {Parameters<typeof program>[0]} parts @param {string[]} [flags] */
async function run(parts, flags) {
  const { exited, pid } = start(program(parts), flags);
  const { code, signal, lines, errors } = await exited;
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, errors);
  assert.deepEqual(leftovers(pid), []);
  return lines;
}

test(
  "workers are forked when the constructor returns, and each runs items in a process of its own",
  LIMIT,
  async () => {
    const [workers, pids] = await run({
      options: "workerCount: 2",
      primary: `show(Object.keys(cluster.workers).length);
      await town.ready();
      show([...new Set(await Promise.all([1, 2].map(() => town.queue(""))))]);
      await town.close();`,
      worker: `let busy = () => {};
      town.on("queue", async (page) => { await page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))"); return process.pid; });`,
    });
    assert.equal(workers, 2);
    assert.equal(pids.length, 2);
  },
);

test("data, results and progress keep their types, and Buffers their bytes", LIMIT, async () => {
  const lines = await run({
    primary: `const data = { bytes: Buffer.from([0, 255, 128]), date: new Date(5), map: new Map([[1, { a: undefined }]]) };
      data.self = data;
      const item = town.queue(data);
      item.on("progress", (value) => show(["progress", Buffer.isBuffer(value), [...value]]));
      const result = await item;
      show([Buffer.isBuffer(result.bytes), [...result.bytes], result.date.getTime(), [...result.map], result.same]);
      await town.close();`,
    worker: `town.on("queue", async (page, data, next) => {
        next.progress(Buffer.from([7]));
        return { ...data, self: undefined, same: data.self === data };
      });`,
  });
  assert.deepEqual(lines, [
    ["progress", true, [7]],
    [true, [0, 255, 128], 5, [[1, {}]], true],
  ]);
});

test("an error arrives with name, message, stack, code, cause and what else is on it", LIMIT, async () => {
  const [error] = await run({
    primary: `const error = await town.queue("").catch((error) => error);
      show([error instanceof RangeError, error.message, error.code, error.detail, error.cause.message, error.stack.includes("blame")]);
      await town.close();`,
    worker: `town.on("queue", async function blame() {
        throw Object.assign(new RangeError("mine", { cause: new Error("why") }), { code: "MINE", detail: { at: 1 } });
      });`,
  });
  assert.deepEqual(error, [true, "mine", "MINE", { at: 1 }, "why", true]);
});

test("data that cannot be sent is ERR_INVALID_OPTION at the call, and names the part", LIMIT, async () => {
  const [error] = await run({
    primary: `try { town.queue({ list: [1, { f() {} }] }); } catch (error) { show(told(error)); }
      await town.close();`,
    worker: `town.on("queue", async () => {});`,
  });
  assert.equal(error.code, "ERR_INVALID_OPTION");
  assert.match(error.message, /data\.list\[1\]\.f .*function f/);
});

test("a result that cannot be sent rejects its item, and names the part", LIMIT, async () => {
  const [error] = await run({
    primary: `await town.queue("").catch((error) => show(told(error)));
      await town.close();`,
    worker: `town.on("queue", async () => ({ page: { close() {} } }));`,
  });
  assert.equal(error.code, "ERR_INVALID_OPTION");
  assert.match(error.message, /result\.page\.close/);
});

test("what can be sent and not be read fails its item, and the town goes on", LIMIT, async () => {
  const lines = await run({
    primary: `for (const what of ["own cause", "each other's cause", "result", "aggregate", "proxy", "data"]) {
        const data = { what };
        if (what === "data") data.own = Object.assign(data.own = new Error("d"), { cause: data.own });
        await town.queue(data).then(show, (error) => show([what, error.message.slice(0, 80)]));
      }
      const item = town.queue({ what: "progress" });
      item.on("progress", () => show("progress"));
      show(await item);
      await town.close();`,
    worker: `const error = Object.assign(new Error("c"), {});
      town.on("queue", async (page, { what }, next) => {
        if (what === "own cause") throw Object.assign(error, { cause: error });
        if (what === "each other's cause") {
          const [a, b] = [new Error("a"), new Error("b")];
          throw Object.assign(a, { cause: Object.assign(b, { cause: a }) });
        }
        if (what === "result") return { error: Object.assign(error, { cause: error }) };
        if (what === "aggregate") {
          const all = new AggregateError([], "circular");
          all.errors.push(all, all, all);
          throw all;
        }
        if (what === "proxy") throw new Proxy({}, { get() { throw new Error("trap"); } });
        if (what === "progress") next.progress(Object.assign(error, { cause: error }));
        return "done";
      });`,
  });
  assert.deepEqual(lines.slice(0, 2), [
    ["own cause", "c"],
    ["each other's cause", "a"],
  ]);
  assert.match(lines[2][1], /^the handler's result cannot be sent to another process/);
  assert.deepEqual(lines[3], ["aggregate", "circular"]);
  assert.match(lines[4][1], /^the handler failed with what cannot be sent/);
  assert.match(lines[5][1], /^town.queue: data cannot be sent to another process/);
  assert.deepEqual(lines.slice(6), ["done"]);
});

test("typed arrays have a buffer of their own size", LIMIT, async () => {
  const [sizes] = await run({
    primary: `const { short, view } = await town.queue({ short: Uint16Array.of(1, 2), view: new DataView(new ArrayBuffer(4)) });
      show([short.byteOffset, short.buffer.byteLength, [...short], view.byteOffset, view.buffer.byteLength]);
      await town.close();`,
    worker: `town.on("queue", async (page, data) => data);`,
  });
  assert.deepEqual(sizes, [0, 4, [1, 2], 0, 4]);
});

test("data is sent as it was when it was queued, also before the mode is known", LIMIT, async () => {
  const [numbers] = await run({
    options: 'mode: "auto"',
    primary: `const data = {};
      const items = [0, 1, 2].map((number) => { data.number = number; return town.queue(data); });
      show(await Promise.all(items));
      await town.close();`,
    worker: `town.on("queue", async (page, { number }) => number);`,
  });
  assert.deepEqual(numbers, [0, 1, 2]);
});

test(
  "an exception that nobody catches arrives, cut, when it is longer than a dying process can send",
  LIMIT,
  async () => {
    const [error] = await run({
      primary: `const error = await town.queue("").catch((error) => error);
      show([error.name, error.message.length >= 8192, error.message.slice(0, 4)]);
      await town.close();`,
      worker: `town.on("queue", () => { setImmediate(() => { throw new RangeError("long".repeat(500_000)); }); });`,
    });
    assert.deepEqual(error, ["RangeError", true, "long"]);
  },
);

test("an item that ends its process again and again is ERR_ITEM_CRASHED, and the cause says how", LIMIT, async () => {
  const [error] = await run({
    options: "crashTries: 2",
    primary: `const { code, message, cause } = await town.queue("").catch((error) => error);
      show([code, message, cause.code]);
      await town.close();`,
    worker: `town.on("queue", () => process.exit(7));`,
  });
  assert.equal(error[0], "ERR_ITEM_CRASHED");
  assert.match(error[1], /took down its worker 2 times.*exited with code 7/);
  assert.equal(error[2], "ERR_BROWSER_GONE");
});

test("a Buffer of 100 MB crosses whole", LIMIT, async () => {
  const lines = await run({
    primary: `const bytes = await town.queue("");
      show([bytes.length, bytes.every((byte) => byte === 7)]);
      await town.close();`,
    worker: `town.on("queue", async () => Buffer.alloc(100e6, 7));`,
  });
  assert.deepEqual(lines, [[100e6, true]]);
});

for (const [what, act] of [
  ["exits", "process.exit(3)"],
  ["disconnects", "process.disconnect(); await new Promise(() => {})"],
  [
    "loses its browser",
    'process.kill(town.phantom.process.pid, "SIGKILL"); await page.waitForSelector("#never", { timeout: 0 })',
  ],
  ["is killed", 'process.kill(process.pid, "SIGKILL")'],
  ["is in an endless loop", "for (;;);"],
]) {
  test(`an item whose worker ${what} is tried again, and fulfils`, LIMIT, async () => {
    const lines = await run({
      options: "pageDeath: 3000, closeTimeout: 500",
      primary: `const item = town.queue("");
        show([await item, item.attempts]);
        await town.close();`,
      worker: `town.on("queue", async (page, data, next) => {
          if (next.attempt === 1) { ${act}; }
          return page.evaluate("6 * 7");
        });`,
    });
    assert.deepEqual(lines, [[42, 2]]);
  });
}

test(
  "of items that share a worker, the one whose exception nobody catches fails with it, and the others fulfil",
  LIMIT,
  async () => {
    const lines = await run({
      options: "pageCount: 2",
      primary: `const bad = town.queue("bad").catch((error) => error.message);
      const good = town.queue("good");
      show(await Promise.all([bad, good]));
      await town.close();`,
      worker: `let running = 0;
      town.on("queue", (page, data, next) => {
        running += 1;
        const go = () => {
          if (running < 2 && next.attempt === 1) return setImmediate(go);
          if (data === "bad") throw new Error("mine");
          if (next.attempt > 1) next(null, "works");
        };
        setImmediate(go);
      });`,
    });
    assert.deepEqual(lines, [["mine", "works"]]);
  },
);

test(
  "a handler that computes for longer than the grace period costs its neighbour nothing but time",
  LIMIT,
  async () => {
    const lines = await run({
      options: "pageCount: 2, closeTimeout: 100, errorTries: 0",
      primary: `await town.ready();
      const items = ["quick", "computes", "quick"].map((data) => town.queue(data));
      show(await Promise.all(items));
      show([town.stats().retried, items.map((item) => item.attempts)]);
      await town.close();`,
      worker: `town.on("queue", async (page, data) => {
        await page.title();
        if (data === "computes") for (const end = Date.now() + 4000; Date.now() < end; );
        return data;
      });`,
    });
    assert.deepEqual(lines, [
      ["quick", "computes", "quick"],
      [0, [1, 1, 1]],
    ]);
  },
);

for (const [what, options] of [
  ["its worker", ""],
  ["a worker that drains", "workerDeath: 2,"],
]) {
  test(
    `an endless loop whose time is over takes ${what} from a neighbour without a time limit, which is tried again`,
    LIMIT,
    async () => {
      const lines = await run({
        options: `pageCount: 2, pageDeath: 1000, closeTimeout: 500, ${options}`,
        primary: `await town.ready();
        // The first is there before the loop keeps everything away.
        const neighbour = town.queue("works", { timeout: -1 });
        const looping = town.queue("loops", { tries: 0 }).catch((error) => error.code);
        show([await looping, await neighbour, neighbour.attempts]);
        show(["retried", "crashed"].map((count) => town.stats()[count]));
        await town.close();`,
        worker: `town.on("queue", async (page, data, next) => {
          if (data === "loops") for (;;);
          if (next.attempt === 1) await new Promise(() => {});
          return data;
        });`,
      });
      assert.deepEqual(lines, [
        ["ERR_ITEM_TIMEOUT", "works", 2],
        [1, 0],
      ]);
    },
  );
}

test("a primary that computes for longer than the grace period costs no worker", LIMIT, async () => {
  const lines = await run({
    options: "closeTimeout: 100",
    primary: `await town.ready();
      const item = town.queue("");
      item.once("start", () => { for (const end = Date.now() + 4000; Date.now() < end; ); });
      await item;
      await town.queue("");
      show([town.stats().retried, town.stats().workers.map(({ id }) => id)]);
      await town.close();`,
    worker: `town.on("queue", (page) => page.title());`,
  });
  assert.deepEqual(lines, [[0, [1]]]);
});

test(
  "data that cannot be sent, queued before the mode was known, rejects its item and names the part",
  LIMIT,
  async () => {
    const [error, counted] = await run({
      options: 'mode: "auto"',
      primary: `const item = town.queue({ f() {} });
      await item.catch((error) => show(told(error)));
      const { waiting, rejected, aborted } = town.stats();
      show([item.state, { waiting, rejected, aborted }]);
      await town.close();`,
      worker: `town.on("queue", async () => {});`,
    });
    assert.deepEqual(counted, ["rejected", { waiting: 0, rejected: 1, aborted: 0 }]);
    assert.equal(error.code, "ERR_INVALID_OPTION");
    assert.match(error.message, /data\.f /);
  },
);

test("a drain finishes what waits when its workers are replaced meanwhile", LIMIT, async () => {
  const lines = await run({
    options: "workerDeath: 1",
    primary: `const items = [1, 2, 3].map((data) => town.queue(data));
      await town.close({ drain: true });
      show(await Promise.all(items));`,
    worker: `town.on("queue", async (page, data) => data);`,
  });
  assert.deepEqual(lines, [[1, 2, 3]]);
});

test("an item that is queued and drained in one turn is run by a worker", LIMIT, async () => {
  const lines = await run({
    options: 'mode: "auto"',
    primary: `const item = town.queue("x");
      await town.close({ drain: true });
      show(await item);`,
    worker: `town.on("queue", async (page, data) => data);`,
  });
  assert.deepEqual(lines, ["x"]);
});

for (const [what, act] of [
  ["uncaught exception", "setTimeout(function later() { throw new TypeError('uncaught'); });"],
  ["unhandled rejection", "(async function later() { throw new TypeError('uncaught'); })();"],
]) {
  test(`an ${what} in a worker fails its item with the error, and the worker is replaced`, LIMIT, async () => {
    const [error, [failed, next]] = await run({
      primary: `await town.ready();
        const [{ pid }] = town.stats().workers;
        await town.queue("fail").catch((error) => show([error instanceof TypeError, error.message, error.stack.includes("later")]));
        show([pid, await town.queue("work")]);
        await town.close();`,
      worker: `town.on("queue", (page, data, next) => {
          if (data === "work") return next(null, process.pid);
          ${act}
        });`,
    });
    assert.deepEqual(error, [true, "uncaught", true]);
    assert.notEqual(next, failed);
  });
}

test(
  "an item that closes its page under its own code fails by that, and ends no worker after worker",
  LIMIT,
  async () => {
    const lines = await run({
      primary: `await town.queue("").catch((error) => show([error.code, town.stats().retried]));
      await town.close();`,
      worker: `town.on("queue", async (page) => {
        await page.close();
        (async () => { await page.title(); })();
        await new Promise(() => {});
      });`,
    });
    assert.deepEqual(lines, [["ERR_PAGE_CLOSED", 0]]);
  },
);

for (const [what, leave] of Object.entries({
  "a rejection": "gate.then(() => { throw new Error('left behind'); });",
  "an exception":
    "const waits = setInterval(() => { if (open) { clearInterval(waits); throw new Error('left behind'); } }, 1);",
  "an async function that fails": "(async () => { await gate; await Promise.reject(new Error('left behind')); })();",
  "an error that names its item, thrown by nobody's code":
    "await page.waitForSelector('#never', { timeout: 1 }).catch((error) => { stray = error; });",
  "an async function that a page call has failed in": "(async () => { await gate; await page.title(); })();",
})) {
  test(`${what} that an item has left behind costs the one that runs no try`, LIMIT, async () => {
    const lines = await run({
      options: "crashTries: 1, pageTries: 0",
      primary: `await town.queue("leaves");
        const item = town.queue("innocent");
        const retries = [];
        item.on("retry", (reason) => retries.push(reason));
        show([await item, retries, town.stats().crashed]);
        await town.close();`,
      worker: `let pass, stray, open = false;
        const gate = new Promise((resolve) => { pass = resolve; });
        // What no item has begun.
        setInterval(() => { if (open && stray) throw stray; }, 1).unref();
        town.on("queue", async (page, data, next) => {
          if (data === "leaves") { ${leave} }
          else if (next.attempt === 1) { pass(); open = true; await new Promise(() => {}); }
          return data;
        });`,
    });
    assert.deepEqual(lines, [["innocent", ["stopped"], 0]]);
  });
}

test("an exception of unknown origin fails no item, and the one that runs is tried again", LIMIT, async () => {
  const lines = await run({
    primary: `const item = town.queue("");
      show([await item, item.attempts]);
      await town.close();`,
    worker: `let first = false;
      setInterval(() => { if (first) throw new Error("whose?"); }, 1).unref();
      town.on("queue", async (page, data, next) => {
        first = next.attempt === 1;
        if (first) await new Promise(() => {});
        return "works";
      });`,
  });
  assert.deepEqual(lines, [["works", 2]]);
});

test("an exception in a listener of a page fails the page's item, and costs no other one a try", ON_CDP, async () => {
  const lines = await run({
    options: "pageCount: 2, crashTries: 1",
    primary: `const bad = town.queue("bad").catch((error) => error.message);
      const good = town.queue("good");
      show(await Promise.all([bad, good]));
      show(town.stats().crashed);
      await town.close();`,
    worker: `let both;
      const begun = new Promise((resolve) => { both = resolve; });
      town.on("queue", async (page, data, next) => {
        if (data === "good") { both(); if (next.attempt === 1) await new Promise(() => {}); return "works"; }
        await begun;
        page.on("console", () => { throw new Error("mine"); });
        await page.evaluate(() => console.log("now"));
        await new Promise(() => {});
      });`,
  });
  assert.deepEqual(lines, [["mine", "works"], 0]);
});

test("calls that nobody awaits leave the process of their item alive", LIMIT, async () => {
  const lines = await run({
    options: "pageTries: 0",
    primary: `const first = await town.queue("");
      await town.queue("late", { timeout: 1000 }).catch(({ code }) => show(code));
      const item = town.queue("abort");
      await new Promise((resolve) => item.on("progress", resolve));
      item.abort();
      await item.catch(({ code }) => show(code));
      show(await town.queue("") === first);
      await town.close();`,
    worker: `town.on("queue", async (page, data, next) => {
        if (data === "") return process.pid;
        page.waitForNavigation({ timeout: 0 });
        page.waitForSelector("#never", { timeout: 0 }).then(() => next());
        page.once("close", async () => { await page.title(); });
        next.progress("runs");
        await page.waitForFunction("false", { timeout: 0 });
      });`,
  });
  assert.deepEqual(lines, ["ERR_ITEM_TIMEOUT", "ERR_ITEM_ABORTED", true]);
});

test("an item that times out, or is aborted, has its signal aborted in the worker", LIMIT, async () => {
  const lines = await run({
    options: "pageDeath: 500, pageTries: 0",
    primary: `const reasons = [];
      await town.queue("time").catch((error) => show(error.code));
      show(await town.queue("tell", { timeout: 5000 }));
      const item = town.queue("abort", { timeout: -1 });
      item.once("progress", () => item.abort());
      await item.catch((error) => show(error.code));
      show(await town.queue("tell", { timeout: 5000 }));
      await town.close();`,
    worker: `const heard = [];
      town.on("queue", (page, data, next) => {
        if (data === "tell") return next(null, heard);
        next.signal.addEventListener("abort", () => heard.push(data + ": " + next.signal.reason.message));
        next.progress();
      });`,
  });
  assert.deepEqual(lines, [
    "ERR_ITEM_TIMEOUT",
    ["time: the attempt is over: timed out"],
    "ERR_ITEM_ABORTED",
    ["time: the attempt is over: timed out", "abort: the attempt is over: aborted"],
  ]);
});

test("a handler that computes and is aborted loses its process, and the next item runs in another", LIMIT, async () => {
  const lines = await run({
    options: "closeTimeout: 500",
    primary: `await town.ready();
      const [{ pid }] = town.stats().workers;
      const ended = new Promise((resolve) => cluster.once("exit", (worker) => resolve(worker.process.pid === pid)));
      const item = town.queue("compute");
      item.once("start", () => item.abort());
      await item.catch((error) => show([error.code, item.state]));
      show([(await town.queue("work")) !== pid, await ended]);
      await town.close();`,
    worker: `town.on("queue", async (page, data) => {
        while (data === "compute");
        return process.pid;
      });`,
  });
  assert.deepEqual(lines, [
    ["ERR_ITEM_ABORTED", "aborted"],
    [true, true],
  ]);
});

test("the events of a town tell of workers and items in their order", LIMIT, async () => {
  const [results, told] = await run({
    // Nobody stands by for a worker that stays.
    options: "errorTries: 1, workerDeath: -1",
    primary: `const told = [];
      const tell = (event, of) => town.on(event, (one, reason) => told.push([event, of(one), reason].filter((word) => word !== undefined).join(" ")));
      for (const event of ["workerStart", "workerReady", "workerExit"]) tell(event, ({ id }) => id);
      for (const event of ["itemStart", "itemRetry", "itemDone", "backlog"]) tell(event, ({ data }) => data);
      tell("idle", () => undefined);
      await town.ready();
      const items = [town.queue("fails once"), town.queue("waits")];
      show(await Promise.all(items.map((item) => item.then((result) => [result, item.attempts]))));
      await town.idle();
      await town.close();
      show(told);`,
    worker: `town.on("queue", async (page, data, next) => {
        if (data === "fails once" && next.attempt === 1) throw new Error("once");
        return "done";
      });`,
  });
  assert.deepEqual(results, [
    ["done", 2],
    ["done", 1],
  ]);
  assert.deepEqual(told, [
    "workerStart 1",
    "workerReady 1",
    "itemStart fails once",
    "backlog waits",
    "itemRetry fails once error",
    "itemStart fails once",
    "itemDone fails once",
    "itemStart waits",
    "itemDone waits",
    "idle",
    "workerExit 1 closed: the town is closed",
  ]);
});

test("resize forks another worker, and ends one", LIMIT, async () => {
  const lines = await run({
    options: "workerDeath: -1",
    primary: `const workers = () => Object.keys(cluster.workers).length;
      await town.ready();
      town.resize(2);
      await town.ready();
      const pids = await Promise.all([town.queue(""), town.queue("")]);
      show([workers(), new Set(pids).size]);
      // An idle town does not hold its program.
      const hold = setInterval(() => {}, 1000);
      town.resize(1);
      await new Promise((resolve) => cluster.once("exit", resolve));
      clearInterval(hold);
      show([await town.queue("") > 0, town.stats().workers.length]);
      await town.close();`,
    worker: `town.on("queue", async (page) => {
        await page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
        return process.pid;
      });`,
  });
  assert.deepEqual(lines, [
    [2, 2],
    [true, 1],
  ]);
});

test("priority and queueLimit hold for what waits for workers", LIMIT, async () => {
  const lines = await run({
    options: "queueLimit: 3",
    primary: `town.pause();
      const seen = [];
      town.on("itemStart", ({ data }) => seen.push(data));
      const items = [town.queue("first"), town.queue("high", { priority: 1 }), town.queue("front", { asap: true })];
      await town.queue("too many").catch((error) => show(error.code));
      town.resume();
      await Promise.all(items);
      show(seen);
      await town.close();`,
    worker: `town.on("queue", async () => {});`,
  });
  assert.deepEqual(lines, ["ERR_QUEUE_FULL", ["high", "front", "first"]]);
});

test("items that never touch their page leave it to the next", LIMIT, async () => {
  const [[first, touched]] = await run({
    primary: `await town.ready();
      const before = Date.now();
      for (let i = 0; i < 5; i += 1) await town.queue("");
      const made = [];
      for (let i = 0; i < 5; i += 1) made.push(await town.queue("made"));
      // An engine may have made a page or two ahead.
      show([made[0] < before, made[4] < before]);
      await town.close();`,
    worker: `town.on("queue", async (page, data) => data && page.evaluate("performance.timeOrigin"));`,
  });
  assert.deepEqual([first, touched], [true, false]);
});

test("a worker that floods its channel keeps the order and the last of its progress", LIMIT, async () => {
  const [last, ordered, result] = (
    await run({
      primary: `const seen = [];
        const item = town.queue("");
        item.on("progress", (value) => seen.push(value));
        const result = await item;
        show([seen.at(-1), seen.every((value, at) => at === 0 || value > seen[at - 1]), result]);
        await town.close();`,
      worker: `town.on("queue", async (page, data, next) => {
          for (let i = 0; i < 100_000; i += 1) next.progress(i);
          for (let i = 0; i < 10_000; i += 1) process.send({ mine: i });
          return "done";
        });`,
    })
  )[0];
  assert.deepEqual([last, ordered, result], [99_999, true, "done"]);
});

test("a worker script that throws at load is ERR_BROWSER_LAUNCH, and says how the process ended", LIMIT, async () => {
  const [error] = await run({
    primary: `await town.queue("").catch((error) => show(told(error)));
      await town.close();`,
    worker: `throw new Error("at load");`,
  });
  assert.equal(error.code, "ERR_BROWSER_LAUNCH");
  assert.match(
    error.message,
    /worker process exited with code 1 before it was ready; see what .*program.js has printed/,
  );
});

test(
  "a worker script without a handler is ERR_BROWSER_LAUNCH naming launchTimeout, also of what waits",
  LIMIT,
  async () => {
    const errors = await run({
      options: "launchTimeout: 2000",
      primary: `await Promise.all([town.queue(""), town.ready()].map((waits) => waits.catch((error) => show(told(error)))));
      await town.close();`,
      worker: "",
    });
    assert.equal(errors.length, 2);
    for (const { code, message } of errors) {
      assert.equal(code, "ERR_BROWSER_LAUNCH");
      assert.match(message, /"queue" listener and its browser, was not ready within launchTimeout, 2000 ms/);
    }
  },
);

/** There are five launches, and most of the time of each is for the fork, which has to load the program on a busy machine. */
const FIVE_LAUNCHES = { timeout: 120_000 };

test(
  "a browser that prints and hangs at its start is ERR_BROWSER_LAUNCH with what it has printed",
  FIVE_LAUNCHES,
  async () => {
    const browser = path.join(scratch(), "browser");
    fs.writeFileSync(browser, "#!/bin/sh\necho 'no such display' >&2\nexec sleep 1000\n", { mode: 0o755 });
    const [error] = await run({
      options: `launchTimeout: 8000, browser: { path: ${JSON.stringify(browser)}, sandbox: false }`,
      primary: `await town.ready().catch((error) => show(told(error)));
      await town.close();`,
      worker: `town.on("queue", async () => {});`,
    });
    assert.equal(error.code, "ERR_BROWSER_LAUNCH");
    assert.match(error.message, /no such display/);
  },
);

test("the lines of a browser reach browser.stdio in its worker, with the worker's number", ON_CDP, async () => {
  const path = JSON.stringify(wrapped("echo mine; echo too >&2"));
  const lines = await run({
    options: `workerCount: 2, browser: { path: ${path}, sandbox: false, stdio: (...line) => lines.push(line) }`,
    first: "const lines = [];",
    primary: `await town.ready();
      const told = await Promise.all([town.queue(""), town.queue("")]);
      show(told.map((lines) => lines.filter(([line]) => ["mine", "too"].includes(line)).sort()).sort());
      await town.close();`,
    worker: `town.on("queue", async (page) => {
        await page.evaluate("new Promise((resolve) => setTimeout(resolve, 300))");
        return lines;
      });`,
  });
  const [one, two] = [1, 2].map((worker) => [
    ["mine", "stdout", worker],
    ["too", "stderr", worker],
  ]);
  assert.deepEqual(lines, [[one, two]]);
});

test("a browser that is not there is ERR_BROWSER_NOT_FOUND at once", LIMIT, async () => {
  const [error] = await run({
    options: 'browser: { path: "/no/such/browser", sandbox: false }',
    primary: `await town.queue("").catch((error) => show(told(error)));
      await town.close();`,
    worker: `town.on("queue", async () => {});`,
  });
  assert.equal(error.code, "ERR_BROWSER_NOT_FOUND");
  assert.match(error.message, /no\/such\/browser/);
});

for (const [mode, branch, why] of /** @type {[string, string, RegExp][]} */ ([
  ["cluster", "town.isMaster", /because of mode "cluster"/],
  ["auto", "town.isMaster", /because the program read town\.isMaster before it listened to "queue"/],
  ["auto", "cluster.isPrimary", /because the program queued an item before it listened to "queue"/],
])) {
  test(`queue() in a worker is ERR_UNSUPPORTED, with the reason for mode ${mode} by ${branch}`, LIMIT, async () => {
    const [error] = await run({
      options: `mode: "${mode}"`,
      branch,
      primary: `await town.queue("").then(show);
        await town.close();`,
      worker: `town.on("queue", async () => { try { town.queue(""); } catch (error) { return told(error); } });`,
    });
    assert.equal(error.code, "ERR_UNSUPPORTED");
    assert.match(error.message, why);
    assert.match(error.message, /isMaster is true.*mode "inline"/);
  });
}

for (const [what, options] of [
  ["reads isMaster", 'mode: "auto"'],
  ["names the mode", 'mode: "cluster"'],
]) {
  test(`a program that ${what} and does not listen is in mode cluster`, LIMIT, async () => {
    const lines = await run({
      options,
      primary: `show(await town.queue("") === process.pid); await town.close();`,
      worker: `town.on("queue", async () => process.pid);`,
    });
    assert.deepEqual(lines, [false]);
  });
}

test("a program that branches on cluster.isPrimary and only queues is in mode cluster", LIMIT, async () => {
  const lines = await run({
    options: 'mode: "auto"',
    branch: "cluster.isPrimary",
    primary: `show((await town.queue("")) === process.pid); await town.close();`,
    worker: `town.on("queue", async () => process.pid);`,
  });
  assert.deepEqual(lines, [false]);
});

test("a program that queues and listens in one turn is in mode inline", LIMIT, async () => {
  const lines = await run({
    options: 'mode: "auto"',
    primary: `const item = town.queue({ f: () => "by reference" });
      town.on("queue", async (page, { f }) => f());
      show([await item, Object.keys(cluster.workers).length]);
      await town.close();`,
    worker: "",
  });
  assert.deepEqual(lines, [["by reference", 0]]);
});

test("a program's own cluster workers are left alone, and have towns of their own", LIMIT, async () => {
  const file = path.join(scratch(), "own.js");
  fs.writeFileSync(
    file,
    `const cluster = require("node:cluster"); const boomtown = require(${JSON.stringify(ROOT)});
    if (cluster.isPrimary) {
      const town = boomtown({ mode: "cluster", workerCount: 1, browser: { sandbox: false } });
      const own = cluster.fork({ OWN: "1" });
      own.on("message", (message) => console.log(JSON.stringify([message, cluster.settings.serialization ?? null])));
      own.on("exit", () => town.close());
    } else if (process.env.OWN) {
      const town = boomtown({ workerCount: 1, browser: { sandbox: false } });
      town.on("queue", async () => [town.isMaster, process.env.BOOMTOWN_FORK ?? null]);
      town.queue("").then((result) => process.send(result, () => town.close().then(() => process.exit())));
    } else boomtown({ mode: "cluster", workerCount: 1, browser: { sandbox: false } }).on("queue", async () => {});`,
  );
  const { code, lines, errors } = await start(file).exited;
  assert.equal(code, 0, errors);
  assert.deepEqual(lines, [[[true, null], null]]);
});

test("a program of ghost-town's may fork workers of its own, whose towns do nothing", LIMIT, async () => {
  const file = path.join(scratch(), "program.js");
  fs.writeFileSync(
    file,
    `const cluster = require("node:cluster");
const town = require(${JSON.stringify(path.join(ROOT, "ghost-town.js"))})({ workerCount: 1, browser: { sandbox: false }, engine: ${JSON.stringify(ENGINE)} });
if (process.env.OWN) {
  process.send({ isMaster: town.isMaster });
  process.disconnect();
} else if (town.isMaster) {
  cluster.fork({ OWN: "1" }).on("message", async (told) => {
    console.log(JSON.stringify(told));
    console.log(JSON.stringify(await town.queue("data")));
    await town.close();
  });
} else {
  town.on("queue", (page, data, next) => next(null, data));
}
`,
  );
  const { code, lines, errors } = await start(file).exited;
  assert.deepEqual([code, lines], [0, [{ isMaster: false }, "data"]], errors);
});

test("a worker that the program forks for itself lives on, whatever becomes of the town's", LIMIT, async () => {
  const lines = await run({
    options: "workerDeath: 1",
    first: `if (process.env.OWN) { process.on("message", (word) => process.send(word)); return; }`,
    primary: `const own = cluster.fork({ OWN: "1" });
      const answers = (word) => new Promise((resolve) => own.once("message", resolve).send(word));
      show(await answers("forked"));
      await town.queue("");
      town.stop();
      await new Promise((resolve) => town.once("stopped", resolve));
      show(await answers("stopped"));
      town.start();
      show((await town.queue("")) !== (await town.queue("")));
      show(await answers("recycled"));
      await town.close();
      show(await answers("closed"));
      own.disconnect();`,
    worker: `town.on("queue", async () => process.pid);`,
  });
  assert.deepEqual(lines, ["forked", "stopped", true, "recycled", "closed"]);
});

test("two towns of one program have workers of their own", LIMIT, async () => {
  const lines = await run({
    first: `const other = boomtown({ mode: "cluster", workerCount: 1, engine: ${JSON.stringify(ENGINE)}, browser: { sandbox: false } });`,
    primary: `show(await Promise.all([other.queue("a"), town.queue("b")]));
      await Promise.all([other.close(), town.close()]);`,
    worker: `other.on("queue", async (page, data) => "other " + data);
      town.on("queue", async (page, data) => "town " + data);`,
  });
  assert.deepEqual(lines, [["other a", "town b"]]);
});

test("a town that is made when another is closed has its workers", LIMIT, async () => {
  const lines = await run({
    primary: `show(await town.queue("first"));
      await town.close();
      const later = boomtown({ mode: "cluster", workerCount: 1, engine: ${JSON.stringify(ENGINE)}, browser: { sandbox: false } });
      show(await later.queue("second"));
      await later.close();`,
    worker: `town.on("queue", async (page, data) => data);`,
  });
  assert.deepEqual(lines, ["first", "second"]);
});

test(
  "a worker whose script makes fewer towns than the primary serves with the last that it has made",
  LIMIT,
  async () => {
    const lines = await run({
      first: `const before = cluster.isPrimary && boomtown({ workerCount: 1, browser: { sandbox: false } }).on("queue", () => {});`,
      primary: `show(await town.queue("data"));
      await Promise.all([town.close(), before.close()]);`,
      worker: `town.on("queue", async (page, data) => data);`,
    });
    assert.deepEqual(lines, ["data"]);
  },
);

test("a program may be an ES module, and its workers have its flags", LIMIT, async () => {
  const lines = await run(
    {
      name: "program.mjs",
      primary: `show(await town.queue("")); await town.close();`,
      worker: `town.on("queue", async () => process.execArgv);`,
    },
    ["--stack-trace-limit=7"],
  );
  assert.deepEqual(lines, [["--no-warnings", "--stack-trace-limit=7"]]);
});

test("a program may be in TypeScript, by a loader that its workers have too", LIMIT, async () => {
  const file = path.join(scratch(), "program.ts");
  fs.writeFileSync(
    file,
    `import boomtown from ${JSON.stringify(path.join(ROOT, "index.js"))};
interface Job { html: string }
type Answer = [title: string, pid: number];
const town = boomtown<Job, Answer>({ workerCount: 1, engine: ${JSON.stringify(ENGINE)}, browser: { sandbox: false } });
async function primary(): Promise<void> {
  const [title, pid]: Answer = await town.queue({ html: "<title>typed</title>" });
  console.log(JSON.stringify([title, pid !== process.pid] satisfies [string, boolean]));
  await town.close();
}
function worker(): void {
  town.on("queue", async (page, { html }: Job): Promise<Answer> => {
    await page.setContent(html);
    return [await page.title(), process.pid];
  });
}
if (town.isMaster) void primary();
else worker();
`,
  );
  const loader = pathToFileURL(require.resolve("tsx")).href;
  const { code, lines, errors } = await start(file, [`--import=${loader}`]).exited;
  assert.deepEqual([code, lines], [0, [["typed", true]]], errors);
});

test("an ES module may import boomtown/ghost-town", LIMIT, async () => {
  const folder = scratch();
  fs.mkdirSync(path.join(folder, "node_modules"));
  fs.symlinkSync(ROOT, path.join(folder, "node_modules/boomtown"));
  const file = path.join(folder, "program.mjs");
  fs.writeFileSync(
    file,
    `import ghost from "boomtown/ghost-town";
const town = ghost({ workerCount: 1, engine: ${JSON.stringify(ENGINE)}, browser: { sandbox: false } });
if (town.isMaster) {
  town.queue("data", (error, result) => {
    console.log(JSON.stringify([error, result]));
    town.stop();
  });
} else town.on("queue", (page, data, next) => next(null, data));
`,
  );
  const { code, lines, errors } = await start(file).exited;
  assert.deepEqual([code, lines], [0, [[null, "data"]]], errors);
});

test("cluster.setupPrimary({ exec }) names the workers' script", LIMIT, async () => {
  const worker = path.join(scratch(), "worker.js");
  fs.writeFileSync(
    worker,
    `require(${JSON.stringify(ROOT)})({ workerCount: 1, engine: ${JSON.stringify(ENGINE)}, browser: { sandbox: false } })
      .on("queue", async (page, data) => "from the script: " + data);`,
  );
  const lines = await run({
    first: `cluster.setupPrimary({ exec: ${JSON.stringify(worker)} });`,
    primary: `show(await town.queue("x")); await town.close();`,
    worker: "",
  });
  assert.deepEqual(lines, [["from the script: x"]].flat());
});

test("workers are replaced after workerDeath items, and no item is lost", LIMIT, async () => {
  const [results, pids] = await run({
    options: "workerDeath: 2",
    primary: `const pids = [];
      const results = [];
      for (let i = 0; i < 6; i += 1) { const [value, pid] = await town.queue(i); results.push(value); pids.push(pid); }
      show(results); show(new Set(pids).size);
      await town.close();`,
    worker: `town.on("queue", async (page, data) => [data, process.pid]);`,
  });
  assert.deepEqual([results, pids], [[0, 1, 2, 3, 4, 5], 3]);
});

for (const [option, why] of [
  ["workerShift: 50", "replaced: its workerShift is over"],
  ["workerMemory: 1", "replaced: it has outgrown workerMemory"],
]) {
  test(`${option} replaces worker processes while items go on, and no item is lost`, LIMIT, async () => {
    const [processes, exits, { fulfilled, retried, crashed }] = await run({
      options: `pageCount: 2, workerDeath: -1, ${option}`,
      primary: `const exits = [];
      town.on("workerExit", (worker, reason) => exits.push(reason));
      const processes = new Set();
      let items = 0;
      while (exits.length === 0 || processes.size < 2) {
        for (const pid of await Promise.all([town.queue(""), town.queue("")])) processes.add(pid);
        items += 2;
      }
      show(processes.size > 1);
      show([...new Set(exits)]);
      const { fulfilled, retried, crashed } = town.stats();
      show({ fulfilled: fulfilled === items, retried, crashed });
      await town.close();`,
      worker: `town.on("queue", async (page) => { await page.title(); return process.pid; });`,
    });
    assert.equal(processes, true);
    assert.deepEqual(exits, [why]);
    assert.deepEqual({ fulfilled, retried, crashed }, { fulfilled: true, retried: 0, crashed: 0 });
  });
}

test("a page whose process is killed in an idle worker is replaced", ON_CDP, async () => {
  const file = program({
    options: "pageTries: 0",
    primary: `await town.ready();
      show("ready");
      process.stdin.once("data", async () => {
        show(await town.queue(""));
        await town.close();
        process.stdin.destroy();
      });`,
    worker: `town.on("queue", async (page) => {
        await page.setContent("<title>works</title>");
        return page.title();
      });`,
  });
  const { child, pid, prints, exited } = start(file);
  await prints(1);
  const renderers = () => family(pid).filter(({ role }) => role === "renderer");
  // That of the page, and of the one after it.
  await until(() => renderers().length === 1);
  const killed = renderers().map((one) => one.pid);
  for (const one of killed) process.kill(one, "SIGKILL");
  await until(() => renderers().some((one) => !killed.includes(one.pid)));
  child.stdin.write("go");
  const { lines, errors } = await exited;
  assert.deepEqual(lines, ["ready", "works"], errors);
});

test("stop kills the workers and keeps what waits; start goes on", LIMIT, async () => {
  const lines = await run({
    primary: `await town.ready();
      const item = town.queue("x");
      item.once("start", () => { town.stop(); });
      await new Promise((resolve) => town.once("stopped", resolve));
      show([item.state, Object.keys(cluster.workers).length]);
      town.start();
      show(await item);
      await town.close();`,
    worker: `town.on("queue", async (page, data, next) => next.attempt === 1 ? new Promise(() => {}) : data);`,
  });
  assert.deepEqual(lines, [["waiting", 0], "x"]);
});

test("acquire() is ERR_UNSUPPORTED, for the pages are elsewhere", LIMIT, async () => {
  const [error] = await run({
    primary: `await town.acquire().catch((error) => show(told(error)));
      await town.close();`,
    worker: `town.on("queue", async () => {});`,
  });
  assert.equal(error.code, "ERR_UNSUPPORTED");
  assert.match(error.message, /mode "inline"/);
});

test("an idle town lets the program end, and its workers with it", LIMIT, async () => {
  const { pid, exited } = start(
    program({
      primary: `await town.queue(""); show(town.stats().workers.map(({ pid }) => pid));`,
      worker: `town.on("queue", async () => {});`,
    }),
  );
  const { code, lines, errors } = await exited;
  assert.equal(code, 0, errors);
  await until(() => [pid, ...lines[0]].every((one) => leftovers(one).length === 0));
});

for (const [what, handler] of [
  ["wait", "new Promise(() => {})"],
  ["compute", "{ for (;;); }"],
]) {
  test(`SIGKILL of the primary ends workers whose handlers ${what}, and their browsers`, LIMIT, async () => {
    const { child, pid, exited, prints } = start(
      program({
        primary: `const item = town.queue("").catch(() => {});
          await town.ready();
          show(town.stats().workers.map(({ pid }) => pid));
          await item;`,
        worker: `town.on("queue", () => ${handler});`,
      }),
    );
    const [workers] = await prints(1);
    child.kill("SIGKILL");
    await exited;
    await until(() => !workers.some(isAlive) && [pid, ...workers].every((one) => leftovers(one).length === 0));
  });
}

test("handleSignals drains, though the signal reaches the workers too", LIMIT, async () => {
  const { child, exited, prints } = start(
    program({
      options: "handleSignals: true",
      primary: `const item = town.queue("x");
        item.once("progress", () => show(town.stats().workers.map(({ pid }) => pid)));
        show(await item);`,
      worker: `town.on("queue", (page, data, next) => { next.progress(); setTimeout(() => next(null, data), 500); });`,
    }),
  );
  const [workers] = await prints(1);
  for (const pid of [...workers, child.pid]) process.kill(pid, "SIGINT");
  const { signal, lines } = await exited;
  assert.deepEqual([signal, lines[1]], ["SIGINT", "x"]);
});

test("where TMPDIR is a relative path, forks have their folders there, wherever they were forked", LIMIT, async () => {
  const here = path.join(scratch(), "here");
  const there = path.join(here, "there");
  fs.mkdirSync(there, { recursive: true });
  const file = program({
    first: `if (cluster.isPrimary) {
      process.chdir(${JSON.stringify(here)});
      process.env.TMPDIR = "there";
    }`,
    // The second fork is made from elsewhere.
    options: "workerCount: 2",
    primary: `
      process.chdir("/");
      const items = [town.queue(1), town.queue(2)];
      for (const item of items) item.catch(() => {});
      for (const item of items) item.on("progress", show);`,
    worker: `town.on("queue", async (page, data, next) => {
      await page.title();
      next.progress(require("node:os").tmpdir());
      await new Promise(() => {});
    })`,
  });
  const { child, exited, prints } = start(file);
  assert.deepEqual(await prints(2), [there, there]);
  assert.ok(fs.readdirSync(there).some((folder) => folder.startsWith("boomtown-")));
  child.kill("SIGKILL");
  await exited;
  await until(() => fs.readdirSync(there).length === 0 && processesIn(there).length === 0);
});

test("each fork asks its own function for the options of its browser, by the primary's numbers", ON_CDP, async () => {
  const { lines } = await start(
    program({
      options: `workerCount: 2, workerDeath: 2, browser: (worker, place) => ({ sandbox: false, args: ["--user-agent=" + worker + " " + place] }),`,
      primary: `
        for (let count = 0; count < 8; count += 1) show(await town.queue(count));
        await town.close();`,
      worker: `town.on("queue", async (page, data, next) => [next.worker, await page.evaluate(() => navigator.userAgent)]);`,
    }),
  ).exited;
  assert.equal(lines.length, 8);
  for (const [{ id, place }, agent] of lines) assert.equal(agent, `${id} ${place}`);
  assert.deepEqual([...new Set(lines.map(([{ place }]) => place))].sort(), [0, 1]);
  assert.ok(new Set(lines.map(([{ id }]) => id)).size > 2);
});

test("a fork whose function fails is one that cannot be started, and the primary says why", ON_CDP, async () => {
  const { lines } = await start(
    program({
      options: `browser: (worker) => { throw new Error("no proxy for " + worker); },`,
      primary: `
        await town.queue(1).catch((error) => show(told(error)));
        await town.close();`,
      worker: `town.on("queue", () => {});`,
    }),
  ).exited;
  assert.equal(lines[0].code, "ERR_BROWSER_LAUNCH");
  assert.match(lines[0].message, /worker (\d+): option "browser", a function, failed: no proxy for \1/);
});
