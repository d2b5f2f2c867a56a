// A dialog of the page - alert, confirm, prompt, beforeunload - that holds its scripts until somebody answers.

const { fail } = require("../errors.js");
const { publish } = require("./calls.js");
const v = require("../validate.js");

class Dialog {
  #type;
  #message;
  #defaultValue;
  #call;
  #answered = false;

  /**
   * @param {{ type: string, message: string, defaultValue: string }} dialog
   * @param {(method: string, params: object, operation: string) => Promise<any>} call
   */
  constructor({ type, message, defaultValue }, call) {
    this.#type = type;
    this.#message = message;
    this.#defaultValue = defaultValue;
    this.#call = call;
  }

  /** "alert", "confirm", "prompt" or "beforeunload". */
  type() {
    return this.#type;
  }

  message() {
    return this.#message;
  }

  /** What a prompt suggests. */
  defaultValue() {
    return this.#defaultValue;
  }

  /** @param {string} [promptText] */
  async accept(promptText) {
    await this.#answer(true, v.argument("dialog.accept", "promptText", v.string(), promptText), "dialog.accept");
  }

  async dismiss() {
    await this.#answer(false, undefined, "dialog.dismiss");
  }

  /** @param {boolean} accept @param {string | undefined} text @param {string} operation */
  async #answer(accept, text, operation) {
    if (this.#answered) {
      const message = `Cannot ${accept ? "accept" : "dismiss"} dialog which is already handled!`;
      throw fail("ERR_INVALID_OPTION", `${operation}: ${message} The first answer counts`);
    }
    this.#answered = true;
    await this.#call("handleDialog", { accept, text }, operation);
  }
}

publish(Dialog);

module.exports = { Dialog };
