// phantom's frames and windows: which frame scripts run in, and what frames there are.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

class Frames {
  #page;
  /** The way from the main frame to the chosen one. @type {(number | string)[]} */
  #way = [];

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {unknown} frame its index or its name @returns {Promise<boolean>} false when there is none */
  async switchToFrame(frame) {
    if (typeof frame !== "string" && !(Number.isInteger(frame) && Number(frame) >= 0)) return false;
    const wanted = /** @type {number | string} */ (frame);
    /** @param {Document} document @param {number | string} wanted */
    const look = (document, wanted) => {
      const frames = [...document.querySelectorAll("iframe, frame")];
      const exists =
        typeof wanted === "number"
          ? wanted < window.frames.length
          : frames.some((element) => element.getAttribute("name") === wanted);
      return { exists, isMain: window === window.top };
    };
    const { exists, isMain } = await this.#page._look("switchToFrame", look, [wanted]);
    if (!exists) return false;
    // A navigation has led back there.
    if (isMain) this.#way = [];
    await this.#page._call("switchToFrame", { frame: wanted });
    this.#way.push(wanted);
    return true;
  }

  /** @param {unknown} frame */
  async switchToChildFrame(frame) {
    return await this.switchToFrame(frame);
  }

  async switchToMainFrame() {
    this.#way = [];
    await this.#page._call("switchToMainFrame");
  }

  /** @returns {Promise<boolean>} false in the main frame */
  async switchToParentFrame() {
    if (await this.#page._look("switchToParentFrame", () => window === window.top)) return false;
    const way = this.#way.slice(0, -1);
    await this.switchToMainFrame();
    for (const frame of way) await this.switchToFrame(frame);
    return true;
  }

  /** The chosen frame is the one that input goes to. */
  async switchToFocusedFrame() {}

  async childFramesCount() {
    return await this.#page._look("childFramesCount", () => window.frames.length);
  }

  async childFramesName() {
    return await this.#page._look("childFramesName", (/** @type {Document} */ document) =>
      [...document.querySelectorAll("iframe, frame")].map((frame) => frame.getAttribute("name") ?? ""),
    );
  }

  /** No window that a page has opened is kept by its name. */
  async getPage() {
    return null;
  }

  async currentFrameName() {
    return await this.#page._look("currentFrameName", () => window.name);
  }
}

module.exports = { Frames };
