// Names of files that clients give: none of them leads anywhere, and files are put in order by the numbers in them.

const { HttpError } = require("../errors.js");

/** Bytes of a file's name that every usual file system takes. */
const LONGEST = 255;

/**
 * The last part of what may be a path, as Gotenberg takes it. One that would climb out of a folder is refused.
 * @param {string} given
 */
function baseName(given) {
  const parts = given.split(/[/\\]/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
  const name = /** @type {string} */ (parts.at(-1)).replaceAll(/[\x00-\x1f\x7f]/g, "").normalize("NFC");
  if (parts.includes("..") || name === "" || name === ".") {
    throw new HttpError(400, `Invalid form data: ${JSON.stringify(given)} is no name of a file`);
  }
  return name;
}

/** @param {string} name */
const isTooLong = (name) => Buffer.byteLength(name) > LONGEST;

/** The name without its extension. @param {string} name */
const stem = (name) => name.replace(/(?<=.)\.[^.]*$/, "");

/** The extension with its dot, in lower case. @param {string} name */
const extension = (name) => /.(\.[^.]*)$/.exec(name)?.[1].toLowerCase() ?? "";

/**
 * Gotenberg's order: by the number at the start, or else before the extension or at the end; those without one come last.
 * @param {string} a @param {string} b
 */
function byNumber(a, b) {
  const [one, other] = [numbered(a), numbered(b)];
  if (!one || !other) return one ? -1 : other ? 1 : compare(a, b);
  if (one.first && other.first) return one.number - other.number || compare(one.rest, other.rest);
  const rests = compare(one.rest, other.rest);
  if (rests !== 0) return rests;
  if (one.first !== other.first) return one.first ? -1 : 1;
  return one.number - other.number || compare(a, b);
}

/** @param {string} name */
function numbered(name) {
  const [, first, after] = /^(\d+)(.*)$/s.exec(name) ?? [];
  if (first !== undefined) return { number: Number(first), rest: after, first: true };
  const [, before, last, end] = /^(.*?)(\d+)(\.[^.]+)?$/s.exec(name) ?? [];
  return last === undefined ? undefined : { number: Number(last), rest: before + (end ?? ""), first: false };
}

/** @param {string} a @param {string} b */
const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

module.exports = { baseName, byNumber, extension, isTooLong, stem };
