// Parts of a PDF as PDFs: so many pages each, or the pages of ranges one by one or together.

const { PDFDocument } = require("@cantoo/pdf-lib");
const { PageSource } = require("./page-source.js");
const { pagesOf } = require("./ranges.js");
const { readOutline, writeOutline } = require("./outline.js");

/**
 * @param {PDFDocument} pdf
 * @param {{ mode: "intervals" | "pages", span: string, unify: boolean }} how
 * @returns {Promise<PDFDocument[]>}
 */
async function split(pdf, how) {
  const parts = partsOf(pdf.getPageCount(), how);
  const outline = readOutline(pdf);
  const source = new PageSource(pdf);
  return await Promise.all(
    parts.map(async (indices) => {
      const part = await PDFDocument.create({ updateMetadata: false });
      source.copyTo(part, indices);
      const bookmarks = within(outline, indices);
      if (bookmarks.length > 0) writeOutline(part, bookmarks);
      return part;
    }),
  );
}

/** @param {number} count @param {{ mode: "intervals" | "pages", span: string, unify: boolean }} how @returns {number[][]} */
function partsOf(count, { mode, span, unify }) {
  if (mode === "pages") {
    const indices = pagesOf(span, count);
    return unify ? [indices] : indices.map((index) => [index]);
  }
  const size = Number(span);
  return Array.from({ length: Math.ceil(count / size) }, (_, part) =>
    Array.from({ length: Math.min(size, count - part * size) }, (_, page) => part * size + page),
  );
}

/**
 * The bookmarks of these pages; what is below one of another page comes up in its place.
 * @param {import("./outline.js").Bookmark[]} bookmarks
 * @param {number[]} indices
 * @returns {import("./outline.js").Bookmark[]}
 */
function within(bookmarks, indices) {
  return bookmarks.flatMap((bookmark) => {
    const children = within(bookmark.children, indices);
    const place = indices.indexOf(bookmark.page - 1);
    return place < 0 ? children : [{ ...bookmark, page: place + 1, children }];
  });
}

module.exports = { split };
