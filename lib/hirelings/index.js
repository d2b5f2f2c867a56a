// `boomtown/hirelings`: hirelings' names for programs that were written for it. A pool of processes without a browser: its jobs
// are data, and its processes end with the program as a town's do.

const { Pool } = require("./pool.js");
const { Worker } = require("./worker.js");

module.exports = { Pool, Worker };
