// What differs between the package's entries: `boomtown` has a contract of its own, `boomtown/ghost-town` that of ghost-town 3, and
// `boomtown/phantom-cluster` that of phantom-cluster.

/**
 * @typedef {object} Contract
 * @property {boolean} lenient options of a wrong type are left out with a warning, and data that cannot be cloned crosses as
 *   JSON would have it
 * @property {boolean} forkCounts workerDeath, workerShift and pageCount are those given in the fork, which counts and ages itself
 * @property {boolean} instantDeath pageDeath 0 ends each attempt as soon as it starts, in place of never
 * @property {boolean} nextDecides what a handler returns that takes `next` is ignored, and `next` hands on both its arguments
 * @property {boolean} showsTraffic the primary hears a message of a fork for each page that waits there
 * @property {boolean} forksOnExit forks again while cluster has the town's listener of its "exit" event
 * @property {boolean} phantomPage the page begins as phantom's did, and its methods are plain functions
 * @property {boolean} knowsPage a handler's code, also later and by callbacks, is known by its page: see page/current.js
 * @property {(worker: import("node:cluster").Worker) => void} [forked] hears of each process of the town when it is forked
 */

/** @type {Contract} */
const BOOMTOWN = {
  lenient: false,
  forkCounts: false,
  instantDeath: false,
  nextDecides: false,
  showsTraffic: false,
  forksOnExit: false,
  phantomPage: false,
  knowsPage: false,
};

/** @type {Contract} */
const GHOST_TOWN = {
  lenient: true,
  forkCounts: true,
  instantDeath: true,
  nextDecides: true,
  showsTraffic: true,
  forksOnExit: true,
  phantomPage: true,
  knowsPage: true,
};

/** @type {Contract} */
const PHANTOM_CLUSTER = { ...BOOMTOWN, lenient: true, knowsPage: true };

module.exports = { BOOMTOWN, GHOST_TOWN, PHANTOM_CLUSTER };
