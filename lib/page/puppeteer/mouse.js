// The page's mouse. Its places are CSS pixels from the corner of the page's viewport.

const { publish } = require("../calls.js");
const { BUTTON, DELAY, POINT } = require("./types.js");
const v = require("./checks.js");

const PLACE = v.number({ required: true });
const COUNT = v.integer({ min: 1, max: 100 });
const PRESS = { button: BUTTON, clickCount: v.integer({ min: 0, max: 100, default: 1 }) };
const CLICK = { button: BUTTON, clickCount: COUNT, count: COUNT, delay: DELAY };
const MOVE = { steps: v.integer({ min: 1, max: 100_000, default: 1 }) };
const WHEEL = { deltaX: v.number({ default: 0 }), deltaY: v.number({ default: 0 }) };
const DATA = v.recordOf(v.anything(), { required: true });

class Mouse {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {number} x @param {number} y @param {object} [options] */
  async move(x, y, options) {
    const params = { ...place("mouse.move", x, y), ...v.check("mouse.move", MOVE, options) };
    await this.#act("mouse.move", "moveMouse", params);
  }

  /** @param {object} [options] */
  async down(options) {
    await this.#act("mouse.down", "pressButton", v.check("mouse.down", PRESS, options));
  }

  /** @param {object} [options] */
  async up(options) {
    await this.#act("mouse.up", "releaseButton", v.check("mouse.up", PRESS, options));
  }

  /** @param {number} x @param {number} y @param {object} [options] */
  async click(x, y, options) {
    const at = place("mouse.click", x, y);
    const { count = 1, clickCount = count, ...press } = v.check("mouse.click", CLICK, options);
    await this.#act("mouse.click", "clickAt", { ...at, ...press, count, clickCount });
  }

  /** @param {object} [options] */
  async wheel(options) {
    await this.#act("mouse.wheel", "turnWheel", v.check("mouse.wheel", WHEEL, options));
  }

  /** No button is held any more, and the mouse is in the viewport's corner. */
  async reset() {
    await this.#act("mouse.reset", "resetMouse", {});
  }

  /**
   * Drags what is at one place towards another, while drags are intercepted.
   * @param {{ x: number, y: number }} start
   * @param {{ x: number, y: number }} target
   * @returns {Promise<any>} what is dragged, as the DevTools protocol has it
   */
  async drag(start, target) {
    const from = v.argument("mouse.drag", "start", POINT, start);
    const to = v.argument("mouse.drag", "target", POINT, target);
    return await this.#act("mouse.drag", "drag", { from, to });
  }

  /** @param {{ x: number, y: number }} target @param {any} data of `drag` */
  async dragEnter(target, data) {
    await this.#bring("mouse.dragEnter", "enter", target, data);
  }

  /** @param {{ x: number, y: number }} target @param {any} data of `drag` */
  async dragOver(target, data) {
    await this.#bring("mouse.dragOver", "over", target, data);
  }

  /** @param {{ x: number, y: number }} target @param {any} data of `drag` */
  async drop(target, data) {
    await this.#bring("mouse.drop", "drop", target, data);
  }

  /** @param {{ x: number, y: number }} start @param {{ x: number, y: number }} target @param {object} [options] */
  async dragAndDrop(start, target, options) {
    const { delay } = v.check("mouse.dragAndDrop", { delay: DELAY }, options);
    const data = await this.drag(start, target);
    await this.dragEnter(target, data);
    await this.dragOver(target, data);
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    await this.drop(target, data);
    await this.up();
  }

  /** @param {string} operation @param {string} type @param {{ x: number, y: number }} target @param {any} data */
  async #bring(operation, type, target, data) {
    const { x, y } = v.argument(operation, "target", POINT, target);
    await this.#act(operation, "dragEvent", { type, x, y, data: v.argument(operation, "data", DATA, data) });
  }

  /** @param {string} operation @param {string} action @param {object} params */
  async #act(operation, action, params) {
    return await this.#page._call("input", { action, ...params }, operation);
  }
}

/** @param {string} operation @param {number} x @param {number} y */
function place(operation, x, y) {
  return { x: v.argument(operation, "x", PLACE, x), y: v.argument(operation, "y", PLACE, y) };
}

publish(Mouse);

module.exports = { Mouse };
