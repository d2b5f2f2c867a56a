// Tests of a page as boomtown/ghost-town gives it, in this process: each has one from a town of its file.

const { test } = require("node:test");
const { BOOMTOWN } = require("../../lib/contract.js");
const { openTown } = require("./town.js");

const town = openTown({ isolation: "context" }, { ...BOOMTOWN, phantomPage: true, knowsPage: true });

/** @param {string} name @param {(page: any) => Promise<unknown>} use */
const shows = (name, use) => test(name, () => town.queue(use));

module.exports = { shows };
