// The frames of a page.

class Frames {
  #world;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} _page @param {import("./types.js").Place} place */
  constructor(_page, { world }) {
    this.#world = world;
  }

  frames() {
    return this.#world.frames();
  }

  mainFrame() {
    return this.#world.mainFrame();
  }
}

module.exports = { Frames };
