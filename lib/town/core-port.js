// A town's port to its native core. Commands go in by calls of `core`; what the core puts out is taken in batches and handed
// on, one event after the other. Answers, and what is for a page or a DevTools client, go to whoever has asked for them.

const { AsyncResource } = require("node:async_hooks");
// Node's own, whatever a program's tests put in its place.
const { setImmediate } = require("node:timers");
const { uncaught } = require("../emit.js");
const { fromNative } = require("../errors.js");
const { loadNative } = require("../load-native.js");
const { MS } = require("../options.js");
const { broken } = require("./outcome.js");

const native = loadNative();

/** @typedef {import("../native.js").CoreEvent} CoreEvent */
/** @typedef {import("../native.js").CorePage} CorePage */

/** @typedef {Extract<CoreEvent, { call: number }>} AnswerEvent */

/** What is for the owner of the port. @typedef {Exclude<CoreEvent, AnswerEvent | { kind: "page" | "relayed" | "relayClosed" | "broken" }>} TownEvent */

/**
 * Who has the port.
 * @typedef {object} Owner
 * @property {(event: TownEvent) => void} hear gets every other event
 * @property {() => boolean} wantsBacklog whether it hears of each item that has to wait
 * @property {() => boolean} isBusy whether something is outstanding for which the process has to stay
 * @property {() => void} broke the core has ended by a fault
 */

