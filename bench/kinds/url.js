// A URL to PNG.

const { VIEWPORT } = require("../card.js");
const { pictures } = require("../inspect.js");
const { throughput } = require("../throughput.js");

module.exports = throughput({
  title: "URL to PNG",
  about: "The card page from a server on this machine, with a script and an image of its own, 640 x 480.",
  viewport: VIEWPORT,
  handler: async (page, number, { site }) => {
    await page.goto(`${site}/${number}`);
    return page.screenshot({ type: "png" });
  },
  inspector: () => pictures({ type: "png", ...VIEWPORT }),
});
