// phantom's upload of files.
/// <reference lib="dom" />

const fs = require("node:fs");
const path = require("node:path");
const { textOf } = require("./lenient.js");

class Uploads {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** What is no file, and an element that takes none, are left alone. @param {unknown} selector @param {unknown} files */
  async uploadFile(selector, files) {
    const paths = [files ?? []].flat().map((file) => path.resolve(textOf(file)));
    const found = paths.filter((file) => fs.existsSync(file));
    /** @param {Document} document @param {string} wanted */
    const takes = (document, wanted) => {
      const input = document.querySelector(wanted);
      return input instanceof HTMLInputElement && input.type === "file";
    };
    if (found.length === 0 || !(await this.#page._look("uploadFile", takes, [textOf(selector)]))) return;
    await this.#page._call("uploadFile", { selector: textOf(selector), paths: found });
  }
}

module.exports = { Uploads };
