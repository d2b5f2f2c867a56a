// A handle of a node of a document: what a person can do to it, what can be measured of it, and what is inside of it.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const { publish } = require("../calls.js");
const { fail } = require("../../errors.js");
const { RUNTIME } = require("../evaluate.js");
const { JSHandle } = require("./handle.js");
const { Locator } = require("./locator.js");
const { clickOptions, DELAY, SCRIPT, SELECTOR, TEXT } = require("./types.js");
const { choose, readable, refuseNoTexts } = require("./acts.js");
const { first, all, onAll, onFirst, waitFor } = require("./selectors.js");
const v = require("./checks.js");

/** Whether a person could see something of a node, by the page's runtime. */
const SHOWS = { text: `${RUNTIME}.shows` };

class ElementHandle extends JSHandle {
  asElement() {
    return this;
  }

  /** The frame whose document it is of. */
  get frame() {
    return this._world.frame(this._frame);
  }

  /** @param {string} selector @returns {Promise<ElementHandle | null>} */
  async $(selector) {
    v.argument("handle.$", "selector", SELECTOR, selector);
    return await first(this._scope("handle.$"), selector);
  }

  /** @param {string} selector @returns {Promise<ElementHandle[]>} */
  async $$(selector) {
    v.argument("handle.$$", "selector", SELECTOR, selector);
    return await all(this._scope("handle.$$"), selector);
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args @returns {Promise<any>} */
  async $eval(selector, script, ...args) {
    v.argument("handle.$eval", "selector", SELECTOR, selector);
    v.argument("handle.$eval", "script", SCRIPT, script);
    return await onFirst(this._scope("handle.$eval"), selector, script, args);
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args @returns {Promise<any>} */
  async $$eval(selector, script, ...args) {
    v.argument("handle.$$eval", "selector", SELECTOR, selector);
    v.argument("handle.$$eval", "script", SCRIPT, script);
    return await onAll(this._scope("handle.$$eval"), selector, script, args);
  }

  /** @param {string} selector @param {object} [options] @returns {Promise<ElementHandle | null>} */
  async waitForSelector(selector, options) {
    v.argument("handle.waitForSelector", "selector", SELECTOR, selector);
    return await waitFor(this._scope("handle.waitForSelector"), selector, options);
  }

  /** Where its selectors look. @param {string} operation @returns {import("./selectors.js").Scope} */
  _scope(operation) {
    return { world: this._world, operation, frame: this._frame, root: this };
  }

  /** @param {string} tagName @returns {Promise<ElementHandle>} */
  async toElement(tagName) {
    const is = (/** @type {Element} */ node, /** @type {string} */ tag) => node.nodeName === tag.toUpperCase();
    if (!(await this._run("handle.toElement", is, [tagName]))) {
      throw fail("ERR_EVALUATION", `Element is not a(n) \`${tagName}\` element`);
    }
    return this;
  }

  /** Tries an action on it again and again until that has worked. */
  asLocator() {
    /** @type {import("./locator.js").Find} */
    const find = async ({ visibility }) => {
      if (visibility && (await this.isVisible()) !== (visibility === "visible")) return null;
      // The locator lets go of what it finds.
      return await this.evaluateHandle((/** @type {Node} */ node) => node);
    };
    return Locator.of("handle.asLocator()", find, this._world.page._limits.any);
  }

  async isVisible() {
    return await this._run("handle.isVisible", SHOWS, []);
  }

  async isHidden() {
    return !(await this._run("handle.isHidden", SHOWS, []));
  }

  /** @returns {Promise<any>} the frame in an `<iframe>` or `<frame>`; null of another element */
  async contentFrame() {
    const id = await this.#command("frameOf", { handle: this._handle }, "contentFrame");
    return id ? this._world.frame(id) : null;
  }

  /** @param {object} [options] */
  async click(options) {
    await this.#act("click", clickOptions("handle.click", options));
  }

  async hover() {
    await this.#act("hover");
  }

  async focus() {
    await this.#act("focus");
  }

  /** @param {string} text @param {object} [options] */
  async type(text, options) {
    v.argument("handle.type", "text", TEXT, text);
    await this.#act("type", { text, ...v.check("handle.type", { delay: DELAY }, options) });
  }

  /** @param {string} key @param {object} [options] */
  async press(key, options) {
    await this.#act("focus", {}, "press");
    await this.#input.keyboard.press(key, options);
  }

  async tap() {
    const { x, y } = await this.#point();
    await this.#input.touchscreen.tap(x, y);
  }

  /** A finger touches it. */
  async touchStart() {
    const { x, y } = await this.#point();
    return await this.#input.touchscreen.touchStart(x, y);
  }

  /** A finger comes to it. @param {any} [touch] the one that touches for longest, if none is given */
  async touchMove(touch) {
    const { x, y } = await this.#point();
    await (touch ? touch.move(x, y) : this.#input.touchscreen.touchMove(x, y));
  }

  async touchEnd() {
    await this.#input.touchscreen.touchEnd();
  }

  /**
   * Begins to drag it, towards a place or another element. What is dragged is given while drags are intercepted, and is in the
   * mouse's hand else.
   * @param {{ x: number, y: number } | ElementHandle} target
   */
  async drag(target) {
    const input = this.#input;
    const from = await this.#point();
    if (input.isDragInterceptionEnabled()) return await input.mouse.drag(from, await placeOf(target));
    if (input.dragged !== this) await this.#grab(from);
    await this.#bring(target);
  }

  /** @param {any} [data] of `drag` */
  async dragEnter(data) {
    await this.#input.mouse.dragEnter(await this.#point(), data);
  }

  /** @param {any} [data] of `drag` */
  async dragOver(data) {
    await this.#input.mouse.dragOver(await this.#point(), data);
  }

  /** Drops on it what is dragged: the data of `drag`, or an element. @param {any} [dragged] */
  async drop(dragged) {
    const input = this.#input;
    if (dragged !== undefined && !(dragged instanceof ElementHandle)) {
      return void (await input.mouse.drop(await this.#point(), dragged));
    }
    if (dragged && input.dragged !== dragged) await dragged.drag(this);
    if (input.draggedTo !== this) await this.#bring(this);
    input.dragged = input.draggedTo = undefined;
    await input.mouse.up();
  }

  /** @param {ElementHandle} target @param {{ delay?: number }} [options] */
  async dragAndDrop(target, options) {
    await this.#input.mouse.dragAndDrop(await this.#point(), await target.clickablePoint(), options);
  }

  /** @param {{ x: number, y: number }} point */
  async #grab({ x, y }) {
    await this.#input.mouse.move(x, y);
    await this.#input.mouse.down();
    this.#input.dragged = this;
  }

  /** @param {{ x: number, y: number } | ElementHandle} target */
  async #bring(target) {
    const { x, y } = await placeOf(target);
    await this.#input.mouse.move(x, y);
    this.#input.draggedTo = target;
  }

  get #input() {
    return this._world.part("input");
  }

  /** Where a finger or the mouse meets it, once it is in view. */
  async #point() {
    await this.scrollIntoView();
    return await this.clickablePoint();
  }

  /** @param {string[]} values @returns {Promise<string[]>} */
  async select(...values) {
    refuseNoTexts("handle.select", values);
    return await this._run("handle.select", choose, ["the element", values]);
  }

  /** @param {string[]} files */
  async uploadFile(...files) {
    const paths = await readable("handle.uploadFile", files);
    await this.#act("uploadFile", { paths });
  }

  async scrollIntoView() {
    await this._run("handle.scrollIntoView", bringIntoView, []);
  }

  /** @param {{ threshold?: number }} [options] @returns {Promise<boolean>} */
  async isIntersectingViewport(options) {
    const { threshold } = v.check("handle.isIntersectingViewport", { threshold: v.number({ default: 0 }) }, options);
    return await this._run("handle.isIntersectingViewport", meetsViewport, [threshold]);
  }

  /** @param {object} [options] @returns {Promise<any>} */
  async screenshot(options) {
    return await this._world.part("capture").screenshot(options, this._handle);
  }

  /** The box of its border, in the page's viewport; null of what is not shown. */
  async boundingBox() {
    const box = await this._run("handle.boundingBox", boxOf, []);
    if (!box) return null;
    const [x, y] = await this.#corner();
    return { ...box, x: box.x + x, y: box.y + y };
  }

  /** Its boxes as four points each, in the page's viewport; null of what is not shown. */
  async boxModel() {
    const model = await this._run("handle.boxModel", modelOf, []);
    if (!model) return null;
    const corner = await this.#corner();
    for (const name of ["content", "padding", "border", "margin"]) {
      for (const point of model[name]) {
        point.x += corner[0];
        point.y += corner[1];
      }
    }
    return model;
  }

  /** Where a click would go. @param {{ x: number, y: number }} [offset] from the corner of its box */
  async clickablePoint(offset) {
    const [x, y] = await this.#command("locate", { element: this._handle, offset }, "clickablePoint");
    return { x, y };
  }

  /** The corner of its frame in the page's viewport. @returns {Promise<[number, number]>} */
  async #corner() {
    let frame = this.frame;
    let [left, top] = [0, 0];
    for (let parent = frame.parentFrame(); parent; parent = frame.parentFrame()) {
      const owner = await frame.frameElement();
      if (!owner) break;
      const [x, y] = await owner._run("handle.boundingBox", insideOf, []);
      owner[Symbol.dispose]();
      [left, top, frame] = [left + x, top + y, parent];
    }
    return [left, top];
  }

