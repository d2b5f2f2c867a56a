// Makes what annotations and the fields of forms look like a part of their pages, where nobody can change it any more.

const { PDFArray, PDFDict, PDFName, PDFNumber, PDFRef, PDFStream } = require("@cantoo/pdf-lib");

/** @typedef {import("@cantoo/pdf-lib").PDFDocument} PDFDocument */
/** @typedef {import("@cantoo/pdf-lib").PDFPage} PDFPage */

const [ANNOTS, SUBTYPE, WIDGET, RECT, FLAGS] = ["Annots", "Subtype", "Widget", "Rect", "F"].map((name) =>
  PDFName.of(name),
);
/** Bits of an annotation's flags: it is hidden, or is not seen on a screen. */
const UNSEEN = 2 | 32;

/** @param {PDFDocument} pdf */
function flatten(pdf) {
  const form = pdf.catalog.lookup(PDFName.of("AcroForm"));
  // Fields without a look get one.
  if (form instanceof PDFDict) pdf.getForm().updateFieldAppearances();
  for (const page of pdf.getPages()) flattenPage(pdf, page);
  pdf.catalog.delete(PDFName.of("AcroForm"));
}

/** @param {PDFDocument} pdf @param {PDFPage} page */
function flattenPage(pdf, page) {
  const list = page.node.lookup(ANNOTS);
  if (!(list instanceof PDFArray)) return;
  const kept = [];
  /** @type {string[]} */
  const painted = [];
  for (const entry of list.asArray()) {
    const annotation = pdf.context.lookup(entry);
    if (!(annotation instanceof PDFDict)) continue;
    const look = lookOf(annotation);
    // Links and the like look like nothing, and go on to work.
    if (!look && annotation.lookup(SUBTYPE) !== WIDGET) kept.push(entry);
    if (look && !isUnseen(annotation)) painted.push(paint(pdf, page, annotation, look));
  }
  if (painted.length > 0) append(pdf, page, painted.filter((one) => one !== "").join("\n"));
  if (kept.length > 0) page.node.set(ANNOTS, pdf.context.obj(kept));
  else page.node.delete(ANNOTS);
}

/**
 * Its normal appearance, of several that of its state.
 * @param {PDFDict} annotation
 * @returns {{ stream: PDFStream, ref?: PDFRef } | undefined}
 */
function lookOf(annotation) {
  const looks = annotation.lookup(PDFName.of("AP"));
  if (!(looks instanceof PDFDict)) return undefined;
  const normal = looks.lookup(PDFName.of("N"));
  const state = annotation.lookup(PDFName.of("AS"));
  const [place, key] =
    normal instanceof PDFDict && state instanceof PDFName ? [normal, state] : [looks, PDFName.of("N")];
  const stream = place.lookup(key);
  const ref = place.get(key);
  return stream instanceof PDFStream ? { stream, ref: ref instanceof PDFRef ? ref : undefined } : undefined;
}

/** @param {PDFDict} annotation */
function isUnseen(annotation) {
  const flags = annotation.lookup(FLAGS);
  return flags instanceof PDFNumber && (flags.asNumber() & UNSEEN) !== 0;
}

/**
 * The operators that paint it where it is (ISO 32000-1, 12.5.5): the box of its look, turned by its matrix, fills its rectangle.
 * @param {PDFDocument} pdf
 * @param {PDFPage} page
 * @param {PDFDict} annotation
 * @param {{ stream: PDFStream, ref?: PDFRef }} look
 */
function paint(pdf, page, annotation, { stream, ref }) {
  const rect = numbers(annotation.lookup(RECT));
  const box = numbers(stream.dict.lookup(PDFName.of("BBox")));
  if (rect.length !== 4 || box.length !== 4) return "";
  const given = numbers(stream.dict.lookup(PDFName.of("Matrix")));
  const [a, b, c, d, e, f] = given.length === 6 ? given : [1, 0, 0, 1, 0, 0];
  const corners = [0, 2].flatMap((x) => [1, 3].map((y) => [box[x], box[y]]));
  const xs = corners.map(([x, y]) => a * x + c * y + e);
  const ys = corners.map(([x, y]) => b * x + d * y + f);
  const [left, bottom] = [Math.min(...xs), Math.min(...ys)];
  const [wide, high] = [Math.max(...xs) - left, Math.max(...ys) - bottom];
  if (wide === 0 || high === 0) return "";
  const [x, y] = [Math.min(rect[0], rect[2]), Math.min(rect[1], rect[3])];
  const scaleX = Math.abs(rect[2] - rect[0]) / wide;
  const scaleY = Math.abs(rect[3] - rect[1]) / high;
  stream.dict.set(PDFName.of("Type"), PDFName.of("XObject"));
  stream.dict.set(SUBTYPE, PDFName.of("Form"));
  const name = page.node.newXObject("Flat", ref ?? pdf.context.register(stream));
  const matrix = [scaleX, 0, 0, scaleY, x - left * scaleX, y - bottom * scaleY].map((one) => Number(one.toFixed(5)));
  return `q ${matrix.join(" ")} cm ${name} Do Q`;
}

/** After what the page paints, whose own state ends before. @param {PDFDocument} pdf @param {PDFPage} page @param {string} operators */
function append(pdf, page, operators) {
  const { context } = pdf;
  page.node.normalize();
  const before = context.register(context.stream("q\n"));
  const after = context.register(context.flateStream(`\nQ\n${operators}\n`));
  page.node.wrapContentStreams(before, after);
}

/** @param {unknown} list @returns {number[]} */
function numbers(list) {
  if (!(list instanceof PDFArray)) return [];
  return Array.from({ length: list.size() }, (_, place) => list.lookup(place)).flatMap((one) =>
    one instanceof PDFNumber ? [one.asNumber()] : [],
  );
}

module.exports = { flatten };
