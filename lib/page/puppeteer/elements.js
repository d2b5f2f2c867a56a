// Elements that selectors name: acting on them as a person would, and waiting for them.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const { choose, readable, refuseNoTexts } = require("./acts.js");
const { isOwn, needed, onFirst, waitFor } = require("./selectors.js");
const { clickOptions, DELAY, SELECTOR, TEXT } = require("./types.js");
const v = require("./checks.js");

class Elements {
  #page;
  #place;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, place) {
    this.#page = page;
    this.#place = place;
  }

  /** @param {string} selector @param {object} [options] */
  async click(selector, options) {
    const operation = this.#operation("click", selector);
    await this.#act("click", selector, clickOptions(operation, options));
  }

  /** @param {string} selector */
  async hover(selector) {
    this.#operation("hover", selector);
    await this.#act("hover", selector);
  }

  /** @param {string} selector */
  async tap(selector) {
    const operation = this.#operation("tap", selector);
    await this.#withHandle(operation, selector, (element) => element.tap());
  }

  /** @param {string} selector */
  async focus(selector) {
    this.#operation("focus", selector);
    await this.#act("focus", selector);
  }

  /** @param {string} selector @param {string} text @param {object} [options] */
  async type(selector, text, options) {
    const operation = this.#operation("type", selector);
    v.argument(operation, "text", TEXT, text);
    await this.#act("type", selector, { text, ...v.check(operation, { delay: DELAY }, options) });
  }

  /** @param {string} key @param {object} [options] */
  async press(key, options) {
    v.argument("page.press", "key", SELECTOR, key);
    await this.#page._call("press", { key, ...v.check("page.press", { delay: DELAY, text: v.string() }, options) });
  }

  /** @param {string} selector @param {string[]} values */
  async select(selector, ...values) {
    const operation = this.#operation("select", selector);
    refuseNoTexts(operation, values);
    const within = /** @type {[import("../evaluate.js").Runner, ...unknown[]]} */ (["onFirst", selector]);
    const args = [`"${v.shortened(selector)}"`, values];
    const { frame, world } = this.#place;
    if (isOwn(selector)) return await onFirst({ world, operation, frame }, selector, choose, args);
    return await this.#page._run(operation, choose, args, { within, frame, gesture: true, world: "own" });
  }

  /** @param {string} selector @param {(string | string[])[]} files */
  async uploadFile(selector, ...files) {
    const operation = this.#operation("uploadFile", selector);
    const paths = await readable(operation, files);
    /** @param {Document} document @param {string} wanted @param {string} name */
    const check = (document, wanted, name) => {
      const input = document.querySelector(wanted);
      if (input && !(input instanceof HTMLInputElement && input.type === "file")) {
        throw new TypeError(`"${name}" is not an <input type="file">`);
      }
    };
    const named = [selector, v.shortened(selector)];
    if (!isOwn(selector)) await this.#page._look(operation, check, named, { frame: this.#place.frame });
    await this.#act("uploadFile", selector, { paths });
  }

  /** @param {string} selector @param {object} [options] */
  async waitForSelector(selector, options) {
    const operation = this.#operation("waitForSelector", selector);
    const { world, frame } = this.#place;
    return await waitFor({ world, operation, frame }, selector, options);
  }

  /** @param {string} name @param {string} selector */
  #operation(name, selector) {
    const operation = `${this.#place.owner}.${name}`;
    v.argument(operation, "selector", SELECTOR, selector);
    return operation;
  }

  /** @param {string} method @param {string} selector @param {object} [params] */
  async #act(method, selector, params) {
    const { owner, frame } = this.#place;
    const operation = `${owner}.${method}`;
    if (!isOwn(selector)) return void (await this.#page._call(method, { selector, frame, ...params }, operation));
    await this.#withHandle(operation, selector, (element) =>
      this.#page._call(method, { element: element._handle, ...params }, operation),
    );
  }

  /**
   * Has something done to an element by a handle, which is let go then.
   * @param {string} operation
   * @param {string} selector
   * @param {(element: any) => Promise<void>} act
   */
  async #withHandle(operation, selector, act) {
    const { frame, world } = this.#place;
    const element = await needed({ world, operation, frame }, selector);
    try {
      await act(element);
    } finally {
      element[Symbol.dispose]();
    }
  }
}

module.exports = { Elements };
