// Dialogs of the page, which phantom's listeners answer, and `window.callPhantom`, which is one of them.

const { randomUUID } = require("node:crypto");
const { statement } = require("../evaluate.js");
const { everywhere } = require("./everywhere.js");

class Dialogs {
  #page;
  #callbacks;
  #hasCallPhantom = false;
  /** By which a dialog is known as a call of `window.callPhantom`. */
  #callMark = `boomtown:${randomUUID()}:`;

  /**
   * @param {any} page
   * @param {InstanceType<typeof import("./callbacks.js").Callbacks>} callbacks
   */
  constructor(page, callbacks) {
    this.#page = page;
    this.#callbacks = callbacks;
  }

  /**
   * @param {InstanceType<typeof import("../dialog.js").Dialog>} dialog
   * @returns {boolean} whether somebody has answered it
   */
  answer(dialog) {
    const message = dialog.message();
    const isCall = dialog.type() === "prompt" && message.startsWith(this.#callMark);
    const event = isCall ? "onCallback" : `on${dialog.type()[0].toUpperCase()}${dialog.type().slice(1)}`;
    if (this.#page.listenerCount(event) === 0) return false;
    let args = [message, ...(event === "onPrompt" ? [dialog.defaultValue()] : [])];
    try {
      if (isCall) args = [JSON.parse(message.slice(this.#callMark.length))];
    } catch {
      // A page that has found out the mark may send anything.
      return false;
    }
    const given = this.#callbacks.ask(event, ...args);
    /** @param {any} answer */
    const answered = (answer) => {
      const accepted =
        isCall || event === "onAlert" || (event === "onPrompt" ? typeof answer === "string" : Boolean(answer));
      const text = isCall ? (JSON.stringify(answer) ?? "") : event === "onPrompt" ? answer : undefined;
      // A page that is over has no dialogs.
      (accepted ? dialog.accept(text) : dialog.dismiss()).catch(() => {});
    };
    this.#callbacks.hearOut(given, answered);
    return true;
  }

  /** Has `window.callPhantom` be there. */
  installCallPhantom() {
    if (!this.#hasCallPhantom) everywhere(this.#page, this.callPhantom());
  }

  /** A script of the page's: `window.callPhantom` gives back what the listener does, at once. A dialog is the one thing that a script waits for. */
  callPhantom() {
    this.#hasCallPhantom = true;
    /** @param {string} mark */
    const install = (mark) => {
      const ask = window.prompt.bind(window);
      Object.assign(window, {
        callPhantom: (/** @type {unknown} */ data) => {
          const answer = ask(mark + (JSON.stringify(data) ?? "null"));
          return answer ? JSON.parse(answer) : null;
        },
      });
    };
    return statement(install, [this.#callMark]);
  }
}

module.exports = { Dialogs };
