// Runs the program fixtures/ghost-town.js: in a cluster, as ghost-town did, and in one process. A test tells its primary what
// to do, its items bring the function that handles them, and where they have to wait for one another the test's stage decides.

const { test, after } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { spawn } = require("node:child_process");
const path = require("node:path");
const { createInterface } = require("node:readline");
const { isAlive, leftovers, until } = require("./processes.js");
const { serve } = require("./server.js");
const { ENGINE, deferred } = require("./town.js");

/** @typedef {"cluster" | "in-process"} Way */
/** @typedef {import("../..").TownOptions} TownOptions */
/** @typedef {(page: import("../..").Page, data: any, next: import("../..").Next<any>, town: import("../..").Town) => any} Use */
/** @typedef {(town: import("../..").Town, data: any, cluster: import("node:cluster").Cluster) => any} Task */
/** @typedef {(program: Program) => Promise<unknown>} Steps */
/** @typedef {Awaited<ReturnType<typeof openProgram>>} Program */

/** What the engines have in common is shown with the faster one. @type {Way[]} */
const WAYS = ENGINE === "cdp" ? ["cluster", "in-process"] : ["cluster"];
const PROGRAM = path.join(__dirname, "../fixtures/ghost-town.js");
const LIMIT = { timeout: 120_000 };
const SHARED = null;

/** @type {Map<Way, Promise<Program>>} */
const shared = new Map();
/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
after(async () => {
  for (const program of shared.values()) await (await program).close();
  for (const child of running) child.kill("SIGKILL");
});

/**
 * A test of what both ways have in common. With SHARED instead of options it uses a program that others use too, of one worker that stays.
 * @param {string} name
 * @param {TownOptions | typeof SHARED} options
 * @param {Steps} steps
 */
function inBothWays(name, options, steps) {
  for (const way of WAYS) inOneWay(way, name, options, steps);
}

/**
 * @param {Way} way
 * @param {string} name
 * @param {TownOptions | typeof SHARED} options
 * @param {Steps} steps
 */
function inOneWay(way, name, options, steps) {
  test(`${way}: ${name}`, LIMIT, async () => {
    const program = await (options ? openProgram(way, options) : sharedProgram(way));
    await steps(program);
    for (const leave of stages.splice(0)) leave();
    if (options) await program.close();
  });
}

/** @param {Way} way */
function sharedProgram(way) {
  const program = shared.get(way) ?? openProgram(way, { workerDeath: -1 });
  shared.set(way, program);
  return program;
}

/**
 * A running program. Functions that are handed to it go there as text, so they know only their arguments and `require`.
 * @param {Way} way
 * @param {TownOptions} [options] one worker, unless they say otherwise; -1 stands for what JSON has no word for
 * @param {string} [factory] the module that the program opens its town with
 */
