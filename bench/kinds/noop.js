// A handler that does nothing.

const { values } = require("../inspect.js");
const { throughput } = require("../throughput.js");

module.exports = throughput({
  title: "A handler that does nothing",
  about: "What it costs to give an item its page.",
  handler: async () => "done",
  inspector: () => values("done"),
});
