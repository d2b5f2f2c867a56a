// Looks at foreign processes: what a town has started, whether it lives, and what is left.

const fs = require("node:fs");
const os = require("node:os");
const { setTimeout: pause } = require("node:timers/promises");

/**
 * The processes of a Node process's towns, with what they started themselves.
 * @param {number} pid of the Node process
 * @returns {{ pid: number, command: string }[]}
 */
function processes(pid) {
  return fs.readdirSync("/proc").flatMap((name) => {
    try {
      if (!/^\d+$/.test(name)) return [];
      const environment = fs.readFileSync(`/proc/${name}/environ`, "latin1");
      const command = fs.readFileSync(`/proc/${name}/cmdline`, "latin1");
      const word = `BOOMTOWN_TOWN=${pid}-`;
      return environment.includes(word) || command.includes(word) ? [{ pid: Number(name), command }] : [];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

/**
 * What a Node process has started and not cleaned up: its towns' processes and folders.
 * @param {number} pid of the Node process
 */
function leftovers(pid) {
  const folders = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(`boomtown-${pid}-`));
  return [...folders, ...processes(pid).map((process) => process.pid)];
}

/** Milliseconds: what has not come by then does not come. A wait without an end would keep Node alive after its test. */
const LONGEST_WAIT = 50_000;

/**
 * Waits for what no event tells: the state of foreign processes.
 * @param {() => boolean} condition
 */
async function until(condition) {
  const end = Date.now() + LONGEST_WAIT;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not so after ${LONGEST_WAIT / 1000} s: ${condition}`);
    await pause(20);
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return !/^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, "latin1"));
  } catch {
    return false;
  }
}

module.exports = { processes, leftovers, until, isAlive };
