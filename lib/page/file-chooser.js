// The dialog by which a person would choose files for the page, which the program answers.

const path = require("node:path");
const { publish } = require("./calls.js");
const { fail } = require("../errors.js");
const v = require("../validate.js");

class FileChooser {
  #multiple;
  #call;
  #handled = false;

  /**
   * @param {{ multiple: boolean }} chooser
   * @param {(method: string, params: object, operation: string) => Promise<any>} call
   */
  constructor({ multiple }, call) {
    this.#multiple = multiple;
    this.#call = call;
  }

  /** Whether it takes several files, or those of a folder. */
  isMultiple() {
    return this.#multiple;
  }

  /** @param {string[]} paths from the current directory; none takes those back that were chosen */
  async accept(paths) {
    const given = v.argument(
      "fileChooser.accept",
      "paths",
      v.arrayOf(v.string({ empty: false }), { required: true }),
      paths,
    );
    this.#handle("accept");
    if (given.length > 1 && !this.#multiple) {
      throw fail("ERR_INVALID_OPTION", `fileChooser.accept: this input takes one file, got ${given.length}`);
    }
    const files = given.map((/** @type {string} */ file) => path.resolve(file));
    await this.#call("chooseFiles", { paths: files, clear: true }, "fileChooser.accept");
  }

  /** What was chosen before stays. */
  async cancel() {
    this.#handle("cancel");
  }

  /** @param {string} what */
  #handle(what) {
    if (this.#handled) {
      throw fail("ERR_INVALID_OPTION", `Cannot ${what} FileChooser which is already handled!`);
    }
    this.#handled = true;
  }
}

publish(FileChooser);

module.exports = { FileChooser };
