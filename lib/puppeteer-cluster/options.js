// A cluster's options, as puppeteer-cluster has them: what is allowed, the defaults, and the town that they mean.

const { availableParallelism } = require("node:os");
const { fail } = require("../errors.js");
const { MS } = require("../options.js");
const v = require("../validate.js");
const { LAUNCH, browserOptions, given, launchTimeout, refuseOrWarn } = require("./launch-options.js");

const PAGE = 1;
const CONTEXT = 2;
const BROWSER = 3;

/** Contexts share nothing but their browser, and more in one are no faster. */
const PAGES = 4;
/** In place of no limit: more jobs at a time are no faster, for each processor. */
const UNLIMITED = 4;
const MOST = 1000;

const SPAN = { ...MS, max: Infinity, infinity: true };

const CLUSTER = {
  concurrency: v.oneOf([PAGE, CONTEXT, BROWSER], { default: CONTEXT }),
  maxConcurrency: v.integer({ min: 0, max: MOST, default: 1 }),
  workerCreationDelay: v.milliseconds({ default: 0 }),
  puppeteerOptions: { ...LAUNCH, default: {} },
  perBrowserOptions: v.arrayOf(LAUNCH),
  monitor: v.boolean({ default: false }),
  timeout: v.milliseconds({ ...SPAN, default: 30_000 }),
  retryLimit: v.integer({ min: 0, infinity: true, default: 0 }),
  retryDelay: v.milliseconds({ default: 0 }),
  skipDuplicateUrls: v.boolean({ default: false }),
  sameDomainDelay: v.milliseconds({ default: 0 }),
  puppeteer: {
    allowed: "Puppeteer",
    is: (/** @type {any} */ value) => ["object", "function"].includes(typeof value),
  },
  page: v.oneOf(["own", "puppeteer"]),
};

/** @typedef {(message: string) => void} Warn */

/**
 * @param {any} options
 * @param {Warn} warn
 * @returns {any} the options with their defaults
 */
function clusterOptions(options, warn) {
  const all = Object.fromEntries(Object.entries(options ?? {}).filter(([, value]) => value !== null));
  const { concurrency = CONTEXT, maxConcurrency = 1, perBrowserOptions, puppeteerOptions } = all;
  // In puppeteer-cluster's words, by which programs may know them.
  if (typeof concurrency === "function") throw refusalOfClass();
  if (![PAGE, CONTEXT, BROWSER].includes(concurrency)) throw invalid(`Unknown concurrency option: ${concurrency}`);
  if (typeof maxConcurrency !== "number") throw invalid("maxConcurrency must be of number type");
  if (perBrowserOptions && perBrowserOptions.length !== maxConcurrency)
    throw invalid("perBrowserOptions length must equal maxConcurrency");
  return v.check(
    "Cluster.launch",
    CLUSTER,
    v.defined({
      ...all,
      puppeteerOptions: given(puppeteerOptions),
      perBrowserOptions: Array.isArray(perBrowserOptions)
        ? perBrowserOptions.map((own) => given(own ?? puppeteerOptions ?? {}))
        : perBrowserOptions,
    }),
    warn,
  );
}

/** @param {string} message */
const invalid = (message) => fail("ERR_INVALID_OPTION", message);

function refusalOfClass() {
  const why = "starts browsers of its own, and they are a town's here";
  const mend = "use Cluster.CONCURRENCY_PAGE, CONCURRENCY_CONTEXT or CONCURRENCY_BROWSER, or puppeteer-cluster itself";
  return fail("ERR_UNSUPPORTED", `Cluster.launch: a class as option "concurrency" ${why}; ${mend}`);
}

/**
 * How many jobs run at a time, and in how many browsers.
 * @param {any} options checked ones
 * @returns {{ limit: number, workers: number, pages: number }}
 */
function shape({ concurrency, maxConcurrency }) {
  const limit = maxConcurrency || UNLIMITED * availableParallelism();
  if (concurrency === PAGE) return { limit, workers: 1, pages: limit };
  if (concurrency === BROWSER) return { limit, workers: limit, pages: 1 };
  const workers = Math.ceil(limit / PAGES);
  return { limit, workers, pages: Math.ceil(limit / workers) };
}

/**
 * Of the browser of each worker, as `perBrowserOptions` has them, by its place; or of all of them.
 * @param {any} options checked ones
 * @returns {{ each: any[] | undefined, all: any }}
 */
function launches({ concurrency, puppeteerOptions, perBrowserOptions }) {
  return { each: concurrency === BROWSER ? perBrowserOptions : undefined, all: puppeteerOptions };
}

/**
 * @param {any} options checked ones
 * @param {boolean} isOwn whether the pages are boomtown's
 * @param {Warn} warn
 */
function townOptions(options, isOwn, warn) {
  const { concurrency, perBrowserOptions, timeout } = options;
  const { each, all } = launches(options);
  if (perBrowserOptions && !each)
    warn('Cluster.launch: option "perBrowserOptions" has no effect but with Cluster.CONCURRENCY_BROWSER');
  if (!each) refuseOrWarn("puppeteerOptions", all, isOwn, warn);
  for (const [place, own] of each?.entries() ?? []) refuseOrWarn(`perBrowserOptions[${place}]`, own, isOwn, warn);
  return v.defined({
    mode: "inline",
    // They grow with the jobs.
    workerCount: 1,
    pageCount: shape(options).pages,
    isolation: concurrency === PAGE ? "page" : "context",
    // What pages share is not lost.
    workerDeath: concurrency === PAGE ? Infinity : undefined,
    pageDeath: timeout > MS.max ? 0 : timeout,
    pageTries: 0,
    errorTries: 0,
    launchTimeout: launchTimeout(each ?? [all]),
    browser: each
      ? (/** @type {number} */ _, /** @type {number} */ place) => browserOptions(each[place])
      : browserOptions(all),
  });
}

module.exports = { BROWSER, CONTEXT, PAGE, clusterOptions, launches, shape, townOptions };
