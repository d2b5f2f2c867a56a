// Hears of AbortSignals. One may abort any number of items: they share one listener, because a signal looks through all of its
// listeners at every new one, and takes more than ten for a leak.

/** Who is to be called by each signal, in the order in which they came. @type {WeakMap<AbortSignal, Set<() => void>>} */
const waiting = new WeakMap();

/** @this {AbortSignal} */
function aborted() {
  const calls = waiting.get(this) ?? [];
  waiting.delete(this);
  for (const call of calls) call();
}

/**
 * @param {AbortSignal} signal one that is not aborted yet
 * @param {() => void} call called once, when it is
 * @returns {() => void} forgets it
 */
function onAbort(signal, call) {
  const calls = waiting.get(signal) ?? new Set();
  if (calls.size === 0) {
    waiting.set(signal, calls);
    signal.addEventListener("abort", aborted, { once: true });
  }
  calls.add(call);
  return () => {
    if (!calls.delete(call) || calls.size > 0 || signal.aborted) return;
    waiting.delete(signal);
    signal.removeEventListener("abort", aborted);
  };
}

module.exports = { onAbort };
