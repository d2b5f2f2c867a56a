// A frame of the page. Its methods are those that a page has for its main frame.

const { isOver } = require("../../errors.js");
const { publish } = require("../calls.js");
const { Content } = require("./content.js");
const { Elements } = require("./elements.js");
const { Locators } = require("./locators.js");
const { Navigation } = require("./navigation.js");
const { Scripts } = require("./scripts.js");

const PARTS = {
  content: Content,
  elements: Elements,
  locators: Locators,
  navigation: Navigation,
  scripts: Scripts,
};

/** Which part has which of the names that a page and a frame share. @type {Record<string, keyof typeof PARTS>} */
const METHODS = {
  $: "scripts",
  $$: "scripts",
  $$eval: "scripts",
  $eval: "scripts",
  addScriptTag: "content",
  addStyleTag: "content",
  click: "elements",
  content: "content",
  evaluate: "scripts",
  evaluateHandle: "scripts",
  focus: "elements",
  goto: "navigation",
  hover: "elements",
  locator: "locators",
  select: "elements",
  setContent: "content",
  tap: "elements",
  title: "content",
  type: "elements",
  waitForFunction: "scripts",
  waitForNavigation: "navigation",
  waitForSelector: "elements",
};

class Frame {
  #world;
  #seen;
  /** @type {{ [Part in keyof typeof PARTS]?: InstanceType<(typeof PARTS)[Part]> }} */
  #parts = {};

  /** @param {InstanceType<typeof import("./world.js").World>} world @param {import("../../native.js").CoreFrame} state */
  constructor(world, state) {
    this.#world = world;
    this.#seen = state;
  }

  /** @param {Partial<import("../../native.js").CoreFrame>} state what is told of it now */
  _told(state) {
    Object.assign(this.#seen, state);
  }

  get _id() {
    return this.#seen.id;
  }

  /** @param {keyof typeof PARTS} name @returns {any} */
  _part(name) {
    const parts = /** @type {any} */ (this.#parts);
    parts[name] ??= new PARTS[name](this.#world.page, new PlaceOfFrame(this.#world, this));
    return parts[name];
  }

  /** What is known of it, and whether that is of now. */
  #state() {
    try {
      const state = this.#world.states().find(({ id }) => id === this.#seen.id);
      if (state) this._told(state);
      return state;
    } catch (error) {
      // Of a page that is over it stays as it was.
      if (!isOver(error)) throw error;
      return undefined;
    }
  }

  page() {
    return this.#world.page;
  }

  /** A session of the DevTools protocol with it. */
  get client() {
    return this.#world.client(this.#seen.id);
  }

  url() {
    this.#state();
    return this.#seen.url;
  }

  name() {
    this.#state();
    return this.#seen.name;
  }

  /** @returns {Frame | null} */
  parentFrame() {
    const parent = this.#state()?.parent;
    return parent === undefined ? null : this.#world.frame(parent);
  }

  /** @returns {Frame[]} */
  childFrames() {
    return this.#world.frames().filter((frame) => frame.#seen.parent === this.#seen.id);
  }

  isMainFrame() {
    return this.#world.mainFrame() === this;
  }

  isDetached() {
    return this.#state() === undefined;
  }

  get detached() {
    return this.isDetached();
  }

  /** Its element in the document of the frame around it; null of the main frame. */
  async frameElement() {
    const object = await this.#world.page._call("frameElement", { frame: this.#seen.id }, "frame.frameElement");
    return object && this.#world.element(object);
  }
}

/** Where a frame's methods act. */
class PlaceOfFrame {
  #frame;

  /** @param {InstanceType<typeof import("./world.js").World>} world @param {Frame} frame */
  constructor(world, frame) {
    this.world = world;
    this.#frame = frame;
  }

  /** @returns {"frame"} */
  get owner() {
    return "frame";
  }

  get frame() {
    return this.#frame._id;
  }
}

for (const [name, part] of Object.entries(METHODS)) {
  const value = {
    [name](/** @type {unknown[]} */ ...args) {
      return /** @type {any} */ (this)._part(part)[name](...args);
    },
  }[name];
  Object.defineProperty(Frame.prototype, name, { value, configurable: true, writable: true });
}
publish(Frame);

module.exports = { Frame, METHODS };
