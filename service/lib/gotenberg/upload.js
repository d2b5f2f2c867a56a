// A multipart body: its fields, and its files in the request's folder, where they have their own names, so that a page finds its
// assets beside it.

const { createWriteStream } = require("node:fs");
const path = require("node:path");
const { Transform } = require("node:stream");
const { pipeline } = require("node:stream/promises");
const { HttpError } = require("../errors.js");
const { baseName, extension, isTooLong } = require("./names.js");

/**
 * @typedef {object} Upload
 * @property {Map<string, string[]>} values by the field's name
 * @property {Map<string, string>} files paths by the file's name; of several with one name the last
 * @property {Set<string>} fields the names of the fields that have brought files
 */

class Inbox {
  #folder;
  #left;
  /** @type {Upload} */
  upload = { values: new Map(), files: new Map(), fields: new Set() };

  /** @param {string} folder @param {number} limit bytes of all files and fields together */
  constructor(folder, limit) {
    this.#folder = folder;
    this.#left = limit;
  }

  /** @param {AsyncIterable<import("@fastify/multipart").Multipart>} parts */
  async receive(parts) {
    try {
      await this.#receive(parts);
    } catch (error) {
      // Of what the parser does not understand it tells without a code.
      const isParsers = !(error instanceof HttpError) && /** @type {any} */ (error).code === undefined;
      throw isParsers ? malformed(/** @type {Error} */ (error)) : error;
    }
    return this.upload;
  }

  /** @param {AsyncIterable<import("@fastify/multipart").Multipart>} parts */
  async #receive(parts) {
    for await (const part of parts) {
      if (part.type === "file") {
        this.upload.fields.add(part.fieldname);
        await this.keep(part.filename ?? "", part.file);
        if (part.file.truncated) throw tooMuch();
      } else {
        // A part that says that it is JSON has been parsed.
        const value = typeof part.value === "string" ? part.value : JSON.stringify(part.value);
        this.#count(part.fieldname.length + value.length);
        if (part.valueTruncated) throw tooMuch();
        this.upload.values.set(part.fieldname, [...(this.upload.values.get(part.fieldname) ?? []), value]);
      }
    }
  }

  /** @param {string} given the file's name @param {import("node:stream").Readable} content */
  async keep(given, content) {
    const { files } = this.upload;
    const name = baseName(given);
    // Whoever is in a folder under another name can be read by it and not be found by a page.
    const file = path.join(this.#folder, isTooLong(name) ? `${files.size}-long${extension(name).slice(0, 20)}` : name);
    const counted = new Transform({
      transform: (chunk, _encoding, done) => {
        try {
          this.#count(chunk.length);
          done(null, chunk);
        } catch (error) {
          done(/** @type {Error} */ (error));
        }
      },
    });
    await pipeline(content, counted, createWriteStream(file, { mode: 0o600 }));
    files.set(name, file);
  }

  /** @param {number} bytes */
  #count(bytes) {
    this.#left -= bytes;
    if (this.#left < 0) throw tooMuch();
  }
}

/** @param {Error} error */
function malformed({ message }) {
  if (/boundary not found/i.test(message)) {
    return new HttpError(415, "Invalid 'Content-Type' header value: no boundary");
  }
  return new HttpError(400, "Malformed body: it does not match the 'Content-Type' header boundaries");
}

const tooMuch = () =>
  new HttpError(
    413,
    "The request body exceeds the configured size limit. Increase it with --upload-limit, or send a smaller request.",
  );

module.exports = { Inbox };
