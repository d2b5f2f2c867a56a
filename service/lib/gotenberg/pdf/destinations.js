// Where links and bookmarks lead inside of a PDF, be it by place or by name (ISO 32000-1, 12.3.2).

const { PDFArray, PDFDict, PDFHexString, PDFName, PDFNumber, PDFRef, PDFString } = require("@cantoo/pdf-lib");

/** @typedef {import("@cantoo/pdf-lib").PDFObject} PDFObject */
/** @typedef {{ index: number, view: PDFObject[] }} Target of the page with this index */

const [DEST, ACTION, KIND, PLACE] = ["Dest", "A", "S", "D"].map((name) => PDFName.of(name));

class Destinations {
  /** Indices by what pages are known by. @type {Map<PDFRef, number>} */
  #pages;
  /** @type {Map<string, PDFObject | undefined>} */
  #named;
  #context;

  /** @param {import("@cantoo/pdf-lib").PDFDocument} pdf */
  constructor(pdf) {
    this.#context = pdf.context;
    this.#pages = new Map(pdf.getPages().map((page, index) => [page.ref, index]));
    this.#named = namesOf(pdf);
  }

  /**
   * @param {PDFDict} item a link or a bookmark
   * @returns {Target | undefined} where it leads inside of the document
   */
  of(item) {
    const action = item.lookup(ACTION);
    const isJump = action instanceof PDFDict && action.lookup(KIND) === PDFName.of("GoTo");
    const given = item.lookup(DEST) ?? (isJump ? action.lookup(PLACE) : undefined);
    const name = nameOf(given);
    const found = name === undefined ? given : this.#named.get(name);
    const place = found instanceof PDFDict ? found.lookup(PLACE) : found;
    if (!(place instanceof PDFArray) || place.size() === 0) return undefined;
    const [page, ...view] = place.asArray();
    const index =
      page instanceof PDFRef ? this.#pages.get(page) : page instanceof PDFNumber ? page.asNumber() : undefined;
    if (index === undefined) return undefined;
    return { index, view: view.map((one) => (one instanceof PDFRef ? this.#context.lookup(one) : one) ?? one) };
  }
}

/** @param {import("@cantoo/pdf-lib").PDFDocument} pdf */
function namesOf(pdf) {
  /** @type {Map<string, PDFObject | undefined>} */
  const named = new Map();
  const old = pdf.catalog.lookup(PDFName.of("Dests"));
  if (old instanceof PDFDict) for (const [name] of old.entries()) named.set(name.decodeText(), old.lookup(name));
  const names = pdf.catalog.lookup(PDFName.of("Names"));
  const todo = [names instanceof PDFDict ? names.lookup(PDFName.of("Dests")) : undefined];
  const seen = new Set();
  while (todo.length > 0) {
    const node = todo.pop();
    if (!(node instanceof PDFDict) || seen.has(node)) continue;
    seen.add(node);
    const [kids, pairs] = [node.lookup(PDFName.of("Kids")), node.lookup(PDFName.of("Names"))];
    if (kids instanceof PDFArray) for (let place = 0; place < kids.size(); place += 1) todo.push(kids.lookup(place));
    if (!(pairs instanceof PDFArray)) continue;
    for (let place = 0; place + 1 < pairs.size(); place += 2) {
      const name = nameOf(pairs.lookup(place));
      if (name !== undefined) named.set(name, pairs.lookup(place + 1));
    }
  }
  return named;
}

/** @param {unknown} object @returns {string | undefined} */
function nameOf(object) {
  const isName = object instanceof PDFName || object instanceof PDFString || object instanceof PDFHexString;
  return isName ? object.decodeText() : undefined;
}

module.exports = { Destinations };
