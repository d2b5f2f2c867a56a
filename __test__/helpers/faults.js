// What can go wrong around a town, each on demand: its processes killed and stopped, pipes closed, starts that fail, a full
// disk, no free descriptors, a blocked event loop, and a program that changes its mind. Only processes that this Node process
// has started are ever touched. Linux only: they are found in /proc.

const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");
const { cluster } = require("../../lib/cluster/identity.js");
const { loadNative } = require("../../lib/load-native.js");
const { all, lookAt, read } = require("../../scripts/proc.js");

/** @typedef {import("./random.js").Random} Random */
/** @typedef {"browser" | "renderer" | "gpu" | "network" | "zygote" | "driver" | "watchdog" | "relay" | "fork" | "other"} Role */
/** @typedef {{ pid: number, parent: number, born: string, role: Role }} Process */

/** @type {[role: Role, is: (command: string) => boolean][]} */
const ROLES = [
  ["watchdog", (command) => command.includes("\0boomtown-watchdog\0")],
  ["driver", (command) => command.includes("--enable-chrome-logs\0")],
  ["renderer", (command) => command.includes("--type=renderer")],
  ["gpu", (command) => command.includes("--type=gpu-process")],
  ["network", (command) => command.includes("NetworkService")],
  ["zygote", (command) => command.includes("--type=zygote")],
  ["browser", (command) => command.includes("--user-data-dir=") && !/--type=|^\/bin\/sh\0/.test(command)],
  ["relay", (command) => command === "cat\0"],
  ["fork", (command) => command.includes("/storm-worker.js\0")],
];

/** @param {number} pid @returns {Process | undefined} nothing if it has ended */
function look(pid) {
  const found = lookAt(pid);
  const command = read(pid, "cmdline");
  if (!found || found.state === "Z") return undefined;
  const role = ROLES.find(([, is]) => is(command))?.[0] ?? "other";
  return { pid, parent: found.parent, born: found.born, role };
}

/** Everything that a process has started, with what that has started in turn. @param {number} root @returns {Process[]} */
function family(root) {
  const found = all().flatMap(({ pid }) => look(pid) ?? []);
  /** @param {number} parent @returns {Process[]} */
  const below = (parent) =>
    found.filter((process) => process.parent === parent).flatMap((child) => [child, ...below(child.pid)]);
  return below(root);
}

/** @param {Process} process */
const lives = ({ pid, born }) => look(pid)?.born === born;

/**
 * A browser that can be told how to start: files in its folder are orders for the next starts, one each.
 * With a relay, other processes hold its DevTools pipe, and ending one of them closes the pipe under a living browser.
 */
class Wrapper {
  #orders = 0;

  /** @param {string} folder an empty one of its own @param {{ relay?: boolean }} [options] */
  constructor(folder, { relay = false } = {}) {
    const { browser } = loadNative().Core.survey(true);
    if ("code" in browser) throw new Error(browser.message);
    this.folder = folder;
    this.relay = relay;
    this.path = path.join(folder, "browser");
    const pipes = `
mkfifo "to.$$" "from.$$"
cat <&3 >"to.$$" 3<&- 4>&- &
cat <"from.$$" >&4 3<&- 4>&- &
exec 3<"to.$$" 4>"from.$$"
`;
    const text = `#!/bin/sh
ordered() { for order in '${folder}/'"$1".*; do rm "$order" 2>/dev/null && return; done; return 1; }
garbage() { head -c 20000 /dev/urandom; echo 'DevTools listening on ws://127.0.0.1:1/'; }
if ordered fail; then echo 'told to fail' >&2; exit 1; fi
if ordered slow; then sleep 3; fi
if ordered garbage; then garbage; garbage >&2; while garbage; do sleep 0.1; done & fi
${relay ? pipes : ""}exec '${browser.path}' "$@"
`;
    fs.writeFileSync(this.path, text, { mode: 0o755 });
  }

  /** The next starts are like that. @param {"fail" | "slow" | "garbage"} how @param {number} [times] */
  order(how, times = 1) {
    for (let i = 0; i < times; i += 1) fs.writeFileSync(path.join(this.folder, `${how}.${++this.#orders}`), "");
  }
}

/** A file that takes all the room of a disk. */
class Filler {
  /** @param {string} folder on that disk */
  constructor(folder) {
    this.file = path.join(folder, "filler");
  }

