// The side of a town that only stands by: its handlers run in other processes than this one, which was forked for another town
// of the same script, or by the program itself. It has no core.

const { townOptions } = require("../options.js");
const { elsewhere, refusal, warnIfIdle } = require("./elsewhere.js");
const { forkedFor, townCount } = require("./identity.js");

/** What happens here. */
const NOTHING = {
  ...{ waiting: 0, inFlight: 0, fulfilled: 0, rejected: 0, aborted: 0, retried: 0, timedOut: 0, crashed: 0 },
};

class Onlooker {
  isMaster = false;
  isRunning = true;
  browser = undefined;

  /**
   * @param {InstanceType<typeof import("../town/index.js").Town>} town
   * @param {any} [options]
   * @param {number} [number] among the towns of this process
   */
  constructor(town, options, number) {
    // The primary warns of what it finds in them.
    const { launchTimeout } = townOptions({ ...options, mode: "auto" }, () => {});
    process.nextTick(() => town.emit("started"));
    // One of them speaks for all.
    if (number !== 1) return;
    warnIfIdle(
      town,
      launchTimeout,
      () =>
        townCount() < Number(forkedFor) &&
        `it was forked for town ${forkedFor} of the program, and the script made ${townCount()} here; towns are told apart by the order in which they are made, so make all of them in every process, before any branch on isMaster`,
    );
  }

  start() {}

  /** The primary ends this process when its own town is closed. */
  async close() {}

  async ready() {
    throw elsewhere("ready() is called in a worker process of another town");
  }

  stats() {
    return { ...NOTHING, workers: [] };
  }

  metrics() {
    return "";
  }

  listenerComes() {}

  listenerGone() {}

  /** @param {string} call */
  refusal(call) {
    return refusal(call, "of another town");
  }
}

module.exports = { Onlooker };
