// A town in a process that does not have its queue: what belongs to the primary is refused here, and says so.

const { fail } = require("../errors.js");
const { Town } = require("../town/index.js");
const { ONLOOKER, forkedFor, townCount } = require("./identity.js");

/** What serves nothing is told of after so many milliseconds, or when half of the time for a launch is over. */
const SERVES_NOTHING = 10_000;

/** A town whose queue is in another process, which has forked this one. */
class Elsewhere extends Town {
  get isMaster() {
    return false;
  }

  /**
   * Warns of a process that nothing is sent to: the primary only sees that the worker is not ready.
   * @protected
   * @param {() => string | false} why looks again when it is time
   */
  _warnIfIdle(why) {
    const time = Math.min(SERVES_NOTHING, this._settings.launchTimeout / 2);
    return setTimeout(() => {
      const reason = why();
      if (reason) this._warn(`this worker process gets no items: ${reason}`);
    }, time).unref();
  }

  /** @returns {any} */
  queue() {
    throw elsewhere(
      `queue() is called in a worker process: handlers run in such because ${this._whyCluster}. Queue where town.isMaster is true, or use mode "inline" for handlers in the same process`,
    );
  }

  /** @protected @returns {string} */
  get _whyCluster() {
    return "of another town";
  }

  /** @returns {any} */
  acquire() {
    return Promise.reject(elsewhere("acquire() is called in a worker process, whose pages are for the town's items"));
  }

  stop() {
    throw inPrimary("stop()");
  }

  /** The primary ends this process when its own town is closed. */
  async close() {}

  /** @returns {any} */
  idle() {
    return Promise.reject(inPrimary("idle()"));
  }

  pause() {
    throw inPrimary("pause()");
  }

  resume() {
    throw inPrimary("resume()");
  }

  resize() {
    throw inPrimary("resize()");
  }

  /** The primary has said so. */
  _misfit() {}

  /** @protected @param {string} _event */
  _listenerComes(_event) {}

  /** @protected @param {string} _event */
  _listenerGone(_event) {}
}

/** A town whose workers are other processes than this one, which was forked for another town of the same script. */
class Onlooker extends Elsewhere {
  /** @param {any} options @param {number} number among the towns of this process */
  constructor(options, number) {
    super({ ...options, mode: "auto" }, ONLOOKER);
    // One of them speaks for all.
    if (number > 1) return;
    this._warnIfIdle(
      () =>
        townCount() < Number(forkedFor) &&
        `it was forked for town ${forkedFor} of the program, and the script made ${townCount()} here; towns are told apart by the order in which they are made, so make all of them in every process, before any branch on isMaster`,
    );
  }

  async ready() {
    throw elsewhere("ready() is called in a worker process of another town");
  }
}

/** @param {string} what */
function elsewhere(what) {
  return fail("ERR_UNSUPPORTED", `town.${what}`);
}

/** @param {string} call */
const inPrimary = (call) => elsewhere(`${call} is called in a worker process; call it where town.isMaster is true`);

module.exports = { Elsewhere, Onlooker };
