// What the handles and frames of one page have in common: each frame has one object, whoever asks for it, and what stays in the
// page becomes a handle here.

const { isOver } = require("../../errors.js");
const { ElementHandle } = require("./element.js");
const { Frame } = require("./frame.js");
const { JSHandle } = require("./handle.js");

/** @typedef {InstanceType<typeof import("../core.js").PageCore>} PageCore */
/** @typedef {import("../../native.js").CoreFrame} FrameState */

/** The events of frames; with each of them, the core tells of their ends too. */
const TELLING = ["frameattached", "framenavigated", "framedetached"];

class World {
  #page;
  /** Frames that somebody has asked for, by their ids. @type {Map<string, InstanceType<typeof Frame>>} */
  #frames = new Map();
  /** @type {InstanceType<typeof Frame> | undefined} */
  #main;

  #part;

  /** @param {PageCore} page @param {(name: string) => any} part of the page's methods */
  constructor(page, part) {
    this.#page = page;
    this.#part = part;
  }

  /** Those of the page's methods that are of one subject. @param {string} name @returns {any} */
  part(name) {
    return this.#part(name);
  }

  get page() {
    return this.#page;
  }

  /** A session of the DevTools protocol with a frame or a worker. @param {string} [id] by default the main frame's */
  client(id) {
    return this.#part("devtools").client(id ?? this.mainFrame()._id);
  }

  /** What is known of every frame now: the top one, and each frame's children after it. @returns {FrameState[]} */
  states() {
    const states = this.#page._frameStates();
    if (!TELLING.some((event) => this.#page.listenerCount(event) > 0)) this.#prune(states);
    return states;
  }

  /** The same; of a page that is over there are no frames. */
  #statesIfAny() {
    try {
      return this.states();
    } catch (error) {
      if (!isOver(error)) throw error;
      return [];
    }
  }

  /** Where nobody hears of the ends of frames, those that are gone are forgotten here. @param {FrameState[]} states */
  #prune(states) {
    if (this.#frames.size < states.length) return;
    const ids = new Set(states.map(({ id }) => id));
    for (const id of this.#frames.keys()) if (!ids.has(id)) this.forget(id);
  }

  frames() {
    return this.#statesIfAny().map((state) => this.of(state));
  }

  mainFrame() {
    const [state] = this.#statesIfAny();
    // After the page's end it is as it was when it was looked at last.
    return state ? this.of(state) : this.#mainFrame({ id: "", url: "", name: "" });
  }

  /** The frame with an id, whether or not the page has it any more. @param {string} id @returns {InstanceType<typeof Frame>} */
  frame(id) {
    return this.known(id) ?? new Frame(this, { id, url: "", name: "" });
  }

  /** The frame with an id; null if the page has none. @param {string} id @returns {InstanceType<typeof Frame> | null} */
  known(id) {
    const known = this.#main?._id === id ? this.#main : this.#frames.get(id);
    if (known) return known;
    const state = this.#statesIfAny().find((candidate) => candidate.id === id);
    return state ? this.of(state) : null;
  }

  /**
   * The frame that an event tells of. The core is not asked: to it, the page may be over by now.
   * @param {{ id: string, parent?: string, url?: string, name?: string }} told
   * @param {boolean} main
   */
  told(told, main) {
    const state = { url: "", name: "", ...told };
    const frame = main ? this.#mainFrame(state) : this.#inner(state);
    frame._told(told);
    return frame;
  }

  /** A frame is no more: nobody gets its object again. @param {string} id */
  forget(id) {
    this.#frames.delete(id);
  }

  /** The frame of a state of now. @param {FrameState} state */
  of(state) {
    const frame = state.parent === undefined ? this.#mainFrame(state) : this.#inner(state);
    frame._told(state);
    return frame;
  }

  /** The page's top frame stays the same object, whatever browser context the page moves to. @param {FrameState} state */
  #mainFrame(state) {
    this.#main ??= new Frame(this, state);
    return this.#main;
  }

  /** @param {FrameState} state */
  #inner(state) {
    let frame = this.#frames.get(state.id);
    if (!frame) {
      frame = new Frame(this, state);
      this.#frames.set(state.id, frame);
    }
    return frame;
  }

  /**
   * The handle of what has stayed in the page.
   * @param {import("./handle.js").RemoteObject} object
   * @returns {any}
   */
  wrap(object) {
    return object.subtype === "node" ? new ElementHandle(this, object) : new JSHandle(this, object);
  }

  /** The same of an element, or null. @param {import("./handle.js").RemoteObject} object @returns {InstanceType<typeof ElementHandle> | null} */
  element(object) {
    return object.subtype === "node" ? new ElementHandle(this, object) : null;
  }

  /**
   * Handles of what is in a list, in place of the list.
   * @param {string} operation
   * @param {import("./handle.js").RemoteObject} list
   * @returns {Promise<any[]>}
   */
  async items(operation, list) {
    const handle = { id: list.objectId, frame: list.frame };
    try {
      /** @type {[string, import("./handle.js").RemoteObject][]} */
      const properties = await this.#page._call("properties", { handle }, operation);
      return properties.map(([, object]) => this.wrap(object));
    } finally {
      this.#page._first([["release", { handles: [handle] }]]);
    }
  }
}

module.exports = { World };
