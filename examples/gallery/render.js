// The town: queues every output of every document, and writes each result to a file as it comes in.
/// <reference lib="dom" />
"use strict";

const fs = require("node:fs/promises");
const path = require("node:path");
const { performance } = require("node:perf_hooks");
const boomtown = require("../..");
const measure = require("./measure");

/**
 * @typedef {import("./documents").Document} Document
 * @typedef {object} Result
 * @property {Document} document
 * @property {string} type       "jpeg", "png" or "pdf"
 * @property {string} file       name of the file in the output directory
 * @property {string} [size]     pixels or pages
 * @property {number} [bytes]
 * @property {number} ms         from the start of its first attempt until it settled; 0 when it never started
 * @property {number} attempts
 * @property {Error} [error]     why there is no file
 *
 * @typedef {object} Report
 * @property {Result[]} results
 * @property {number} workers
 * @property {number} elapsed      ms from the first item queued to the last one settled
 * @property {number} [firstResult]  ms from the creation of the town to the first result
 */

/**
 * @param {Document[]} documents
 * @param {{ out: string, workers: number, engine: import("../..").TownOptions["engine"], signal: AbortSignal, progress: import("./progress") }} options
 * @returns {Promise<Report>}
 */
module.exports = async function render(documents, { out, workers, engine, signal, progress }) {
  const created = performance.now();
  /** @type {number | undefined} */
  let firstResult;

  const town = boomtown({ workerCount: workers, engine });

  town.on("queue", async (page, { html, viewport, waitFor, freezeAt, type, options }) => {
    await page.setViewport(viewport);
    await page.setContent(html);
    if (waitFor) await page.waitForSelector(waitFor);
    if (freezeAt) await page.evaluate(freezeAnimations, freezeAt);
    return type === "pdf" ? page.pdf(options) : page.screenshot({ type, ...options });
  });

  town.on("warning", (/** @type {Error} */ warning) => progress.note(warning.message));
  signal.addEventListener("abort", () => town.close());

  /**
   * @param {Document} document
   * @param {string} type
   * @returns {Promise<Result>}
   */
  async function produce(document, type) {
    const file = `${document.name}.${type}`;
    const item = town.queue({ ...document, type, options: document.outputs[type] });
    let started = 0;
    item.once("start", () => {
      started = performance.now();
      progress.start(file);
    });

    /** @type {Result} */
    const result = { document, type, file, ms: 0, attempts: 0 };
    try {
      const picture = await item;
      result.ms = performance.now() - started;
      firstResult ??= performance.now() - created;
      await fs.writeFile(path.join(out, file), picture);
      result.bytes = picture.length;
      result.size = measure(type, picture);
    } catch (error) {
      result.ms ||= started && performance.now() - started;
      result.error = /** @type {Error} */ (error);
    }
    result.attempts = item.attempts;
    progress.done(result);
    return result;
  }

  const wanted = documents.flatMap((document) => Object.keys(document.outputs).map((type) => ({ document, type })));
  progress.begin(wanted.length);
  const queued = performance.now();
  const results = await Promise.all(wanted.map(({ document, type }) => produce(document, type)));
  const elapsed = performance.now() - queued;

  await town.close();
  return { results, workers, elapsed, firstResult };
};

/**
 * Runs in the page: holds every animation at the same moment, so that the picture is the same every time.
 * @param {number} ms
 */
function freezeAnimations(ms) {
  for (const animation of document.getAnimations()) {
    animation.pause();
    animation.currentTime = ms;
  }
}
