// The page's workers.

const { AttentiveEmitter, emitSafely } = require("../../emit.js");
const { publish } = require("../calls.js");
const { Scripts } = require("./scripts.js");

/** @typedef {import("../../native.js").CoreWorker} WorkerState */

/** What the page has to hear for a listener of each name. @type {Record<string, readonly import("../../native.js").CoreEventKind[]>} */
const NEEDS = { console: ["console"], error: ["pageerror"] };

class WebWorker extends AttentiveEmitter {
  #page;
  #world;
  #id;
  #url;
  #scripts;
  /** Ends what the page hears for the listeners of a name. @type {Map<string, (() => void) | undefined>} */
  #heard = new Map();

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./world.js").World>} world
   * @param {WorkerState} state
   */
  constructor(page, world, { id, url }) {
    super();
    this.#page = page;
    this.#world = world;
    this.#id = id;
    this.#url = url;
    this.#scripts = new Scripts(page, { owner: "worker", frame: id, world });
  }

  /** Of its script. */
  url() {
    return this.#url;
  }

  /** @param {Function | string} script @param {unknown[]} args @returns {Promise<any>} */
  async evaluate(script, ...args) {
    return await this.#scripts.evaluate(script, ...args);
  }

  /** @param {Function | string} script @param {unknown[]} args @returns {Promise<any>} */
  async evaluateHandle(script, ...args) {
    return await this.#scripts.evaluateHandle(script, ...args);
  }

  /** A session of the DevTools protocol with it. */
  get client() {
    return this.#world.client(this.#id);
  }

  async close() {
    await this.#scripts.evaluate("self.close()");
  }

  /** @param {string | symbol} event */
  _listenerComes(event) {
    const name = String(event);
    if (Object.hasOwn(NEEDS, name) && !this.#heard.has(name)) this.#heard.set(name, this.#page._attend(NEEDS[name]));
  }

  /** @param {string} event */
  _listenerGone(event) {
    if (this.listenerCount(event) > 0) return;
    this.#heard.get(event)?.();
    this.#heard.delete(event);
  }

  /** It is no more: the page needs not hear of it. */
  _end() {
    for (const end of this.#heard.values()) end?.();
    this.#heard.clear();
  }
}

publish(WebWorker);

class Workers {
  #page;
  #world;
  /** Those that somebody has asked for or heard of, by their ids. @type {Map<string, WebWorker>} */
  #known = new Map();

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, { world }) {
    this.#page = page;
    this.#world = world;
  }

  workers() {
    const states = this.#page._workerStates();
    // Where somebody listens, their ends are told of, with the same objects.
    if (["workercreated", "workerdestroyed"].every((event) => this.#page.listenerCount(event) === 0)) {
      for (const [id, worker] of this.#known) {
        if (states.some((state) => state.id === id)) continue;
        worker._end();
        this.#known.delete(id);
      }
    }
    return states.map((state) => this.of(state));
  }

  /** @param {WorkerState} state */
  of(state) {
    const worker = this.#known.get(state.id) ?? new WebWorker(this.#page, this.#world, state);
    this.#known.set(state.id, worker);
    return worker;
  }

  /** One that is no more. @param {WorkerState} state */
  gone(state) {
    const worker = this.of(state);
    this.#known.delete(state.id);
    worker._end();
    return worker;
  }

  /** @param {string} id of the worker @param {string} event @param {unknown} subject */
  hear(id, event, subject) {
    const worker = this.#known.get(id);
    if (worker) emitSafely(worker, event, subject);
  }
}

module.exports = { WebWorker, Workers };
