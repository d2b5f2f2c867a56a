// Locators of a page or of a frame, by a selector or by a function.

const { Locator, unless } = require("./locator.js");
const { SCRIPT } = require("./types.js");
const { fail } = require("../../errors.js");
const v = require("./checks.js");

class Locators {
  #page;
  #place;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, place) {
    this.#page = page;
    this.#place = place;
  }

  /** @param {string | Function} wanted a selector, or a function that runs in the page until it gives something */
  locator(wanted) {
    const { owner, world, frame } = this.#place;
    const operation = `${owner}.locator`;
    v.argument(operation, "selectorOrFunc", SCRIPT, wanted);
    if (this.#page._engine !== "cdp") {
      throw this.#page._unsupported(
        `${operation}: the ${this.#page._engine} engine has no handles; the cdp engine can`,
      );
    }
    const name = `${operation}(${v.brief(wanted)})`;
    const scripts = owner === "page" ? world.part("scripts") : world.frame(frame ?? "");
    const elements = owner === "page" ? world.part("elements") : scripts;
    /** @type {import("./locator.js").Find} */
    const find = async ({ visibility }, signal) => {
      // The signal comes when the locator's time is over.
      const wait = { timeout: 0, signal };
      if (typeof wanted === "function") return await scripts.waitForFunction(wanted, wait);
      const handle = await elements.waitForSelector(wanted, wait).catch(asMistake(name));
      if (!handle || !visibility) return handle;
      const wrong = visibility === "visible" ? "isHidden" : "isVisible";
      const fitting = await unless(handle, () => handle[wrong]());
      if (!fitting) throw new Error(`what was found is not ${visibility}`);
      return fitting;
    };
    return Locator.of(name, find, this.#page._limits.any);
  }
}

/** What no document can be asked for, another try would not find. @param {string} name */
function asMistake(name) {
  return (/** @type {any} */ cause) => {
    if (cause.name === "SyntaxError") throw fail("ERR_INVALID_OPTION", `${name}: ${cause.message}`, { cause });
    throw cause;
  };
}

module.exports = { Locators };