  fill() {
    const file = fs.openSync(this.file, "a");
    try {
      for (const size of [1 << 20, 1 << 12, 1]) {
        // What is freed meanwhile is taken too, up to a point.
        for (let i = 0; i < 4096; i += 1) fs.writeSync(file, Buffer.alloc(size));
      }
    } catch (error) {
      if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ENOSPC") throw error;
    } finally {
      fs.closeSync(file);
    }
  }

  free() {
    fs.rmSync(this.file, { force: true });
  }
}

/** Takes every descriptor that this process may still open. @returns {() => void} gives them back */
function hoardDescriptors() {
  /** @type {number[]} */
  const hoard = [];
  try {
    for (;;) hoard.push(fs.openSync("/dev/null", "r"));
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EMFILE") throw error;
  }
  return () => {
    for (const descriptor of hoard) fs.closeSync(descriptor);
  };
}

/** A process can get no more memory than it has. @param {number} pid @returns {boolean} whether it was there to be told */
function starve(pid) {
  return spawnSync("prlimit", ["--pid", String(pid), "--as=1"]).status === 0;
}

/** Nothing else runs in this thread meanwhile. @param {number} duration milliseconds */
function blockEventLoop(duration) {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, duration);
}

/**
 * What the faults are done to.
 * @typedef {object} Scene
 * @property {import("../..").Town<any, any>} town
 * @property {"inline" | "cluster"} mode
 * @property {number} workerCount that the town has when nobody resizes it
 * @property {Wrapper} wrapper
 * @property {import("../..").EngineName} engine
 * @property {Filler} [disk] the one that profiles are on, if it may be filled
 * @property {boolean} scarce whether this process may open so few files that it can hoard them
 * @property {Random} random
 * @property {(process: Process) => void} seen hears of every process before something is done to it
 */

/**
 * What a fault may do to an item: "violent" ones may cost it an attempt; "lasting" ones any number, and the starts of
 * browsers; "gentle" ones nothing.
 * @typedef {"violent" | "lasting" | "gentle"} Force
 */

/**
 * @typedef {object} Fault
 * @property {string} name
 * @property {Force} force
 * @property {number} [weight] how often it is drawn, 1 if absent
 * @property {(scene: Scene) => string | undefined} [needs] what is missing
 * @property {(scene: Scene) => string | undefined | Promise<string>} inject tells what was done when that is over, which may
 *   be long after it has begun; nothing if there was nobody to do it to
 */

/** @param {Scene} scene @param {Role} role */
function pick({ random, seen }, role) {
  const all = family(process.pid);
  all.forEach(seen);
  return random.of(all.filter((one) => one.role === role));
}

/** @param {Scene} scene @param {Role} role @param {NodeJS.Signals} signal @returns {string | undefined} to whom */
function send(scene, role, signal) {
  const target = pick(scene, role);
  try {
    if (target) process.kill(target.pid, signal);
  } catch {
    // It has just ended.
    return undefined;
  }
  return target && String(target.pid);
}

/** @param {Role} role @param {(scene: Scene) => string | undefined} [needs] @returns {Fault[]} */
const ended = (role, needs) => [
  { name: `kill ${role}`, force: "violent", needs, inject: (scene) => send(scene, role, "SIGKILL") },
  { name: `stop ${role}`, force: "violent", needs, inject: (scene) => send(scene, role, "SIGSTOP") },
];

/** @param {"fail" | "slow" | "garbage"} how @param {number} times @returns {(scene: Scene) => string | undefined} */
const startsLike = (how, times) => (scene) => {
  const killed = send(scene, "browser", "SIGKILL");
  if (killed) scene.wrapper.order(how, times);
  return killed;
};

/** @param {Scene} scene */
const needsForks = ({ mode }) => (mode === "cluster" ? undefined : "there are no worker processes");

