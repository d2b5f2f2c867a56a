#!/usr/bin/env node
// The command: `npx boomtown doctor` tells whether a town would start on this machine, and what to do where it would not.

const { parseArgs } = require("node:util");
const { examine } = require("../lib/doctor/index.js");
const { version } = require("../package.json");

const USAGE = `Usage: npx boomtown doctor [--json] | --version | --help

Looks at everything that a town needs here, and renders one page to see.
Exits with 0 when a town would start, 1 when it would not, 2 for wrong arguments.

  --json          prints { "ok": boolean, "checks": [{ "name", "status", "message", "mend"? }] }
  --version, -v   prints the version of boomtown
  --help, -h      prints this`;

const OPTIONS = /** @type {const} */ ({
  json: { type: "boolean" },
  version: { type: "boolean", short: "v" },
  help: { type: "boolean", short: "h" },
});

const NAME_WIDTH = 14;

// Whoever reads the output may stop, as head does: then nobody is left to tell anything.
process.stdout.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPIPE") throw error;
  process.exit();
});

async function main() {
  const { values, positionals } = readArguments();
  if (values.help) return console.log(USAGE);
  if (values.version) return console.log(version);
  const [command, ...rest] = positionals;
  if (command === undefined) refuse("no command");
  if (command !== "doctor") refuse(`unknown command ${command}`);
  if (rest.length > 0) refuse(`unknown argument ${rest.join(" ")}`);

  const checks = [];
  for await (const check of examine()) {
    checks.push(check);
    if (!values.json) print(check);
  }
  const ok = checks.every(({ status }) => status !== "problem");
  if (values.json) console.log(JSON.stringify({ ok, checks }, null, 2));
  else console.log(ok ? "\nA town starts here." : "\nA town would not start here: see what is marked as a problem.");
  process.exitCode = ok ? 0 : 1;
}

function readArguments() {
  try {
    return parseArgs({ options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return refuse(/** @type {Error} */ (error).message);
  }
}

/**
 * @param {string} why
 * @returns {never}
 */
function refuse(why) {
  console.error(`boomtown: ${why}\n\n${USAGE}`);
  process.exit(2);
}

/** @param {import("../lib/doctor/check.js").Check} check */
function print({ name, status, message, mend }) {
  console.log(`${status.padEnd(8)} ${name.padEnd(NAME_WIDTH)} ${message}`);
  if (mend) console.log(`${" ".repeat(NAME_WIDTH + 10)}-> ${mend}`);
}

main();
