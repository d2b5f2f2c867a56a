#!/usr/bin/env node
// The command `boomtown-service`: starts the service, and ends it in order when it is told to.

const { USAGE, WrongOption, optionsOf } = require("../lib/options.js");
const { startService } = require("../index.js");
const { version } = require("../package.json");

async function main() {
  const args = process.argv.slice(2);
  if (args.includes("--help") || args.includes("-h")) return console.log(USAGE);
  if (args.includes("--version")) return console.log(version);
  const service = await startService(optionsOf(args, process.env));
  const { log } = service;
  let code = 0;
  let draining = false;
  const told = (/** @type {string} */ signal) => {
    if (draining) {
      code = 1;
      // Then the drain has nothing more to wait for.
      return service.end();
    }
    draining = true;
    log.info({ signal }, "draining; a second signal ends at once");
    service.drain().then(
      () => process.exit(code),
      (error) => {
        log.error(error, "the drain failed");
        process.exit(1);
      },
    );
  };
  // For good: between two listeners a signal would end the process with its requests.
  for (const name of ["SIGTERM", "SIGINT"]) process.on(name, told);
}

main().catch((error) => {
  console.error(error instanceof WrongOption ? `boomtown-service: ${error.message}\n\n${USAGE}` : error);
  process.exit(error instanceof WrongOption ? 2 : 1);
});
