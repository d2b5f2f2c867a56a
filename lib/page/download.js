// A file that the page downloads into the item's own folder, which goes when the attempt is over.

const fs = require("node:fs/promises");
const { fail } = require("../errors.js");
const { publish } = require("./calls.js");
const v = require("../validate.js");

class Download {
  #id;
  #url;
  #suggestedFilename;
  #call;
  /** @type {Promise<string> | undefined} */
  #path;

  /**
   * @param {{ id: string, url: string, suggestedFilename: string }} download
   * @param {(method: string, params: object, operation: string) => Promise<any>} call
   */
  constructor({ id, url, suggestedFilename }, call) {
    this.#id = id;
    this.#url = url;
    this.#suggestedFilename = suggestedFilename;
    this.#call = call;
  }

  url() {
    return this.#url;
  }

  /** The name that the server or the page proposes; never a path. */
  suggestedFilename() {
    return this.#suggestedFilename;
  }

  /** Waits for the end, and gives the file's place; it is there until the attempt is over. @returns {Promise<string>} */
  path() {
    this.#path ??= this.#finished("download.path");
    return this.#path;
  }

  /** Waits for the end, and copies the file to a place that stays. @param {string} file */
  async saveAs(file) {
    v.argument("download.saveAs", "file", v.string({ empty: false, required: true }), file);
    await fs.copyFile(await this.path(), file);
  }

  async cancel() {
    await this.#call("cancelDownload", { id: this.#id }, "download.cancel");
  }

  /** @param {string} operation @returns {Promise<string>} */
  async #finished(operation) {
    const { path, state } = await this.#call("downloaded", { id: this.#id }, operation);
    if (state === "completed") return path;
    throw fail("ERR_NAVIGATION", `${operation}: the download of ${this.#url} was ${state}`);
  }
}

publish(Download);

module.exports = { Download };
