// Ranges of pages: 1-3,5,8- are the pages 1, 2, 3, 5 and from 8 on.

const { Refusal } = require("./refusal.js");

/**
 * @param {string} ranges
 * @param {number} count of pages
 * @returns {number[]} their indices, which begin with 0, each once
 */
function pagesOf(ranges, count) {
  const indices = new Set();
  for (const range of ranges.split(",")) {
    const [, first, dash, last] = /^\s*(\d*|z)\s*(-?)\s*(\d*|z)\s*$/.exec(range) ?? [];
    if (dash === undefined || (first === "" && last === ""))
      throw new Refusal(`The pages '${ranges}' are no ranges such as '1-3,5,8-'`);
    const start = first === "" ? 1 : numberOf(first, count);
    const end = dash === "" ? start : last === "" ? count : numberOf(last, count);
    if (start < 1 || end > count || start > end)
      throw new Refusal(`The pages '${range}' are not among the ${count} of the PDF`);
    for (let page = start; page <= end; page += 1) indices.add(page - 1);
  }
  return [...indices];
}

/** z is the last page, as QPDF has it. @param {string} text @param {number} count */
const numberOf = (text, count) => (text === "z" ? count : Number(text));

module.exports = { pagesOf };
