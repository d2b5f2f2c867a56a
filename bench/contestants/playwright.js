// Playwright as a contestant: one browser, and a context for each item, as many at a time as p-queue lets.

const { openPQueue } = require("../peers.js");

/**
 * @param {import("./index.js").Plan} plan
 * @returns {Promise<import("./index.js").Pool>}
 */
async function openPlaywright({ browser, flags, sandbox, concurrency, viewport, handler }) {
  const { chromium } = require("playwright-core");
  const queue = await openPQueue({ concurrency });
  const launched = await chromium.launch({ executablePath: browser.path, args: flags, chromiumSandbox: sandbox });

  const render = async (/** @type {number} */ number) => {
    const context = await launched.newContext({ viewport: viewport ?? null });
    try {
      return await handler(await context.newPage(), number);
    } finally {
      await context.close();
    }
  };
  return {
    run: (number) => queue.add(() => render(number)),
    close: () => launched.close(),
  };
}

module.exports = { openPlaywright };
