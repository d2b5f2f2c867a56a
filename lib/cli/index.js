// The commands by their names. Each is loaded when it is called for, since the doctor has to run where the addon does not load.

/**
 * @typedef {object} Command
 * @property {string} [USAGE] without one the command answers to --help itself
 * @property {(args: string[]) => Promise<number>} run resolves with the exit code; throws a UsageError for wrong arguments
 */

/** @type {Record<string, () => Command>} */
const COMMANDS = {
  render: () => require("./render.js"),
  doctor: () => require("./doctor.js"),
  serve: () => require("./serve.js"),
};

const USAGE = `Usage: npx boomtown <command> [options] | --version | --help

  render INPUT... -o OUT   makes pictures or PDFs of files and URLs
  doctor                   tells whether a town would start here, and what to do if not
  serve                    starts the render service of the package boomtown-service

  --version, -v            prints the version of boomtown
  --help, -h               prints this; after a command, what that one takes`;

module.exports = { COMMANDS, USAGE };
