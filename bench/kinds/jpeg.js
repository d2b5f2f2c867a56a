// HTML to JPEG.

const { ALL } = require("../contestants");
const { throughput } = require("../throughput.js");
const work = require("../works/card-jpeg.js");

module.exports = throughput({
  title: "HTML to JPEG",
  about:
    "The card page, 640 x 480. `recycled` replaces each browser after 25 items, as boomtown/ghost-town does; the others keep theirs.",
  contestants: ALL,
  ...work,
});
