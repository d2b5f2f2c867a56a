// The pages of a PDF, to be copied into others with their links and the fields of their forms.

const {
  PDFArray,
  PDFDict,
  PDFHexString,
  PDFName,
  PDFObjectCopier,
  PDFPage,
  PDFRef,
  PDFString,
} = require("@cantoo/pdf-lib");
const { Destinations } = require("./destinations.js");

/** @typedef {import("@cantoo/pdf-lib").PDFDocument} PDFDocument */
/** @typedef {{ page: number, place: number, target: import("./destinations.js").Target }} Link an annotation's place on its page */

const [ANNOTS, DEST, ACTION, PAGE, PARENT] = ["Annots", "Dest", "A", "P", "Parent"].map((name) => PDFName.of(name));
const [FORM, FIELDS, NAME] = ["AcroForm", "Fields", "T"].map((name) => PDFName.of(name));

class PageSource {
  #pdf;
  /** @type {Link[]} */
  #links;

  /** @param {PDFDocument} pdf which is changed: nothing on a page leads to another one, since that would be copied with it */
  constructor(pdf) {
    this.#pdf = pdf;
    this.#links = takeLinks(pdf);
  }

  /** @param {PDFDocument} target @param {number[]} indices */
  copyTo(target, indices) {
    const copier = PDFObjectCopier.for(this.#pdf.context, target.context);
    /** @type {Map<number, PDFPage>} */
    const copies = new Map();
    for (const index of indices) {
      // By its reference, so that whatever else refers to it refers to the copy.
      const ref = copier.copy(this.#pdf.getPage(index).ref);
      const page = PDFPage.of(/** @type {any} */ (target.context.lookup(ref)), ref, target);
      copies.set(index, target.addPage(page));
    }
    this.#putLinks(target, copies);
    copyFields(this.#pdf, target, indices, copier);
  }

  /** @param {PDFDocument} target @param {Map<number, PDFPage>} copies */
  #putLinks(target, copies) {
    for (const { page, place, target: to } of this.#links) {
      const annotation = annotations(copies.get(page))[place];
      const leads = copies.get(to.index);
      if (annotation && leads) annotation.set(DEST, target.context.obj([leads.ref, ...to.view]));
    }
  }
}

/** @param {PDFDocument} pdf @returns {Link[]} */
function takeLinks(pdf) {
  const destinations = new Destinations(pdf);
  /** @type {Link[]} */
  const links = [];
  pdf.getPages().forEach((page, index) => {
    // Articles, whose threads go through all pages.
    page.node.delete(PDFName.of("B"));
    annotations(page).forEach((annotation, place) => {
      annotation?.delete(PAGE);
      const target = annotation && destinations.of(annotation);
      if (!annotation || !target) return;
      links.push({ page: index, place, target });
      annotation.delete(DEST);
      annotation.delete(ACTION);
    });
  });
  return links;
}

/** @param {PDFPage | undefined} page @returns {(PDFDict | undefined)[]} by their places */
function annotations(page) {
  const list = page?.node.lookup(ANNOTS);
  if (!(list instanceof PDFArray)) return [];
  return Array.from({ length: list.size() }, (_, place) => {
    const annotation = list.lookup(place);
    return annotation instanceof PDFDict ? annotation : undefined;
  });
}

/**
 * @param {PDFDocument} source
 * @param {PDFDocument} target
 * @param {number[]} indices
 * @param {PDFObjectCopier} copier
 */
function copyFields(source, target, indices, copier) {
  const form = source.catalog.lookup(FORM);
  if (!(form instanceof PDFDict)) return;
  const roots = new Set(indices.flatMap((index) => rootFields(source, index)));
  if (roots.size === 0) return;
  const own = target.catalog.lookup(FORM);
  const joined = own instanceof PDFDict ? own : target.context.obj({ Fields: [] });
  const fields = /** @type {PDFArray} */ (joined.lookup(FIELDS));
  const names = new Set(Array.from({ length: fields.size() }, (_, place) => nameOf(fields.lookup(place))));
  for (const root of roots) {
    const ref = copier.copy(root);
    const field = target.context.lookup(ref);
    const name = nameOf(field);
    // Two fields of one name would be one field.
    let free = name;
    for (let number = 2; names.has(free); number += 1) free = `${name}_${number}`;
    if (free !== name && field instanceof PDFDict) field.set(NAME, PDFHexString.fromText(String(free)));
    names.add(free);
    fields.push(ref);
  }
  for (const [key, value] of form.entries()) {
    if (["DA", "Q", "NeedAppearances", "DR"].includes(key.decodeText()) && !joined.has(key)) {
      joined.set(key, copier.copy(value));
    }
  }
  joinFonts(joined, form, copier);
  if (joined !== own) target.catalog.set(FORM, target.context.register(joined));
}

/** The fields, at the top of their trees, that the page shows. @param {PDFDocument} source @param {number} index */
function rootFields(source, index) {
  const list = source.getPage(index).node.lookup(ANNOTS);
  if (!(list instanceof PDFArray)) return [];
  return list.asArray().flatMap((entry) => {
    const widget = source.context.lookup(entry);
    if (!(entry instanceof PDFRef) || !(widget instanceof PDFDict)) return [];
    if (widget.lookup(PDFName.of("Subtype")) !== PDFName.of("Widget")) return [];
    let root = entry;
    const seen = new Set([root]);
    for (let up = widget.get(PARENT); up instanceof PDFRef && !seen.has(up); ) {
      root = up;
      seen.add(root);
      const field = source.context.lookup(root);
      up = field instanceof PDFDict ? field.get(PARENT) : undefined;
    }
    return [root];
  });
}

/** @param {PDFDict} joined @param {PDFDict} form @param {PDFObjectCopier} copier */
function joinFonts(joined, form, copier) {
  const [own, other] = [fontsOf(joined), fontsOf(form)];
  if (!own || !other) return;
  for (const [key, value] of other.entries()) if (!own.has(key)) own.set(key, copier.copy(value));
}

/** @param {PDFDict} form */
function fontsOf(form) {
  const resources = form.lookup(PDFName.of("DR"));
  const fonts = resources instanceof PDFDict ? resources.lookup(PDFName.of("Font")) : undefined;
  return fonts instanceof PDFDict ? fonts : undefined;
}

/** @param {unknown} field @returns {string | undefined} */
function nameOf(field) {
  const name = field instanceof PDFDict ? field.lookup(NAME) : undefined;
  return name instanceof PDFString || name instanceof PDFHexString ? name.decodeText() : undefined;
}

module.exports = { PageSource };
