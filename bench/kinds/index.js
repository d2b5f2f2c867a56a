// The kinds of measurement, by the names that --only takes. Each is loaded when it is wanted.

/** @type {Record<string, () => import("../work.js").Kind>} */
module.exports = {
  jpeg: () => require("./jpeg.js"),
  pdf: () => require("./pdf.js"),
  url: () => require("./url.js"),
  "full-page": () => require("./full-page.js"),
  noop: () => require("./noop.js"),
  fresh: () => require("./fresh.js"),
  sequential: () => require("./sequential.js"),
  cold: () => require("./cold.js"),
  loop: () => require("./loop.js"),
  memory: () => require("./memory.js"),
  queue: () => require("./queue.js"),
  waiting: () => require("./waiting.js"),
  core: () => require("./core.js"),
};
