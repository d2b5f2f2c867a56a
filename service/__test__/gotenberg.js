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

/**
 * The files of a ZIP in which nothing is compressed.
 * @param {Buffer} zip
 * @returns {Map<string, Buffer>}
 */
function unzipped(zip) {
  /** @type {Map<string, Buffer>} */
  const files = new Map();
  const start = zip.length - 22;
  let entry = zip.readUInt32LE(start + 16);
  for (let count = zip.readUInt16LE(start + 10); count > 0; count -= 1) {
    const [size, nameLength, extra, comment, place] = [
      zip.readUInt32LE(entry + 20),
      zip.readUInt16LE(entry + 28),
      zip.readUInt16LE(entry + 30),
      zip.readUInt16LE(entry + 32),
      zip.readUInt32LE(entry + 42),
    ];
    const name = zip.toString("utf8", entry + 46, entry + 46 + nameLength);
    const content = place + 30 + zip.readUInt16LE(place + 26) + zip.readUInt16LE(place + 28);
    files.set(name, zip.subarray(content, content + size));
    entry += 46 + nameLength + extra + comment;
  }
  return files;
}

module.exports = { ask, pdfOf, sizesOf, unzipped };
