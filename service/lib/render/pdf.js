// The page as a PDF; with `fullPage` as one page of the document's height.

const { HttpError } = require("../errors.js");

/** CSS pixels. @type {Record<string, number>} */
const UNITS = { px: 1, in: 96, cm: 96 / 2.54, mm: 96 / 25.4 };
/** Of a page whose viewport is its window's. */
const WINDOW = { width: 800, height: 600 };

/**
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").RenderRequest} request
 */
async function pdf(page, { emulateMediaType, options: { fullPage = false, ...options } = {} }) {
  // Puppeteer shows templates when it is told to.
  const wanted = { displayHeaderFooter: false, ...options };
  if (fullPage) Object.assign(wanted, await onePage(page, options, emulateMediaType));
  return { type: "application/pdf", body: await page.pdf(wanted) };
}

/**
 * @param {import("boomtown").Page} page
 * @param {import("boomtown").PdfOptions} options
 * @param {string} [media]
 * @returns {Promise<{ width: number, height: number }>} in CSS pixels
 */
async function onePage(page, { format, width, height, margin = {}, scale = 1, landscape }, media) {
  if (format !== undefined || height !== undefined || landscape) {
    throw new HttpError(
      400,
      'options: "fullPage" is as high as the document: leave "format", "height" and "landscape" out',
    );
  }
  const [left, right, top, bottom] = [margin.left, margin.right, margin.top, margin.bottom].map(pixels);
  const wide = width === undefined ? (page.viewport() ?? WINDOW).width : pixels(width);
  const high = await printedHeight(page, { width: (wide - left - right) / scale, media });
  // One pixel more, since what is rounded up would begin another page.
  return { width: wide, height: Math.ceil(high * scale + top + bottom) + 1 };
}

/**
 * How high the document is as it will be printed: by its print styles, unless it has been told which to use.
 * @param {import("boomtown").Page} page
 * @param {{ width: number, media?: string }} paper `width` between the margins
 * @returns {Promise<number>}
 */
async function printedHeight(page, { width, media }) {
  const viewport = page.viewport() ?? WINDOW;
  if (!media) await page.emulateMediaType("print");
  await page.setViewport({ ...viewport, width: Math.max(1, Math.floor(width)) });
  const high = await page.evaluate(contentHeight);
  await page.setViewport(viewport);
  return high;
}

/** Runs in the page. A window that is higher than the document would else be its height. */
function contentHeight() {
  const { scrollHeight } = document.documentElement;
  if (scrollHeight > window.innerHeight) return scrollHeight;
  return Math.ceil(document.documentElement.getBoundingClientRect().height) || scrollHeight;
}

/** @param {string | number | undefined} length */
function pixels(length = 0) {
  const [, digits, unit = "px"] = /^\s*(\d*\.?\d+)\s*(px|in|cm|mm)?\s*$/.exec(String(length)) ?? [];
  if (digits === undefined)
    throw new HttpError(400, `options: ${JSON.stringify(length)} is no length such as 96, "1in", "2.54cm" or "25.4mm"`);
  return Number(digits) * UNITS[unit];
}

module.exports = { pdf, printedHeight };
