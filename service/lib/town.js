// The service's town: its items are render requests.

const os = require("node:os");
const boomtown = require("boomtown");
const { render } = require("./render/index.js");

/** @typedef {import("boomtown").Town<import("./render/index.js").RenderRequest, import("./render/index.js").Rendered>} ServiceTown */

/**
 * @param {import("./options.js").ServiceOptions} options
 * @returns {ServiceTown}
 */
function openTown({ workers, pages, isolation, queueLimit, timeout }) {
  const town = boomtown({
    mode: "inline",
    workerCount: workers,
    pageCount: pages,
    isolation,
    queueLimit,
    pageDeath: timeout,
    // A client waits for one time limit and not for several.
    pageTries: 0,
  });
  town.on("queue", (page, request) => render(page, request));
  return /** @type {ServiceTown} */ (town);
}

/** In percent of the machine, as operators read them. */
function machine() {
  return {
    cpu: Math.min(100, Math.round((os.loadavg()[0] / os.availableParallelism()) * 100)),
    memory: Math.round((1 - os.freemem() / os.totalmem()) * 100),
  };
}

module.exports = { machine, openTown };
