// `boomtown/hirelings` beside hirelings itself: one program, run with the one and with the other, prints the same.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { execFile, fork } = require("node:child_process");
const { once } = require("node:events");
const path = require("node:path");
const { promisify } = require("node:util");
// @ts-expect-error: hirelings declares no types
const original = require("hirelings");
const { Pool, Worker } = require("boomtown/hirelings");

const PROGRAM = path.join(__dirname, "../fixtures/hirelings.js");
const LIMIT = { timeout: 60_000 };

const execute = promisify(execFile);

/** @param {string} library @param {string} use @param {object} settings */
async function run(library, use, settings) {
  const { stdout } = await execute(process.execPath, [PROGRAM, library, use, JSON.stringify(settings)]);
  return stdout.trimEnd().split("\n");
}

/** What each use has to have printed, among other lines. @type {[string, string, object, string[]][]} */
const USES = [
  ["jobs that succeed, fail and tell of progress", "echo,fail,progress", {}, ["idle", 'Job:progress job-4 {"two":2}']],
  ["jobs that wait for one process", "late,late,late", {}, ["backlog job-4", 'called null "late"']],
  ["a job whose worker throws", "throw", {}, ["WorkerProcess:exiting process 1"]],
  ["a job whose worker exits", "exit", {}, ['called "exit" null']],
  ["a job that takes too long", "hang", { timeout_working: 150 }, ['WorkerProcess:timeout process 1 "working"']],
  ["a job that fails again and again", "fail", { retries: 2 }, ['Job:retry job-2 {"reason":"mine"}']],
  ["a job that is aborted", "abort", {}, ["Job:abort job-2", "WorkerProcess:exiting process 1"]],
  ["a pool that is filled", "spawn", {}, ["spawned", "ready pool-1"]],
];

for (const [what, use, settings, lines] of USES) {
  test(`${what}: a program of hirelings prints the same here`, LIMIT, async () => {
    const [theirs, ours] = [await run("hirelings", use, settings), await run("boomtown/hirelings", use, settings)];
    assert.deepEqual(ours, theirs);
    for (const line of lines) assert.ok(ours.includes(line), `${line} is not among\n${ours.join("\n")}`);
  });
}

test("every option, event and method of hirelings is there", () => {
  assert.deepEqual(Pool.DEFAULT_OPTIONS, original.Pool.DEFAULT_OPTIONS);
  assert.deepEqual(Pool.ALL_EVENTS, original.Pool.ALL_EVENTS);
  for (const [ours, theirs] of /** @type {[any, any][]} */ ([
    [Pool, original.Pool],
    [Worker, original.Worker],
  ])) {
    const names = Object.keys(theirs.prototype).filter((name) => !name.startsWith("_"));
    assert.deepEqual(
      names.filter((name) => typeof ours.prototype[name] !== "function"),
      [],
    );
  }
});

/** @param {object} [settings] */
const poolOf = (settings) => {
  process.env.HIRELINGS = "boomtown/hirelings";
  return new Pool({ module: PROGRAM, max_processes: 1, respawn_wait: 10, ...settings });
};

test("abort kills the process that works on the job, and the next job has another one", LIMIT, async () => {
  const pool = poolOf();
  const job = pool.enqueue({ do: "hang" });
  const [[, first]] = await Promise.all([once(pool, "task"), once(job, "start")]);
  const exited = once(pool, "exit");
  job.abort();
  assert.equal((await exited)[0], first);
  assert.throws(() => process.kill(first.getPID(), 0), { code: "ESRCH" });
  const tasked = once(pool, "task");
  await new Promise((resolve) => pool.enqueue({ do: "echo" }, resolve));
  assert.notEqual((await tasked)[1].getPID(), first.getPID());
  pool.exit();
});

test("a job that is aborted while it waits never runs, and calls nobody", LIMIT, async () => {
  const pool = poolOf();
  /** @type {string[]} */
  const called = [];
  const first = new Promise((resolve) => pool.enqueue({ do: "late" }, () => resolve(called.push("first"))));
  const second = pool.enqueue({ do: "echo" }, () => called.push("second"));
  second.on("start", () => called.push("started"));
  await once(pool, "enqueue");
  second.abort();
  await first;
  assert.deepEqual([called, pool.backlog.length, second.done], [["first"], 0, true]);
  pool.exit();
});

test("a process has max_jobs_per_process jobs, and is replaced", LIMIT, async () => {
  const pool = poolOf({ max_jobs_per_process: 2 });
  /** @type {(number | undefined)[]} */
  const processes = [];
  pool.on("task", (_job, worker) => processes.push(worker.getPID()));
  const jobs = [1, 2, 3, 4].map(() => new Promise((resolve) => pool.enqueue({ do: "echo" }, resolve)));
  await Promise.all(jobs);
  assert.deepEqual([processes[0] === processes[1], processes[2] === processes[3]], [true, true]);
  assert.notEqual(processes[1], processes[2]);
  pool.exit();
});

test("a process that is not ready in time, or does not recover in time, is ended", LIMIT, async () => {
  const pool = poolOf({
    timeout_recovering: 50,
    module: path.join(__dirname, "../fixtures/hirelings-recovers-never.js"),
  });
  pool.enqueue({});
  assert.equal((await once(pool, "WorkerProcess:timeout"))[1], "recovering");
  await once(pool, "exit");
  pool.exit();
  const other = poolOf({ timeout_initializing: 1, timeout_working: 1 });
  other.spawnWorkers();
  assert.equal((await once(other, "WorkerProcess:timeout"))[1], "initializing");
  other.exit();
});

test("an option of the workers that is undefined is as if it were not given", LIMIT, async () => {
  const pool = poolOf({ timeout_working: 100, options: { timeout_working: undefined } });
  assert.equal(await new Promise((resolve) => pool.enqueue({ do: "hang" }, resolve)), "timeout");
  pool.exit();
});

test("processes that cannot be started are two, and end", LIMIT, async () => {
  const pool = poolOf({ max_processes: 2, respawn_wait: 600_000 });
  const { execPath } = process;
  process.execPath = "/nowhere";
  try {
    pool.spawnWorkers();
  } finally {
    process.execPath = execPath;
  }
  assert.equal(pool.getStats().workers, 2);
  const ids = new Set();
  await new Promise((resolve) => {
    pool.on("exit", ({ id }) => ids.add(id).size === 2 && resolve(undefined));
  });
  assert.equal(pool.getStats().workers, 0);
  pool.exit();
});

test("what a callback throws is the program's uncaught exception", LIMIT, async () => {
  const program = `const { Pool } = require("boomtown/hirelings"); process.env.HIRELINGS = "boomtown/hirelings";
    process.on("uncaughtException", ({ message }) => { console.log(message); process.exit(); });
    new Pool({ module: ${JSON.stringify(PROGRAM)} }).enqueue({ do: "echo" }, () => { throw new Error("mine"); });`;
  const { stdout } = await execute(process.execPath, ["-e", program], { cwd: path.join(__dirname, "../..") });
  assert.equal(stdout, "mine\n");
});

test("a pool without a module is refused at once", () => {
  // @ts-expect-error: that is what is tested
  assert.throws(() => new Pool({}), { code: "ERR_INVALID_OPTION", message: /module/ });
});

test("the processes of a pool end with its program, however it ends", LIMIT, async () => {
  const child = fork(path.join(__dirname, "../fixtures/hirelings-pool.js"), [PROGRAM]);
  const [pid] = await once(child, "message");
  child.kill("SIGKILL");
  await once(child, "exit");
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
});
