// The town and the Node process it lives in: it keeps Node alive only for work, and leaves nothing behind however Node ends.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { existsSync, mkdirSync, readdirSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const { processesIn } = require("../helpers/processes.js");
const {
  isWatchdog,
  leftovers,
  nothingOutlives,
  openTown,
  processes,
  runNode,
  scratch,
  until,
} = require("../helpers/town.js");

const LIMIT = { timeout: 60_000 };
/** Prints "busy" when an item runs that never ends. */
const BUSY = `
  const town = boomtown({ ...options, workerCount: 2 });
  town.on("queue", (page) => { console.log("busy"); return page.waitForSelector("#never", { timeout: 0 }); });
  town.queue("data").catch(() => {});
`;

test("an idle town lets Node exit by itself", LIMIT, async () => {
  const { exited, pid } = runNode(`
    const town = boomtown(options);
    town.on("queue", async () => "result");
    town.queue("data").then(console.log);
  `);
  const { code, printed } = await exited;
  assert.deepEqual([code, printed], [0, "result\n"]);
  await until(() => leftovers(pid).length === 0);
});

test("a town that was never used lets Node exit by itself", LIMIT, async () => {
  const { exited, pid } = runNode("boomtown(options);");
  assert.equal((await exited).code, 0);
  await until(() => leftovers(pid).length === 0);
});

test("an item that waits keeps Node alive", LIMIT, async () => {
  const { child, exited, prints } = runNode(`
    const town = boomtown(options);
    town.queue("data").then((result) => { console.log(result); });
    town.on("workerReady", () => console.log("ready"));
    process.stdin.once("data", () => { town.on("queue", async () => "result"); }).unref();
  `);
  await prints("ready");
  child.stdin.write("go\n");
  assert.deepEqual(await exited.then(({ code, printed }) => [code, printed]), [0, "ready\nresult\n"]);
});

test("a closed town lets Node exit, and nothing is left when close resolves", LIMIT, async () => {
  const { exited, pid } = runNode(`
    const town = boomtown(options);
    town.on("queue", async () => "result");
    town.queue("data").then(() => town.close());
  `);
  assert.equal((await exited).code, 0);
  assert.deepEqual(leftovers(pid), []);
});

test("a closed town has nothing open that a test runner could name", LIMIT, async () => {
  const { exited } = runNode(`
    const { createHook } = require("node:async_hooks");
    const open = new Map();
    // What is awaited or comes and goes by itself; test runners look past it too.
    const passing = new Set(["PROMISE", "TickObject", "Immediate", "TIMERWRAP", "ELDHISTOGRAM", "TTYWRAP", "PIPEWRAP", "WRITEWRAP"]);
    createHook({
      init: (id, type) => passing.has(type) || open.set(id, type),
      destroy: (id) => open.delete(id),
    }).enable();
    (async () => {
      const { signal } = new AbortController();
      const town = boomtown({ ...options, mode: "inline" });
      town.on("queue", async (page) => { page.on("load", () => {}); await page.setContent("<p>hello"); });
      await town.queue("", { signal });
      const page = await town.acquire();
      await page.title();
      await page.release();
      await town.close();
      for (let turn = 0; open.size > 0 && turn < 1000; turn += 1) await new Promise(setImmediate);
      console.log(JSON.stringify([...open.values()]));
      await town.close();
      await town.queue("").catch(({ code }) => console.log(code));
      await town.ready().catch(({ code }) => console.log(code));
    })();`);
  const { printed, errors } = await exited;
  assert.deepEqual([printed, errors], ["[]\nERR_TOWN_CLOSED\nERR_TOWN_CLOSED\n", ""]);
});

test("an ended browser leaves no file descriptor, though the program holds its page", {
  ...LIMIT,
  skip: !existsSync("/proc/self/fd"),
}, async () => {
  const open = () => readdirSync("/proc/self/fd").length;
  /** @type {unknown[]} */
  const held = [];
  const use = async () => {
    const town = openTown();
    await town.queue(async (page) => void held.push(page));
    await town.close();
  };
  // The first one opens what stays open.
  await use();
  held.length = 0;
  const before = open();
  for (let times = 0; times < 4; times += 1) await use();
  await until(() => open() <= before);
  assert.equal(held.length, 4);
});

for (const signal of /** @type {const} */ (["SIGKILL", "SIGTERM", "SIGINT"])) {
  test(`${signal} without handleSignals ends Node at once, and no browser outlives it by 2 s`, LIMIT, () =>
    nothingOutlives(async () => {
      const { child, exited, pid, prints } = runNode(BUSY);
      await prints("busy");
      assert.ok(leftovers(pid).length > 2);
      child.kill(signal);
      assert.equal((await exited).signal, signal);
      return pid;
    }),
  );
}

