// A picture of the page, or of one of its elements.

const { HttpError } = require("../errors.js");

/**
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").RenderRequest} request
 */
async function picture(page, { selector, options = {} }) {
  if (
    selector !== undefined &&
    !(await page.evaluate((/** @type {string} */ wanted) => !!document.querySelector(wanted), selector))
  ) {
    throw new HttpError(400, `Element not found on page! ${selector}`);
  }
  const body = await page.screenshot({ ...options, selector });
  return { type: options.encoding === "base64" ? "text/plain; charset=utf-8" : `image/${options.type ?? "png"}`, body };
}

module.exports = { picture };
