// `boomtown/phantom-cluster`: phantom-cluster's names over a town in mode "cluster". The server is the town with the queue, and a
// client the town of a forked process; which of the two is made depends on the process.

const cluster = /** @type {import("node:cluster").Cluster} */ (/** @type {unknown} */ (require("node:cluster")));
const { PhantomClusterClient, PhantomQueuedClusterClient } = require("./client.js");
const { PhantomClusterServer, PhantomQueuedClusterServer } = require("./server.js");

/** An engine without a queue: the program decides what its workers do. @param {any} [options] */
function create(options) {
  return cluster.isPrimary ? new PhantomClusterServer(options) : new PhantomClusterClient(options);
}

/** An engine with a queue. @param {any} [options] */
function createQueued(options) {
  return cluster.isPrimary ? new PhantomQueuedClusterServer(options) : new PhantomQueuedClusterClient(options);
}

module.exports = {
  create,
  createQueued,
  PhantomClusterServer,
  PhantomClusterClient,
  PhantomQueuedClusterServer,
  PhantomQueuedClusterClient,
};
