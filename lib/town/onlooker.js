// The side of a town that only stands by: its handlers run in other processes than this one, which was forked for another town
// of the same script, or by the program itself. It has no core.

const { townOptions } = require("../options.js");
const { elsewhere, refusal } = require("./elsewhere.js");

/** The counts of a town that has no queue here. */
const NOTHING = {
  waiting: 0,
  inFlight: 0,
  fulfilled: 0,
  rejected: 0,
  aborted: 0,
  retried: 0,
  timedOut: 0,
  crashed: 0,
};

class Onlooker {
  isMaster = false;
  isRunning = true;
  browser = undefined;

  /**
   * @param {any} options
   * @param {import("../contract.js").Contract} contract
   */
  constructor(options, contract) {
    // The primary warns of what it finds in them.
    townOptions({ ...options, mode: "auto" }, () => {}, contract);
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
