// What phantom has for PhantomJS's process, as far as a program may use it while the process is the town's.

const { currentPage } = require("../current.js");
const { fail } = require("../../errors.js");
const { openPage } = require("./open-page.js");

/** A place for what a callback that runs on phantom finds. */
class OutObject {
  /** @param {string} name */
  async property(name) {
    return /** @type {any} */ (this)[name];
  }
}

class PhantomProcess {
  /** @type {Map<string, unknown>} */
  #properties = new Map();

  /** A heading's function for `paperSize`. @param {Function} contents */
  callback(contents) {
    return { transform: true, target: contents, method: "callback", parent: "phantom" };
  }

  createOutObject() {
    return new OutObject();
  }

  /** A page of the browser that runs the handler, which ends with the handler's own. @returns {Promise<any>} */
  async createPage() {
    const page = currentPage.getStore();
    if (!page) {
      throw fail("ERR_UNSUPPORTED", "phantom.createPage: pages are made for items; call it in a handler of the town");
    }
    return await openPage(page);
  }

  /** @param {string} name @param {unknown[]} value nothing to read it */
  async windowProperty(name, ...value) {
    if (value.length === 0) return this.#properties.has(name) ? this.#properties.get(name) : {};
    this.#properties.set(name, value[0]);
  }

  /** phantom's own way to its commands, of which these are left. @param {string} _target @param {string} name @param {any[]} [args] */
  async execute(_target, name, args = []) {
    if (name === "createPage") return await this.createPage();
    if (name === "windowProperty") return await this.windowProperty(args[0], ...args.slice(1));
  }

  /** Nothing of the process is told but by the town's events. */
  async on() {}

  /** The town ends its browser. */
  exit() {}

  /** The town ends its browser. */
  kill() {}
}

module.exports = { PhantomProcess };
