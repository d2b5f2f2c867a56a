// The load: clients that queue one item after the other, and the books on how often and how each item has settled.

const { setTimeout: pause } = require("node:timers/promises");
const { KINDS } = require("./kinds.js");
const { count } = require("./tally.js");
const { weighted } = require("../../scripts/random.js");

/**
 * @typedef {import("./kinds.js").Data} Data
 * @typedef {import("./kinds.js").Kind} Kind
 */

/** More than the town has slots, so that items wait as well. */
const CLIENTS = 12;
/** Milliseconds, at most, from one item of a client to its next. */
const REST = 300;
/** Milliseconds, at most, after which an item is aborted that is to be. */
const ABORT_WITHIN = 600;

/** Everything that tells of an item's end, each of them once. @typedef {"promise" | "settled" | "itemDone"} Sign */
const SIGNS = 3;

class Load {
  #town;
  #random;
  #site;
  #end = new AbortController();
  /** @type {Promise<void>[]} */
  #clients = [];
  /** Items that not all signs have told of. @type {Map<string, Set<Sign>>} */
  #open = new Map();
  #latencies = /** @type {number[]} */ ([]);
  queued = 0;
  /** Signs that came again. @type {string[]} */
  again = [];
  /** How many items of each kind ended in each way. @type {Record<string, Record<string, number>>} */
  outcomes = {};
  /** Items that ended otherwise than their kind should. @type {string[]} */
  wrong = [];

  /**
   * @param {import("../..").Town<Data, any>} town
   * @param {() => number} random
   * @param {string} site
   */
  constructor(town, random, site) {
    this.#town = town;
    this.#random = random;
    this.#site = site;
    const kinds = new Map(KINDS.map((kind) => [kind.name, kind]));
    town.on("queue", (page, data) => /** @type {Kind} */ (kinds.get(data.kind)).run(page, data));
    town.on("itemDone", ({ id }) => this.#sign(id, "itemDone"));
  }

  start() {
    this.#clients = Array.from({ length: CLIENTS }, () => this.#client());
  }

  /** Queues no more; what is queued may still run. */
  stop() {
    this.#end.abort();
  }

  /** Every client has seen its last item settle. */
  async over() {
    await Promise.all(this.#clients);
  }

  /** Ids of the items that have not settled in every way. */
  open() {
    return [...this.#open.keys()];
  }

  /** Milliseconds from queue to result, of the items fulfilled since the last call, in order of size. */
  takeLatencies() {
    const taken = this.#latencies.sort((a, b) => a - b);
    this.#latencies = [];
    return taken;
  }

  async #client() {
    while (!this.#end.signal.aborted) {
      await this.#runOne(weighted(KINDS, this.#random()));
      await pause(this.#random() * REST, undefined, { signal: this.#end.signal }).catch(() => {});
    }
  }

  /** @param {Kind} kind */
  async #runOne(kind) {
    const data = { kind: kind.name, number: Math.floor(this.#random() * 2 ** 32), site: this.#site };
    const id = String(++this.queued);
    this.#open.set(id, new Set());
    const start = performance.now();
    const item = this.#queue(kind, data, id);
    item.on("settled", () => this.#sign(id, "settled"));
    /** @type {import("./kinds.js").Outcome} */
    const outcome = await item.then(
      (result) => ({ result }),
      (error) => ({ error }),
    );
    this.#sign(id, "promise");
    if (!outcome.error) this.#latencies.push(performance.now() - start);
    this.#judge(kind, data, outcome);
  }

  /** @param {Kind} kind @param {Data} data @param {string} id */
  #queue(kind, data, id) {
    if (!kind.aborted) return this.#town.queue(data, { ...kind.options, id });
    const within = Math.floor(this.#random() * ABORT_WITHIN);
    if (this.#random() < 0.5) return this.#town.queue(data, { id, signal: AbortSignal.timeout(within) });
    const item = this.#town.queue(data, { id });
    setTimeout(() => item.abort(), within);
    return item;
  }

  /** @param {string} id @param {Sign} sign */
  #sign(id, sign) {
    const signs = this.#open.get(id);
    if (!signs || signs.has(sign)) this.again.push(`item ${id}: ${sign}`);
    signs?.add(sign);
    if (signs?.size === SIGNS) this.#open.delete(id);
  }

  /** @param {Kind} kind @param {Data} data @param {import("./kinds.js").Outcome} outcome */
  #judge(kind, data, outcome) {
    const { error } = outcome;
    const word = error ? (error.code ?? error.name) : "fulfilled";
    this.outcomes[kind.name] ??= {};
    count(this.outcomes[kind.name], word);
    if (!kind.right(outcome, data)) this.wrong.push(`${kind.name}: ${word} ${error?.message ?? ""}`);
  }
}

module.exports = { Load };
