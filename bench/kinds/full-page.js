// A full page of 4K to PNG.

const { cardPage } = require("../card.js");
const { pictures } = require("../inspect.js");
const { throughput } = require("../throughput.js");

const DOCUMENT = { width: 3840, height: 2160 };
const CARDS = { columns: 24, cards: 432 };

module.exports = throughput({
  title: "HTML to a full page of 4K, PNG",
  about: "432 cards on 3840 x 2160, twice as high as the viewport.",
  scale: 0.2,
  viewport: { width: DOCUMENT.width, height: DOCUMENT.height / 2 },
  handler: async (page, number) => {
    await page.setContent(cardPage(number, { ...DOCUMENT, ...CARDS }));
    return page.screenshot({ type: "png", fullPage: true });
  },
  inspector: () => pictures({ type: "png", ...DOCUMENT }),
});
