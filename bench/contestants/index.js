// Who takes part: boomtown in its isolations, and the peers in theirs. Each is opened with the same browser, flags, concurrency
// and handler, and loads its library only then.

/**
 * @typedef {object} Browser
 * @property {"headless-shell" | "chromium"} name
 * @property {string} path
 * @property {string} version
 *
 * @typedef {object} Viewport
 * @property {number} width
 * @property {number} height
 *
 * What Puppeteer's, Playwright's and boomtown's pages have in common.
 * @typedef {object} AnyPage
 * @property {(html: string) => Promise<unknown>} setContent
 * @property {(url: string) => Promise<unknown>} goto
 * @property {(script: string) => Promise<any>} evaluate
 * @property {(options: { type: "jpeg" | "png", quality?: number, fullPage?: boolean }) => Promise<Uint8Array>} screenshot
 * @property {(options: { format: "a4", printBackground: boolean }) => Promise<Uint8Array>} pdf
 *
 * @typedef {object} Plan
 * @property {Browser} browser
 * @property {string[]} flags of every contestant's browsers
 * @property {boolean} sandbox
 * @property {number} concurrency
 * @property {Viewport} [viewport]
 * @property {(page: AnyPage, number: number) => Promise<unknown>} handler
 *
 * @typedef {object} Pool
 * @property {(number: number) => Promise<any>} run one item
 * @property {() => Promise<unknown>} close
 *
 * @typedef {(plan: Plan) => Promise<Pool>} Open
 */

const { openBoomtown } = require("./boomtown.js");
const { openPlaywright } = require("./playwright.js");
const { openCluster, ours } = require("./puppeteer-cluster.js");

/** @type {Record<string, Open>} */
const CONTESTANTS = {
  "boomtown, page": (plan) => openBoomtown(plan, { isolation: "page" }),
  "boomtown, page, recycled": (plan) => openBoomtown(plan, { isolation: "page", workerDeath: 25 }),
  "boomtown, context": (plan) => openBoomtown(plan, { isolation: "context" }),
  "boomtown, reuse": (plan) => openBoomtown(plan, { isolation: "reuse" }),
  "boomtown, page, driven": (plan) => openBoomtown(plan, { isolation: "page" }, true),
  "boomtown, reuse, driven": (plan) => openBoomtown(plan, { isolation: "reuse" }, true),
  "boomtown/puppeteer-cluster, PAGE": (plan) => openCluster(plan, "CONCURRENCY_PAGE", ours),
  "boomtown/puppeteer-cluster, CONTEXT": (plan) => openCluster(plan, "CONCURRENCY_CONTEXT", ours),
  "boomtown/puppeteer-cluster, BROWSER": (plan) => openCluster(plan, "CONCURRENCY_BROWSER", ours),
  "puppeteer-cluster, PAGE": (plan) => openCluster(plan, "CONCURRENCY_PAGE"),
  "puppeteer-cluster, CONTEXT": (plan) => openCluster(plan, "CONCURRENCY_CONTEXT"),
  "puppeteer-cluster, BROWSER": (plan) => openCluster(plan, "CONCURRENCY_BROWSER"),
  "playwright + p-queue, context": openPlaywright,
};

const RECYCLED = "boomtown, page, recycled";
const ALL = Object.keys(CONTESTANTS);
/** Like the peers, none of them replaces its browsers. */
const LASTING = ALL.filter((name) => name !== RECYCLED);

/** Only a headless shell lets its frames be driven. @param {string} name @param {Browser} browser */
const runsOn = (name, browser) => browser.name === "headless-shell" || !name.endsWith("driven");

/** @param {string} name */
const isOurs = (name) => name.startsWith("boomtown");

module.exports = { ALL, CONTESTANTS, LASTING, isOurs, runsOn };