  /** @param {string} method @param {object} [params] @param {string} [name] */
  async #act(method, params, name) {
    await this.#command(method, { element: this._handle, ...params }, name);
  }

  /** @param {string} method @param {object} params @param {string} [name] @returns {Promise<any>} */
  async #command(method, params, name = method) {
    return await this._world.page._call(method, params, `handle.${name}`);
  }
}

/** @param {{ x: number, y: number } | ElementHandle} target */
async function placeOf(target) {
  return target instanceof ElementHandle ? await target.clickablePoint() : target;
}

/** @param {Element} element */
function bringIntoView(element) {
  element.scrollIntoView({ block: "center", inline: "center", behavior: "instant" });
}

/** @param {Element} element @param {number} threshold */
async function meetsViewport(element, threshold) {
  const ratio = await new Promise((/** @type {(ratio: number) => void} */ resolve) => {
    const observer = new IntersectionObserver((entries) => {
      resolve(entries[0].intersectionRatio);
      observer.disconnect();
    });
    observer.observe(element);
  });
  return threshold === 1 ? ratio === 1 : ratio > threshold;
}

/** @param {Element} element */
function boxOf(element) {
  if (!(element instanceof Element) || element.getClientRects().length === 0) return null;
  const { x, y, width, height } = element.getBoundingClientRect();
  return { x, y, width, height };
}

