// The processes of this program's browsers, as /proc shows them. A worker's processes share a session, which is how they are
// found when their parent is gone; Chromium's own children have overwritten the environment that marks the others.

const fs = require("node:fs");
const { readFile } = require("node:fs/promises");
const { all, lookAt, read } = require("../../scripts/proc.js");

/** @typedef {import("../../scripts/proc.js").Process} Process */

const BYTES_PER_KB = 1024;

/** What memory is measured by: shared pages in proportion where the kernel tells that, otherwise in full. */
const MEASURE = fs.existsSync("/proc/self/smaps_rollup")
  ? { name: "PSS", file: "smaps_rollup", pattern: /^Pss:\s+(\d+) kB/m }
  : { name: "RSS", file: "status", pattern: /^VmRSS:\s+(\d+) kB/m };

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

module.exports = { MEASURE: MEASURE.name, Processes, commandOf, memoryOf };
