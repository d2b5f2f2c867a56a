// Texts, attributes and places of a page's elements, and what else the page has told of itself.

/** @typedef {import("boomtown").Page} Page */
/** @typedef {{ console?: boolean, cookies?: boolean, html?: boolean, network?: boolean, screenshot?: boolean }} DebugOptions */

/** Entries of each list: a page may write and ask without an end. */
const MOST = 10_000;

/**
 * Begins to listen, before the page is opened.
 * @param {Page} page
 * @param {DebugOptions | undefined} wanted
 */
function evidence(page, wanted) {
  /** @type {string[]} */
  const messages = [];
  /** @type {object[]} */
  const inbound = [];
  /** @type {object[]} */
  const outbound = [];
  /** @type {(list: unknown[], entry: unknown) => void} */
  const keep = (list, entry) => void (list.length < MOST && list.push(entry));
  if (wanted?.console) page.on("console", (message) => keep(messages, message.text()));
  if (wanted?.network) {
    page.on("request", (request) =>
      keep(outbound, { url: request.url(), method: request.method(), headers: request.headers() }),
    );
    page.on("response", (response) =>
      keep(inbound, { url: response.url(), status: response.status(), headers: response.headers() }),
    );
  }
  return async () => {
    if (!wanted) return null;
    return {
      console: messages,
      cookies: wanted.cookies ? await page.cookies() : null,
      html: wanted.html ? await page.content() : null,
      network: { inbound, outbound },
      screenshot: wanted.screenshot
        ? await page.screenshot({ type: "jpeg", quality: 20, fullPage: true, encoding: "base64" })
        : null,
    };
  };
}

/**
 * @param {Page} page
 * @param {import("./index.js").RenderRequest} request
 * @param {ReturnType<typeof evidence>} debug
 */
async function scrape(page, { elements, bestAttempt }, debug) {
  const data = [];
  for (const { selector, timeout } of elements) {
    try {
      await page.waitForSelector(selector, { timeout });
    } catch (error) {
      if (!bestAttempt || /** @type {any} */ (error).code !== "ERR_TIMEOUT") throw error;
    }
    data.push({ selector, results: await page.$$eval(selector, read) });
  }
  return { type: "application/json; charset=utf-8", body: JSON.stringify({ data, debug: await debug() }) };
}

/** Runs in the page. @param {Element[]} elements */
function read(elements) {
  return elements.map((element) => {
    const { top, left, width, height } = element.getBoundingClientRect();
    return {
      text: /** @type {HTMLElement} */ (element).innerText ?? element.textContent,
      html: element.innerHTML,
      attributes: [...element.attributes].map(({ name, value }) => ({ name, value })),
      top,
      left,
      width,
      height,
    };
  });
}

module.exports = { evidence, scrape };
