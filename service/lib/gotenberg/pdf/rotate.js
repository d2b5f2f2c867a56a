// Turns pages clockwise.

const { degrees } = require("@cantoo/pdf-lib");
const { pagesOf } = require("./ranges.js");

/** @param {import("@cantoo/pdf-lib").PDFDocument} pdf @param {number} angle @param {string} ranges empty is all pages */
function rotate(pdf, angle, ranges) {
  const indices = ranges === "" ? pdf.getPageIndices() : pagesOf(ranges, pdf.getPageCount());
  for (const index of indices) {
    const page = pdf.getPage(index);
    page.setRotation(degrees((page.getRotation().angle + angle) % 360));
  }
}

module.exports = { rotate };
