// Scripts of ours among the page's own.

/**
 * Has a script run in the document that is there, and in each that comes.
 * @param {InstanceType<typeof import("../core.js").PageCore>} page
 * @param {string} source
 */
function everywhere(page, source) {
  page._first([
    ["addInitScript", { source }],
    ["evaluate", { script: source }],
  ]);
}

module.exports = { everywhere };
