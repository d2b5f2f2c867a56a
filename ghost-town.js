// The factory for programs that were written for ghost-town: workers are forked at once.

const boomtown = require("./index.js");

/** @param {object} [options] */
module.exports = (options) => boomtown({ ...options, mode: "cluster" });
