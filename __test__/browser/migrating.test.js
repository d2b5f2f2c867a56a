// The programs of docs/migrating.md: the document has them as they are in examples/migrating, and they do what it says.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { promisify } = require("node:util");
const jpeg = require("jpeg-js");
// @ts-expect-error: hirelings declares no types
const { Pool } = require("hirelings");
const { loadNative } = require("../../lib/load-native.js");
const { scratch } = require("../helpers/town.js");

const ROOT = path.join(__dirname, "../..");
const PROGRAMS = path.join(ROOT, "examples/migrating");
const DOCUMENT = fs.readFileSync(path.join(ROOT, "docs/migrating.md"), "utf8");
const LIMIT = { timeout: 120_000 };

const execute = promisify(execFile);

/**
 * Runs a program to its own end, in a folder of its own.
 * @param {string} name its path, or that in the folder of the programs
 * @param {NodeJS.ProcessEnv} [env]
 */
async function run(name, env) {
  const cwd = scratch();
  const { stdout } = await execute(process.execPath, ["--no-warnings", path.resolve(PROGRAMS, name)], {
    cwd,
    env: { ...process.env, ...env },
  });
  return { cwd, lines: stdout.split("\n").filter(Boolean).sort() };
}

for (const from of fs.readdirSync(PROGRAMS)) {
  for (const file of fs.readdirSync(path.join(PROGRAMS, from))) {
    test(`docs/migrating.md has ${from}/${file} as it is`, () => {
      const text = fs.readFileSync(path.join(PROGRAMS, from, file), "utf8");
      assert.ok(DOCUMENT.includes(`\n\`\`\`js\n${text}\`\`\`\n`));
    });
  }
}

