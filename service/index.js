// The package: starts a render service. `npx boomtown serve` does that with the options of its command line.

const { makeApp } = require("./lib/app.js");
const { optionsOf } = require("./lib/options.js");
const { openTown } = require("./lib/town.js");

/**
 * @param {import("./lib/options.js").ServiceOptions} [options]
 * @returns {Promise<{ url: string, log: import("fastify").FastifyBaseLogger, drain: () => Promise<void>, end: () => Promise<void> }>}
 *   listens when it resolves. `drain` answers what is under way and refuses the rest, `end` does not wait for anything
 */
async function startService(options = optionsOf([], {})) {
  const town = openTown(options);
  const { app, admission } = makeApp(options, town);
  try {
    const url = await app.listen({ host: options.host, port: options.port });
    return {
      url,
      log: app.log,
      async drain() {
        await admission.drain();
        await app.close();
        await town.close({ drain: true });
      },
      async end() {
        app.server.closeAllConnections();
        await Promise.all([app.close(), town.close({ timeout: 0 })]);
      },
    };
  } catch (error) {
    await Promise.all([app.close(), town.close()]);
    throw error;
  }
}

module.exports = { startService };
