// The devices by which a person uses the page, and what a page asks a person for.

const { Keyboard } = require("./keyboard.js");
const { Mouse } = require("./mouse.js");
const { Touchscreen } = require("./touchscreen.js");
const { BOOLEAN, WAIT } = require("./types.js");
const { nextEvent } = require("../next-event.js");
const v = require("./checks.js");

class Input {
  #page;
  /** @type {InstanceType<typeof Keyboard> | undefined} */
  #keyboard;
  /** @type {InstanceType<typeof Mouse> | undefined} */
  #mouse;
  /** @type {InstanceType<typeof Touchscreen> | undefined} */
  #touchscreen;
  #interceptsDrags = false;
  /** The handle of the element that the mouse drags. @type {object | undefined} */
  dragged;
  /** Where it has been dragged to. @type {object | undefined} */
  draggedTo;

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

  /** @param {object} [options] @returns {Promise<InstanceType<typeof import("../file-chooser.js").FileChooser>>} */
  async waitForFileChooser(options) {
    const wait = v.check("page.waitForFileChooser", WAIT, options);
    const wish = { events: ["filechooser"], is: () => true, what: "a file chooser" };
    return await nextEvent(this.#page, { operation: "waitForFileChooser", ...wish, ...wait });
  }
}

module.exports = { Input };
