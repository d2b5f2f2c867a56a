// A picture of the page: of all of it, of what its window shows, or of one of its elements.

const { HttpError } = require("../../errors.js");

/**
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").Conversion} wanted
 */
async function picture(page, { omitBackground, picture: how }) {
  const { width, height, clip, selector, format, quality, optimizeForSpeed } =
    /** @type {import("./index.js").Picture} */ (how);
  const area = selector ? await boxOf(page, selector) : clip ? { x: 0, y: 0, width, height } : undefined;
  const body = await page.screenshot({
    type: format,
    quality: format === "jpeg" ? quality : undefined,
    fullPage: area === undefined,
    clip: area,
    captureBeyondViewport: true,
    omitBackground,
    optimizeForSpeed,
  });
  return { type: `image/${format}`, body };
}

/** @param {import("boomtown").Page} page @param {string} selector */
async function boxOf(page, selector) {
  const box = await page.evaluate(visibleBox, selector);
  if (box === null) {
    throw new HttpError(400, `The selector '${selector}' (selector) matched no element with a visible box`);
  }
  return box;
}

/** Runs in the page. In the document's coordinates. @param {string} selector */
function visibleBox(selector) {
  try {
    const box = document.querySelector(selector)?.getBoundingClientRect();
    if (!box || box.width <= 0 || box.height <= 0) return null;
    return { x: box.left + window.scrollX, y: box.top + window.scrollY, width: box.width, height: box.height };
  } catch {
    // It is no selector.
    return null;
  }
}

module.exports = { picture };
