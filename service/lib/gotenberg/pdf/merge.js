// Several PDFs as one, with their links, forms and outlines.

const { PDFDocument } = require("@cantoo/pdf-lib");
const { stem } = require("../names.js");
const { readMetadata } = require("./metadata.js");
const { readOutline, writeOutline } = require("./outline.js");
const { PageSource } = require("./page-source.js");

/** @typedef {import("./outline.js").Bookmark} Bookmark */

/**
 * @param {import("./worker.js").Document[]} documents
 * @param {{ bookmarks?: Bookmark[] | Record<string, Bookmark[]>, titleBookmarks: boolean }} how bookmarks that are a list are
 *   those of the whole, and by the names of files those of each in place of its own
 */
async function merge(documents, { bookmarks = {}, titleBookmarks }) {
  const whole = await PDFDocument.create({ updateMetadata: false });
  /** @type {Bookmark[]} */
  const all = [];
  for (const { name, pdf } of documents) {
    const before = whole.getPageCount();
    const given = Array.isArray(bookmarks) ? undefined : bookmarks[name];
    const own = shifted(given && given.length > 0 ? given : readOutline(pdf), before);
    if (titleBookmarks) all.push({ title: titleOf(name, pdf), page: before + 1, children: own });
    else all.push(...own);
    new PageSource(pdf).copyTo(whole, pdf.getPageIndices());
  }
  const outline = Array.isArray(bookmarks) ? bookmarks : all;
  if (outline.length > 0) writeOutline(whole, outline);
  return whole;
}

/** @param {Bookmark[]} bookmarks @param {number} offset @returns {Bookmark[]} */
function shifted(bookmarks, offset) {
  return bookmarks.map(({ page, children, ...bookmark }) => ({
    ...bookmark,
    page: page === 0 ? 0 : page + offset,
    children: shifted(children, offset),
  }));
}

/** @param {string} name @param {PDFDocument} pdf */
function titleOf(name, pdf) {
  const title = readMetadata(pdf).Title;
  return typeof title === "string" && title.trim() !== "" ? title : stem(name);
}

module.exports = { merge };
