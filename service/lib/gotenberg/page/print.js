// The page as a PDF.

const { printedHeight } = require("../../render/pdf.js");

/** CSS pixels. */
const INCH = 96;
/** Where there is no header or footer beside the other, Chromium would else print its own. */
const NOTHING = "<span></span>";

/**
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").Conversion} wanted
 * @param {import("./index.js").Print} how
 */
async function print(page, { media, omitBackground }, how) {
  const { margin, landscape, header, footer, outline, tagged } = how;
  const paper = how.singlePage ? await onePage(page, how, media) : { width: how.width, height: how.height, landscape };
  const body = await page.pdf({
    width: pixels(paper.width),
    height: pixels(paper.height),
    landscape: paper.landscape,
    margin: {
      top: pixels(margin.top),
      bottom: pixels(margin.bottom),
      left: pixels(margin.left),
      right: pixels(margin.right),
    },
    scale: how.scale,
    pageRanges: how.singlePage ? "1" : how.pageRanges,
    printBackground: how.printBackground,
    omitBackground,
    preferCSSPageSize: how.preferCSSPageSize,
    displayHeaderFooter: header !== undefined || footer !== undefined,
    headerTemplate: header ?? NOTHING,
    footerTemplate: footer ?? NOTHING,
    outline,
    // Chromium makes the outline of the tags.
    tagged: tagged || outline,
    timeout: 0,
  });
  return { type: "application/pdf", body };
}

/** @param {number} inches */
const pixels = (inches) => Number((inches * INCH).toFixed(3));

/**
 * Paper on which all of the document has its place: as wide as wanted, or in landscape as wide as the document.
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").Print} how
 * @param {string} media
 */
async function onePage(page, { width, margin, landscape, scale }, media) {
  const aside = margin.left + margin.right;
  const wide = landscape ? ((await page.evaluate(contentWidth)) * scale) / INCH : width - aside;
  // A pixel more, since what is rounded up would begin another page.
  const high = (await printedHeight(page, { width: (wide * INCH) / scale, media })) * scale + 1;
  return { width: wide + aside, height: high / INCH + margin.top + margin.bottom, landscape: false };
}

/** Runs in the page. */
function contentWidth() {
  return document.documentElement.scrollWidth;
}

module.exports = { print };
