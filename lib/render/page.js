// What is done with one page: it opens the input, waits as it was told, and makes the picture or the PDF.

const { readiness } = require("./ready.js");

/** @typedef {import("../../index.js").Page} Page */
/** @typedef {import("./outputs.js").Job} Job */

/**
 * What one waits for after the document has loaded.
 * @typedef {{ kind: "ready" | "load" | "networkidle" } | { kind: "time", milliseconds: number } | { kind: "selector", selector: string }} Wait
 */

/**
 * How inputs are rendered. Options of pictures have no meaning for PDFs, and the other way round.
 * @typedef {object} Settings
 * @property {Wait[]} waits in this order
 * @property {{ width: number, height: number }} [viewport] CSS pixels
 * @property {number} [scale] pixels for a CSS pixel in a picture, enlargement in a PDF
 * @property {Record<string, string>} headers of every request
 * @property {import("../../index.js").CookieParam[]} cookies those without a domain are of the input's own site
 * @property {{ fullPage?: boolean, selector?: string, quality?: number }} picture
 * @property {{ format?: string, landscape?: boolean, margin?: Record<"top" | "right" | "bottom" | "left", string> }} pdf
 */

/** A page's viewport, unless it is told another: see index.d.ts. */
const VIEWPORT = { width: 800, height: 600 };

/**
 * @param {Page} page
 * @param {Job} job
 * @param {Settings} settings
 * @param {string} html of an input without a URL
 * @returns {Promise<{ bytes: Buffer, notReady: string[] }>}
 */
async function renderPage(page, { input, type }, settings, html) {
  const { waits, viewport, scale, headers, cookies } = settings;
  const isPdf = type === "pdf";
  // The limit of the whole item is the only one.
  page.setDefaultTimeout(0);
  if (viewport || (scale !== undefined && !isPdf)) {
    await page.setViewport({ ...VIEWPORT, ...viewport, deviceScaleFactor: isPdf ? 1 : scale });
  }
  if (Object.keys(headers).length > 0) await page.setExtraHTTPHeaders(headers);
  if (cookies.length > 0) await page.setCookie(...cookies.map((cookie) => ofSite(cookie, input.url)));
  const untilReady = waits.some(({ kind }) => kind === "ready") ? readiness(page) : undefined;
  await open(page, input.url, html);
  const notReady = [];
  for (const wait of waits) {
    if (wait.kind === "ready") notReady.push(...((await untilReady?.()) ?? []));
    else await waitFor(page, wait);
  }
  return { bytes: isPdf ? await pdf(page, settings) : await picture(page, type, settings), notReady };
}

/** @param {import("../../index.js").CookieParam} cookie @param {string | undefined} url */
const ofSite = (cookie, url) => (cookie.domain === undefined ? { ...cookie, url } : cookie);

/** @param {Page} page @param {string | undefined} url @param {string} html */
async function open(page, url, html) {
  if (url === undefined) return page.setContent(html);
  const response = await page.goto(url);
  if (response && response.status() >= 400) {
    throw new Error(`the server answered ${response.status()} ${response.statusText()}`.trimEnd());
  }
}

/** @param {Page} page @param {Wait} wait */
async function waitFor(page, wait) {
  if (wait.kind === "networkidle") await page.waitForNetworkIdle();
  if (wait.kind === "selector") await page.waitForSelector(wait.selector, { visible: true });
  if (wait.kind === "time") await new Promise((resolve) => setTimeout(resolve, wait.milliseconds));
}

/** @param {Page} page @param {Exclude<import("./outputs.js").Type, "pdf">} type @param {Settings} settings */
function picture(page, type, { picture: { fullPage, selector, quality } }) {
  return page.screenshot({ type, fullPage, selector, quality });
}

/** @param {Page} page @param {Settings} settings */
function pdf(page, { scale, pdf: { format, landscape, margin } }) {
  // The document's own @page size counts where no other was asked for.
  return page.pdf({ format, landscape, margin, scale, printBackground: true, preferCSSPageSize: format === undefined });
}

module.exports = { renderPage };
