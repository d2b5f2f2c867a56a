// A town in a process that does not have its queue: what belongs to the primary is refused here, and says so.

const { fail } = require("../errors.js");
const { Town } = require("../town.js");
const { ONLOOKER } = require("./identity.js");

/** A town whose queue is in another process, which has forked this one. */
class Elsewhere extends Town {
  get isMaster() {
    return false;
  }

  /** @returns {any} */
  queue() {
    throw elsewhere(
      'queue() is called in a worker process. The town forks workers because of mode "cluster", or because the program read town.isMaster or queued an item before it listened to "queue": queue where town.isMaster is true, or use mode "inline" for handlers in the same process',
    );
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
  /** @param {any} options */
  constructor(options) {
    super({ ...options, mode: "auto" }, ONLOOKER);
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
