// Which process this is: a program's own, or a worker that a town has forked, and for which town. The same script runs in both,
// so towns are told apart by the order in which the script makes them; one that is closed leaves its place to the next.

const { VARIABLE: CHANNEL } = require("./channel.js");

/** @type {import("node:cluster").Cluster} */
const cluster = /** @type {any} */ (require("node:cluster"));

/** What a forked process, and all that its browser starts, have in their environment: `TOWN.PRIMARY.FORK`. */
const VARIABLE = "BOOMTOWN_FORK";

const mark = cluster.isWorker ? process.env[VARIABLE] : undefined;
/** The descriptor by which the town's messages come. */
const descriptor = mark === undefined ? undefined : process.env[CHANNEL];
// What a handler starts is no worker of the town.
for (const variable of [VARIABLE, CHANNEL]) delete process.env[variable];
// A primary that is gone is told by the end of the channel; what could not be sent to it is no news.
if (mark !== undefined) cluster.worker?.on("error", () => {});

/** The numbers of this process's towns that may fork, or be what was forked. @type {Set<number>} */
const towns = new Set();
let forks = 0;

/** The number of a new one: the lowest that is free. */
function nextTown() {
  let number = 1;
  while (towns.has(number)) number += 1;
  towns.add(number);
  return number;
}

/** A town is closed. @param {number} town its number */
const leaveTown = (town) => void towns.delete(town);

/** How many there are. */
const townCount = () => towns.size;

/** The number of the town that has forked this process. */
const forkedFor = mark === undefined ? undefined : Number(mark.split(".")[0]);

/** Whether the program has forked this process, with cluster. */
const isForeignWorker = cluster.isWorker && forkedFor === undefined;

/** The mark of a new fork of a town. @param {number} town */
const newMark = (town) => `${town}.${process.pid}.${++forks}`;

module.exports = {
  VARIABLE,
  cluster,
  descriptor,
  forkedFor,
  isForeignWorker,
  leaveTown,
  mark,
  newMark,
  nextTown,
  townCount,
};