test("what a Node and its watchdog leave that were killed together is gone with the next town", LIMIT, async () => {
  const { child, exited, pid, prints } = runNode(BUSY);
  await prints("busy");
  const watchdog = processes(pid).find(isWatchdog);
  process.kill(/** @type {any} */ (watchdog).pid, "SIGKILL");
  child.kill("SIGKILL");
  await exited;
  const town = openTown();
  await town.ready();
  await until(() => leftovers(pid).length === 0);
  await town.close();
});

test("a town is closed though somebody has stopped its watchdog", LIMIT, async () => {
  const town = openTown();
  await town.ready();
  const watchdog = processes(process.pid).find(isWatchdog);
  process.kill(/** @type {any} */ (watchdog).pid, "SIGSTOP");
  await town.close();
  assert.deepEqual(leftovers(process.pid), []);
});

for (const [name, end] of [
  ["an uncaught exception", 'throw new Error("mine")'],
  ["process.exit", "process.exit(7)"],
  ["an abort", "process.abort()"],
]) {
  test(`${name} ends Node, and no browser outlives it by 2 s`, LIMIT, () =>
    nothingOutlives(async () => {
      const { child, exited, pid, prints } = runNode(`${BUSY}
        process.stdin.once("data", () => { ${end}; });
      `);
      await prints("busy");
      child.stdin.write("go\n");
      const { code, signal } = await exited;
      assert.notEqual(code ?? signal, 0);
      return pid;
    }),
  );
}

test("SIGTERM with handleSignals drains, and then ends Node by the signal", LIMIT, async () => {
  const { child, exited, pid, prints } = runNode(`
    const town = boomtown({ ...options, handleSignals: true });
    let finish;
    town.on("queue", async (page, data) => {
      if (data === 1) await new Promise((resolve) => { finish = resolve; console.log("busy"); });
      return data;
    });
    for (const data of [1, 2]) town.queue(data).then((result) => console.log("result", result));
    process.once("SIGTERM", () => {
      town.queue(3).catch(({ code }) => { console.log(code); finish(); });
    });
  `);
  await prints("busy");
  child.kill("SIGTERM");
  const { signal, printed } = await exited;
  assert.equal(signal, "SIGTERM");
  assert.equal(printed, "busy\nERR_TOWN_CLOSED\nresult 1\nresult 2\n");
  assert.deepEqual(leftovers(pid), []);
});

test("SIGTERM with handleSignals waits for every town that asked for it", LIMIT, async () => {
  const { child, exited, pid, prints } = runNode(`
    const quick = boomtown({ ...options, handleSignals: true });
    const slow = boomtown({ ...options, handleSignals: true });
    const quickEnded = quick.ready().then(() => new Promise((resolve) => quick.once("workerExit", resolve)));
    slow.on("queue", async (page, data) => { console.log("busy"); await quickEnded; return data; });
    Promise.all([quick.ready(), slow.ready()]).then(() => slow.queue(1).then((result) => console.log("result", result)));
  `);
  await prints("busy");
  child.kill("SIGTERM");
  const { signal, printed } = await exited;
  assert.equal(signal, "SIGTERM");
  assert.equal(printed, "busy\nresult 1\n");
  assert.deepEqual(leftovers(pid), []);
});

test("SIGTERM with handleSignals ends an idle Node by the signal", LIMIT, async () => {
  const { child, exited, pid, prints } = runNode(`
    const town = boomtown({ ...options, handleSignals: true });
    town.ready().then(() => console.log("ready"));
    setInterval(() => {}, 1e6);
  `);
  await prints("ready");
  child.kill("SIGTERM");
  assert.equal((await exited).signal, "SIGTERM");
  assert.deepEqual(leftovers(pid), []);
});

for (const second of /** @type {const} */ (["SIGTERM", "SIGINT"])) {
  test(`a ${second} after the first SIGTERM ends a town that drains`, LIMIT, async () => {
    const { child, exited, pid, prints } = runNode(`${BUSY.replace("...options", "...options, handleSignals: true")}
      process.once("SIGTERM", () => console.log("draining"));
    `);
    await prints("busy");
    child.kill("SIGTERM");
    await prints("draining");
    child.kill(second);
    assert.equal((await exited).signal, second);
    await until(() => leftovers(pid).length === 0);
  });
}

test("a worker thread that is terminated takes its town's browsers along within 2 s", LIMIT, () =>
  nothingOutlives(async () => {
    const { child, pid, prints } = runNode(`
      const { Worker } = require("node:worker_threads");
      const text = ${JSON.stringify(BUSY)};
      const head = "const boomtown = require(" + JSON.stringify(require.resolve(${JSON.stringify(`${__dirname}/../..`)})) + ");"
        + "const options = " + JSON.stringify(options) + ";";
      const thread = new Worker(head + text, { eval: true });
      process.stdin.once("data", async () => { await thread.terminate(); console.log("terminated"); });
    `);
    await prints("busy");
    assert.ok(leftovers(pid).length > 2);
    child.stdin.write("go\n");
    await prints("terminated");
    return pid;
  }),
);

