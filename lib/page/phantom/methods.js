// Methods that a program defines for a page, and calls by name as it may call the page's own.

const { fail } = require("../../errors.js");
const { textOf } = require("./lenient.js");

class Methods {
  #page;
  #own;
  /** @type {Map<string, Function>} */
  #methods = new Map();

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {(name: string) => Function | undefined} own phantom's method of a name
   */
  constructor(page, own) {
    this.#page = page;
    this.#own = own;
  }

  /** @param {unknown} name @param {unknown} fn called with the page as `this` */
  async defineMethod(name, fn) {
    if (typeof fn === "function") this.#methods.set(textOf(name), fn);
  }

  /** @param {unknown} name @param {unknown[]} args */
  async invokeMethod(name, ...args) {
    return await this.#method("invokeMethod", textOf(name)).apply(this.#page, args);
  }

  /**
   * Resolves with what a defined method passes to its callback, or with the result of a method of the page.
   * @param {unknown} name
   * @param {unknown[]} args
   */
  async invokeAsyncMethod(name, ...args) {
    const method = this.#method("invokeAsyncMethod", textOf(name));
    if (!this.#methods.has(textOf(name))) return await method.apply(this.#page, args);
    return await new Promise((resolve) => method.call(this.#page, ...args, resolve));
  }

  /** @param {string} operation @param {string} name @returns {Function} */
  #method(operation, name) {
    const own = this.#methods.get(name) ?? this.#own(name);
    const method = own ?? (name.startsWith("_") ? undefined : Reflect.get(this.#page, name));
    if (typeof method === "function") return method;
    throw fail(
      "ERR_INVALID_OPTION",
      `page.${operation}: there is no method "${name}"; define it with page.defineMethod`,
    );
  }
}

module.exports = { Methods };
