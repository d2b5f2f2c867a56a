// The thread in which PDFs are edited: reads files, takes steps, writes files.

const { randomUUID } = require("node:crypto");
const fs = require("node:fs/promises");
const path = require("node:path");
const { parentPort } = require("node:worker_threads");
const { EncryptedPDFError, PDFDocument } = require("@cantoo/pdf-lib");
const { stem } = require("../names.js");
const { flatten } = require("./flatten.js");
const { merge } = require("./merge.js");
const { readMetadata, writeMetadata } = require("./metadata.js");
const { readOutline, writeOutline } = require("./outline.js");
const { rotate } = require("./rotate.js");
const { Refusal } = require("./refusal.js");
const { split } = require("./split.js");

/** @typedef {import("../output.js").NamedFile} NamedFile */
/** @typedef {import("./outline.js").Bookmark} Bookmark */
/** @typedef {{ name: string, pdf: PDFDocument }} Document */
/**
 * @typedef {{ do: "merge", name: string, bookmarks?: Bookmark[] | Record<string, Bookmark[]>, titleBookmarks: boolean }
 *   | { do: "split", mode: "intervals" | "pages", span: string, unify: boolean }
 *   | { do: "rotate", angle: number, pages: string }
 *   | { do: "flatten" }
 *   | { do: "writeMetadata", metadata: Record<string, unknown> }
 *   | { do: "writeBookmarks", bookmarks: Bookmark[] | Record<string, Bookmark[]> }
 *   | { do: "readMetadata" }
 *   | { do: "readBookmarks" }} Step
 */
/** @typedef {{ files: NamedFile[], refusal?: undefined } | { refusal: string }} Result */

/**
 * Each gives the documents that there are after it; what only reads gives an object, which is the result.
 * @type {{ [Name in Step["do"]]: (documents: Document[], step: Extract<Step, { do: Name }>) => Promise<Document[] | Record<string, unknown>> }}
 */
const STEPS = {
  merge: async (documents, step) => [{ name: step.name, pdf: await merge(documents, step) }],
  split: async (documents, step) => {
    /** @type {Document[]} */
    const parts = [];
    for (const { name, pdf } of documents) {
      const pdfs = await split(pdf, step);
      const only = step.mode === "pages" && step.unify;
      parts.push(...pdfs.map((part, index) => ({ name: `${stem(name)}${only ? "" : `_${index}`}.pdf`, pdf: part })));
    }
    return parts;
  },
  rotate: each((pdf, step) => rotate(pdf, step.angle, step.pages)),
  flatten: each((pdf) => flatten(pdf)),
  writeMetadata: each((pdf, { metadata }) => writeMetadata(pdf, metadata)),
  writeBookmarks: each((pdf, { bookmarks }, name) => {
    const list = Array.isArray(bookmarks) ? bookmarks : bookmarks[name];
    if (list && list.length > 0) writeOutline(pdf, list);
  }),
  readMetadata: async (documents) => byName(documents, readMetadata),
  readBookmarks: async (documents) => byName(documents, (pdf) => readOutline(pdf).map(plain)),
};

/**
 * @template {Step} S
 * @param {(pdf: PDFDocument, step: S, name: string) => void} change
 * @returns {(documents: Document[], step: S) => Promise<Document[]>}
 */
function each(change) {
  return async (documents, step) => {
    for (const { name, pdf } of documents) change(pdf, step, name);
    return documents;
  };
}

/** @param {Document[]} documents @param {(pdf: PDFDocument) => unknown} read */
const byName = (documents, read) => Object.fromEntries(documents.map(({ name, pdf }) => [name, read(pdf)]));

/** A bookmark as JSON. @param {Bookmark} bookmark @returns {object} */
function plain({ title, page, children }) {
  return { title, page, ...(children.length > 0 && { children: children.map(plain) }) };
}

/** @param {import("./editor.js").Job} job @returns {Promise<Result>} */
async function work({ files, steps, folder }) {
  try {
    let documents = await Promise.all(files.map(load));
    for (const step of steps) {
      const result = await STEPS[step.do](documents, /** @type {any} */ (step));
      if (!Array.isArray(result)) return { files: [await write(folder, "result.json", JSON.stringify(result))] };
      documents = result;
    }
    /** @type {NamedFile[]} */
    const written = [];
    for (const { name, pdf } of documents) {
      // What the fields of forms look like is theirs to say.
      written.push(await write(folder, name, await pdf.save({ updateFieldAppearances: false })));
    }
    return { files: written };
  } catch (error) {
    if (error instanceof Refusal) return { refusal: error.message };
    throw error;
  }
}

/** @param {NamedFile} file @returns {Promise<Document>} */
async function load(file) {
  const bytes = await fs.readFile(file.path);
  try {
    return { name: file.name, pdf: await PDFDocument.load(bytes, { updateMetadata: false }) };
  } catch (error) {
    const why =
      error instanceof EncryptedPDFError ? "is encrypted, which boomtown does not read" : "is no PDF that can be read";
    throw new Refusal(`The file '${file.name}' ${why}`);
  }
}

/** @param {string} folder @param {string} name @param {string | Uint8Array} content @returns {Promise<NamedFile>} */
async function write(folder, name, content) {
  const file = path.join(folder, randomUUID());
  await fs.writeFile(file, content, { mode: 0o600 });
  return { name, path: file };
}

// What it throws that is no refusal ends the thread.
parentPort?.on("message", async (job) => parentPort?.postMessage(await work(job)));
