// Runs one contestant's turn in a process of its own, and sees that nothing is left of it.

const { spawn } = require("node:child_process");
const { mkdtempSync, rmSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");
const { all, read } = require("../scripts/proc.js");
const { commandOf } = require("./soak/processes.js");

/** @typedef {import("./work.js").Turn} Turn */
/** @typedef {import("./work.js").Measured} Measured */

/** Milliseconds that a process has to end when asked to, and that what it started has to be gone. */
const GRACE = 10_000;
/** Of what a turn has said, so much is told when it fails. */
const LAST_WORDS = 4000;

/**
 * @param {Turn} turn
 * @param {number} limit milliseconds after which it is ended
 * @param {AbortSignal} interruption
 * @returns {Promise<Measured>}
 */
async function runTurn(turn, limit, interruption) {
  // Profiles and the like go there, and by its name the processes that use it are found.
  const folder = mkdtempSync(path.join(os.tmpdir(), "bench-turn-"));
  try {
    const { output, words, end } = await runChild(turn, folder, limit, interruption);
    const left = await endLeftovers(folder);
    if (end) throw new Error(`its process ${end}\n${words.trim()}`);
    if (left.length > 0) throw new Error(`it left processes behind, which were ended:\n${left.join("\n")}`);
    return JSON.parse(output);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/**
 * @param {Turn} turn
 * @param {string} folder
 * @param {number} limit
 * @param {AbortSignal} interruption
 * @returns {Promise<{ output: string, words: string, end?: string }>} end is how it failed
 */
function runChild(turn, folder, limit, interruption) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [path.join(__dirname, "child.js"), JSON.stringify(turn)], {
      env: { ...process.env, TMPDIR: folder },
      stdio: ["ignore", "pipe", "pipe"],
    });
    let [output, words] = ["", ""];
    child.stdout.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.stderr.setEncoding("utf8").on("data", (text) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    const end = () => {
      child.kill("SIGTERM");
      setTimeout(() => child.kill("SIGKILL"), GRACE).unref();
    };
    const overdue = setTimeout(end, limit);
    interruption.addEventListener("abort", end);
    child.on("error", reject);
    // Not "close": what it has left behind may hold the pipes.
    child.on("exit", (status, signal) => {
      clearTimeout(overdue);
      interruption.removeEventListener("abort", end);
      const failure = signal ? `was ended by ${signal}` : status === 0 ? undefined : `failed with exit code ${status}`;
      setImmediate(() => resolve({ output, words, end: failure }));
    });
  });
}

/** What is left of a turn after a grace period is ended. @param {string} folder @returns {Promise<string[]>} what that was */
async function endLeftovers(folder) {
  if (process.platform !== "linux") return [];
  const patience = performance.now() + GRACE;
  let left = usersOf(folder);
  while (left.length > 0 && performance.now() < patience) {
    await pause(50);
    left = usersOf(folder);
  }
  const commands = left.map((pid) => `${pid} ${commandOf(pid)}`);
  for (const pid of left) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It has just ended.
    }
  }
  return commands;
}

/** @param {string} folder @returns {number[]} the processes whose command line or environment has the folder's name */
function usersOf(folder) {
  return all()
    .filter(({ state }) => state !== "Z")
    .map(({ pid }) => pid)
    .filter((pid) => read(pid, "cmdline").includes(folder) || read(pid, "environ").includes(folder));
}

module.exports = { runTurn };
