// boomtown as a contestant: a browser for each page, which is its default.

/** @typedef {import("./index.js").Plan} Plan */

/** Milliseconds, longer than any item may take. */
const TIMEOUT = 60_000;

/**
 * @param {Plan} plan
 * @param {import("../..").TownOptions} options
 * @param {boolean} [driveFrames]
 * @returns {Promise<import("./index.js").Pool>}
 */
async function openBoomtown({ browser, flags, sandbox, concurrency, viewport, handler }, options, driveFrames) {
  const boomtown = require("../..");
  const town = boomtown({
    workerCount: concurrency,
    workerDeath: Infinity,
    pageDeath: TIMEOUT,
    pageTries: 0,
    browser: { path: browser.path, args: flags, sandbox, driveFrames },
    ...options,
  });
  town.on("queue", async (page, number) => {
    if (viewport) await page.setViewport(viewport);
    return handler(/** @type {any} */ (page), number);
  });
  await town.ready();
  return {
    run: (number) => town.queue(number),
    close: async () => {
      const { retried } = town.stats();
      await town.close();
      // The peers do not try again, so this would not be the same work.
      if (retried > 0) throw new Error(`boomtown has tried ${retried} items again`);
    },
  };
}

module.exports = { openBoomtown };
