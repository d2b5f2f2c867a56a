// Makes the town that this process needs: with the queue, or, in a process that a town has forked, with the handlers.

// Node's own, whatever a program's tests put in its place.
const { setImmediate } = require("node:timers");
const { forkedFor, nextTown, townCount } = require("../cluster/identity.js");
const { Onlooker } = require("./onlooker.js");
const { ForkSide } = require("./fork-side.js");
const { BOOMTOWN } = require("../contract.js");
const { Town } = require("./index.js");
const { Primary } = require("./primary.js");

/** The side of this forked process that serves, and its town. @type {{ town: InstanceType<typeof Town>, side: InstanceType<typeof ForkSide> } | undefined} */
let serving;

/**
 * @param {any} options
 * @param {import("../contract.js").Contract} [contract]
 */
function makeTown(options, contract = BOOMTOWN) {
  if (options?.mode === "inline") return new Town((town) => new Primary(town, options, 0, contract));
  const number = nextTown();
  if (forkedFor !== undefined) return townOfFork(number, options, contract);
  return new Town((town) => new Primary(town, options, number, contract));
}

/**
 * A program with several towns makes them all in each process, in the same order. One that makes fewer here than there, such as
 * one town after the other, means the last that it has made, once it has made no other in that turn of the event loop.
 * @param {number} number
 * @param {any} options
 * @param {import("../contract.js").Contract} contract
 */
function townOfFork(number, options, contract) {
  const town = new Town(() => new Onlooker(options, contract));
  if (number === forkedFor) serve(town, options, contract);
  else if (number < Number(forkedFor)) setImmediate(() => townCount() === number && serve(town, options, contract));
  return town;
}

/**
 * A later town takes over the handling alone: the browser and the counts have begun with the first one's options.
 * @param {InstanceType<typeof Town>} town
 * @param {any} options
 * @param {import("../contract.js").Contract} contract
 */
function serve(town, options, contract) {
  const side = serving?.side ?? new ForkSide(town, options, contract);
  if (serving) {
    serving.town._become(new Onlooker({}, contract));
    side.handOver(town, options);
  }
  serving = { town, side };
  town._become(side);
}

module.exports = { makeTown };
