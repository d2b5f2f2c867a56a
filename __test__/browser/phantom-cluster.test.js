// `boomtown/phantom-cluster` beside phantom-cluster itself, which has a stand-in for PhantomJS here: one program, run with the one
// and with the other, prints the same.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const path = require("node:path");
const { promisify } = require("node:util");

const { wrapped } = require("../helpers/town.js");

const PROGRAM = path.join(__dirname, "../fixtures/phantom-cluster.js");
const TWO = path.join(__dirname, "../fixtures/phantom-cluster-two.js");
const LIMIT = { timeout: 120_000 };

const execute = promisify(execFile);

/**
 * @param {string} library
 * @param {string[]} args
 */
async function run(library, ...args) {
  const env = { ...process.env, BOOMTOWN_LOG: "warn" };
  const { stdout, stderr } = await execute(process.execPath, ["--no-warnings", PROGRAM, library, ...args], { env });
  process.stderr.write(stderr);
  return stdout.split("\n").filter(Boolean).sort();
}

/**
 * Each line of a worker once: its successor is there before it is needed here, and how many work is a matter of time.
 * @param {string[]} lines
 */
function comparable(lines) {
  const isWorkers = (/** @type {string} */ line) => /^(workerStarted|client) /.test(line);
  return lines.filter((line, index) => !isWorkers(line) || line !== lines[index - 1]);
}

const RESPONSES = ["One", "Two", "Three"].map(
  (name, id) => `response ${id} data:text/html,<title>${name}</title> success ${name}`,
);

test("a program with a queue prints the same", LIMIT, async () => {
  const ours = await run("boomtown/phantom-cluster", "queued");
  assert.deepEqual(comparable(ours), comparable(await run("phantom-cluster", "queued")));
  for (const line of RESPONSES) assert.ok(ours.includes(line), `${line} is not among\n${ours.join("\n")}`);
});

test("a program without a queue prints the same", LIMIT, async () => {
  const ours = await run("boomtown/phantom-cluster", "bare");
  assert.deepEqual(comparable(ours), comparable(await run("phantom-cluster", "bare")));
  for (const name of ["One", "Two", "Three"]) assert.ok(ours.includes(`title success ${name}`), ours.join("\n"));
});

/** @param {string[]} lines @param {string} word what they begin with */
const beginning = (lines, word) => lines.filter((line) => line.startsWith(`${word} `));

test("a worker is added, and those that wait for a request are known", LIMIT, async () => {
  const ours = await run("boomtown/phantom-cluster", "more", JSON.stringify({ workers: 1 }));
  assert.deepEqual(comparable(ours), comparable(await run("phantom-cluster", "more", JSON.stringify({ workers: 1 }))));
  for (const line of ["busy 2 free 0", "free true"]) assert.ok(ours.includes(line), ours.join("\n"));
});

test("a listener that throws ends its worker, and its request has timed out", LIMIT, async () => {
  const settings = JSON.stringify({ workers: 1, messageTimeout: 3000, once: true });
  const ours = await run("boomtown/phantom-cluster", "throw", settings);
  assert.deepEqual(beginning(ours, "workerDied"), ["workerDied 1 null"]);
  assert.deepEqual(beginning(ours, "timeout"), ["timeout 0"]);
  assert.deepEqual(beginning(ours, "response"), RESPONSES.slice(1).sort());
});

test("the browser gets phantomArguments, and its lines reach onStdout and onStderr", LIMIT, async () => {
  const phantomBinary = wrapped('echo "arguments $*"; echo mine >&2');
  const settings = { workers: 1, phantomBinary, phantomArguments: ["--load-images=no", "--mine=yes"] };
  const ours = await run("boomtown/phantom-cluster", "queued", JSON.stringify(settings));
  // A browser that fails at its start has a successor, which prints the same.
  assert.deepEqual([...new Set(beginning(ours, "stdout"))], ["stdout true true"]);
  assert.deepEqual([...new Set(beginning(ours, "stderr"))], ["stderr mine"]);
});

test("two pages that a request asks for at a time are two", LIMIT, async () => {
  const ours = await run("boomtown/phantom-cluster", "pages");
  const theirs = await run("phantom-cluster", "pages");
  assert.deepEqual(beginning(ours, "response"), beginning(theirs, "response"));
  assert.match(beginning(ours, "response")[0], /success One and success Other One$/);
});

test("of several requests at a time, each has its own page and gets its own answer", LIMIT, async () => {
  const ours = await run("boomtown/phantom-cluster", "turns", JSON.stringify({ workers: 1, workerParallelism: 3 }));
  assert.deepEqual(beginning(ours, "response"), RESPONSES);
});

test(
  "a request that is not answered in time has timed out, in both processes, and can be queued again",
  LIMIT,
  async () => {
    const ours = await run("boomtown/phantom-cluster", "late", JSON.stringify({ messageTimeout: 5000 }));
    for (const line of ["timeout 0", "queueItemTimeout 0", "enqueued 3 3 null"])
      assert.ok(ours.includes(line), ours.join("\n"));
    assert.ok(
      ours.some((line) => /^response 3 .* success One$/.test(line)),
      ours.join("\n"),
    );
  },
);

test(
  "the README's request event brings a page and an item to finish, several at a time in a worker",
  LIMIT,
  async () => {
    const ours = await run("boomtown/phantom-cluster", "request", JSON.stringify({ workers: 1, workerParallelism: 3 }));
    for (const line of [...RESPONSES.map((line) => line.replace("success ", "")), "at a time 3"]) {
      assert.ok(ours.includes(line), `${line} is not among\n${ours.join("\n")}`);
    }
  },
);

test("a worker is replaced after its iterations, and says that it has stopped", LIMIT, async () => {
  const ours = await run("boomtown/phantom-cluster", "queued", JSON.stringify({ workers: 1, workerIterations: 1 }));
  for (const line of RESPONSES) assert.ok(ours.includes(line), ours.join("\n"));
  assert.ok(ours.includes("client stopped true") && ours.includes("client phantomDied true"), ours.join("\n"));
});

test(
  "engines beside each other have their own workers, leave cluster as it was, and take a request that holds functions",
  LIMIT,
  async () => {
    const { stdout } = await execute(process.execPath, ["--no-warnings", TWO]);
    const response = (/** @type {number} */ id) => `response {"kept":true,"id":${id}} waiting 0`;
    const each = ["listeners 0 0", "one died of 1", response(0), "workers 1"];
    assert.deepEqual(
      stdout.trimEnd().split("\n").sort(),
      each.flatMap((line) => [line, line]),
    );
  },
);

test("without a browser, a program without a queue warns once, and ends", LIMIT, async () => {
  const settings = JSON.stringify({ phantomBinary: "/nowhere" });
  const { stdout, stderr } = await execute(process.execPath, [PROGRAM, "boomtown/phantom-cluster", "bare", settings]);
  assert.match(stdout, /server started/);
  assert.equal(stderr.match(/\[ERR_BROWSER_NOT_FOUND\]/g)?.length, 1, stderr);
});

test("without a browser, a request has timed out", LIMIT, async () => {
  const settings = JSON.stringify({ phantomBinary: "/nowhere", messageTimeout: 100, once: true });
  const ours = await run("boomtown/phantom-cluster", "queued", settings);
  assert.deepEqual(beginning(ours, "timeout"), ["timeout 0", "timeout 1", "timeout 2"]);
});
