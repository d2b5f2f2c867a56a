// What methods of the page and of handles do to an element alike: functions that run in the page, and what they need.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const fs = require("node:fs/promises");
const path = require("node:path");
const { fail } = require("../../errors.js");
const v = require("./checks.js");

/**
 * Chooses options of a `<select>`, and gives the values of those that are chosen then.
 * @param {Element} element @param {string} name @param {string[]} chosen
 */
function choose(element, name, chosen) {
  if (!(element instanceof HTMLSelectElement)) throw new TypeError(`${name}: Element is not a <select> element.`);
  // Where one has to be chosen, the first is when none of them is.
  for (const option of element.options) option.selected = false;
  const found = [...element.options].filter((option) => chosen.includes(option.value));
  const wanted = element.multiple ? found : found.slice(0, 1);
  for (const option of wanted) option.selected = true;
  element.dispatchEvent(new Event("input", { bubbles: true }));
  element.dispatchEvent(new Event("change", { bubbles: true }));
  return wanted.map((option) => option.value);
}

/** Options are chosen by their values, which are texts. @param {string} operation @param {unknown[]} values */
function refuseNoTexts(operation, values) {
  for (const value of values) {
    if (typeof value === "string") continue;
    throw fail("ERR_INVALID_OPTION", `${operation}: Values must be strings, got ${v.brief(value)}`);
  }
}

/** Files to upload, as absolute paths. @param {string} owner @param {(string | string[])[]} files */
async function readable(owner, files) {
  v.argument(owner, "paths", v.arrayOf(v.string({ empty: false })), files.flat());
  const paths = files.flat().map((file) => path.resolve(file));
  for (const file of paths) {
    await fs.access(file).catch((cause) => {
      throw fail("ERR_INVALID_OPTION", `${owner}: cannot read the file ${file}`, { cause });
    });
  }
  return paths;
}

module.exports = { choose, readable, refuseNoTexts };
