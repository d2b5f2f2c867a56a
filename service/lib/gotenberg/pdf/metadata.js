// What a PDF says of itself, with the names that ExifTool has for it, as Gotenberg's clients know them.

const { PDFBool, PDFDict, PDFHeader, PDFHexString, PDFName, PDFNumber, PDFString } = require("@cantoo/pdf-lib");
const { Refusal } = require("./refusal.js");

/** @typedef {import("@cantoo/pdf-lib").PDFDocument} PDFDocument */

/** PDF's names of dates by ExifTool's. */
const DATES = new Map([
  ["CreateDate", "CreationDate"],
  ["CreationDate", "CreationDate"],
  ["ModDate", "ModDate"],
  ["ModifyDate", "ModDate"],
]);
/** Of the file, and not of the document: whoever asks for them is not heard. */
const OF_FILES = new Set([
  "filename",
  "directory",
  "filemodifydate",
  "filepermissions",
  "hardlink",
  "symlink",
  "testname",
]);
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const CONTROL = /[\x00-\x1f\x7f]/;

/** @param {PDFDocument} pdf @returns {Record<string, unknown>} */
function readMetadata(pdf) {
  /** @type {Record<string, unknown>} */
  const found = { PDFVersion: versionOf(pdf), PageCount: pdf.getPageCount() };
  const info = pdf.context.lookup(pdf.context.trailerInfo.Info);
  if (!(info instanceof PDFDict)) return found;
  for (const [key] of info.entries()) {
    const name = key.decodeText();
    const value = plain(info.lookup(key));
    if (value === undefined) continue;
    if (name === "CreationDate") found.CreateDate = dateRead(String(value));
    else if (name === "ModDate") found.ModDate = found.ModifyDate = dateRead(String(value));
    else if (name === "Keywords") found.Keywords = listRead(String(value));
    else found[name] = value;
  }
  return found;
}

/** @param {PDFDocument} pdf @param {Record<string, unknown>} metadata null takes a value away */
function writeMetadata(pdf, metadata) {
  const info = infoOf(pdf);
  for (const [given, value] of Object.entries(metadata)) {
    // ExifTool's names may have a group before them, as PDF:Title.
    const name = given.slice(given.lastIndexOf(":") + 1);
    if (OF_FILES.has(name.toLowerCase())) continue;
    if (name === "" || CONTROL.test(given) || CONTROL.test(String(value))) throw unwritable();
    if (name === "PDFVersion") setVersion(pdf, value);
    else if (DATES.has(name))
      set(info, String(DATES.get(name)), value === null ? null : PDFString.of(dateWritten(value)));
    else if (name === "Trapped") set(info, name, value === null ? null : PDFName.of(String(value)));
    else set(info, name, objectOf(value));
  }
}

/** @param {PDFDict} info @param {string} name @param {import("@cantoo/pdf-lib").PDFObject | null} value */
function set(info, name, value) {
  if (value === null) info.delete(PDFName.of(name));
  else info.set(PDFName.of(name), value);
}

/** @param {unknown} value @returns {import("@cantoo/pdf-lib").PDFObject | null} */
function objectOf(value) {
  if (value === null) return null;
  if (typeof value === "boolean") return value ? PDFBool.True : PDFBool.False;
  if (typeof value === "number") return PDFNumber.of(value);
  if (typeof value === "string") return PDFHexString.fromText(value);
  if (Array.isArray(value) && value.every((one) => typeof one === "string"))
    return PDFHexString.fromText(value.join(", "));
  throw unwritable();
}

/** @param {unknown} object */
function plain(object) {
  if (object instanceof PDFString || object instanceof PDFHexString || object instanceof PDFName)
    return object.decodeText();
  if (object instanceof PDFNumber) return object.asNumber();
  if (object instanceof PDFBool) return object.asBoolean();
  return undefined;
}

/** @param {PDFDocument} pdf @returns {PDFDict} */
function infoOf({ context }) {
  const known = context.lookup(context.trailerInfo.Info);
  if (known instanceof PDFDict) return known;
  const info = context.obj({});
  context.trailerInfo.Info = context.register(info);
  return info;
}

/** What the catalog says wins, since it came later. @param {PDFDocument} pdf */
function versionOf(pdf) {
  const later = pdf.catalog.lookup(PDFName.of("Version"));
  const [version = "1.7"] = /\d+\.\d+/.exec(String(later instanceof PDFName ? later : pdf.context.header)) ?? [];
  return Number(version);
}

/** @param {PDFDocument} pdf @param {unknown} value */
function setVersion(pdf, value) {
  const [, major, minor] = /^(\d)\.(\d)$/.exec(String(value)) ?? [];
  if (major === undefined) throw unwritable();
  pdf.catalog.delete(PDFName.of("Version"));
  pdf.context.header = PDFHeader.forVersion(Number(major), Number(minor));
}

/** D:20060918162750-04'00' as 2006:09:18 16:27:50-04:00. @param {string} text */
function dateRead(text) {
  const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", zone = ""] =
    /^(?:D:)?(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(Z|[+-]\d\d'?(?:\d\d)?'?)?/.exec(text) ?? [];
  if (year === undefined) return text;
  const [, offset, minutes = "00"] = /^([+-]\d\d)'?(\d\d)?/.exec(zone) ?? [];
  return `${year}:${month}:${day} ${hour}:${minute}:${second}${offset ? `${offset}:${minutes}` : zone.slice(0, 1)}`;
}

/** The same the other way, and from ISO 8601. @param {unknown} value */
function dateWritten(value) {
  const [, year, month = "01", day = "01", hour = "00", minute = "00", second = "00", zone = ""] =
    /^(\d{4})(?:[:-](\d\d))?(?:[:-](\d\d))?(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?(Z|[+-]\d\d:?\d\d)?$/.exec(
      String(value),
    ) ?? [];
  if (year === undefined) throw unwritable();
  const offset = zone.length > 1 ? `${zone.slice(0, 3)}'${zone.slice(-2)}'` : zone;
  return `D:${year}${month}${day}${hour}${minute}${second}${offset}`;
}

/** As ExifTool reads it: between commas or semicolons, or else spaces. @param {string} text */
function listRead(text) {
  const count = (/** @type {string} */ sign) => text.split(sign).length;
  const sign = /[,;]/.test(text) ? (count(";") > count(",") ? ";" : ",") : " ";
  const list = text
    .split(sign)
    .map((one) => one.trim())
    .filter((one) => one !== "");
  return list.length > 1 ? list : text;
}

const unwritable = () =>
  new Refusal("The requested metadata could not be written; ensure values are valid and free of control characters.");

module.exports = { readMetadata, writeMetadata };
