// Reads from a result's own bytes how large it is: pixels of a picture, pages of a PDF.
"use strict";

/**
 * @param {string} type
 * @param {Buffer} bytes
 */
module.exports = function measure(type, bytes) {
  if (type === "pdf") {
    const pages = bytes.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    return `${pages} ${pages === 1 ? "page" : "pages"}`;
  }
  const { width, height } = type === "png" ? pngSize(bytes) : jpegSize(bytes);
  return `${width} × ${height} px`;
};

/** @param {Buffer} bytes */
function pngSize(bytes) {
  if (bytes.toString("latin1", 12, 16) !== "IHDR") throw new Error("the result is not a PNG: it has no IHDR chunk");
  return { width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
}

/** @param {Buffer} bytes */
function jpegSize(bytes) {
  let at = 2;
  while (at + 9 <= bytes.length) {
    const marker = bytes[at + 1];
    // The frame headers are C0 to CF, except C4 (Huffman tables), C8 (reserved) and CC (arithmetic coding).
    if (marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker)) {
      return { width: bytes.readUInt16BE(at + 7), height: bytes.readUInt16BE(at + 5) };
    }
    at += 2 + bytes.readUInt16BE(at + 2);
  }
  throw new Error("the result is not a JPEG: it has no frame header");
}
