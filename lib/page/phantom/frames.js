// phantom's frames and windows: which frame scripts run in, and what frames there are.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const { look } = require("./steps.js");

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */

class Frames {
  #page;
  /** The way from the main frame to the chosen one. @type {(number | string)[]} */
  #way = [];

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {unknown} frame its index or its name @returns {Steps<boolean>} false when there is none */
  *switchToFrame(frame) {
    if (typeof frame !== "string" && !(Number.isInteger(frame) && Number(frame) >= 0)) return false;
    const wanted = /** @type {number | string} */ (frame);
    /** @param {Document} document @param {number | string} wanted */
    const find = (document, wanted) => {
      const frames = [...document.querySelectorAll("iframe, frame")];
      const exists =
        typeof wanted === "number"
          ? wanted < window.frames.length
          : frames.some((element) => element.getAttribute("name") === wanted);
      return { exists, isMain: window === window.top };
    };
    const { exists, isMain } = yield* look(this.#page, "switchToFrame", find, [wanted]);
    if (!exists) return false;
    // A navigation has led back there.
    if (isMain) this.#way = [];
    yield ["switchToFrame", { frame: wanted }, "switchToFrame"];
    this.#way.push(wanted);
    return true;
  }

  /** @param {unknown} frame */
  switchToChildFrame(frame) {
    return this.switchToFrame(frame);
  }

  /** @returns {Steps} */
  *switchToMainFrame() {
    this.#way = [];
    yield ["switchToMainFrame", {}, "switchToMainFrame"];
  }

  /** @returns {Steps<boolean>} false in the main frame */
  *switchToParentFrame() {
    if (yield* look(this.#page, "switchToParentFrame", () => window === window.top)) return false;
    const way = this.#way.slice(0, -1);
    yield* this.switchToMainFrame();
    for (const frame of way) yield* this.switchToFrame(frame);
    return true;
  }

  /** The chosen frame is the one that input goes to. */
  async switchToFocusedFrame() {}

  childFramesCount() {
    return look(this.#page, "childFramesCount", () => window.frames.length);
  }

  childFramesName() {
    return look(this.#page, "childFramesName", (/** @type {Document} */ document) =>
      [...document.querySelectorAll("iframe, frame")].map((frame) => frame.getAttribute("name") ?? ""),
    );
  }

  currentFrameName() {
    return look(this.#page, "currentFrameName", () => window.name);
  }
}

module.exports = { Frames };
