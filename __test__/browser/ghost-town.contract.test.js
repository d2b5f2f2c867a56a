// boomtown/ghost-town keeps ghost-town's contract with the program's forks and handlers. Each test runs a program of its own, as
// ghost-town's users wrote them: the primary shows lines, and the forks handle.

const { after, test } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { ENGINE, ROOT, leftovers, scratch, until } = require("../helpers/town.js");

const LIMIT = { timeout: 60_000 };

/** @type {(() => unknown)[]} */
const cleanups = [];
after(() => cleanups.forEach((cleanup) => void cleanup()));

/**
 * Runs a program with `ghost`, `cluster` and `options` in scope to its end; gives what its primary has shown.
 * @param {{ primary: string, fork: string }} parts
 */
async function run({ primary, fork }) {
  const file = path.join(scratch(), "program.js");
  fs.writeFileSync(
    file,
    `const cluster = require("node:cluster");
const ghost = require(${JSON.stringify(path.join(ROOT, "ghost-town.js"))});
const show = (value) => console.log(JSON.stringify(value));
const options = { workerCount: 1, engine: ${JSON.stringify(ENGINE)}, browser: { sandbox: false } };
/** What the callback got. */
const queue = (town, ...args) => new Promise((resolve) => town.queue(...args, (...got) => resolve(got)));
async function primary() { ${primary} }
if (cluster.isPrimary) primary().catch((error) => { console.error(error); process.exit(70); });
else { ${fork} }
`,
  );
  const child = spawn(process.execPath, ["--no-warnings", file], { stdio: ["ignore", "pipe", "pipe"] });
  cleanups.push(() => child.kill("SIGKILL"));
  let [shown, errors] = ["", ""];
  child.stdout.on("data", (chunk) => (shown += chunk));
  child.stderr.on("data", (chunk) => (errors += chunk));
  const [code, signal] = await once(child, "close");
  assert.deepEqual({ code, signal }, { code: 0, signal: null }, errors);
  await until(() => leftovers(/** @type {number} */ (child.pid)).length === 0);
  return shown
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

/** A fork that handles by what the item brings. */
const HANDLER =
  "ghost(options).on('queue', (page, data, next) => new Function('page', 'data', 'next', data.use)(page, data, next));";

/** A handler that takes `next`, with this body, and a primary that shows what the callback gets. @param {string} use */
const answerOf = async (use) => {
  const [shown] = await run({
    primary: `const town = ghost(options);
      const [error, ...rest] = await queue(town, { use: ${JSON.stringify(use)} });
      show([error instanceof Error ? error.message : error, ...rest]);
      await town.close();`,
    fork: HANDLER,
  });
  return shown;
};

// The fork's town

test(
  "a fork whose script makes fewer towns than the primary serves with the last that it has made",
  LIMIT,
  async () => {
    const shown = await run({
      primary: `for (const name of ["first", "second", "third"]) {
      const town = ghost(options);
      show(await queue(town, name));
      town.stop();
      cleanups.push(() => town.close());
    }
    for (const cleanup of cleanups) await cleanup();`.replace(
        "for (const name",
        "const cleanups = []; for (const name",
      ),
      fork: "ghost(options).on('queue', (page, data, next) => next(null, data));",
    });
    assert.deepEqual(shown, [
      [null, "first"],
      [null, "second"],
      [null, "third"],
    ]);
  },
);

test("a fork may make its town when the program's message has come", LIMIT, async () => {
  const shown = await run({
    primary: `const before = ghost(options);
      before.stop();
      const town = ghost(options);
      cluster.on("online", (worker) => worker.send({ workerDeath: 3 }));
      show(await queue(town, "data"));
      await Promise.all([town.close(), before.close()]);`,
    fork: `process.once("message", (config) =>
      ghost({ ...options, ...config }).on("queue", (page, data, next) => next(null, [data, config])));`,
  });
  assert.deepEqual(shown, [[null, ["data", { workerDeath: 3 }]]]);
});

test("a town that takes over in a fork warns of its options that the first one's outlast", LIMIT, async () => {
  const [[error, warnings]] = await run({
    primary: `const before = ghost(options);
      before.stop();
      const town = ghost(options);
      show(await queue(town, "data"));
      await Promise.all([town.close(), before.close()]);`,
    fork: `ghost({ ...options, workerDeath: 2, workerCount: 1 });
      setImmediate(() => setImmediate(() => {
        const warnings = [];
        const town = ghost({ ...options, workerDeath: 3, workerCount: 2, pageCount: 2 });
        town.on("warning", ({ message }) => warnings.push(message));
        town.on("queue", (page, data, next) => next(null, warnings));
      }));`,
  });
  assert.equal(error, null);
  assert.equal(warnings.length, 1);
  assert.match(warnings[0], /^this town's pageCount, workerDeath do nothing/);
});

test("two towns that are made in every process have handlers of their own", LIMIT, async () => {
  const shown = await run({
    primary: `const [one, two] = [ghost(options), ghost(options)];
      show(await Promise.all([queue(one, "a"), queue(two, "b")]));
      await Promise.all([one.close(), two.close()]);`,
    fork: `const [one, two] = [ghost(options), ghost(options)];
      one.on("queue", (page, data, next) => next(null, "one " + data));
      two.on("queue", (page, data, next) => next(null, "two " + data));`,
  });
  assert.deepEqual(shown, [
    [
      [null, "one a"],
      [null, "two b"],
    ],
  ]);
});

// What counts as given in the fork

test(
  "workerDeath counts as given in the fork, and there is no other worker before its last item is done",
  LIMIT,
  async () => {
    const [known, answers] = await run({
      primary: `const town = ghost({ ...options, workerDeath: 1 });
      const known = [];
      const results = [];
      for (let items = 0; items < 4; items += 1) {
        known.push(Object.keys(cluster.workers).length);
        results.push(await queue(town, "data"));
      }
      show(known);
      show(results);
      await town.close();`,
      fork: "ghost({ ...options, workerDeath: 3 }).on('queue', (page, data, next) => next(null, cluster.worker.id));",
    });
    assert.deepEqual(known, [1, 1, 1, 1]);
    const workers = answers.map((/** @type {[unknown, number]} */ [error, worker]) => {
      assert.equal(error, null);
      return worker;
    });
    const [first, , , other] = workers;
    assert.equal(typeof first, "number");
    assert.deepEqual(workers, [first, first, first, other]);
    assert.notEqual(other, first);
  },
);

test("workerShift counts as given in the fork", LIMIT, async () => {
  const answers = await run({
    primary: `const town = ghost(options);
      const [, first] = await queue(town, "data");
      let answer;
      do {
        answer = await queue(town, "data");
        show(answer);
      } while (answer[1] === first);
      await town.close();`,
    fork: "ghost({ ...options, workerShift: 300 }).on('queue', (page, data, next) => next(null, cluster.worker.id));",
  });
  for (const [error, worker] of answers) {
    assert.equal(error, null);
    assert.equal(typeof worker, "number");
  }
});

test("pageCount counts as given in the fork", LIMIT, async () => {
  const [together] = await run({
    primary: `const town = ghost({ ...options, pageCount: 1 });
      show(await Promise.all(["a", "b", "c"].map((data) => queue(town, data))));
      await town.close();`,
    fork: `const waiting = [];
      ghost({ ...options, pageCount: 3 }).on("queue", (page, data, next) => {
        waiting.push(() => next(null, data));
        if (waiting.length === 3) for (const answer of waiting) answer();
      });`,
  });
  assert.deepEqual(together, [
    [null, "a"],
    [null, "b"],
    [null, "c"],
  ]);
});

test(
  "a fork with more pages than the primary knows of is given no item more when its shift is over and one runs",
  LIMIT,
  async () => {
    const [others, long] = await run({
      primary: `const town = ghost({ ...options, pageCount: 1 });
      // Once these have met, the fork has shown that it has three pages.
      await Promise.all(["meet", "meet", "meet"].map((data) => queue(town, data)));
      const long = queue(town, "long");
      await new Promise((resolve) => cluster.once("fork", resolve));
      show(await Promise.all(["a", "b", "c"].map((data) => queue(town, data))));
      for (const worker of Object.values(cluster.workers)) worker.send("end");
      show(await long);
      await town.close();`,
      fork: `const met = [];
      ghost({ ...options, pageCount: 3, workerShift: 1000 }).on("queue", (page, data, next) => {
        if (data === "long") process.once("message", () => next(null, data));
        else if (data !== "meet") next(null, data);
        else if (met.push(next) === 3) for (const answer of met) answer();
      });`,
    });
    assert.deepEqual(others, [
      [null, "a"],
      [null, "b"],
      [null, "c"],
    ]);
    assert.deepEqual(long, [null, "long"]);
  },
);

test("phantomFlags count as given in the fork", LIMIT, async () => {
  const [[, command]] = await run({
    primary: `const town = ghost({ ...options, phantomFlags: { "of-the": "primary" } });
      show(await queue(town, "data"));
      await town.close();`,
    fork: `const { readdirSync, readFileSync } = require("node:fs");
      const town = ghost({ ...options, phantomFlags: { "of-the": "fork" } });
      // With a driver, the browser is another process.
      const commands = () => readdirSync("/proc").filter((name) => /^\\d+$/.test(name)).flatMap((pid) => {
        try { return [readFileSync("/proc/" + pid + "/cmdline", "utf8")]; } catch { return []; }
      });
      town.on("queue", (page, data, next) =>
        next(null, ["primary", "fork"].filter((one) => commands().some((command) => command.includes("--of-the=" + one + "\\0")))));`,
  });
  assert.deepEqual(command, ["fork"]);
});

// Messages

test(
  "a fork's messages are the program's alone, and cross as JSON; items cross by structured clone",
  LIMIT,
  async () => {
    const shown = await run({
      primary: `const town = ghost(options);
      cluster.on("online", (worker) => worker.send({ date: new Date(0), left() {} }));
      const got = await queue(town, new Date(0));
      show([...got, cluster.settings.serialization ?? null]);
      await town.close();`,
      fork: `const heard = [];
      process.on("message", (message) => heard.push(message));
      ghost(options).on("queue", (page, data, next) => next(null, [data instanceof Date, heard]));`,
    });
    assert.deepEqual(shown, [[null, [true, [{ date: "1970-01-01T00:00:00.000Z" }]], null]]);
  },
);

test("what is of a class is asked for its toJSON, and functions are left out", LIMIT, async () => {
  const shown = await run({
    primary: `const town = ghost(options);
      class Money { toJSON() { return "5 EUR"; } }
      const data = { price: new Money(), at: new URL("http://a.test/"), bytes: Buffer.from("raw"), log() {}, list: [() => {}] };
      show(await queue(town, data));
      await town.close();`,
    fork: "ghost(options).on('queue', (page, data, next) => next(null, { ...data, bytes: Buffer.isBuffer(data.bytes) }));",
  });
  assert.deepEqual(shown, [[null, { price: "5 EUR", at: "http://a.test/", bytes: true, list: [null] }]]);
});

// The end

test("stop tells forks by SIGTERM, upon which they may tidy up", LIMIT, async () => {
  const shown = await run({
    primary: `const file = __filename + ".tidied";
      const town = ghost(options);
      await queue(town, file);
      town.stop();
      await new Promise((resolve) => town.once("stopped", resolve));
      show(require("node:fs").readFileSync(file, "utf8"));
      await town.close();`,
    fork: `ghost(options).on("queue", (page, file, next) => {
      process.once("SIGTERM", () => setTimeout(() => {
        require("node:fs").writeFileSync(file, "tidied");
        process.exit();
      }, 200));
      next(null);
    });`,
  });
  assert.deepEqual(shown, ["tidied"]);
});

for (const [what, code] of [
  ["has removed cluster's exit listeners", 'cluster.removeAllListeners("exit");'],
  ["has assigned false to isRunning", "town.isRunning = false;"],
]) {
  test(`no fork is made again when the program ${what}`, LIMIT, async () => {
    const shown = await run({
      primary: `const town = ghost({ ...options, workerCount: 2 });
        await town.ready();
        let forks = 0;
        cluster.on("fork", () => (forks += 1));
        ${code}
        const [first, second] = Object.values(cluster.workers);
        // An idle town lets the program end.
        const hold = setInterval(() => {}, 1000);
        // That one's, and that of the one in its place, which is not forked.
        let exits = 0;
        const refused = new Promise((resolve) => town.on("workerExit", () => (exits += 1) === 2 && resolve()));
        first.process.kill("SIGKILL");
        await refused;
        await queue(town, "data");
        clearInterval(hold);
        show([forks, Object.keys(cluster.workers)[0] === String(second.id)]);
        await town.close();`,
      fork: "ghost(options).on('queue', (page, data, next) => next(null, data));",
    });
    assert.deepEqual(shown, [[0, true]]);
  });
}

test("isMaster and isRunning can be assigned", LIMIT, async () => {
  const shown = await run({
    primary: `"use strict";
      const town = ghost(options);
      [town.isMaster, town.isRunning] = [false, true];
      show([town.isMaster, town.isRunning]);
      await town.close();`,
    fork: "ghost(options).on('queue', () => {});",
  });
  assert.deepEqual(shown, [[false, true]]);
});

// The handler

test("what a handler returns is ignored when it takes next", LIMIT, async () => {
  const shown = await answerOf(
    `return page.property("content", "<title>Hello</title>").then(() => {
      page.property("title").then((title) => next(null, title));
    });`,
  );
  assert.deepEqual(shown, [null, "Hello"]);
});

test("a promise that a handler returns still rejects its item", LIMIT, async () => {
  assert.deepEqual(await answerOf("return Promise.reject(new Error('refused'));"), ["refused"]);
});

for (const [call, got] of /** @type {[string, unknown[]][]} */ ([
  ["next(false, 'data')", [false, "data"]],
  ["next('', [1])", ["", [1]]],
  ["next(new Error('half'), { done: 1 })", ["half", { done: 1 }]],
  ["next('text', 5)", ["text", 5]],
])) {
  test(`${call} delivers both as they are`, LIMIT, async () => {
    assert.deepEqual(await answerOf(call), got);
  });
}

// The page

test("a page begins with 400 x 300 and no URL, and has another size once it is set", LIMIT, async () => {
  const shown = await answerOf(
    `const size = () => page.evaluate(() => innerWidth + " x " + innerHeight);
    const seen = [];
    page.property("url").then((url) => seen.push(url))
      .then(size).then((first) => seen.push(first))
      .then(() => page.property("viewportSize")).then(({ width, height }) => seen.push(width, height))
      .then(() => page.property("viewportSize", { width: 500, height: 200 }))
      .then(size).then((second) => next(null, [...seen, second]), next);`,
  );
  assert.deepEqual(shown, [null, ["", "400 x 300", 400, 300, "500 x 200"]]);
});

test("a page that the handler has sized begins with that size", LIMIT, async () => {
  const shown = await answerOf(
    `page.property("viewportSize", { width: 500, height: 200 })
      .then(() => page.property("viewportSize")).then(({ width, height }) => next(null, [width, height]), next);`,
  );
  assert.deepEqual(shown, [null, [500, 200]]);
});

test("a page whose content is set still has no URL", LIMIT, async () => {
  const shown = await answerOf(
    `page.property("content", "<title>Hello</title>")
      .then(() => page.property("url")).then((url) => next(null, url), next);`,
  );
  assert.deepEqual(shown, [null, ""]);
});

test("a page's methods are plain functions, and on() and off() give promises", LIMIT, async () => {
  const shown = await answerOf(
    `const kind = (name) => Object.prototype.toString.call(page[name]);
    const kinds = new Set(["property", "setting", "open", "renderBase64", "evaluate", "on", "off", "close"].map(kind));
    page.on("onLoadFinished", () => {}).then(() => page.off("onLoadFinished")).then(() => next(null, [...kinds]), next);`,
  );
  assert.deepEqual(shown, [null, ["[object Function]"]]);
});
