// Makes the town that this process needs: with the queue, or, in a process that a town has forked, with the handlers.

const { forkedFor, nextTown } = require("../cluster/identity.js");
const { Onlooker } = require("../cluster/onlooker.js");
const { Worker } = require("../cluster/worker.js");
const { Town } = require("./index.js");
const { Primary } = require("./primary.js");

/** @param {any} [options] */
function makeTown(options) {
  if (options?.mode === "inline") return new Town((town) => new Primary(town, options));
  const number = nextTown();
  if (forkedFor === number) return new Town((town) => new Worker(town, options));
  // A program with several towns makes them all in each process.
  if (forkedFor !== undefined) return new Town((town) => new Onlooker(town, options, number));
  return new Town((town) => new Primary(town, options, number));
}

module.exports = { makeTown };
