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

  /** Primitive values as texts, errors by the first line of theirs, other objects as their handles are called: `JSHandle@object`. */
  text() {
    if (this.#told.args.length === 0) return this.#told.text;
    return this.args()
      .map((handle, index) => errorText(this.#told.args[index]) ?? String(handle).replace(/^JSHandle:/, ""))
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

/** Kind and message of an error. @param {{ subtype?: string, description?: string }} told a remote object */
function errorText({ subtype, description }) {
  return subtype === "error" ? description?.split("\n", 1)[0] : undefined;
}

module.exports = { ConsoleMessage };