test("docs/migrating.md has no other program", () => {
  assert.equal(DOCUMENT.match(/^```js$/gm)?.length, 2 * fs.readdirSync(PROGRAMS).length);
});

test("docs/migrating.md has every option, event and method of hirelings' pool", () => {
  const names = [...Object.keys(Pool.DEFAULT_OPTIONS), ...Pool.ALL_EVENTS, ...methods(Pool.prototype)];
  assert.deepEqual(names.filter(isMissing("hirelings")), []);
});

test("docs/migrating.md has every option and method of puppeteer-cluster", () => {
  const types = fs.readFileSync(require.resolve("puppeteer-cluster/dist/Cluster.d.ts"), "utf8");
  const options = /interface ClusterOptions {(.*?)\n}/s.exec(types)?.[1] ?? "";
  const names = [...options.matchAll(/^ {4}(\w+):/gm), ...types.matchAll(/^ {4}(?:static )?(\w+)[(:].*$/gm)];
  const own = names.map(([, name]) => name).filter((name) => name !== "constructor");
  assert.ok(own.length > 20);
  assert.deepEqual(own.filter(isMissing("puppeteer-cluster")), []);
});

/** What their users see of ghost-town 3.0.0, which needs PhantomJS, and of phantom-cluster 0.1.2, whose names are all over its code. */
const NAMES = {
  "ghost-town": [
    ...[
      "workerCount",
      "workerDeath",
      "workerShift",
      "pageCount",
      "pageDeath",
      "pageTries",
      "phantomBinary",
      "phantomFlags",
    ],
    ...["isMaster", "isRunning", "start", "stop", "queue", "phantom"],
  ],
  "phantom-cluster": [
    ...["create", "createQueued", "PhantomClusterServer", "PhantomClusterClient", "PhantomQueuedClusterServer"],
    ...["PhantomQueuedClusterClient", "QueueItem", "workers", "workerIterations", "phantomArguments", "phantomBinary"],
    ...["phantomBasePort", "onStdout", "onStderr", "messageTimeout", "numWorkers", "iterations", "done", "ph", "queue"],
    ...["clientsQueue", "currentRequestId", "addWorker", "start", "stop", "next", "enqueue", "queueItemResponse"],
    ...["id", "request", "response", "timeout", "finish", "started", "stopped", "workerStarted", "workerDied"],
    ...["phantomStarted", "phantomDied", "workerReady", "queueItemReady", "queueItemTimeout"],
  ],
};

for (const [from, names] of Object.entries(NAMES)) {
  test(`docs/migrating.md has every option, event and method of ${from}`, () => {
    assert.deepEqual(names.filter(isMissing(from)), []);
  });
}

/** @param {object} prototype */
function methods(prototype) {
  return Object.keys(prototype).filter((name) => !name.startsWith("_"));
}

/** @param {string} from */
function isMissing(from) {
  const [, section] = DOCUMENT.split(`\n## ${from}\n`);
  const table = section.split("\n## ")[0].replace(/```.*?```/gs, "");
  const code = [...table.matchAll(/`[^`]+`/g)].join(" ");
  return (/** @type {string} */ name) => !new RegExp(`(^|[^\\w:])${name}\\b`).test(code);
}

/** Where the programs of other libraries find the browser. */
function browserEnv() {
  const { browser } = loadNative().Core.survey(true);
  if ("code" in browser) throw new Error(browser.message);
  return { PUPPETEER_EXECUTABLE_PATH: browser.path };
}

/** @param {string} folder */
function assertTeal(folder) {
  const { width, height, data } = jpeg.decode(fs.readFileSync(path.join(folder, "teal.jpeg")));
  const [red, green, blue] = data;
  assert.deepEqual([width, height], [300, 250]);
  assert.ok(red < 12 && Math.abs(green - 128) < 12 && Math.abs(blue - 128) < 12, `its color is ${[red, green, blue]}`);
}

/**
 * Runs the program of another package with ours in that one's place.
 * @param {string} name
 */
async function runInPlace(name) {
  const folder = scratch();
  const modules = path.join(folder, "node_modules", name);
  fs.mkdirSync(modules, { recursive: true });
  const target = JSON.stringify(require.resolve(`boomtown/${name}`));
  fs.writeFileSync(path.join(modules, "index.js"), `module.exports = require(${target});`);
  const program = path.join(folder, "before.js");
  fs.copyFileSync(path.join(PROGRAMS, name, "before.js"), program);
  return await run(program);
}

test("a program of ghost-town runs with boomtown/ghost-town in its place", LIMIT, async () => {
  const { cwd, lines } = await runInPlace("ghost-town");
  assert.deepEqual(lines, []);
  assertTeal(cwd);
});

test("a program of phantom-cluster runs with boomtown/phantom-cluster in its place", LIMIT, async () => {
  const { lines } = await runInPlace("phantom-cluster");
  assert.deepEqual(lines, ["One", "Three", "Two"]);
});

test("a program of puppeteer-cluster runs with boomtown/puppeteer-cluster in its place", LIMIT, async () => {
  const { lines } = await runInPlace("puppeteer-cluster");
  assert.deepEqual(lines, ["One", "Three", "Two"]);
});

test("a program of hirelings runs with boomtown/hirelings in its place", LIMIT, async () => {
  const { lines } = await runInPlace("hirelings");
  assert.deepEqual(lines, ["1000001 = 101 x 9901", "60 = 2 x 2 x 3 x 5", "97 = 97"]);
});

test("the program that came from ghost-town makes the same picture", LIMIT, async () => {
  const { cwd, lines } = await run("ghost-town/after.js");
  assert.deepEqual(lines, []);
  assertTeal(cwd);
});

for (const file of ["before.js", "after.js"]) {
  test(`phantom-cluster/${file} prints the titles`, LIMIT, async () => {
    assert.deepEqual((await run(`phantom-cluster/${file}`)).lines, ["One", "Three", "Two"]);
  });

  test(`hirelings/${file} prints the factors`, LIMIT, async () => {
    const { lines } = await run(`hirelings/${file}`);
    assert.deepEqual(lines, ["1000001 = 101 x 9901", "60 = 2 x 2 x 3 x 5", "97 = 97"]);
  });

  for (const from of ["puppeteer", "puppeteer-cluster"]) {
    test(`${from}/${file} prints the titles`, LIMIT, async () => {
      assert.deepEqual((await run(`${from}/${file}`, browserEnv())).lines, ["One", "Three", "Two"]);
    });
  }

  test(`playwright/${file} prints what it has typed`, LIMIT, async () => {
    const { lines } = await run(`playwright/${file}`, browserEnv());
    assert.deepEqual(lines, ["One typed", "Three typed", "Two typed"]);
  });
}
