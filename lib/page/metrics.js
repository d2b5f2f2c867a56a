// What the browser measures of a page.

/** What Puppeteer tells of all that browsers measure. */
const METRICS = [
  "Timestamp",
  "Documents",
  "Frames",
  "JSEventListeners",
  "Nodes",
  "LayoutCount",
  "RecalcStyleCount",
  "LayoutDuration",
  "RecalcStyleDuration",
  "ScriptDuration",
  "TaskDuration",
  "JSHeapUsedSize",
  "JSHeapTotalSize",
];

/** @param {Record<string, number>} metrics of the browser */
function told(metrics) {
  return Object.fromEntries(Object.entries(metrics).filter(([name]) => METRICS.includes(name)));
}

module.exports = { told };
