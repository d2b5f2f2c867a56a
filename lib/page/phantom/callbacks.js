// What a program has phantom call: listeners, and callbacks that are set as properties, whose answers the page gets.

const { types } = require("node:util");
const { uncaught, unhandled } = require("../../emit.js");
const { warn } = require("./lenient.js");
const { OnPhantom } = require("./on-phantom.js");
const { EVENTS, LOAD } = require("./sources.js");
const v = require("../../validate.js");

class Callbacks {
  #page;
  #strict;
  /** Those that are set as properties: by their events, the callback and what the emitter has for it. @type {Map<string, { callback: unknown, listener: any }>} */
  #properties = new Map();
  #onPhantom;
  #knowsUrl = false;

  /**
   * @param {any} page
   * @param {boolean} strict only callbacks that are set as properties answer the page, as with phantom
   * @param {import("./on-phantom.js").Own} own
   */
  constructor(page, strict, own) {
    this.#page = page;
    this.#strict = strict;
    this.#onPhantom = new OnPhantom(page, own);
  }

  /**
   * What Node's emitter gets for a listener.
   * @param {string} event
   * @param {any[]} given `[runOnPhantom], listener, ...args`
   * @param {boolean} [answers] whether the page gets its answer
   * @returns {(...args: any[]) => void}
   */
  listener(event, given, answers = !this.#strict) {
    const hasFlag = typeof given[0] !== "function";
    const [onPhantom, listener, ...args] = hasFlag ? given : [false, ...given];
    v.argument("page.on", "listener", v.func({ required: true }), listener);
    if (!EVENTS.includes(event)) {
      const near = v.nearest(event, EVENTS);
      warn(`page.on: PhantomJS has no event "${event}"${near ? `; did you mean "${near}"?` : ""}`);
    }
    const run = onPhantom ? this.#onPhantom.wrap(event, listener) : listener;
    return Object.assign((/** @type {any[]} */ ...told) => run.call(this.#page, ...told, ...args), {
      // Node finds the wrapped listener by this property when it is to be removed.
      listener: listener.listener ?? listener,
      answers,
    });
  }

  /**
   * A property has one value, so the callback that was set before goes; what listens by `on` stays.
   * @param {string} event
   * @param {any[]} value nothing to read it
   */
  callback(event, ...value) {
    const before = this.#properties.get(event);
    if (value.length === 0) return before?.callback;
    const [callback, ...args] = value;
    if (before) this.#page.removeListener(event, before.listener);
    this.#properties.delete(event);
    const run = this.#onPhantom.functionOf(callback);
    if (!run) return;
    const listener = this.listener(event, [true, run, ...args], true);
    // By its loads the page's URL is known, which any callback may read.
    if (!this.#knowsUrl) this.#page._attend(LOAD);
    this.#knowsUrl = true;
    this.#properties.set(event, { callback, listener });
    this.#page.addListener(event, listener);
  }

  /**
   * Calls the listeners of an event whose answer counts.
   * @param {string} event
   * @param {unknown[]} args
   * @returns {any} the last listener's answer
   */
  ask(event, ...args) {
    let given;
    for (const listener of this.#page.rawListeners(event)) {
      try {
        const answer = listener.apply(this.#page, args);
        // One that answers later is heard out by whoever asked, and failed for the program.
        if (types.isPromise(answer))
          answer.then(undefined, (error) => this.#page._overlooks(error) || unhandled(error));
        if (listener.answers !== false) given = answer;
      } catch (error) {
        uncaught(error);
      }
    }
    return given;
  }

  /** The page as a callback that runs on phantom has it. */
  get self() {
    return this.#onPhantom.self;
  }

  /** The page is over. */
  end() {
    this.#onPhantom.end();
  }

  /**
   * What the page waits in, it waits in for a listener that takes its time.
   * @param {any} given by a listener, or a promise of that
   * @param {(answer: any) => void} answered is called with nothing where the listener has failed
   */
  hearOut(given, answered) {
    if (typeof given?.then !== "function") return answered(given);
    given.then(answered, (/** @type {unknown} */ error) => {
      if (!types.isPromise(given) && !this.#page._overlooks(error)) unhandled(error);
      answered(undefined);
    });
  }
}

module.exports = { Callbacks };
