// Elements that selectors name: acting on them as a person would, and waiting for them.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const fs = require("node:fs/promises");
const path = require("node:path");
const { compile } = require("../evaluate.js");
const { fail } = require("../../errors.js");
const { SELECTOR, TEXT, TIMEOUT } = require("./types.js");
const v = require("../../validate.js");

const DELAY = v.milliseconds({ default: 0 });

const CLICK = {
  button: v.oneOf(["left", "right", "middle"], { default: "left" }),
  clickCount: v.integer({ min: 1, max: 100, default: 1 }),
  delay: DELAY,
  offset: v.shape({ x: v.number({ required: true }), y: v.number({ required: true }) }),
};

class Elements {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {string} selector @param {object} [options] */
  async click(selector, options) {
    v.argument("page.click", "selector", SELECTOR, selector);
    await this.#page._call("click", { selector, ...v.check("page.click", CLICK, options) });
  }

  /** @param {string} selector */
  async hover(selector) {
    await this.#page._call("hover", { selector: v.argument("page.hover", "selector", SELECTOR, selector) });
  }

  /** @param {string} selector */
  async focus(selector) {
    await this.#page._call("focus", { selector: v.argument("page.focus", "selector", SELECTOR, selector) });
  }

  /** @param {string} selector @param {string} text @param {object} [options] */
  async type(selector, text, options) {
    v.argument("page.type", "selector", SELECTOR, selector);
    v.argument("page.type", "text", TEXT, text);
    await this.#page._call("type", { selector, text, ...v.check("page.type", { delay: DELAY }, options) });
  }

  /** @param {string} key @param {object} [options] */
  async press(key, options) {
    v.argument("page.press", "key", SELECTOR, key);
    await this.#page._call("press", { key, ...v.check("page.press", { delay: DELAY, text: v.string() }, options) });
  }

  /** @param {string} selector @param {string[]} values */
  async select(selector, ...values) {
    v.argument("page.select", "selector", SELECTOR, selector);
    v.argument("page.select", "values", v.arrayOf(v.string()), values);
    /** @param {Document} document @param {string} wanted @param {string} name @param {string[]} chosen */
    const choose = (document, wanted, name, chosen) => {
      const element = document.querySelector(wanted);
      if (!element) throw new Error(`failed to find element matching selector "${name}"`);
      if (!(element instanceof HTMLSelectElement)) throw new TypeError(`"${name}" is not a <select> element`);
      const options = [...element.options];
      if (element.multiple) for (const option of options) option.selected = chosen.includes(option.value);
      else element.selectedIndex = options.findIndex((option) => chosen.includes(option.value));
      element.dispatchEvent(new Event("input", { bubbles: true }));
      element.dispatchEvent(new Event("change", { bubbles: true }));
      return [...element.selectedOptions].map((option) => option.value);
    };
    return await this.#page._look("select", choose, [selector, v.shortened(selector), values], { gesture: true });
  }

  /** @param {string} selector @param {(string | string[])[]} files */
  async uploadFile(selector, ...files) {
    v.argument("page.uploadFile", "selector", SELECTOR, selector);
    v.argument("page.uploadFile", "paths", v.arrayOf(v.string({ empty: false })), files.flat());
    const paths = files.flat().map((file) => path.resolve(file));
    for (const file of paths) {
      await fs.access(file).catch((cause) => {
        throw fail("ERR_INVALID_OPTION", `page.uploadFile: cannot read the file ${file}`, { cause });
      });
    }
    /** @param {Document} document @param {string} wanted @param {string} name */
    const check = (document, wanted, name) => {
      const input = document.querySelector(wanted);
      if (input && !(input instanceof HTMLInputElement && input.type === "file")) {
        throw new TypeError(`"${name}" is not an <input type="file">`);
      }
    };
    await this.#page._look("uploadFile", check, [selector, v.shortened(selector)]);
    await this.#page._call("uploadFile", { selector, paths });
  }

  /** @param {string} selector @param {object} [options] */
  async waitForSelector(selector, options) {
    v.argument("page.waitForSelector", "selector", SELECTOR, selector);
    const schema = { visible: v.boolean({ default: false }), hidden: v.boolean({ default: false }), timeout: TIMEOUT };
    const { visible, hidden, timeout } = v.check("page.waitForSelector", schema, options);
    if (visible && hidden) {
      throw fail(
        "ERR_INVALID_OPTION",
        'page.waitForSelector: options "visible" and "hidden" exclude each other; give one of them',
      );
    }
    /** @param {Document} document @param {string} wanted @param {boolean} mustShow @param {boolean} mustHide */
    const found = (document, wanted, mustShow, mustHide) => {
      const element = document.querySelector(wanted);
      if (!mustShow && !mustHide) return element !== null;
      // The element's own would be hidden by a field of its form that is called so.
      const box = element && Element.prototype.getBoundingClientRect.call(element);
      const shown =
        element &&
        box &&
        box.width > 0 &&
        box.height > 0 &&
        !/hidden|collapse/.test(getComputedStyle(element).visibility);
      return mustHide ? !shown : Boolean(shown);
    };
    const state = hidden ? ", hidden" : visible ? ", visible" : "";
    const what = `waitForSelector(${JSON.stringify(v.shortened(selector))}${state})`;
    const polling = visible || hidden || hasPseudoClass(selector) ? "raf" : "mutation";
    const script = compile(found, [selector, visible, hidden], { within: ["look", false] });
    const params = { script, timeout, polling, what, world: "own" };
    this.#page._decode(await this.#page._call("waitFor", params, "waitForSelector"));
  }
}

/**
 * Whether a selector asks for a state such as `:checked` or `:hover`, of which no change of the document tells. What is in an
 * attribute's brackets, and what is escaped, is a name.
 * @param {string} selector
 */
function hasPseudoClass(selector) {
  return selector.replace(/\\.|"[^"]*"|'[^']*'|\[[^\]]*\]/g, "").includes(":");
}

module.exports = { Elements };
