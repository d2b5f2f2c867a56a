// phantom's switching between frames.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const v = require("../../validate.js");

class Frames {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {number | string} frame its index or its name @returns {Promise<boolean>} false when there is none */
  async switchToFrame(frame) {
    v.argument("page.switchToFrame", "frame", v.anyOf([v.integer({ min: 0 }), v.string()], { required: true }), frame);
    /** @param {Document} document @param {number | string} wanted */
    const exists = (document, wanted) =>
      typeof wanted === "number"
        ? wanted < window.frames.length
        : [...document.querySelectorAll("iframe, frame")].some((element) => element.getAttribute("name") === wanted);
    if (!(await this.#page._look("switchToFrame", exists, [frame]))) return false;
    await this.#page._call("switchToFrame", { frame });
    return true;
  }

  async switchToMainFrame() {
    await this.#page._call("switchToMainFrame");
  }
}

module.exports = { Frames };
