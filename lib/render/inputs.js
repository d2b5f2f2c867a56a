// What the words on the command line stand for: files, URLs, patterns of files, and "-" for what comes through a pipe.

const fs = require("node:fs");
const path = require("node:path");
const { fileURLToPath, pathToFileURL } = require("node:url");
const { glob, isPattern } = require("./glob.js");

/**
 * One thing to render.
 * @typedef {object} Input
 * @property {string} name as the messages call it
 * @property {string} stem what its output is called in a folder, without the ending
 * @property {string} [url] what is opened; without one the HTML comes from standard input
 * @property {string} [file]
 * @property {string} [problem] why there is nothing to render; the other inputs do not mind
 */

const STDIN = "-";
const SCHEMES = ["https:", "http:", "file:", "data:"];
/** A name of a file may have 255 bytes on most file systems, and the output's gets an ending. */
const LONGEST_STEM = 200;

/**
 * @param {string[]} words
 * @returns {Input[]}
 */
const inputsOf = (words) => words.flatMap(inputOf);

/** @param {string} word @returns {Input | Input[]} */
function inputOf(word) {
  if (word === STDIN) return { name: "standard input", stem: "stdin" };
  if (fs.existsSync(word)) return fileInput(word);
  const scheme = /^[a-z][a-z\d+.-]*:/i.exec(word)?.[0].toLowerCase();
  if (scheme && SCHEMES.includes(scheme)) return urlInput(word);
  if (!isPattern(word))
    return without(word, "there is no such file (a URL begins with https://, http://, file:// or data:)");
  const files = glob(word);
  return files.length > 0 ? files.map((file) => fileInput(file)) : without(word, "no file matches this pattern");
}

/** @param {string} file @param {string} [name] @param {string} [url] @returns {Input} */
function fileInput(file, name = file, url = pathToFileURL(file).href) {
  const stats = fs.statSync(file, { throwIfNoEntry: false });
  if (!stats) return without(name, "there is no such file");
  if (stats.isDirectory()) return without(name, `is a folder; name its files, as '${path.join(name, "*.html")}'`);
  return { name, stem: path.basename(file).replace(/\.(x?html?|svg|md|txt)$/i, ""), url, file: path.resolve(file) };
}

/** @param {string} word @returns {Input} */
function urlInput(word) {
  if (!URL.canParse(word)) return without(word, "is not a valid URL");
  const url = new URL(word);
  if (url.protocol === "file:") return fileUrlInput(word, url);
  if (url.protocol === "data:")
    return { name: word.length > 60 ? `${word.slice(0, 60)}...` : word, stem: "data", url: word };
  return { name: word, stem: stemOf(url), url: url.href };
}

/** @param {string} word @param {URL} url */
function fileUrlInput(word, url) {
  try {
    return fileInput(fileURLToPath(url), word, url.href);
  } catch (error) {
    return without(word, /** @type {Error} */ (error).message);
  }
}

/** @param {string} name @param {string} problem @returns {Input} */
const without = (name, problem) => ({ name, stem: "", problem });

/** @param {URL} url such as https://example.com/a/b?c, which is example.com-a-b-c */
function stemOf({ host, pathname, search }) {
  const readable = `${host}${pathname}${search}`.replaceAll(/[^A-Za-z0-9._-]+/g, "-").replaceAll(/^[-.]+|[-.]+$/g, "");
  return readable.slice(0, LONGEST_STEM);
}

module.exports = { inputsOf };
