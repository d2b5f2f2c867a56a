// What `boomtown doctor` looks at, in the order in which a town needs it; at the end it tries.

const { platformName } = require("../load-native.js");
const { addon, browsers } = require("./browsers.js");
const { ok, problem } = require("./check.js");
const { CONDITIONS } = require("./machine.js");
const { trial } = require("./trial.js");

const OLDEST_NODE = require("../../package.json").engines.node.replace(">=", "");

/** @returns {AsyncGenerator<import("./check.js").Check>} */
async function* examine() {
  let startable = true;
  for (const checks of [needs, conditions]) {
    for await (const check of checks()) {
      yield check;
      if (check.status === "problem") startable = false;
    }
  }
  if (startable) yield* trial();
}

/** Without these there is nothing to try. */
async function* needs() {
  yield node();
  const { core, check } = addon();
  yield check;
  if (core) yield* browsers(core);
}

async function* conditions() {
  for (const condition of CONDITIONS) {
    const check = await condition();
    if (check) yield check;
  }
}

function node() {
  const here = `${platformName()}, Node ${process.versions.node}`;
  const isOld = process.versions.node.localeCompare(OLDEST_NODE, "en", { numeric: true }) < 0;
  return isOld ? problem("platform", here, `install Node ${OLDEST_NODE} or newer`) : ok("platform", here);
}

module.exports = { examine };
