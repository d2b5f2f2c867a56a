// Asks a service as Gotenberg's clients do: by forms.

const { PDFDocument } = require("@cantoo/pdf-lib");

/**
 * @param {{ url: string }} service
 * @param {string} path
 * @param {{ fields?: Record<string, string>, files?: Record<string, string | Buffer>, headers?: Record<string, string> }} what
 */
function ask({ url }, path, { fields = {}, files = {}, headers } = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  for (const [name, content] of Object.entries(files))
    form.append("files", new Blob([/** @type {BlobPart} */ (content)]), name);
  return fetch(url + path, { method: "POST", body: form, headers });
}

/** A PDF of pages of these sizes, each with a text. @param {[number, number][]} sizes @param {(pdf: PDFDocument) => void} [change] */
async function pdfOf(sizes, change) {
  const pdf = await PDFDocument.create();
  for (const [index, size] of sizes.entries()) pdf.addPage(size).drawText(`Page ${index + 1}`, { x: 10, y: 10 });
  change?.(pdf);
  return Buffer.from(await pdf.save());
}

/** Of each page its width and height. @param {Buffer} bytes */
async function sizesOf(bytes) {
  const pdf = await PDFDocument.load(bytes, { updateMetadata: false });
  return pdf.getPages().map((page) => {
    const { width, height } = page.getSize();
    return [Math.round(width), Math.round(height)];
  });
}

module.exports = { ask, pdfOf, sizesOf };
