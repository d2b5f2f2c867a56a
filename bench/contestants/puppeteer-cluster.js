// puppeteer-cluster as a contestant, in one of its concurrency models; and boomtown under its names, with nothing but the module
// changed.

const { peer } = require("../peers.js");

/** Milliseconds, longer than any item may take. */
const TIMEOUT = 60_000;

/**
 * @param {import("./index.js").Plan} plan
 * @param {"CONCURRENCY_PAGE" | "CONCURRENCY_CONTEXT" | "CONCURRENCY_BROWSER"} model
 * @param {() => any} [library]
 * @returns {Promise<import("./index.js").Pool>}
 */
async function openCluster({ browser, flags, sandbox, concurrency, viewport, handler }, model, library = theirs) {
  const { Cluster } = library();
  const cluster = await Cluster.launch({
    concurrency: Cluster[model],
    maxConcurrency: concurrency,
    timeout: TIMEOUT,
    puppeteer: require("puppeteer-core"),
    puppeteerOptions: {
      executablePath: browser.path,
      headless: browser.name === "headless-shell" ? "shell" : true,
      args: sandbox ? flags : [...flags, "--no-sandbox"],
      // Null is no viewport of its own, which saves a step.
      defaultViewport: viewport ?? null,
    },
  });
  await cluster.task((/** @type {{ page: any, data: number }} */ { page, data }) => handler(page, data));
  return {
    run: (number) => cluster.execute(number),
    close: () => cluster.close(),
  };
}

const theirs = () => peer("puppeteer-cluster");
const ours = () => require("../../lib/puppeteer-cluster");

module.exports = { openCluster, ours };
