// What the towns of a forked process have in common, where the queue is in another process.

const { fail } = require("../errors.js");

/** What serves nothing is told of after so many milliseconds, or when half of the time for a launch is over. */
const SERVES_NOTHING = 10_000;

/**
 * Why a call is refused that needs the queue.
 * @param {string} call
 * @param {string} why handlers run in worker processes, after "because"
 */
function refusal(call, why) {
  if (call === "queue") {
    return elsewhere(
      `queue() is called in a worker process: handlers run in such because ${why}. Queue where town.isMaster is true, or use mode "inline" for handlers in the same process`,
    );
  }
  if (call === "acquire") {
    return elsewhere("acquire() is called in a worker process, whose pages are for the town's items");
  }
  return elsewhere(`${call}() is called in a worker process; call it where town.isMaster is true`);
}

/** @param {string} what */
function elsewhere(what) {
  return fail("ERR_UNSUPPORTED", `town.${what}`);
}

/**
 * Warns of a process that nothing is sent to: the primary only sees that the worker is not ready.
 * @param {{ _warn: (message: string) => void }} town
 * @param {number} launchTimeout
 * @param {() => string | false} why looks again when it is time
 */
function warnIfIdle(town, launchTimeout, why) {
  const time = Math.min(SERVES_NOTHING, launchTimeout / 2);
  return setTimeout(() => {
    const reason = why();
    if (reason) town._warn(`this worker process gets no items: ${reason}`);
  }, time).unref();
}

module.exports = { elsewhere, refusal, warnIfIdle };
