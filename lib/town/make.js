// Makes the town that this process needs: the one with the queue, or, in a process that a town has forked, its worker.

const { Onlooker } = require("../cluster/elsewhere.js");
const { forkedFor, nextTown } = require("../cluster/identity.js");
const { ForkedTown } = require("../cluster/worker.js");
const { Town } = require("./index.js");

/** @param {any} [options] */
function makeTown(options) {
  if (options?.mode === "inline") return new Town(options);
  const number = nextTown();
  if (forkedFor === number) return new ForkedTown(options);
  // A program with several towns makes them all in each process.
  if (forkedFor !== undefined) return new Onlooker(options, number);
  return new Town(options, number);
}

module.exports = { makeTown };