/** @type {Fault[]} */
const FAULTS = [
  ...ended("browser"),
  { name: "end browser", force: "violent", inject: (scene) => send(scene, "browser", "SIGTERM") },
  ...ended("renderer"),
  ...ended("gpu"),
  ...ended("network"),
  ...ended("zygote"),
  ...ended("driver", ({ engine }) => (engine === "webdriver" ? undefined : "there is no driver")),
  { name: "kill watchdog", force: "gentle", inject: (scene) => send(scene, "watchdog", "SIGKILL") },
  ...ended("fork", needsForks),
  { name: "end fork", force: "violent", needs: needsForks, inject: (scene) => send(scene, "fork", "SIGTERM") },
  {
    name: "disconnect fork",
    force: "violent",
    needs: needsForks,
    inject: (scene) => {
      const target = scene.random.of(Object.values(cluster.workers ?? {}))?.process;
      if (target?.connected) target.disconnect();
      return target && String(target.pid);
    },
  },
  {
    name: "close the DevTools pipe",
    force: "violent",
    weight: 3,
    needs: ({ wrapper }) => (wrapper.relay ? undefined : "nobody but the browser holds it"),
    inject: (scene) => send(scene, "relay", "SIGKILL"),
  },
  {
    name: "starve renderer",
    force: "violent",
    needs: () => (spawnSync("prlimit", ["--version"]).error ? "there is no prlimit" : undefined),
    inject: (scene) => {
      const target = pick(scene, "renderer");
      return target && starve(target.pid) ? String(target.pid) : undefined;
    },
  },
  { name: "slow start", force: "violent", inject: startsLike("slow", 1) },
  { name: "start that fails twice", force: "violent", inject: startsLike("fail", 2) },
  { name: "start that prints garbage", force: "violent", inject: startsLike("garbage", 1) },
  {
    name: "full disk",
    force: "lasting",
    needs: ({ disk }) => (disk ? undefined : "no small disk could be mounted"),
    inject: async (scene) => {
      const { disk, random } = /** @type {Scene & { disk: Filler }} */ (scene);
      const duration = random.between(500, 3000);
      disk.fill();
      try {
        if (random.chance(0.5)) send(scene, "browser", "SIGKILL");
        await pause(duration);
      } finally {
        disk.free();
      }
      return `for ${duration} ms`;
    },
  },
  {
    name: "no free descriptors",
    force: "lasting",
    needs: ({ scarce }) => (scarce ? undefined : "this process may open too many files"),
    inject: async (scene) => {
      const duration = scene.random.between(500, 3000);
      send(scene, "browser", "SIGKILL");
      const giveBack = hoardDescriptors();
      try {
        await pause(duration);
      } finally {
        giveBack();
      }
      return `for ${duration} ms`;
    },
  },
  {
    name: "blocked event loop",
    force: "gentle",
    inject: ({ random }) => {
      const duration = random.between(500, 5000);
      blockEventLoop(duration);
      return `for ${duration} ms`;
    },
  },
  {
    name: "pause and resume",
    force: "gentle",
    inject: async ({ town, random }) => {
      const duration = random.between(0, 1500);
      town.pause();
      await pause(duration);
      town.resume();
      return `after ${duration} ms`;
    },
  },
  {
    name: "stop and start",
    force: "gentle",
    inject: async ({ town, random }) => {
      const duration = random.between(0, 1500);
      town.stop();
      await pause(duration);
      town.start();
      return `after ${duration} ms`;
    },
  },
  {
    name: "resize there and back",
    force: "gentle",
    inject: async ({ town, workerCount, random }) => {
      const [count, duration] = [random.between(1, workerCount + 1), random.between(0, 1500)];
      town.resize(count);
      await pause(duration);
      town.resize(workerCount);
      return `to ${count} for ${duration} ms`;
    },
  },
];

/**
 * What a program must be started with for all faults to be possible: a small disk of its own, and few descriptors.
 * @param {{ folder: string, megabytes: number, descriptors: number }} size `folder` is where the disk is seen, by that program only
 * @returns {string[]} the start of a command line
 */
function cage({ folder, megabytes, descriptors }) {
  const mount = `mount -t tmpfs -o size=${megabytes}m,mode=1777 none '${folder}'`;
  const limit = `ulimit -S -n ${descriptors} && exec "$@"`;
  const own = `export TMPDIR='${folder}'`;
  if (spawnSync("unshare", ["--mount", "sh", "-c", mount]).status !== 0)
    return ["sh", "-c", `${own} && ${limit}`, "sh"];
  // The mount goes with its namespace, however the program ends.
  const text = `${mount} && ${own} BOOMTOWN_FAULTS_DISK='${folder}' && ${limit}`;
  return ["unshare", "--mount", "sh", "-c", text, "sh"];
}

module.exports = { FAULTS, Filler, Wrapper, blockEventLoop, cage, family, hoardDescriptors, lives, starve };
