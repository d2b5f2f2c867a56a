// The factory for programs that were written for ghost-town: workers are forked at once. In a worker process that the program
// has forked itself, there is a town that nobody sends anything, as ghost-town had it.

const { isForeignWorker } = require("./lib/cluster/identity.js");
const { Onlooker } = require("./lib/town/onlooker.js");
const { GHOST_TOWN } = require("./lib/contract.js");
const { Town } = require("./lib/town/index.js");
const { makeTown } = require("./lib/town/make.js");

/** @param {object} [options] */
module.exports = (options) =>
  isForeignWorker
    ? new Town(() => new Onlooker(options, GHOST_TOWN))
    : makeTown({ ...options, mode: "cluster" }, GHOST_TOWN);
