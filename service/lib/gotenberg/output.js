// What a request has made as one file: itself where it is one, and a ZIP of several.

const { randomUUID } = require("node:crypto");
const { createWriteStream } = require("node:fs");
const fs = require("node:fs/promises");
const path = require("node:path");
const { pipeline } = require("node:stream/promises");
// @ts-expect-error: yazl declares no types
const yazl = require("yazl");
const { extension } = require("./names.js");

/** @typedef {{ name: string, path: string }} NamedFile */
/** @typedef {NamedFile & { type: string, size: number }} Output */

/** @type {Record<string, string>} */
const TYPES = {
  ".pdf": "application/pdf",
  ".png": "image/png",
  ".jpeg": "image/jpeg",
  ".webp": "image/webp",
  ".zip": "application/zip",
  ".json": "application/json",
};

/**
 * @param {NamedFile[]} files
 * @param {string} folder
 * @param {string | undefined} stem what the client wants it to be called, without an extension
 * @returns {Promise<Output>}
 */
async function asOne(files, folder, stem) {
  const file = files.length === 1 ? files[0] : await zipped(files, folder);
  const ending = extension(file.name);
  return {
    path: file.path,
    name: stem === undefined ? file.name : stem + ending,
    type: TYPES[ending] ?? "application/octet-stream",
    size: (await fs.stat(file.path)).size,
  };
}

/** @param {NamedFile[]} files @param {string} folder @returns {Promise<NamedFile>} */
async function zipped(files, folder) {
  const name = `${randomUUID()}.zip`;
  const zip = new yazl.ZipFile();
  // PDFs are compressed inside.
  for (const file of files) zip.addFile(file.path, file.name, { compress: false });
  zip.end();
  const target = path.join(folder, name);
  await pipeline(zip.outputStream, createWriteStream(target, { mode: 0o600 }));
  return { name, path: target };
}

/** As a header, in which names may have any letters (RFC 6266). @param {string} name */
function disposition(name) {
  const plain = name.replaceAll(/[^\x20-\x7e]/g, "_").replaceAll(/["\\]/g, "\\$&");
  if (/^[\x20-\x7e]*$/.test(name)) return `attachment; filename="${plain}"`;
  const encoded = encodeURIComponent(name).replaceAll(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

module.exports = { asOne, disposition };