/** The corner of what is inside of a frame's element. @param {HTMLElement} element */
function insideOf(element) {
  const { left, top } = element.getBoundingClientRect();
  const { paddingLeft, paddingTop } = getComputedStyle(element);
  return [
    left + element.clientLeft + Number.parseFloat(paddingLeft),
    top + element.clientTop + Number.parseFloat(paddingTop),
  ];
}

/** @param {HTMLElement} element @returns {any} */
function modelOf(element) {
  if (!(element instanceof Element) || element.getClientRects().length === 0) return null;
  const style = /** @type {any} */ (getComputedStyle(element));
  const sides = (/** @type {string} */ name, end = "") =>
    ["Left", "Top", "Right", "Bottom"].map((side) => Number.parseFloat(style[`${name}${side}${end}`]) || 0);
  /** @param {number[]} box @param {number[]} by */
  const shrunk = (box, by, sign = 1) => [
    ...[box[0] + sign * by[0], box[1] + sign * by[1]],
    ...[box[2] - sign * by[2], box[3] - sign * by[3]],
  ];
  const { left, top, right, bottom, width, height } = element.getBoundingClientRect();
  const border = [left, top, right, bottom];
  const padding = shrunk(border, sides("border", "Width"));
  const content = shrunk(padding, sides("padding"));
  const margin = shrunk(border, sides("margin"), -1);
  const quad = (/** @type {number[]} */ [x1, y1, x2, y2]) => [
    ...[
      { x: x1, y: y1 },
      { x: x2, y: y1 },
    ],
    ...[
      { x: x2, y: y2 },
      { x: x1, y: y2 },
    ],
  ];
  return { content: quad(content), padding: quad(padding), border: quad(border), margin: quad(margin), width, height };
}

publish(ElementHandle);

module.exports = { ElementHandle };
