// `boomtown/puppeteer-cluster`: puppeteer-cluster's names over a town in this process. Its jobs wait in their own order, by its own
// rules; pages, time limits and browsers are the town's.

const { Cluster } = require("./cluster.js");

module.exports = { Cluster };
