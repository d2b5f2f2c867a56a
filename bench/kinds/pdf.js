// HTML to PDF.

const { cardPage } = require("../card.js");
const { documents } = require("../inspect.js");
const { throughput } = require("../throughput.js");

module.exports = throughput({
  title: "HTML to PDF",
  about: "The card page on A4, with its background.",
  handler: async (page, number) => {
    await page.setContent(cardPage(number));
    return page.pdf({ format: "a4", printBackground: true });
  },
  inspector: documents,
});
