// What Puppeteer and phantom alike read of the page's main document: functions that run there, and calls of them.
/// <reference lib="dom" />

/** @typedef {InstanceType<typeof import("./core.js").PageCore>} PageCore */

/** The document as HTML, what stands before its root included. @param {Document} document */
const readContent = (document) => {
  const { documentElement } = document;
  let text = "";
  for (const node of document.childNodes) {
    text += node === documentElement ? documentElement.outerHTML : new XMLSerializer().serializeToString(node);
  }
  return text;
};

/** @param {Document} document */
const readTitle = (document) => document.title;

/** No script can change what this reads, so that it needs no world of ours. */
const readUrl = () => /** @type {Window} */ (window.top).location.href;

/** @param {PageCore} page @param {string} operation @param {string} [frame] */
async function contentOf(page, operation, frame) {
  return await page._look(operation, readContent, [], placeOf(frame));
}

/** @param {PageCore} page @param {string} operation @param {string} [frame] */
async function titleOf(page, operation, frame) {
  return await page._look(operation, readTitle, [], placeOf(frame));
}

/** @param {PageCore} page @param {string} operation */
async function urlOf(page, operation) {
  return await page._run(operation, readUrl, [], { main: true });
}

/** @param {string | undefined} frame */
function placeOf(frame) {
  return frame === undefined ? { main: true } : { frame };
}

module.exports = { contentOf, readContent, readTitle, readUrl, titleOf, urlOf };