class CorePort {
  core;
  #owner;
  /** Calls that have no answer yet. @type {Map<number, { resolve: (value: any) => void, reject: (failure: unknown) => void }>} */
  #calls = new Map();
  /** Pages that listen, by their number, and their workers. @type {Map<number, { deliver: import("../page/core.js").Deliver, worker: number }>} */
  #pages = new Map();
  /** Clients that drive a page too, by their number. @type {Map<number, import("../page/core.js").Receive>} */
  #clients = new Map();
  /** The last number given to a call, a page or a client. */
  #lastNumber = 0;
  /** What the core has put out and nobody has heard yet, the last first. @type {CoreEvent[]} */
  #taken = [];
  /** @type {NodeJS.Immediate | undefined} */
  #receiving;
  /** The town's own async context, in which events are handed on, whoever's call they follow from. */
  #context = new AsyncResource("Town");
  #receiveInTurn = () => {
    this.#receiving = undefined;
    this.#context.runInAsyncScope(this.#receive, this);
  };
  /** Holds the process while there is something to wait for. @type {NodeJS.Timeout | undefined} */
  #hold;
  /** The town is closed, and nothing is left of it. */
  #gone = false;
  /** The core wakes nobody any more. */
  #resting = false;
  /** The message of the fault that the core broke by. @type {string | undefined} */
  #fault;

  /**
   * @param {object} options of the core
   * @param {boolean} output whether the lines of the browsers are wanted
   * @param {Owner} owner
   */
  constructor(options, output, owner) {
    this.#owner = owner;
    try {
      this.core = new native.Core(JSON.stringify(options), output, () => this.#receive());
    } catch (error) {
      throw fromNative({ .../** @type {any} */ (error), message: /** @type {Error} */ (error).message });
    }
    this.#engine = this.core.engine;
  }

  /** @type {string} */
  #engine;

  /** The engine's name. */
  get engine() {
    return this.#engine;
  }

  /** The message of the fault that the core broke by, if it has. */
  get fault() {
    return this.#fault;
  }

  /**
   * Asks the core for something that it answers later.
   * @param {(call: number) => void} send
   * @returns {Promise<any>}
   */
  ask(send) {
    return new Promise((resolve, reject) => {
      if (this.#fault !== undefined) return reject(broken(this.#fault));
      const call = ++this.#lastNumber;
      this.#calls.set(call, { resolve, reject });
      this.holdOrLetGo();
      send(call);
      if (this.#resting) this.receiveSoon();
    });
  }

  /**
   * Has the process wait for the answer, unless a page waits for the process.
   * @param {(call: number) => void} send
   * @param {number} patience ms
   * @returns {{ value: any } | { later: Promise<any> }}
   */
  askNow(send, patience) {
    let number = 0;
    const later = this.ask((call) => {
      number = call;
      send(call);
    });
    const isAsked = number === 0 || this.#taken.some(isQuestion);
    const answer = isAsked ? undefined : this.core.wait(number, patience);
    if (!answer) return { later };
    // What it is rejected with is thrown here.
    later.catch(() => {});
    this.#dispatch(answer);
    return { value: answerOf(answer) };
  }

  stats() {
    return this.#told(this.core.stats());
  }

  metrics() {
    return this.#told(this.core.metrics());
  }

  /**
   * What the core has answered; a broken one answers nothing.
   * @template T
   * @param {T | null} answer
   * @returns {T}
   */
  #told(answer) {
    if (answer === null) throw broken(this.#fault ?? "it no longer answers");
    return answer;
  }

  /**
   * What a page needs of the core: commands, and events under a number of its own.
   * @param {() => CorePage} find gives the page; most are never looked for
   * @param {number} worker whose page it is
   * @returns {import("../page/core.js").Wire}
   */
  wire(find, worker) {
    return new PageWire(this, find, worker);
  }

  /**
   * Has events of a page come.
   * @param {CorePage} page
   * @param {number} number that it listened by before, or 0
   * @param {readonly import("../native.js").CoreEventKind[]} kinds
   * @param {{ deliver: import("../page/core.js").Deliver, worker: number }} heard
   * @returns {number} that it listens by
   */
  listen(page, number, kinds, heard) {
    const listener = number || ++this.#lastNumber;
    page.listen(listener, [...kinds]);
    this.#pages.set(listener, heard);
    return listener;
  }

  /** Ends a listening. @param {number} number */
  leavePage(number) {
    this.#pages.delete(number);
  }

  /** @param {CorePage} page @param {import("../page/core.js").Receive} receive @returns {Promise<import("../page/core.js").Relay>} */
  async openRelay(page, receive) {
    const client = ++this.#lastNumber;
    this.#clients.set(client, receive);
    try {
      await this.ask((call) => page.openRelay(call, client));
    } catch (failure) {
      this.#clients.delete(client);
      throw failure;
    }
    return { send: (message) => page.send(client, message), close: () => page.closeRelay(client) };
  }

  /** For what follows from a call of the core, which then wakes nobody; never within that call. */
  receiveSoon() {
    this.#receiving ??= setImmediate(this.#receiveInTurn);
  }

  /** Takes what the core has put out, and never lets one listener's failure keep the rest from arriving. */
  #receive() {
    this.#taken = this.core.take(this.#owner.wantsBacklog()).reverse();
    for (let event = this.#taken.pop(); event; event = this.#taken.pop()) {
      try {
        this.#dispatch(event);
      } catch (error) {
        uncaught(error);
      }
    }
    this.holdOrLetGo();
    this.#restIfDone();
  }

  /** @param {CoreEvent} event */
  #dispatch(event) {
    switch (event.kind) {
      case "answeredNothing":
      case "answeredJson":
      case "answeredText":
      case "answeredBytes":
        this.#take(event)?.resolve(answerOf(event));
        break;
      case "answeredFailure":
        this.#take(event)?.reject(event.failure);
        break;
      case "page":
        this.#deliver(event);
        break;
      case "relayed":
        this.#clients.get(event.client)?.(event.message);
        break;
      case "relayClosed":
        this.#clients.get(event.client)?.(undefined);
        this.#clients.delete(event.client);
        break;
      case "broken":
        this.#broken(event.fault);
        break;
      default:
        this.#owner.hear(event);
    }
  }

  /** The call that is answered, if it has not been already. @param {AnswerEvent} event */
  #take({ call }) {
    const waiting = this.#calls.get(call);
    this.#calls.delete(call);
    return waiting;
  }

  /** @param {Extract<CoreEvent, { kind: "page" }>} event */
  #deliver({ listener, name, data, popup }) {
    const page = this.#pages.get(listener);
    page?.deliver(name, data === undefined ? {} : JSON.parse(data), popup && this.wire(() => popup, page.worker));
  }

  /** The core is gone and hears nothing any more: what it owes is settled here, and so is what is asked of it later. @param {string} why */
  #broken(why) {
    this.#fault = why;
    for (const { reject } of this.#calls.values()) reject(broken(why));
    this.#calls.clear();
    this.#owner.broke();
  }

  /** Something is outstanding. */
  hold() {
    this.#hold ??= setInterval(() => {}, MS.max);
  }

  /** The port holds the process while an answer is outstanding or its owner is busy, and lets go of it otherwise. */
  holdOrLetGo() {
    if (this.#calls.size > 0 || this.#owner.isBusy()) {
      this.hold();
    } else if (this.#hold) {
      clearInterval(this.#hold);
      this.#hold = undefined;
    }
  }

  /** The town is closed, and nothing is left of it. */
  leave() {
    this.#gone = true;
    this.#restIfDone();
  }

  /** Leaves nothing open in the program, as soon as nobody waits for the core any more. */
  #restIfDone() {
    if (!this.#gone || this.#resting || this.#calls.size + this.#clients.size > 0) return;
    this.#resting = true;
    this.core.rest();
    this.#context.emitDestroy();
  }
}

