// Opens a page as a request wants it, in browserless' order: how the page is, what it asks for, where it goes, what is added to it,
// and what is waited for.

const { HttpError } = require("../errors.js");
const { interception } = require("./interception.js");

/** @typedef {import("boomtown").Page} Page */
/** @typedef {import("./index.js").RenderRequest} RenderRequest */

/** Milliseconds of waits that are given none, as Puppeteer has it. */
const PATIENCE = 30_000;

/**
 * @param {Page} page
 * @param {RenderRequest} request
 * @returns {Promise<import("./index.js").Navigation | undefined>}
 */
async function prepare(page, request) {
  await configure(page, request);
  const intercepted = await interception(page, request);
  /** @param {() => Promise<unknown>} step that a best attempt can do without */
  const attempt = async (step) => {
    try {
      return await step();
    } catch (error) {
      intercepted.check();
      if (!request.bestAttempt || isOver(error)) throw error;
    }
  };
  const response = await attempt(() => open(page, request));
  intercepted.check();
  for (const tag of request.addStyleTag ?? []) await page.addStyleTag(tag);
  for (const tag of request.addScriptTag ?? []) await page.addScriptTag(tag);
  const { waitForTimeout, waitForFunction, waitForSelector, waitForEvent } = request;
  if (waitForTimeout) await new Promise((resolve) => setTimeout(resolve, waitForTimeout));
  if (waitForFunction) await attempt(() => untilTrue(page, waitForFunction));
  if (waitForSelector) await attempt(() => page.waitForSelector(waitForSelector.selector, options(waitForSelector)));
  if (waitForEvent) await attempt(() => untilEvent(page, waitForEvent));
  if (request.scrollPage) await page.evaluate(scrollThrough);
  intercepted.check();
  return response ? navigation(/** @type {import("boomtown").HTTPResponse} */ (response)) : undefined;
}

/** @param {Page} page @param {RenderRequest} request */
async function configure(page, request) {
  const { emulateMediaType, cookies, viewport, userAgent, authenticate, setExtraHTTPHeaders } = request;
  if (emulateMediaType) await page.emulateMediaType(emulateMediaType);
  if (cookies) await page.setCookie(...cookies.map((/** @type {any} */ cookie) => ofSite(cookie, request.url)));
  if (viewport) await page.setViewport(viewport);
  if (userAgent) await page.setUserAgent(userAgent);
  if (authenticate) await page.authenticate(authenticate);
  if (setExtraHTTPHeaders) await page.setExtraHTTPHeaders(setExtraHTTPHeaders);
  if (request.setJavaScriptEnabled === false) await page.setJavaScriptEnabled(false);
}

/** @param {import("boomtown").CookieParam} cookie @param {string} [url] of the page, which it belongs to unless it says more */
const ofSite = (cookie, url) => (cookie.domain === undefined && cookie.url === undefined ? { ...cookie, url } : cookie);

/** @param {Page} page @param {RenderRequest} request */
function open(page, { url, html, gotoOptions = {} }) {
  if (url) return page.goto(url, gotoOptions);
  const { timeout, waitUntil } = gotoOptions;
  // What has been set has no navigation whose requests could be counted, and browserless leaves these out too.
  const moments = [waitUntil ?? []].flat().filter((moment) => !moment.startsWith("networkidle"));
  return page.setContent(html, { timeout, waitUntil: moments.length > 0 ? moments : undefined });
}

/** @param {Page} page @param {{ fn: string, polling?: any, timeout?: number }} wait `fn` is a function's text, or an expression */
function untilTrue(page, { fn, ...how }) {
  const expression = fn.replace(/[\s;]+$/, "");
  const script = `(() => { const it = (${expression}\n); return typeof it === "function" ? it() : it; })()`;
  return page.waitForFunction(script, how);
}

/** @param {{ selector: string, [option: string]: unknown }} wait */
const options = ({ selector: _, ...rest }) => rest;

/** @param {Page} page @param {{ event: string, timeout?: number }} wait */
async function untilEvent(page, { event, timeout = PATIENCE }) {
  if (!(await page.evaluate(happens, event, timeout))) {
    throw new HttpError(
      408,
      `Request has timed out: the event ${JSON.stringify(event)} did not come in ${timeout} ms`,
      "ERR_TIMEOUT",
    );
  }
}

/** Runs in the page. @param {string} event @param {number} timeout @returns {Promise<boolean>} */
function happens(event, timeout) {
  return new Promise((resolve) => {
    for (const target of [document, window]) target.addEventListener(event, () => resolve(true), { once: true });
    if (timeout > 0) setTimeout(() => resolve(false), timeout);
  });
}

/** Runs in the page: half a window each 100 ms, back to the top, and 500 ms, as browserless does. */
async function scrollThrough() {
  const pause = (/** @type {number} */ time) => new Promise((resolve) => setTimeout(resolve, time));
  for (let before = -1; window.scrollY !== before; ) {
    before = window.scrollY;
    window.scrollBy({ top: window.innerHeight / 2, behavior: "instant" });
    await pause(100);
  }
  window.scrollTo({ top: 0, behavior: "instant" });
  await pause(500);
}

/** The attempt has ended; there is nothing more to try. @param {any} error */
const isOver = ({ code }) => code === "ERR_PAGE_CLOSED" || code === "ERR_BROWSER_GONE";

/** @param {import("boomtown").HTTPResponse} response */
function navigation(response) {
  const { ip, port } = response.remoteAddress();
  return { status: response.status(), statusText: response.statusText(), url: response.url(), ip, port };
}

module.exports = { prepare };
