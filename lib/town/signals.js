// `handleSignals`: on SIGTERM or SIGINT every town that asked for it finishes its work first, and then the signal has its
// usual effect. A second one has it at once.

/** @typedef {{ close: (options: { drain: boolean }) => Promise<void> }} Drainable */

const SIGNALS = /** @type {const} */ (["SIGTERM", "SIGINT"]);

/** @type {Set<Drainable>} */
const towns = new Set();

/** @param {NodeJS.Signals} signal */
function drainAll(signal) {
  const closing = [...towns].map((town) => town.close({ drain: true }));
  forget(...towns);
  Promise.allSettled(closing).then(() => process.kill(process.pid, signal));
}

/** @param {Drainable} town */
function drainOnSignals(town) {
  if (towns.size === 0) for (const signal of SIGNALS) process.on(signal, drainAll);
  towns.add(town);
}

/** @param {Drainable[]} gone */
function forget(...gone) {
  for (const town of gone) towns.delete(town);
  if (towns.size === 0) for (const signal of SIGNALS) process.off(signal, drainAll);
}

module.exports = { drainOnSignals, forget };
