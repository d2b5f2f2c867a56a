// What the page's tests share: one town a file, one item a page, and web servers that go when the file is done.

const { after } = require("node:test");
const http = require("node:http");
const { once } = require("node:events");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const jpeg = require("jpeg-js");
// @ts-expect-error: pngjs declares no types
const { PNG } = require("pngjs");
const boomtown = require("../..");

const ENGINE = /** @type {import("../..").EngineName} */ (process.env.BOOMTOWN_TEST_ENGINE ?? "webdriver");

const town = boomtown({ workerCount: 1, workerDeath: Infinity, pageTries: 0, engine: ENGINE });
town.on("queue", (page, use, next) => use(page, next));

/** @type {(() => void)[]} */
const cleanups = [];
after(async () => {
  await town.close();
  for (const cleanup of cleanups) cleanup();
});

/**
 * Calls `use` with a new page and gives back what it returns.
 * @template T
 * @param {(page: import("../..").Page, next: import("../..").Next) => Promise<T>} use
 * @returns {Promise<T>}
 */
async function withPage(use) {
  return await town.queue(use);
}

/**
 * A web server of fixed answers: text is HTML, a function answers itself.
 * @param {Record<string, string | http.RequestListener>} routes by path
 * @returns {Promise<string>} its URL, without a slash at the end
 */
async function serve(routes) {
  const server = http.createServer((request, response) => {
    const route = routes[new URL(/** @type {string} */ (request.url), "http://localhost").pathname];
    if (typeof route === "function") return route(request, response);
    response.writeHead(route === undefined ? 404 : 200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(route ?? "not found");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanups.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${/** @type {import("node:net").AddressInfo} */ (server.address()).port}`;
}

/** A directory that goes when the file is done. */
function scratch() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "boomtown-test-"));
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * @param {Buffer} picture PNG or JPEG
 * @returns {{ width: number, height: number, at: (x: number, y: number) => number[] }} `at` gives red, green, blue and alpha
 */
function decode(picture) {
  const { width, height, data } = picture[0] === 0x89 ? PNG.sync.read(picture) : jpeg.decode(picture);
  return { width, height, at: (x, y) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)] };
}

/**
 * @param {Buffer} pdf
 * @returns {{ pages: number, width: number, height: number }} the size of the first page in points
 */
function readPdf(pdf) {
  const text = pdf.toString("latin1");
  const [, width, height] = (/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]/.exec(text) ?? []).map(Number);
  return { pages: (text.match(/\/Type\s*\/Page\b/g) ?? []).length, width, height };
}

module.exports = { ENGINE, town, withPage, serve, scratch, decode, readPdf };
