// A conversion on a page, as Gotenberg does it: opened, waited for, printed or pictured; and what of the page it fails on.

const { requests } = require("./requests.js");
const { print } = require("./print.js");
const { picture } = require("./picture.js");
const { settle } = require("./settle.js");
const { watch } = require("./watch.js");
const { reasonOf } = require("./reasons.js");

/**
 * What is wanted of a page; form fields are in chromium.js.
 * @typedef {object} Conversion
 * @property {"convert"} kind
 * @property {string} url
 * @property {string} [folder] the only one whose files the page may open
 * @property {string} media
 * @property {{ name: string, value: string }[]} features
 * @property {import("boomtown").CookieParam[]} cookies
 * @property {string} userAgent
 * @property {Header[]} headers
 * @property {("load" | "networkidle0" | "networkidle2")[]} waitUntil
 * @property {FailOn} failOn
 * @property {string} waitForExpression
 * @property {string} waitForSelector
 * @property {number} waitDelay milliseconds
 * @property {boolean} omitBackground
 * @property {Print} [print]
 * @property {Picture} [picture]
 */
/** @typedef {{ name: string, value: string, scope?: string }} Header `scope` is a regular expression of URLs */
/**
 * @typedef {object} FailOn
 * @property {Set<number>} statuses of the page itself
 * @property {Set<number>} resourceStatuses
 * @property {string[]} ignoredDomains whose resources may have any status
 * @property {boolean} resourceFailures
 * @property {boolean} exceptions
 */
/**
 * Lengths are in inches.
 * @typedef {object} Print
 * @property {number} width
 * @property {number} height
 * @property {{ top: number, bottom: number, left: number, right: number }} margin
 * @property {boolean} landscape
 * @property {boolean} singlePage
 * @property {number} scale
 * @property {string} pageRanges
 * @property {boolean} printBackground
 * @property {boolean} preferCSSPageSize
 * @property {boolean} outline
 * @property {boolean} tagged
 * @property {string} [header]
 * @property {string} [footer]
 */
/**
 * @typedef {object} Picture
 * @property {number} width
 * @property {number} height
 * @property {number} deviceScaleFactor
 * @property {boolean} clip
 * @property {string} selector
 * @property {"png" | "jpeg" | "webp"} format
 * @property {number} quality
 * @property {boolean} optimizeForSpeed
 */

/** How colours are printed, and that without backgrounds the page's own is none. */
const EXACT = "html { -webkit-print-color-adjust: exact !important; }";
const BARE = "html, body { background: none !important; }";

/**
 * @param {import("boomtown").Page} page
 * @param {Conversion} wanted
 * @returns {Promise<import("../../render/index.js").Rendered>}
 */
async function convert(page, wanted) {
  const watched = watch(page, wanted);
  try {
    // What the page itself fails on ends all waits for it.
    return await Promise.race([watched.failed, steps(page, wanted, watched.check)]);
  } catch (error) {
    throw reasonOf(watched.failure ?? error, wanted);
  }
}

/** @param {import("boomtown").Page} page @param {Conversion} wanted @param {() => void} check */
async function steps(page, wanted, check) {
  await configure(page, wanted);
  const asked = await requests(page, wanted);
  // The item's time limit is the only one.
  await page.goto(wanted.url, { timeout: 0, waitUntil: wanted.waitUntil });
  asked.check();
  await page.evaluate(addStyle, wanted.print?.printBackground === false ? EXACT + BARE : EXACT);
  await settle(page, wanted);
  const rendered = wanted.print ? await print(page, wanted, wanted.print) : await picture(page, wanted);
  asked.check();
  check();
  return rendered;
}

/** @param {import("boomtown").Page} page @param {Conversion} wanted */
async function configure(page, { media, features, cookies, userAgent, picture: pictured }) {
  // Before it is opened, so that a page that asks while it loads is told the same.
  if (media) await page.emulateMediaType(media);
  if (features.length > 0) await page.emulateMediaFeatures(features);
  if (cookies.length > 0) await page.setCookie(...cookies);
  if (userAgent) await page.setUserAgent(userAgent);
  if (pictured) {
    const { width, height, deviceScaleFactor } = pictured;
    await page.setViewport({ width, height, deviceScaleFactor });
  }
}

/** Runs in the page. No policy of the page's forbids such a sheet, and none of its observers sees it. @param {string} css */
function addStyle(css) {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
}

module.exports = { convert };
