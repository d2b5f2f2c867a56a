// How many workers a town has whose program does not say: as many as keep the processors busy that it may use, and as there is
// memory for.

const fs = require("node:fs");
const os = require("node:os");

/** While one page waits for a frame or the network, another one can use its processor. */
const FOR_A_PROCESSOR = 2;
/** What a browser with one page may need, in bytes. */
const MEMORY_OF_ONE = 400e6;
/** Beyond that it is JavaScript's one thread that items wait for. */
const MOST = 32;

/**
 * What is looked at; tests pass their own.
 * @typedef {object} Machine
 * @property {number} processors
 * @property {number} memory of the machine, in bytes
 * @property {number} memoryLimit of the container, in bytes; above `memory` or 0 when there is none
 * @property {(file: string) => string | undefined} read
 */

/** @param {Machine} [machine] */
function workerCount({ processors, memory, memoryLimit, read } = thisMachine()) {
  const busy = Math.round(Math.min(processors, quota(read)) * FOR_A_PROCESSOR);
  const room = Math.floor(Math.min(memory, memoryLimit || Infinity) / MEMORY_OF_ONE);
  return Math.max(1, Math.min(busy, room, MOST));
}

/** @returns {Machine} */
function thisMachine() {
  return {
    processors: os.availableParallelism(),
    memory: os.totalmem(),
    memoryLimit: process.constrainedMemory(),
    read: (file) => {
      try {
        return fs.readFileSync(file, "utf8");
      } catch {
        return undefined;
      }
    },
  };
}

/** How many processors' time the control group of a container gives, which Node 20 knows nothing of. @param {Machine["read"]} read */
function quota(read) {
  const [time, period] = (read("/sys/fs/cgroup/cpu.max") ?? older(read)).trim().split(" ").map(Number);
  return time > 0 && period > 0 ? time / period : Infinity;
}

/** The same of cgroup v1, where a negative time is none. @param {Machine["read"]} read */
function older(read) {
  const [time, period] = ["cfs_quota_us", "cfs_period_us"].map((name) => read(`/sys/fs/cgroup/cpu/cpu.${name}`));
  return `${time?.trim()} ${period?.trim()}`;
}

module.exports = { workerCount };
