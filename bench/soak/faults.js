// Faults: now and then a process of the town's workers is killed or stopped. The seed decides when, what, and
// which of the processes that there are then.

const { setTimeout: pause } = require("node:timers/promises");
const { lookAt } = require("../../scripts/proc.js");
const { commandOf } = require("./processes.js");
const { count } = require("./tally.js");
const { weighted } = require("../../scripts/random.js");

/** Milliseconds between two faults, on average. */
const EVERY = 15_000;

/** @type {{ weight: number, signal: "SIGKILL" | "SIGSTOP", victim: "browser" | "renderer" }[]} */
const FAULTS = [
  { weight: 1, signal: "SIGKILL", victim: "browser" },
  { weight: 1, signal: "SIGSTOP", victim: "browser" },
  { weight: 1, signal: "SIGKILL", victim: "renderer" },
  { weight: 1, signal: "SIGSTOP", victim: "renderer" },
];

/** Chromium tells its processes by type; the browser itself has none, and neither has a driver. */
const VICTIMS = {
  browser: (/** @type {string} */ command) => !command.includes("--type="),
  renderer: (/** @type {string} */ command) => command.includes("--type=renderer"),
};

class Faults {
  #processes;
  #random;
  /** How often each came. @type {Record<string, number>} */
  done = {};

  /**
   * @param {InstanceType<typeof import("./processes.js").Processes>} processes
   * @param {() => number} random
   */
  constructor(processes, random) {
    this.#processes = processes;
    this.#random = random;
  }

  /** @param {AbortSignal} signal */
  async inject(signal) {
    while (!signal.aborted) {
      const wait = -Math.log(1 - this.#random()) * EVERY;
      const { signal: kind, victim } = weighted(FAULTS, this.#random());
      const choice = this.#random();
      await pause(wait, undefined, { signal }).catch(() => {});
      if (!signal.aborted) this.#strike(kind, victim, choice);
    }
  }

  /** @param {"SIGKILL" | "SIGSTOP"} signal @param {keyof typeof VICTIMS} victim @param {number} choice */
  #strike(signal, victim, choice) {
    const candidates = this.#processes.ofWorkers().filter(({ pid }) => VICTIMS[victim](commandOf(pid)));
    const chosen = candidates[Math.floor(choice * candidates.length)];
    // It may have ended since, and its number may be a stranger's now.
    if (!chosen || lookAt(chosen.pid)?.session !== chosen.session) return;
    process.kill(chosen.pid, signal);
    count(this.done, `${signal} of a ${victim}`);
  }
}

module.exports = { Faults };
