// What this process has used of the processor and of its main thread between two moments.

const { readFileSync } = require("node:fs");
const { performance } = require("node:perf_hooks");

const MICROS_PER_MS = 1000;
const NANOS_PER_MS = 1_000_000;

/** The milliseconds that the main thread has run; without Linux's figure, those that its event loop was not idle. */
function mainThread() {
  try {
    return Number(readFileSync(`/proc/self/task/${process.pid}/schedstat`, "latin1").split(" ")[0]) / NANOS_PER_MS;
  } catch {
    return performance.eventLoopUtilization().active;
  }
}

/** @returns {() => { wall: number, cpu: number, mainThread: number }} milliseconds since; cpu is of all threads */
function startUsage() {
  const before = { wall: performance.now(), cpu: process.cpuUsage(), mainThread: mainThread() };
  return () => {
    const { user, system } = process.cpuUsage(before.cpu);
    return {
      wall: performance.now() - before.wall,
      cpu: (user + system) / MICROS_PER_MS,
      mainThread: mainThread() - before.mainThread,
    };
  };
}

module.exports = { startUsage };
