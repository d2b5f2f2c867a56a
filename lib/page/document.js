// What Puppeteer and phantom alike read of the page's main document.
/// <reference lib="dom" />

/** @typedef {InstanceType<typeof import("./core.js").PageCore>} PageCore */

/** The document as HTML, what stands before its root included. @param {PageCore} page @param {string} operation @param {string} [frame] */
async function contentOf(page, operation, frame) {
  /** @param {Document} document */
  const read = (document) => {
    const { documentElement } = document;
    let text = "";
    for (const node of document.childNodes) {
      text += node === documentElement ? documentElement.outerHTML : new XMLSerializer().serializeToString(node);
    }
    return text;
  };
  return await page._look(operation, read, [], placeOf(frame));
}

/** @param {PageCore} page @param {string} operation @param {string} [frame] */
async function titleOf(page, operation, frame) {
  return await page._look(operation, (/** @type {Document} */ document) => document.title, [], placeOf(frame));
}

/** No script can change what this reads, so that it needs no world of ours. @param {PageCore} page @param {string} operation */
async function urlOf(page, operation) {
  return await page._run(operation, () => /** @type {Window} */ (window.top).location.href, [], { main: true });
}

/** @param {string | undefined} frame */
function placeOf(frame) {
  return frame === undefined ? { main: true } : { frame };
}

module.exports = { contentOf, titleOf, urlOf };
