// The samples: what the program and its browsers use, and how the items fare, every ten seconds.

const { monitorEventLoopDelay } = require("node:perf_hooks");
const { quantile } = require("../figures.js");
const { openFiles } = require("../../scripts/proc.js");
const { memoryOf } = require("./processes.js");

const EVERY = 10_000;
/** Between two looks at the event loop; it is part of what the monitor tells. */
const LOOP_RESOLUTION = 20;

/**
 * One window; times are milliseconds, memory is bytes, and what is counted "so far" is counted since the start.
 * @typedef {object} Sample
 * @property {number} at since the start
 * @property {number} items settled so far
 * @property {number} rate items per second
 * @property {number} p50 of the latency of fulfilled items
 * @property {number} p99
 * @property {number} rss of Node
 * @property {number} heap that Node uses
 * @property {number} files descriptors that Node has open
 * @property {number} loop the event loop's delay, p99
 * @property {number} loopMax its longest delay
 * @property {number} memory of the browsers' processes
 * @property {number} processes of the browsers
 * @property {number} launched workers so far
 * @property {number} retried items so far
 * @property {number} timedOut attempts so far
 * @property {number} crashed attempts so far
 * @property {number} faults so far
 */

class Sampler {
  #town;
  #load;
  #faults;
  #processes;
  #start = performance.now();
  #last = { at: 0, items: 0 };
  #launched = 0;
  #loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION });
  #timer;
  /** @type {Sample[]} */
  samples = [];

  /**
   * @param {import("../..").Town<any, any>} town
   * @param {InstanceType<typeof import("./load.js").Load>} load
   * @param {InstanceType<typeof import("./faults.js").Faults>} faults
   * @param {InstanceType<typeof import("./processes.js").Processes>} processes
   * @param {(sample: Sample) => void} each
   */
  constructor(town, load, faults, processes, each) {
    this.#town = town;
    this.#load = load;
    this.#faults = faults;
    this.#processes = processes;
    town.on("workerReady", () => {
      this.#launched += 1;
    });
    this.#loop.enable();
    this.#timer = setInterval(() => this.#sample().then(each), EVERY);
  }

  stop() {
    clearInterval(this.#timer);
    this.#loop.disable();
  }

  async #sample() {
    const at = performance.now() - this.#start;
    const { fulfilled, rejected, aborted, retried, timedOut, crashed } = this.#town.stats();
    const items = fulfilled + rejected + aborted;
    const latencies = this.#load.takeLatencies();
    const { rss, heapUsed } = process.memoryUsage();
    const processes = this.#processes.ofWorkers();
    /** @type {Sample} */
    const sample = {
      at,
      items,
      rate: ((items - this.#last.items) * 1000) / (at - this.#last.at),
      p50: latencies.length > 0 ? quantile(latencies, 0.5) : 0,
      p99: latencies.length > 0 ? quantile(latencies, 0.99) : 0,
      rss,
      heap: heapUsed,
      files: openFiles().length,
      loop: delay(this.#loop.percentile(99)),
      loopMax: delay(this.#loop.max),
      memory: await memoryOf(processes),
      processes: processes.length,
      launched: this.#launched,
      retried,
      timedOut,
      crashed,
      faults: Object.values(this.#faults.done).reduce((sum, times) => sum + times, 0),
    };
    this.#loop.reset();
    this.#last = sample;
    this.samples.push(sample);
    return sample;
  }
}

/** @param {number} nanoseconds as the monitor tells them @returns {number} ms */
function delay(nanoseconds) {
  return Math.max(0, nanoseconds / 1e6 - LOOP_RESOLUTION);
}

module.exports = { Sampler };
