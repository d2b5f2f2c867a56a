// Which process this is: a program's own, or a worker that a town has forked, and for which town. The same script runs in both,
// so towns are told apart by the order in which the script makes them.

const { isMainThread } = require("node:worker_threads");

/** @type {import("node:cluster").Cluster} */
const cluster = /** @type {any} */ (require("node:cluster"));

/** What a forked process, and all that its browser starts, have in their environment: `TOWN.PRIMARY.FORK`. */
const VARIABLE = "BOOMTOWN_FORK";

const mark = cluster.isWorker ? process.env[VARIABLE] : undefined;
// What a handler starts is no worker of the town.
delete process.env[VARIABLE];
// A primary that is gone is told by the end of the channel; what could not be sent to it is no news.
if (mark !== undefined) cluster.worker?.on("error", () => {});

let towns = 0;
let forks = 0;

/** The number of the next town of this process that may fork, or be what was forked. */
const nextTown = () => ++towns;

/** @param {number} town its number */
const isForkedFor = (town) => mark?.split(".")[0] === String(town);

/** Whether a town has forked this process. */
const isForked = mark !== undefined;

/** Whether the program has, with cluster. */
const isForeignWorker = cluster.isWorker && !isForked;

/** The number of a town that is only made because the script makes all of them. */
const ONLOOKER = -1;

/** Neither a thread, nor what cluster has forked for the program itself, nor a program without a script, as with `node -e`, can fork. */
function canFork() {
  if (!isMainThread || !cluster.isPrimary) return false;
  const script = cluster.settings.exec ?? process.argv[1];
  // One that comes from standard input is gone when it has been read.
  return script !== undefined && script !== "-";
}

/** The mark of a new fork of a town. @param {number} town */
const newMark = (town) => `${town}.${process.pid}.${++forks}`;

module.exports = {
  ONLOOKER,
  VARIABLE,
  canFork,
  cluster,
  isForeignWorker,
  isForked,
  isForkedFor,
  mark,
  newMark,
  nextTown,
};
