// A render request on a page: it is opened as wanted, and what it was opened for is made of it.

const { prepare } = require("./prepare.js");
const { picture } = require("./picture.js");
const { pdf } = require("./pdf.js");
const { evidence, scrape } = require("./scrape.js");

/** @typedef {"screenshot" | "pdf" | "content" | "scrape"} Kind */
/**
 * What is wanted, with the fields of native/schemas.js.
 * @typedef {{ kind: Kind, [field: string]: any }} RenderRequest
 */
/** @typedef {{ status: number, statusText: string, url: string, ip?: string, port?: number }} Navigation */
/** @typedef {{ type: string, body: Buffer | string, response?: Navigation }} Rendered */

/** @type {Record<Kind, (page: import("boomtown").Page, request: RenderRequest, debug: ReturnType<typeof evidence>) => Promise<{ type: string, body: Buffer | string }>>} */
const MAKERS = {
  screenshot: picture,
  pdf,
  content: async (page) => ({ type: "text/html; charset=utf-8", body: `${await page.content()}\n` }),
  scrape,
};

/**
 * @param {import("boomtown").Page} page
 * @param {RenderRequest} request
 * @returns {Promise<Rendered>}
 */
async function render(page, request) {
  const debug = evidence(page, request.debugOpts);
  const response = await prepare(page, request);
  return { ...(await MAKERS[request.kind](page, request, debug)), response };
}

module.exports = { render };