/** What one page needs of the core. There is one for every attempt, and many a handler never uses it. */
class PageWire {
  #port;
  #find;
  #worker;
  /** @type {CorePage | undefined} */
  #found;
  #listener = 0;

  /** @param {CorePort} port @param {() => CorePage} find @param {number} worker */
  constructor(port, find, worker) {
    this.#port = port;
    this.#find = find;
    this.#worker = worker;
  }

  get #page() {
    this.#found ??= this.#find();
    return this.#found;
  }

  /** @param {string} method @param {object} params @returns {Promise<any>} */
  call(method, params) {
    return this.#port.ask((call) => this.#page.call(call, wellFormed({ method, params })));
  }

  /** @param {string} method @param {object} params @param {number} patience */
  callNow(method, params, patience) {
    return this.#port.askNow((call) => this.#page.call(call, wellFormed({ method, params })), patience);
  }

  /** @param {readonly import("../native.js").CoreEventKind[]} kinds @param {import("../page/core.js").Deliver} deliver */
  listen(kinds, deliver) {
    this.#listener = this.#port.listen(this.#page, this.#listener, kinds, { deliver, worker: this.#worker });
  }

  leave() {
    if (this.#listener !== 0) this.#port.leavePage(this.#listener);
  }

  frames() {
    return this.#page.frames();
  }

  workers() {
    return this.#page.workers();
  }

  host() {
    return this.#port.stats().workers.find(({ id }) => id === this.#worker);
  }

  /** @param {import("../page/core.js").Receive} receive */
  openRelay(receive) {
    return this.#port.openRelay(this.#page, receive);
  }
}

/** JSON without lone surrogates, which no text outside JavaScript can hold. @param {unknown} value */
function wellFormed(value) {
  const json = JSON.stringify(value);
  if (!/\\ud[89a-f]/.test(json)) return json;
  return JSON.stringify(value, (_, part) => (typeof part === "string" ? part.toWellFormed() : part));
}

/** Whether its page does nothing until it is answered. @param {CoreEvent} event */
function isQuestion(event) {
  return event.kind === "page" && event.name === "dialog";
}

/** What a command is answered with. @param {CoreEvent} event @returns {any} */
function answerOf(event) {
  switch (event.kind) {
    case "answeredJson":
      return JSON.parse(event.json);
    case "answeredText":
      return event.text;
    case "answeredBytes":
      return event.bytes;
    case "answeredFailure":
      throw event.failure;
    default:
      return null;
  }
}

module.exports = { CorePort };
