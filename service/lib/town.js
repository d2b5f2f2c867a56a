// The service's town: its items are render requests, as the native routes or Gotenberg's have them.

const os = require("node:os");
const boomtown = require("boomtown");
const { convert } = require("./gotenberg/page/index.js");
const { render } = require("./render/index.js");

/** @typedef {import("./render/index.js").RenderRequest | import("./gotenberg/page/index.js").Conversion} Wanted */
/** @typedef {import("boomtown").Town<Wanted, import("./render/index.js").Rendered>} ServiceTown */

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
  town.on("queue", (page, wanted) => (wanted.kind === "convert" ? convert(page, wanted) : render(page, wanted)));
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