async function openProgram(way, options, factory = way === "cluster" ? "boomtown/ghost-town" : "boomtown") {
  const settings = { way, factory, options: { workerCount: 1, engine: ENGINE, ...options } };
  const child = spawn(process.execPath, [PROGRAM, JSON.stringify(settings)], { stdio: "pipe" });
  running.add(child);
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const pid = /** @type {number} */ (child.pid);
  /** Every Node process of the program. */
  const nodes = [pid];
  /** @type {Map<number, { resolve: (value: any) => void, reject: (error: unknown) => void }>} */
  const calls = new Map();
  let lastId = 0;
  const refusal = deferred();
  const lines = createInterface({ input: child.stdout });
  lines.on("line", (line) => {
    const { id, value, error, forked, refused } = JSON.parse(line);
    if (forked) nodes.push(forked);
    else if (refused) refusal.resolve(refused);
    else if (error) calls.get(id)?.reject(revived(error));
    else calls.get(id)?.resolve(value);
    calls.delete(id);
  });
  const exited = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    for (const { reject } of calls.values()) reject(new Error(`the program ended: ${code ?? signal}\n${errors}`));
    return { code, signal, errors };
  });
  // Ours to end, so its pipe may be gone before a test has told it everything.
  child.stdin.on("error", () => {});

  /** @param {object} command @returns {Promise<any>} */
  function command(command) {
    const id = ++lastId;
    const answer = new Promise((resolve, reject) => calls.set(id, { resolve, reject }));
    child.stdin.write(`${JSON.stringify({ id, ...command })}\n`);
    // A test may settle an item long before it looks at it.
    answer.catch(() => {});
    return answer;
  }

  return {
    child,
    pid,
    nodes,
    exited,
    /** What the factory threw, as it was seen there. @type {Promise<any>} */
    refused: refusal.promise,
    /** Calls a function of the primary, with the town and what JSON can hold. @param {Task} task @param {unknown} [data] */
    run: (task, data) => command({ kind: "run", use: `${task}`, data }),
    /**
     * Queues an item that is handled by `use`; gives what its callback got.
     * @param {Use} use
     * @param {unknown} [data]
     * @param {boolean} [asap] left out when it is not given
     */
    queue: (use, data, asap) => command({ kind: "queue", use: `${use}`, data, asap }),
    /** What it has written on standard error. */
    errors: () => errors,
    /** Resolves when it has written this on standard error. @param {RegExp} pattern */
    async warns(pattern) {
      while (!pattern.test(errors)) await once(child.stderr, "data");
    },
    /** Lets it end by itself, unless it has, and proves that nothing of it is left. */
    async close() {
      if (!running.has(child)) return;
      await command({ kind: "run", use: "(town) => town.close()" });
      await this.ends();
    },
    /** Tells it nothing more, upon which it has to end by itself, and leaves nothing. */
    async ends() {
      child.stdin.end();
      const { code, signal } = await exited;
      assert.deepEqual([code, signal], [0, null], errors);
      await this.leavesNothing();
    },
    async leavesNothing() {
      await until(() => nodes.every((node) => !isAlive(node) && leftovers(node).length === 0));
    },
  };
}

/** @param {any} error as the program has shown it @returns {object} */
function revived(error) {
  if ("given" in error) return error;
  const { cause, ...rest } = error;
  return Object.assign(new Error(), rest, cause && { cause: revived(cause) });
}

/** Each sends away those that wait on a stage. @type {(() => void)[]} */
const stages = [];

/**
 * The handler of an item that waits for the stage and has its word as its result: `queue(ask, stage.url)`. "exit" ends its process.
 * @type {Use}
 */
const ask = (_page, url, next) => {
  fetch(url)
    .then((response) => response.text())
    .then((word) => (word === "exit" ? process.exit(1) : next(null, word)), next);
};

/**
 * Where handlers wait until the test answers them, in whatever process they are.
 * @returns {Promise<{ url: string, asked: () => Promise<Asked>, most: () => number }>}
 *
 * @typedef {object} Asked
 * @property {string} who what stands after the stage's URL
 * @property {(word: string) => Promise<void>} answer resolves when it has arrived
 */
async function openStage() {
  /** @type {Asked[]} */
  const waiting = [];
  /** @type {((asked: Asked) => void)[]} */
  const readers = [];
  /** @type {Set<import("node:http").ServerResponse>} */
  const here = new Set();
  let most = 0;
  /** @type {import("node:http").RequestListener} */
  const listener = (request, response) => {
    here.add(response);
    most = Math.max(most, here.size);
    const left = once(response, "close").then(() => here.delete(response));
    const who = decodeURIComponent(new URL(String(request.url), "http://localhost").search.slice(1));
    /** @param {string} word */
    const answer = async (word) => {
      response.end(word);
      await left;
    };
    const reader = readers.shift();
    if (reader) reader({ who, answer });
    else waiting.push({ who, answer });
  };
  const origin = await serve({ "/stage": listener });
  stages.push(() => {
    for (const response of here) response.destroy();
  });
  return {
    url: `${origin}/stage?`,
    /** The next one that has come. */
    asked: async () => waiting.shift() ?? new Promise((resolve) => readers.push(resolve)),
    /** How many have been there at the same time, at most. */
    most: () => most,
  };
}

module.exports = { WAYS, LIMIT, SHARED, inBothWays, inOneWay, openProgram, openStage, ask };
