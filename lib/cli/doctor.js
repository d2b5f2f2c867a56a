// `npx boomtown doctor` tells whether a town would start on this machine, and what to do where it would not.

const { parseArgs } = require("node:util");
const { examine } = require("../doctor/index.js");
const { UsageError } = require("./usage-error.js");

const USAGE = `Usage: npx boomtown doctor [--json]

Looks at everything that a town needs here, and renders one page to see.
Exits with 0 when a town would start, 1 when it would not, 2 for wrong arguments.

  --json        prints { "ok": boolean, "checks": [{ "name", "status", "message", "mend"? }] }
  --help, -h    prints this`;

const NAME_WIDTH = 14;

/** @param {string[]} args */
async function run(args) {
  const { json } = readArguments(args);
  const checks = [];
  for await (const check of examine()) {
    checks.push(check);
    if (!json) print(check);
  }
  const ok = checks.every(({ status }) => status !== "problem");
  if (json) console.log(JSON.stringify({ ok, checks }, null, 2));
  else console.log(ok ? "\nA town starts here." : "\nA town would not start here: see what is marked as a problem.");
  return ok ? 0 : 1;
}

/** @param {string[]} args */
function readArguments(args) {
  try {
    return parseArgs({ args, options: { json: { type: "boolean" } } }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/** @param {import("../doctor/check.js").Check} check */
function print({ name, status, message, mend }) {
  console.log(`${status.padEnd(8)} ${name.padEnd(NAME_WIDTH)} ${message}`);
  if (mend) console.log(`${" ".repeat(NAME_WIDTH + 10)}-> ${mend}`);
}

module.exports = { USAGE, run };
