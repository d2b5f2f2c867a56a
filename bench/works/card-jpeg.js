// The work that most kinds have in common: the card page as HTML, to JPEG.

const { VIEWPORT, cardPage } = require("../card.js");
const { pictures } = require("../inspect.js");

/** @type {import("../work.js").Work} */
module.exports = {
  viewport: VIEWPORT,
  handler: async (page, number) => {
    await page.setContent(cardPage(number));
    return page.screenshot({ type: "jpeg", quality: 80 });
  },
  inspector: () => pictures({ type: "jpeg", ...VIEWPORT }),
};
