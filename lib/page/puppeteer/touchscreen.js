// The page's touchscreen, and the fingers on it.

const { publish } = require("../calls.js");
const { fail } = require("../../errors.js");
const v = require("./checks.js");

const PLACE = v.number({ required: true });

/** @typedef {(operation: string, type: "start" | "move" | "end", finger: TouchHandle) => Promise<void>} Send */

/** A finger, from the moment at which it touches until it is lifted. */
class TouchHandle {
  #send;
  #leave;
  #started = false;

  /**
   * @param {{ finger: number, x: number, y: number }} point
   * @param {Send} send
   * @param {(handle: TouchHandle) => void} leave
   */
  constructor(point, send, leave) {
    this._point = point;
    this.#send = send;
    this.#leave = leave;
  }

  async start() {
    if (this.#started) throw touchError("Touch has already started");
    this.#started = true;
    await this.#send("touch.start", "start", this);
  }

  /** @param {number} x @param {number} y */
  async move(x, y) {
    this._point = { ...this._point, ...place("touch.move", x, y) };
    await this.#send("touch.move", "move", this);
  }

  async end() {
    // Lifted by the program, be it that the browser has not heard of it: nobody could lift it again.
    this.#leave(this);
    await this.#send("touch.end", "end", this);
  }
}

class Touchscreen {
  #page;
  /** @type {TouchHandle[]} */
  #touches = [];
  #fingers = 0;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** The fingers that touch it now, in the order in which they came. */
  get touches() {
    return [...this.#touches];
  }

  /** @param {number} x @param {number} y */
  async tap(x, y) {
    const touch = await this.#start("touchscreen.tap", x, y);
    await touch.end();
  }

  /** @param {number} x @param {number} y */
  async touchStart(x, y) {
    return await this.#start("touchscreen.touchStart", x, y);
  }

  /** Moves the finger that has touched it for longest. @param {number} x @param {number} y */
  async touchMove(x, y) {
    await this.#first().move(x, y);
  }

  /** Lifts the finger that has touched it for longest. */
  async touchEnd() {
    await this.#first().end();
  }

  /** @param {string} operation @param {number} x @param {number} y */
  async #start(operation, x, y) {
    /** @type {Send} */
    const send = async (call, type, { _point: point }) => {
      await this.#page._call("input", { action: "touch", type, ...point }, call);
    };
    const leave = (/** @type {TouchHandle} */ gone) => {
      this.#touches = this.#touches.filter((touch) => touch !== gone);
    };
    const touch = new TouchHandle({ finger: this.#fingers++, ...place(operation, x, y) }, send, leave);
    await touch.start();
    this.#touches.push(touch);
    return touch;
  }

  #first() {
    const [first] = this.#touches;
    if (!first) throw touchError("Must start a new Touch first");
    return first;
  }
}

/** Whole pixels, as Puppeteer has them. @param {string} operation @param {number} x @param {number} y */
function place(operation, x, y) {
  return {
    x: Math.round(v.argument(operation, "x", PLACE, x)),
    y: Math.round(v.argument(operation, "y", PLACE, y)),
  };
}

/** @param {string} message */
function touchError(message) {
  return Object.defineProperty(fail("ERR_BROWSER", message), "name", { value: "TouchError", configurable: true });
}

publish(TouchHandle);
publish(Touchscreen);

module.exports = { Touchscreen, TouchHandle };
