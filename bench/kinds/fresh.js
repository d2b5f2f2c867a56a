// A handler that does next to nothing, on a page that must be new.

const { LASTING } = require("../contestants");
const { values } = require("../inspect.js");
const { throughput } = require("../throughput.js");

module.exports = throughput({
  title: "A new page for every item",
  about: "The handler leaves a mark on the page's window, and no item may see another's.",
  contestants: LASTING.filter((name) => !name.startsWith("boomtown, reuse")),
  handler: (page) => page.evaluate("globalThis.mark ? 'used' : (globalThis.mark = 'new')"),
  inspector: () => values("new"),
});
