// A line of the page's console, written by a script or by the browser.

/** Where in which script something happened. @typedef {{ url?: string, lineNumber?: number, columnNumber?: number }} Location */

class ConsoleMessage {
  #told;
  #wrap;
  /** @type {any[] | undefined} */
  #args;

  /**
   * @param {{ type: string, text: string, args: any[], trace: Location[], source?: string }} told
   * @param {(object: any) => any} wrap gives the handle of a remote object
   */
  constructor(told, wrap) {
    this.#told = told;
    this.#wrap = wrap;
  }

  /** Whether a script has written it, and not the browser. */
  get isOfScript() {
    return this.#told.source === undefined;
  }

  /** As in the DevTools protocol: "log", "debug", "info", "error", "warning", "dir", ...; of the browser's also "verbose" */
  type() {
    return this.#told.type === "warning" ? "warn" : this.#told.type;
  }

  /** Primitive values as texts, and objects as their handles are called: `JSHandle@object`. */
  text() {
    if (this.#told.args.length === 0) return this.#told.text;
    return this.args()
      .map((handle) => String(handle).replace(/^JSHandle:/, ""))
      .join(" ");
  }

  /** As a console shows it. */
  get shown() {
    return this.#told.text;
  }

  /** Handles, also of primitive values. They last as long as the document. */
  args() {
    this.#args ??= this.#told.args.map(this.#wrap);
    return this.#args;
  }

  location() {
    return this.#told.trace[0] ?? {};
  }

  stackTrace() {
    return this.#told.trace;
  }
}

module.exports = { ConsoleMessage };
