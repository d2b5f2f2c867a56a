// The devices by which a person uses the page, and what a page asks a person for.

const { Keyboard } = require("./keyboard.js");
const { Mouse } = require("./mouse.js");
const { Touchscreen } = require("./touchscreen.js");
const { BOOLEAN } = require("./types.js");
const v = require("../../validate.js");

class Input {
  #page;
  /** @type {InstanceType<typeof Keyboard> | undefined} */
  #keyboard;
  /** @type {InstanceType<typeof Mouse> | undefined} */
  #mouse;
  /** @type {InstanceType<typeof Touchscreen> | undefined} */
  #touchscreen;
  #interceptsDrags = false;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  get keyboard() {
    this.#keyboard ??= new Keyboard(this.#page);
    return this.#keyboard;
  }

  get mouse() {
    this.#mouse ??= new Mouse(this.#page);
    return this.#mouse;
  }

  get touchscreen() {
    this.#touchscreen ??= new Touchscreen(this.#page);
    return this.#touchscreen;
  }

  /** @param {boolean} enabled */
  async setDragInterception(enabled) {
    v.argument("page.setDragInterception", "enabled", BOOLEAN, enabled);
    await this.#page._call("input", { action: "interceptDrags", enabled }, "setDragInterception");
    this.#interceptsDrags = enabled;
  }

  isDragInterceptionEnabled() {
    return this.#interceptsDrags;
  }
}

module.exports = { Input };
