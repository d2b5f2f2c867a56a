#!/usr/bin/env node
// The command `boomtown`: finds the command that is meant, and exits with its code.

const { COMMANDS, USAGE } = require("../lib/cli/index.js");
const { UsageError } = require("../lib/cli/usage-error.js");
const { version } = require("../package.json");

const HELP = ["--help", "-h"];

// Whoever reads the output may stop, as head does: then nobody is left to tell anything.
process.stdout.on("error", (error) => {
  if (/** @type {NodeJS.ErrnoException} */ (error).code !== "EPIPE") throw error;
  process.exit();
});

/** @param {string[]} args @returns {Promise<number>} the exit code */
async function main([name, ...args]) {
  if (HELP.includes(name)) return say(USAGE);
  if (name === "--version" || name === "-v") return say(version);
  if (name === undefined) return refuse("no command", USAGE);
  if (!Object.hasOwn(COMMANDS, name)) return refuse(`unknown command ${name}`, USAGE);
  const command = COMMANDS[name]();
  if (command.USAGE && args.some((arg) => HELP.includes(arg))) return say(command.USAGE);
  try {
    return await command.run(args);
  } catch (error) {
    if (error instanceof UsageError) return refuse(error.message, command.USAGE ?? USAGE);
    throw error;
  }
}

/** @param {string} text */
function say(text) {
  console.log(text);
  return 0;
}

/** @param {string} why @param {string} usage */
function refuse(why, usage) {
  console.error(`boomtown: ${why}\n\n${usage}`);
  return 2;
}

main(process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
