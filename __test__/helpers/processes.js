// Looks at foreign processes: what a town has started, whether it lives, and what is left.

const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");

/** Where the towns with this temporary folder have their folders. @param {string} [town] the start of a town's name */
const folderOf = (town = "") => path.join(os.tmpdir(), `boomtown-${town}`);

/**
 * The living processes of the towns whose folders begin like this, with what those have started themselves. They have the folder
 * in their environment or command, but for those that a browser has forked and renamed, which work in it.
 * @param {string} folder
 * @returns {{ pid: number, command: string }[]}
 */
function processesIn(folder) {
  return fs.readdirSync("/proc").flatMap((name) => {
    try {
      if (!/^\d+$/.test(name)) return [];
      const [environment, command] = ["environ", "cmdline"].map((file) =>
        fs.readFileSync(`/proc/${name}/${file}`, "latin1"),
      );
      const isOurs = environment.includes(folder) || command.includes(folder);
      return isOurs || fs.readlinkSync(`/proc/${name}/cwd`).startsWith(folder) ? [{ pid: Number(name), command }] : [];
    } catch {
      // It ended while we looked.
      return [];
    }
  });
}

/** The processes of a Node process's towns. @param {number} pid of the Node process */
const processes = (pid) => processesIn(folderOf(`${pid}-`));

/** @param {{ command: string }} process */
const isWatchdog = ({ command }) => command.includes("\0boomtown-watchdog\0");

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
/** Milliseconds that a browser may outlive Node. */
const OUTLIVES = 2000;

/**
 * Waits for what no event tells: the state of foreign processes.
 * @param {() => boolean} condition
 * @param {number} [limit] milliseconds
 */
async function until(condition, limit = LONGEST_WAIT) {
  const end = Date.now() + limit;
  while (!condition()) {
    if (Date.now() > end) throw new Error(`not so after ${limit / 1000} s: ${condition}`);
    await pause(20);
  }
}

/**
 * Nothing outlives Node: its browsers' processes are gone 2 s later, its folders when the watchdog has removed them.
 * A machine that is busy with something else may need three times to show it.
 * @param {() => Promise<number>} end runs a Node until it, or its town, has ended, and resolves with its pid
 */
async function nothingOutlives(end) {
  for (let times = 1; ; times += 1) {
    const pid = await end();
    const gone = until(() => processes(pid).every(isWatchdog), OUTLIVES);
    const late = await gone.catch((error) => error);
    await until(() => leftovers(pid).length === 0);
    if (!late) return;
    if (times === 3) throw late;
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

module.exports = { folderOf, processesIn, processes, isWatchdog, leftovers, until, nothingOutlives, isAlive };
