// The factory for programs that were written for ghost-town: workers are forked at once. In a worker process that the program
// has forked itself, there is a town that nobody sends anything, as ghost-town had it.

const boomtown = require("./index.js");
const { isForeignWorker } = require("./lib/cluster/identity.js");
const { Onlooker } = require("./lib/cluster/onlooker.js");
const { PHANTOM_PAGES } = require("./lib/options.js");
const { Town } = require("./lib/town/index.js");

/** @param {object} [options] */
module.exports = (options) =>
  isForeignWorker
    ? new Town((town) => new Onlooker(town, options))
    : boomtown({ ...options, mode: "cluster", [PHANTOM_PAGES]: true });
