// `boomtown/puppeteer-cluster`: puppeteer-cluster's names over a town in this process. Its jobs wait in their own order, by its own
// rules; pages, time limits and browsers are the town's.

const { Cluster } = require("./cluster.js");

// As a compiled ES module, which puppeteer-cluster is; the default is that of its file Cluster.
module.exports = { Cluster, default: Cluster, __esModule: true };
