// What a program measures of the page, and how the page stands to others.

const { told } = require("../metrics.js");

class Instruments {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** Durations are in seconds, from the first call on; sizes in bytes. @returns {Promise<Record<string, number>>} */
  async metrics() {
    return told(await this.#page._call("metrics"));
  }

  async bringToFront() {
    await this.#page._call("bringToFront");
  }
}

module.exports = { Instruments };
