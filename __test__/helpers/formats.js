// Reads what a page has made: the pixels of pictures, the pages of PDFs.

const zlib = require("node:zlib");
const jpeg = require("jpeg-js");
// @ts-expect-error: pngjs declares no types
const { PNG } = require("pngjs");

/**
 * @param {Buffer} picture PNG or JPEG
 * @returns {{ width: number, height: number, at: (x: number, y: number) => number[] }} `at` gives red, green, blue and alpha
 */
function decode(picture) {
  const { width, height, data } = picture[0] === 0x89 ? PNG.sync.read(picture) : jpeg.decode(picture);
  return { width, height, at: (x, y) => [...data.subarray((y * width + x) * 4, (y * width + x) * 4 + 4)] };
}

/**
 * @param {Buffer} pdf
 * @returns {{ pages: number, width: number, height: number }} the size of the first page in points
 */
function readPdf(pdf) {
  const text = pdfText(pdf);
  const [, width, height] = (/\/MediaBox\s*\[\s*0\s+0\s+([\d.]+)\s+([\d.]+)\s*\]/.exec(text) ?? []).map(Number);
  return { pages: (text.match(/\/Type\s*\/Page\b/g) ?? []).length, width, height };
}

/**
 * Its objects as text, those too that Firefox compresses (ISO 32000-1, 7.5.7).
 * @param {Buffer} pdf
 */
function pdfText(pdf) {
  const text = pdf.toString("latin1");
  const streams = [...text.matchAll(/\/Type\s*\/ObjStm\b.*?\bstream\r?\n(.*?)\r?\nendstream/gs)];
  const objects = streams.map(([, data]) => zlib.inflateSync(Buffer.from(data, "latin1")).toString("latin1"));
  return [text, ...objects].join("\n");
}

/**
 * What paints each page, as operators of PDF.
 * @param {Buffer} pdf without compressed objects, as Chromium writes it
 * @returns {string[]}
 */
function paintings(pdf) {
  const text = pdf.toString("latin1");
  /** @param {RegExp} pattern of a dictionary, which ends before its stream @returns {RegExpExecArray | null} */
  const find = (pattern) => pattern.exec(text);
  const tree = find(/<<[^>]*\/Type\s*\/Pages\b[^>]*>>/)?.[0] ?? "";
  const kids = /\/Kids\s*\[([^\]]*)\]/.exec(tree)?.[1] ?? "";
  return [...kids.matchAll(/(\d+) 0 R/g)].map(([, page]) => {
    const contents = find(new RegExp(`\\n${page} 0 obj\\s.*?/Contents (\\d+) 0 R`, "s"))?.[1];
    const stream = find(new RegExp(`\\n${contents} 0 obj\\s.*?/Length (\\d+).*?\\bstream\\r?\\n`, "s"));
    if (!stream || stream[1] === "0") return "";
    const start = stream.index + stream[0].length;
    return zlib.inflateSync(pdf.subarray(start, start + Number(stream[1]))).toString("latin1");
  });
}

module.exports = { decode, paintings, readPdf };