test("Node goes on working after a town in a worker thread has ended", LIMIT, async () => {
  const { exited, pid } = runNode(`
    const { Worker } = require("node:worker_threads");
    const file = ${JSON.stringify(`${__dirname}/../..`)};
    const run = "const town = require(" + JSON.stringify(file) + ")(" + JSON.stringify(options) + ");"
      + "town.on('queue', async () => 'thread'); town.queue(1).then((result) => require('node:worker_threads').parentPort.postMessage(result));";
    const thread = new Worker(run, { eval: true });
    thread.on("message", console.log);
    thread.on("exit", async (code) => {
      console.log("exit", code);
      const town = boomtown(options);
      town.on("queue", async () => "main");
      console.log(await town.queue(1));
    });
  `);
  const { code, printed } = await exited;
  assert.deepEqual([code, printed], [0, "thread\nexit 0\nmain\n"]);
  await until(() => leftovers(pid).length === 0);
});

/** Only of Node on Windows is it said by something else than TMPDIR. */
const TEMPORARY = { ...LIMIT, skip: process.platform === "win32" && "sets TMPDIR" };

/** What TMPDIR can be, and the folder inside of an empty one that os.tmpdir() means by it. @type {[string, (empty: string) => object][]} */
const PLACES = [
  ["a relative path", () => ({ TMPDIR: "there" })],
  ["a relative path that goes up", () => ({ TMPDIR: "../here/there" })],
  ["an absolute path with a slash at its end", (here) => ({ TMPDIR: path.join(here, "there/") })],
  ["empty, and TMP is not", (here) => ({ TMPDIR: "", TMP: path.join(here, "there") })],
];

for (const [what, environment] of PLACES) {
  for (const end of ["SIGKILL", "close"]) {
    test(
      `where TMPDIR is ${what}, a town has its folder there and leaves nothing after ${end}`,
      TEMPORARY,
      async () => {
        const here = path.join(scratch(), "here");
        const there = path.join(here, "there");
        mkdirSync(there, { recursive: true });
        const { child, exited, prints } = runNode(`
        process.chdir(${JSON.stringify(here)});
        Object.assign(process.env, ${JSON.stringify(environment(here))});
        const town = boomtown({ ...options, closeTimeout: 100 });
        town.on("queue", (page) => page.title().then(() => console.log("busy")).then(() => new Promise(() => {})));
        process.chdir("/");
        town.queue("data").catch(() => {});
        process.stdin.once("data", () => town.close()).unref();
      `);
        await prints("busy");
        const folders = readdirSync(there);
        assert.ok(folders.length > 0 && folders.every((folder) => folder.startsWith("boomtown-")), folders.join());
        if (end === "SIGKILL") child.kill(end);
        else child.stdin.write("end\n");
        await exited;
        await until(() => readdirSync(there).length === 0 && processesIn(there).length === 0);
      },
    );
  }
}

/** @type {[string, (folder: string) => void, RegExp][]} */
const NO_PLACES = [
  ["missing", () => {}, /No such file or directory/],
  ["a file", (folder) => writeFileSync(folder, ""), /Not a directory/],
  ["inside a file", (folder) => writeFileSync(path.dirname(folder), ""), /Not a directory/],
];

for (const [what, prepare, why] of NO_PLACES) {
  test(`where the folder of TMPDIR is ${what}, ready() rejects at once and says what to do`, TEMPORARY, async () => {
    const above = path.join(scratch(), "above");
    const folder = path.join(above, "folder");
    if (what !== "inside a file") mkdirSync(above);
    prepare(folder);
    const { exited } = runNode(`
      process.env.TMPDIR = ${JSON.stringify(folder)};
      const town = boomtown(options);
      town.on("queue", () => {});
      town.on("warning", () => {});
      const item = town.queue(1).catch((error) => console.log(error.code));
      town.ready().catch((error) => console.log(error.code, error.message)).then(() => item).then(() => town.close());
    `);
    const { code, printed, errors } = await exited;
    assert.deepEqual([code, errors], [0, ""]);
    assert.equal(printed.match(/ERR_BROWSER_LAUNCH/g)?.length, 2, printed);
    assert.match(printed, why);
    assert.ok(printed.includes(`${folder}, the one for temporary files`), printed);
    assert.match(printed, /make it a folder that can be written, or set TMPDIR to one/);
    if (what === "missing") assert.equal(existsSync(folder), false);
  });
}
