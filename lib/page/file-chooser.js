// The dialog by which a person would choose files for the page, which the program answers.

const path = require("node:path");
const { publish } = require("./calls.js");
const { fail } = require("../errors.js");
const v = require("../validate.js");

class FileChooser {
  #chooser;
  #call;
  #handled = false;

  /**
   * @param {{ multiple: boolean, frame: string, node?: number | null }} chooser
   * @param {(method: string, params: object, operation: string) => Promise<any>} call
   */
  constructor(chooser, call) {
    this.#chooser = chooser;
    this.#call = call;
  }

  /** Whether it takes several files, or those of a folder. */
  isMultiple() {
    return this.#chooser.multiple;
  }

  /** @param {string[]} paths from the current directory; none takes those back that were chosen */
  async accept(paths) {
    const type = v.arrayOf(v.string({ empty: false }), { required: true });
    /** @type {string[]} */
    const given = v.argument("fileChooser.accept", "paths", type, paths);
    if (given.length > 1 && !this.isMultiple()) {
      throw fail("ERR_INVALID_OPTION", `fileChooser.accept: this input takes one file, got ${given.length}`);
    }
    this.#handle("accept");
    const files = given.map((file) => path.resolve(file));
    await this._choose("fileChooser.accept", { paths: files, clear: true });
  }

  /** @param {string} operation @param {{ paths: string[], clear?: boolean }} chosen `clear`: none takes those back that were chosen */
  async _choose(operation, chosen) {
    const { frame, node } = this.#chooser;
    await this.#call("chooseFiles", { frame, node, ...chosen }, operation);
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
