// The outline of a PDF, which viewers show as bookmarks (ISO 32000-1, 12.3.3).

const { PDFDict, PDFHexString, PDFName, PDFNumber, PDFString } = require("@cantoo/pdf-lib");
const { Destinations } = require("./destinations.js");
const { Refusal } = require("./refusal.js");

/** @typedef {import("@cantoo/pdf-lib").PDFDocument} PDFDocument */
/** @typedef {import("@cantoo/pdf-lib").PDFRef} PDFRef */
/**
 * @typedef {object} Bookmark
 * @property {string} title
 * @property {number} page the first is 1; 0 is none
 * @property {import("@cantoo/pdf-lib").PDFObject[]} [view] how the page is shown; default: as it is
 * @property {Bookmark[]} children
 */

const TITLE = PDFName.of("Title");
const [FIRST, NEXT] = [PDFName.of("First"), PDFName.of("Next")];
/** Levels: what is deeper is no outline that somebody reads. */
const DEEPEST = 100;

/** @param {PDFDocument} pdf @returns {Bookmark[]} */
function readOutline(pdf) {
  const root = pdf.catalog.lookup(PDFName.of("Outlines"));
  if (!(root instanceof PDFDict)) return [];
  const destinations = new Destinations(pdf);
  // A broken outline may lead back to where one has been.
  const seen = new Set([root]);
  /** @param {PDFDict} parent @param {number} depth @returns {Bookmark[]} */
  const below = (parent, depth) => {
    /** @type {Bookmark[]} */
    const found = [];
    for (let item = parent.lookup(FIRST); item instanceof PDFDict && !seen.has(item); item = item.lookup(NEXT)) {
      seen.add(item);
      const children = depth < DEEPEST ? below(item, depth + 1) : [];
      const target = destinations.of(item);
      found.push({
        title: text(item.lookup(TITLE)),
        page: target ? target.index + 1 : 0,
        view: target?.view,
        children,
      });
    }
    return found;
  };
  return below(root, 1);
}

/** @param {unknown} title */
const text = (title) => (title instanceof PDFString || title instanceof PDFHexString ? title.decodeText() : "");

/** In place of the one that it has. @param {PDFDocument} pdf @param {Bookmark[]} bookmarks */
function writeOutline(pdf, bookmarks) {
  const { context } = pdf;
  const pages = pdf.getPages();
  /**
   * @param {Bookmark[]} list
   * @param {PDFRef} parent
   * @returns {{ refs: PDFRef[], count: number }} `count` of all that are below
   */
  const write = (list, parent) => {
    const refs = list.map(() => context.nextRef());
    let count = list.length;
    list.forEach(({ title, page, view, children }, index) => {
      if (page > pages.length)
        throw new Refusal(`The bookmark '${title}' is of page ${page}, and the PDF has ${pages.length}`);
      const item = context.obj({ Title: PDFHexString.fromText(title), Parent: parent });
      if (index > 0) item.set(PDFName.of("Prev"), refs[index - 1]);
      if (index < list.length - 1) item.set(NEXT, refs[index + 1]);
      if (page > 0) item.set(PDFName.of("Dest"), context.obj([pages[page - 1].ref, ...(view ?? [PDFName.of("Fit")])]));
      if (children.length > 0) count += frame(item, children, refs[index]);
      context.assign(refs[index], item);
    });
    return { refs, count };
  };
  /** @param {PDFDict} dict @param {Bookmark[]} children @param {PDFRef} ref */
  const frame = (dict, children, ref) => {
    const { refs, count } = write(children, ref);
    dict.set(FIRST, refs[0]);
    dict.set(PDFName.of("Last"), refs[refs.length - 1]);
    dict.set(PDFName.of("Count"), PDFNumber.of(count));
    return count;
  };
  const ref = context.nextRef();
  const root = context.obj({ Type: "Outlines" });
  frame(root, bookmarks, ref);
  context.assign(ref, root);
  pdf.catalog.set(PDFName.of("Outlines"), ref);
}

module.exports = { readOutline, writeOutline };
