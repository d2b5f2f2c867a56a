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
  const drain = (/** @type {string} */ signal) => {
    log.info({ signal }, "draining; a second signal ends at once");
    for (const name of ["SIGTERM", "SIGINT"]) {
      process.removeAllListeners(name);
      process.once(name, () => {
        code = 1;
        // Then the drain has nothing more to wait for.
        service.end();
      });
    }
    service.drain().then(
      () => process.exit(code),
      (error) => {
        log.error(error, "the drain failed");
        process.exit(1);
      },
    );
  };
  for (const name of ["SIGTERM", "SIGINT"]) process.once(name, () => drain(name));
}

main().catch((error) => {
  console.error(error instanceof WrongOption ? `boomtown-service: ${error.message}\n\n${USAGE}` : error);
  process.exit(error instanceof WrongOption ? 2 : 1);
});
