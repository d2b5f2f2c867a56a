// The page's keyboard: what is typed goes to whatever has the focus.

const { publish } = require("../calls.js");
const { fail } = require("../../errors.js");
const { DELAY, KEY, TEXT } = require("./types.js");
const v = require("./checks.js");

const COMMANDS = v.arrayOf(v.string(), { default: [] });
const DOWN = { text: v.string(), commands: COMMANDS };
const PRESS = { ...DOWN, delay: DELAY };

class Keyboard {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** Holds a key down. Until it is up again, a modifier is told of with all keys and clicks. @param {string} key @param {object} [options] */
  async down(key, options) {
    await this.#key("keyboard.down", key, { action: "keyDown", ...v.check("keyboard.down", DOWN, options) });
  }

  /** @param {string} key */
  async up(key) {
    await this.#key("keyboard.up", key, { action: "keyUp" });
  }

  /** @param {string} key @param {object} [options] */
  async press(key, options) {
    await this.#key("keyboard.press", key, { action: "pressKey", ...v.check("keyboard.press", PRESS, options) });
  }

  /** A key for each character that has one; the others come without. @param {string} text @param {object} [options] */
  async type(text, options) {
    v.argument("keyboard.type", "text", TEXT, text);
    const params = { action: "typeText", text, ...v.check("keyboard.type", { delay: DELAY }, options) };
    await this.#page._call("input", params, "keyboard.type");
  }

  /** Text comes without any key. @param {string} text */
  async sendCharacter(text) {
    v.argument("keyboard.sendCharacter", "char", TEXT, text);
    await this.#page._call("input", { action: "insertText", text }, "keyboard.sendCharacter");
  }

  /** @param {string} operation @param {string} key @param {object} params */
  async #key(operation, key, params) {
    v.argument(operation, "key", KEY, key);
    try {
      await this.#page._call("input", { ...params, key }, operation);
    } catch (error) {
      const { code } = /** @type {import("../../errors.js").CodedError} */ (error);
      if (code === "ERR_INVALID_OPTION") throw fail(code, `Unknown key: "${key}"`, { cause: error });
      throw error;
    }
  }
}

publish(Keyboard);

module.exports = { Keyboard };
