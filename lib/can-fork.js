// Whether this process can fork the program's script, as mode "cluster" does.

const { isMainThread } = require("node:worker_threads");

/** @type {import("node:cluster").Cluster} */
const cluster = /** @type {any} */ (require("node:cluster"));

/** Neither a thread, nor what cluster has forked for the program itself, nor a program without a script, as with `node -e`, can fork. */
function canFork() {
  if (!isMainThread || !cluster.isPrimary) return false;
  const script = cluster.settings.exec ?? process.argv[1];
  // One that comes from standard input is gone when it has been read.
  return script !== undefined && script !== "-";
}

module.exports = { canFork };
