// Locators of a page or of a frame, by a selector or by a function.

const { Locator } = require("./locator.js");
const { SCRIPT } = require("./types.js");
const v = require("./checks.js");

class Locators {
  #place;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} _page @param {import("./types.js").Place} place */
  constructor(_page, place) {
    this.#place = place;
  }

  /** @param {string | Function} wanted a selector, or a function that runs in the page until it gives something */
  locator(wanted) {
    const { owner, world, frame } = this.#place;
    v.argument(`${owner}.locator`, "selectorOrFunc", SCRIPT, wanted);
    const scripts = owner === "page" ? world.part("scripts") : world.frame(frame ?? "");
    const elements = owner === "page" ? world.part("elements") : scripts;
    /** @type {import("./locator.js").Find} */
    const find = async ({ timeout, visibility }, signal) => {
      if (typeof wanted === "function") return await scripts.waitForFunction(wanted, { timeout, signal });
      const handle = await elements.waitForSelector(wanted, { timeout, signal });
      if (!handle || !visibility) return handle;
      return (await handle.isVisible()) === (visibility === "visible") ? handle : null;
    };
    const timeout = world.page._limits.any;
    return new Locator(find, { timeout, visibility: null, inView: true, enabled: true, stable: true });
  }
}

module.exports = { Locators };
