// What BOOMTOWN_LOG prints: one line for each change of state, which a person can follow.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { runNode } = require("../helpers/town.js");

/**
 * What is left of the log of a program: level, town, what happened, to whom.
 * @param {string} level
 * @param {string} program
 */
async function log(level, program) {
  const { exited } = runNode(`process.env.BOOMTOWN_LOG = ${JSON.stringify(level)};\n${program}`);
  const { code, errors } = await exited;
  assert.equal(code, 0, errors);
  return errors
    .split("\n")
    .filter((line) => line.includes(" town{"))
    .map((line) => line.replace(/^\S+ +/, "").replace(/ (pid|after)=\S+|: [^ ]*headless.*| slot=\d+/g, ""));
}

test("info tells of every change of the town and of its workers", async () => {
  const lines = await log("info", `boomtown(options).on("queue", () => {}).close()`);
  for (const what of ["town started", "worker starting", "town closes", "worker gone", "town closed"])
    assert.equal(lines.filter((line) => line.startsWith(`INFO town{id=1}: ${what}`)).length, 1, lines.join("\n"));
});

test("info tells why a worker is replaced, and which one takes over", async () => {
  const lines = await log(
    "info",
    `const town = boomtown({ ...options, workerDeath: 1 });
town.on("queue", async () => {});
town.queue("").then(() => town.ready()).then(() => town.close());`,
  );
  const [first, ...rest] = lines.filter((line) => / worker=1\b/.test(line));
  assert.equal(first, "INFO town{id=1}: worker starting worker=1");
  assert.ok(
    rest.some((line) => line.includes('worker leaves worker=1 why="replaced: it has had workerDeath items"')),
    lines.join("\n"),
  );
});

test("debug tells of every item as well", async () => {
  const lines = await log(
    "boomtown=debug",
    `const town = boomtown(options).on("queue", async () => {});
town.queue("").then(() => town.close());`,
  );
  assert.deepEqual(
    lines.filter((line) => line.includes(" item=1")),
    [
      "DEBUG town{id=1}: item queued item=1",
      "DEBUG town{id=1}: item starts item=1 attempt=1 worker=1",
      "DEBUG town{id=1}: item fulfilled item=1",
    ],
  );
});

test("without BOOMTOWN_LOG nothing is printed", async () => {
  const { exited } = runNode(`boomtown({ ...options, browser: { sandbox: false } }).on("queue", () => {}).close()`);
  assert.equal((await exited).errors, "");
});
