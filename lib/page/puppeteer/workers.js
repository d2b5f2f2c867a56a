// The page's workers.

const { EventEmitter } = require("node:events");
const { publish } = require("../calls.js");
const { Scripts } = require("./scripts.js");

/** @typedef {import("../../native.js").CoreWorker} WorkerState */

class WebWorker extends EventEmitter {
  #url;
  #scripts;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./world.js").World>} world
   * @param {WorkerState} state
   */
  constructor(page, world, { id, url }) {
    super();
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

  async close() {
    await this.#scripts.evaluate("self.close()");
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
      for (const id of this.#known.keys()) if (!states.some((state) => state.id === id)) this.#known.delete(id);
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
    return worker;
  }
}

module.exports = { WebWorker, Workers };
