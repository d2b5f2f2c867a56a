// The processes of this program's browsers, as /proc shows them. A worker's processes share a session, which is how they are
// found when their parent is gone; Chromium's own children have overwritten the environment that marks the others.

const fs = require("node:fs");
const { readFile } = require("node:fs/promises");

/**
 * @typedef {object} Process
 * @property {number} pid
 * @property {number} parent
 * @property {number} session
 * @property {string} state
 */

const BYTES_PER_KB = 1024;

/** What memory is measured by: shared pages in proportion where the kernel tells that, otherwise in full. */
const MEASURE = fs.existsSync("/proc/self/smaps_rollup")
  ? { name: "PSS", file: "smaps_rollup", pattern: /^Pss:\s+(\d+) kB/m }
  : { name: "RSS", file: "status", pattern: /^VmRSS:\s+(\d+) kB/m };

/** @param {number | string} pid @param {string} file of its folder in /proc; "" when the process is gone */
function read(pid, file) {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** @param {number | string} pid @returns {Process | undefined} */
function lookAt(pid) {
  const stat = read(pid, "stat");
  if (!stat) return undefined;
  // The name in parentheses may hold anything.
  const [state, parent, , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { pid: Number(pid), parent: Number(parent), session: Number(session), state };
}

/** Every process of the machine. */
function all() {
  return fs.readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (lookAt(name) ?? []) : []));
}

class Processes {
  /** @type {Set<number>} */
  #sessions = new Set();

  /** Follows the workers of a town from now on. @param {import("../..").Town<any, any>} town */
  follow(town) {
    town.on("workerReady", ({ pid }) => {
      const session = pid && lookAt(pid)?.session;
      if (session) this.#sessions.add(session);
    });
  }

  /** The live processes of all workers so far. */
  ofWorkers() {
    const found = all().filter(({ session, state }) => this.#sessions.has(session) && state !== "Z");
    // The number of a session that has no process left may be given to strangers.
    this.#sessions = new Set(found.map(({ session }) => session));
    return found;
  }

  /** What is left of the workers, and every child and every marked process of this program. */
  left() {
    const mark = `BOOMTOWN_TOWN=${process.pid}-`;
    const ofWorkers = new Set(this.ofWorkers().map(({ pid }) => pid));
    return all()
      .filter(
        ({ pid, parent }) =>
          ofWorkers.has(pid) ||
          parent === process.pid ||
          read(pid, "environ").includes(mark) ||
          read(pid, "cmdline").includes(mark),
      )
      .map(({ pid }) => `${pid} ${commandOf(pid)}`);
  }
}

/** @param {number} pid */
function commandOf(pid) {
  return read(pid, "cmdline").replaceAll("\0", " ");
}

/** @param {Process[]} processes @returns {Promise<number>} bytes */
async function memoryOf(processes) {
  const sizes = processes.map(async ({ pid }) => {
    // One that has just ended has no memory.
    const text = await readFile(`/proc/${pid}/${MEASURE.file}`, "latin1").catch(() => "");
    return Number(MEASURE.pattern.exec(text)?.[1] ?? 0) * BYTES_PER_KB;
  });
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** What this program's file descriptors are open on. */
function openFiles() {
  return fs.readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      // The one by which the folder was read.
      return [];
    }
  });
}

module.exports = { MEASURE: MEASURE.name, Processes, all, commandOf, lookAt, memoryOf, openFiles, read };
