// The program of a worker process in a storm: it has made as many towns as the primary, for the last of which it was forked.

const boomtown = require("../..");
const { handle } = require("./storm-kinds.js");

const { towns, options } = JSON.parse(/** @type {string} */ (process.env.BOOMTOWN_STORM));
for (let town = 0; town < towns; town += 1) boomtown({ ...options, mode: "cluster" }).on("queue", handle);
