// The page that both sets of names stand on. It sends commands over a `Wire` (a page of the core) on behalf of a `Link` (the
// attempt that the page belongs to), turns the core's failures into errors that name the call, runs scripts, and asks the core
// for exactly the events that somebody listens to. After the attempt every call rejects, and rejections that the end has caused
// count as handled. Methods with an underscore are for this folder.

const { compile, compileOwn, decode } = require("./evaluate.js");
const { AttentiveEmitter, emitSafely, isEmittersOwn } = require("../emit.js");
const { fail, fromNative, isOver } = require("../errors.js");
const { Returned } = require("./calls.js");
const { EXCHANGE, NEEDS, PageEvents } = require("./events.js");
const { Exposed } = require("./expose.js");
const { Interceptors } = require("./interceptors.js");
const { Limits, abortable } = require("./limits.js");
const { warn } = require("./warn.js");
const v = require("../validate.js");

/** @typedef {import("../native.js").CoreEventKind} EventKind */

/**
 * One page of the core.
 * @typedef {object} Wire
 * @property {(method: string, params: object) => Promise<any>} call rejects with a failure of the core (see errors.js)
 * @property {(method: string, params: object, patience: number) => { value: any } | { later: Promise<any> }} callNow has the
 *   process wait, so many ms, unless a page waits for the process; throws such a failure
 * @property {(kinds: readonly EventKind[], deliver: Deliver) => void} listen throws where the engine tells of no events
 * @property {() => void} leave ends the listening
 * @property {() => import("../native.js").CoreFrame[]} frames throws where the engine does not know them
 * @property {() => import("../native.js").CoreWorker[]} workers the same
 * @property {() => import("../native.js").CoreWorkerStats | undefined} host the worker that has the page, while there is one
 * @property {(receive: Receive) => Promise<Relay>} openRelay lets a DevTools client drive the page too
 */

/** Gets what is for a DevTools client: messages as JSON, and undefined when nothing more will come. @typedef {(message: string | undefined) => void} Receive */
/** @typedef {{ send: (message: string) => void, close: () => void }} Relay */

/**
 * A page of the core, and the attempt that it belongs to.
 * @typedef {object} Link
 * @property {Wire} wire
 * @property {string | undefined} closed why the attempt is over
 * @property {string} engine
 * @property {string} item
 * @property {() => Promise<void> | void} [release] ends the attempt of an acquired page
 * @property {(call: () => void) => void} [within] calls as a part of the attempt, which can be told from others by it
 * @property {PageCore} [opener] of a popup the page that it was opened from
 * @property {(page: any) => void} [ended] hears of a popup's end
 * @property {boolean} [phantom] whether the names that Puppeteer and phantom share are phantom's
 * @property {InstanceType<typeof Returned>} [returned] by listeners of the page and of its popups
 */

/** @typedef {{ operation: string, params: any, since: number }} Asked */

/** @typedef {(name: string, data: any, popup?: Wire) => void} Deliver see src/engine/event.rs for the names and data */

/**
 * Where and how a script runs.
 * @typedef {object} Place
 * @property {boolean} [main] in the main frame, whichever is chosen
 * @property {string} [frame] in the frame with this id
 * @property {boolean} [gesture] as if a person did it, which the program's own scripts may need
 * @property {"page" | "own"} [world] with the page's scripts, or in a world of our own
 * @property {number} [timeout] milliseconds that the script may wait for `what`
 * @property {string} [what]
 */

const CLOSE = { runBeforeUnload: v.boolean({ default: false }) };

/** What a page needs that somebody listens to. */
class Ears {
  /** The kinds of events that the core sends. @type {readonly EventKind[]} */
  kinds = [];
  /** Those that are needed whoever listens. @type {Set<readonly EventKind[]>} */
  attended = new Set();
  /** Those that are open. @type {Set<PageCore>} */
  popups = new Set();
  /** Ends what is heard for listeners that decide about requests. @type {(() => void) | undefined} */
  deciding;

  /**
   * @param {import("./request.js").Owner} owner what dialogs, requests and the like belong to
   * @param {(name: string, ...args: unknown[]) => boolean} deliver
   */
  constructor(owner, deliver) {
    this.events = new PageEvents(owner, deliver);
    this.exposed = new Exposed(owner.call);
    this.interceptors = new Interceptors(owner.call);
  }
}

/** The viewport of a page that was given none. */
const FIRST_VIEWPORT = { width: 800, height: 600 };

/** There is one for every attempt, and many a handler does not touch it: what it needs is made when it is needed. */
class PageCore extends AttentiveEmitter {
  #link;
  /** @type {string | undefined} */
  #closed;
  /** @type {Ears | undefined} */
  #made;
  /** What has been asked for and not been answered. @type {Set<Asked> | undefined} */
  #asked;
  /** @type {InstanceType<typeof Limits> | undefined} */
  #limits;
  /** As it was last given; null is the size of the page's window. @type {object | null} */
  _viewport = FIRST_VIEWPORT;

  /** @param {Link} link */
  constructor(link) {
    super();
    // As Puppeteer's: a program may wait for any number of responses at a time.
    this.setMaxListeners(0);
    this.#link = link;
  }

  /** Why nothing can be called any more. */
  get #over() {
    return this.#link.closed ?? this.#closed;
  }

  get #returned() {
    this.#link.returned ??= new Returned();
    return this.#link.returned;
  }

  #overlook() {
    this.#link.returned?.overlook({ goesOn: this.#link.closed === undefined });
  }

  /** @param {unknown} error */
  _overlooks(error) {
    return isOver(error);
  }

  /** @param {Promise<unknown>} promise */
  _listenerReturned(promise) {
    this.#returned.add(promise);
    if (this.#over !== undefined) this.#overlook();
  }

  get #ears() {
    this.#made ??= new Ears(
      {
        call: (method, params, operation) => this._call(method, params, operation),
        hears: (name) => this.listenerCount(name) > 0,
        frame: (id) => this._frame(id),
        frameTold: (told, main) => this._frameTold(told, main),
        forget: (id) => this._forgetFrame(id),
        worker: (event, state) => this._worker(event, state),
        ofWorker: (id, event, subject) => this._ofWorker(id, event, subject),
        client: (frame) => this._client(frame),
        wrap: (object) => this._wrap(object),
      },
      (name, ...args) => this._deliver(name, args),
    );
    return this.#made;
  }

  /** @param {string | symbol} event */
  _listenerComes(event) {
    if (typeof event === "symbol") return;
    this._warnUnknown("on", event);
    this._follow([...this.eventNames(), event], event);
  }

  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  off(event, listener) {
    if (typeof event !== "symbol") this._warnUnknown("off", event);
    return super.off(event, listener);
  }

  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  removeListener(event, listener) {
    return this.off(event, listener);
  }

  /** @param {[event?: string | symbol]} event */
  removeAllListeners(...event) {
    if (typeof event[0] === "string") this._warnUnknown("removeAllListeners", event[0]);
    return super.removeAllListeners(...event);
  }

  /**
   * What the page never tells of is a slip of the pen, or an event that the program emits itself; symbols are the program's own.
   * @param {string} method
   * @param {string} event
   */
  _warnUnknown(method, event) {
    const known = this._knownEvents();
    if (known.includes(event) || isEmittersOwn(event)) return;
    const near = v.nearest(event, known);
    const mend = near ? `did you mean "${near}"?` : `known are ${known.join(", ")}`;
    warn(`page.${method}: a page has no event ${v.brief(event)}; ${mend}`);
  }

  /** The names of all events. @returns {string[]} */
  _knownEvents() {
    return Object.keys(NEEDS);
  }

  _listenerGone() {
    this._follow(this.eventNames());
  }

  /**
   * What the core has to send for the listeners of an event.
   * @param {string} event
   * @returns {readonly EventKind[]}
   */
  _needs(event) {
    // Node's own `once` listens to it beside any other event, which has to go where nobody tells of crashes too.
    if (event === "error" && this.#link.engine !== "cdp") return [];
    return Object.hasOwn(NEEDS, event) ? NEEDS[event] : [];
  }

  /**
   * Has the core send what these events need.
   * @param {readonly (string | symbol)[]} events
   * @param {string} [added] the one that is new
   */
  _follow(events, added = "") {
    const needs = [...[...this.#ears.attended].flat(), ...events.flatMap((event) => this._needs(String(event)))];
    // A request that was told of tells what became of it, though nobody listens any more.
    if (this._pendingRequests().length > 0) needs.push(...EXCHANGE);
    if (this._opener) needs.push("closing");
    const kinds = [...new Set(needs)].sort();
    if (kinds.join() === this.#ears.kinds.join()) return;
    this.#listen(kinds, added);
  }

  /**
   * Has the core send kinds of events though nobody listens.
   * @param {readonly EventKind[]} kinds
   * @returns {(() => void) | undefined} ends that; undefined where the engine tells of none
   */
  _attend(kinds) {
    const { attended } = this.#ears;
    const own = [...kinds];
    const end = () => {
      attended.delete(own);
      this._follow(this.eventNames());
    };
    attended.add(own);
    try {
      this._follow(this.eventNames());
      return end;
    } catch {
      attended.delete(own);
      return undefined;
    }
  }

  /** @param {readonly EventKind[]} kinds @param {string} event */
  #listen(kinds, event) {
    try {
      this.#link.wire.listen(kinds, (name, data, popup) => this.#hear(name, data, popup));
    } catch (error) {
      // A page that is over tells of nothing any more, and needs not be asked.
      if (/** @type {import("../errors.js").CodedError} */ (error).code !== "ERR_UNSUPPORTED") return;
      const message = `page.on: the ${this.#link.engine} engine cannot deliver the event "${event}"; the cdp engine can`;
      throw this._unsupported(message);
    }
    this.#ears.kinds = kinds;
  }

  /** @type {Deliver} */
  #hear(name, data, popup) {
    this.#within(() => this.#take(name, data, popup));
  }

  /** @param {() => void} call */
  #within(call) {
    const { within } = this.#link;
    if (within) within(call);
    else call();
  }

  /** @type {Deliver} */
  #take(name, data, popup) {
    if (this.#closed !== undefined) return;
    if (name === "binding") return void this.#ears.exposed.answer(data);
    if (name === "intercepted") return void this.#ears.interceptors.hand(data);
    this.#ears.events.deliver(name, data, popup && this.#popup(popup));
    if (name === "closing" && this._opener) this._ended("closed");
  }

  /** A page that ends with this one. @param {Wire} wire @returns {PageCore} */
  #popup(wire) {
    const { popups } = this.#ears;
    const ended = (/** @type {PageCore} */ popup) => void popups.delete(popup);
    const own = { wire, opener: this, release: undefined, returned: this.#returned, ended };
    const link = Object.assign(Object.create(this.#link), own);
    const page = new /** @type {any} */ (this.constructor)(link);
    page._follow([]);
    popups.add(page);
    return page;
  }

  /** Of a popup the page that it was opened from. */
  get _opener() {
    return this.#link.opener;
  }

  /** Its popups that it was told of. @returns {readonly PageCore[]} */
  get _popups() {
    return [...(this.#made?.popups ?? [])];
  }

  /**
   * Calls the listeners of an event.
   * @param {string} name
   * @param {unknown[]} args
   * @returns {boolean} whether there were any
   */
  _deliver(name, args) {
    const heard = this.listenerCount(name) > 0;
    // Without a listener, an emitter throws an "error".
    if (heard) emitSafely(this, name, ...args);
    return heard;
  }

  /** The requests that have neither been answered in full nor failed. */
  _pendingRequests() {
    return this.#made?.events.pending() ?? [];
  }

  /**
   * Sends commands for methods that give no promise. Commands begin in their order, so the next one finds these done; and what
   * fails here fails there, where somebody hears of it.
   * @param {[method: string, params: object][]} commands
   */
  _first(commands) {
    for (const [method, params] of commands) {
      // In turn with the commands of methods that give promises.
      queueMicrotask(() => this.#link.wire.call(method, params).catch(() => {}));
    }
  }

  /**
   * @param {string} name
   * @param {Function} fn
   */
  async _expose(name, fn) {
    if (this.#ears.kinds.length === 0) this.#listen([], "binding");
    await this.#ears.exposed.add(name, fn);
  }

  /**
   * Takes a function away from the page's documents, and from those to come.
   * @param {string} name
   */
  async _conceal(name) {
    await this.#ears.exposed.remove(name);
  }

  /**
   * Has a handler look at every request, or no more. The caller sends the command.
   * @param {import("./interceptors.js").Rank} rank
   * @param {import("./interceptors.js").Handle | undefined} handle
   * @returns {[method: string, params: object]}
   */
  _intercept(rank, handle) {
    const { interceptors, kinds } = this.#ears;
    interceptors.set(rank, handle);
    if (kinds.length === 0) this.#listen([], "intercepted");
    return ["setRequestInterception", { enabled: !interceptors.isEmpty }];
  }

  /**
   * Has the listeners of "request" decide what becomes of each, or no more. The caller sends the command.
   * @param {boolean} deciding
   * @returns {[method: string, params: object]}
   */
  _interceptByListeners(deciding) {
    const ears = this.#ears;
    const { events } = ears;
    events.decide(deciding);
    ears.deciding?.();
    ears.deciding = deciding ? this._attend(EXCHANGE) : undefined;
    if (!deciding) return this._intercept("decides", undefined);
    return this._intercept("decides", (held) => events.hold(held));
  }

  /**
   * The response of a navigation, the very one that listeners get.
   * @param {any} reply the core's, which is null at the end of the history
   */
  _arrived(reply) {
    return reply && this.#ears.events.arrived(reply);
  }

  /**
   * The attempt is over: from now on every method rejects.
   * @param {string} reason
   */
  _ended(reason) {
    if (this.#closed !== undefined) return;
    this.#closed = reason;
    this.#link.wire.leave();
    this.#link.ended?.(this);
    for (const popup of this.#made?.popups ?? []) popup._ended(reason);
    if (this.listenerCount("close") > 0) this.#within(() => emitSafely(this, "close", reason));
  }

  /** Gives back a page that `town.acquire()` gave out. */
  async release() {
    if (!this.#link.release) {
      throw fail(
        "ERR_UNSUPPORTED",
        "page.release: this page belongs to a queued item and goes when its handler ends; only a page of town.acquire() is released",
        { item: this.#link.item },
      );
    }
    await this.#link.release();
  }

  async [Symbol.asyncDispose]() {
    await this.release();
  }

  /** Whether its use is over. */
  isClosed() {
    return this.#over !== undefined;
  }

  /**
   * Ends the use of the page: an acquired one is released, a popup is closed, another one goes when its handler ends.
   * @param {{ runBeforeUnload?: boolean }} [options] whether the document is asked first, which may say no
   */
  async close(options) {
    const { runBeforeUnload } = v.check("page.close", CLOSE, options, warn);
    if (runBeforeUnload) return await this.#leave();
    if (this._opener) await this._call("closePage", {}, "close");
    this._ended("closed");
    await this.#link.release?.();
  }

  /** As a person who closes the page. */
  async #leave() {
    if (this.#link.engine !== "cdp")
      throw this._unsupported('page.close: the option "runBeforeUnload" is the cdp engine\'s');
    await this._call("cdp", { method: "Page.close" }, "close");
  }

  /**
   * The Error is made here, after an await, so that its stack leads to the line that called the page's method.
   * @param {string} method
   * @param {object} [params]
   * @param {string} [operation] what the user called
   * @returns {Promise<any>}
   */
  async _call(method, params = {}, operation = method) {
    return await this._during(operation, params, () =>
      this.#ask(operation, () => this.#link.wire.call(method, params)),
    );
  }

  /**
   * Takes note of what is under way, for an item that times out.
   * @template T
   * @param {string} operation
   * @param {object} params
   * @param {() => Promise<T>} start
   */
  async _during(operation, params, start) {
    const asked = { operation, params, since: performance.now() };
    this.#asked ??= new Set();
    this.#asked.add(asked);
    try {
      return await start();
    } finally {
      this.#asked.delete(asked);
    }
  }

  /**
   * Has the process wait for a command, unless a page waits for the process.
   * @param {string} method
   * @param {object} params
   * @param {string} operation what the user called
   * @param {number} patience ms
   * @returns {{ value: any } | { later: Promise<any> }}
   */
  _callNow(method, params, operation, patience) {
    const answer = this.#now(operation, () => this.#link.wire.callNow(method, params, patience));
    return "later" in answer ? { later: this.#ask(operation, () => answer.later) } : answer;
  }

  /** @param {string} operation */
  _refuseOver(operation) {
    if (this.#over !== undefined) throw this.#closedUnder(operation, "is closed");
  }

  /** The error of a wait during which the page has ended. @param {string} operation */
  _overUnder(operation) {
    return this.#closedUnder(operation, "was closed under it");
  }

  /** How long the page's waits may take. */
  get _limits() {
    this.#limits ??= new Limits();
    return this.#limits;
  }

  /**
   * A command that waits: for as long as its `timeout` says, or else the page's own default, and until its `signal` is aborted.
   * @param {string} method
   * @param {{ timeout?: number, signal?: AbortSignal, [param: string]: unknown }} params
   * @param {string} [operation]
   */
  async _wait(method, { timeout = this._limits.any, signal, ...params }, operation = method) {
    return await abortable(signal, () => this._call(method, { ...params, timeout }, operation));
  }

  /**
   * The same of a navigation, which may have another default.
   * @param {string} method
   * @param {{ timeout?: number, signal?: AbortSignal, [param: string]: unknown }} params
   * @param {string} [operation]
   */
  async _navigate(method, { timeout = this._limits.navigation, ...params }, operation = method) {
    return await this._wait(method, { ...params, timeout }, operation);
  }

  /** The frame with this id. @param {string} _id @returns {any} */
  _frame(_id) {
    return null;
  }

  /** The frame that an event tells of. @param {object} told @param {boolean} _main @returns {any} */
  _frameTold(told, _main) {
    return told;
  }

  /** @param {string} _id */
  _forgetFrame(_id) {}

  /** The handle of what has stayed in the page. @param {any} object a remote object @returns {any} */
  _wrap(object) {
    return object;
  }

  /** The worker that an event tells of. @param {string} _event @param {import("../native.js").CoreWorker} state @returns {any} */
  _worker(_event, state) {
    return state;
  }

  /** What is under way here and on its popups, in words. @returns {string[]} */
  _pending() {
    const calls = [...(this.#asked ?? [])].map(described);
    const requests = this._pendingRequests().map((request) => `the request to ${v.brief(request.url())}`);
    const popups = [...(this.#made?.popups ?? [])].flatMap((popup) => popup._pending());
    return [...calls, ...requests, ...popups];
  }

  /** What a worker has written to its console, or thrown. @param {string} _id the worker's @param {string} _event @param {unknown} _subject */
  _ofWorker(_id, _event, _subject) {}

  /** A session of the DevTools protocol with a frame. @param {string} [_id] the frame's, by default the main one's @returns {any} */
  _client(_id) {
    return undefined;
  }

  /**
   * @template T
   * @param {string} operation
   * @param {() => Promise<T>} ask
   */
  async #ask(operation, ask) {
    // Whoever begins to listen in the same turn hears what comes of it, however fast the core and the browser are.
    await undefined;
    try {
      if (this.#over === undefined) return await ask();
    } catch (failure) {
      const error = fromNative(failure, this.#link.item);
      const isEnd = !isOver(error) || codeOf(error) === "ERR_PAGE_CLOSED";
      if (isEnd && this.#over !== undefined) throw this.#closedUnder(operation, "was closed under it", error);
      if (isOver(error)) this.#overlook();
      throw error;
    }
    throw this.#closedUnder(operation, "is closed");
  }

  /**
   * Programs of Puppeteer look for its words in the message.
   * @param {string} operation
   * @param {string} what
   * @param {Error} [cause]
   */
  #closedUnder(operation, what, cause) {
    this.#overlook();
    const why = `because its attempt is over (${this.#over}); await every page method before the handler ends`;
    const message = `${named(operation)}: Protocol error: Target closed: the page ${what}, ${why}`;
    return fail("ERR_PAGE_CLOSED", message, { item: this.#link.item, cause });
  }

  /**
   * Lets a DevTools client drive the page too, until the attempt is over.
   * @param {string} operation
   * @param {Receive} receive
   */
  async _openRelay(operation, receive) {
    return await this.#ask(operation, () => this.#link.wire.openRelay(receive));
  }

  /**
   * @param {string} operation
   * @param {Function | string | { text: string }} script
   * @param {readonly unknown[]} [args]
   * @param {import("./evaluate.js").CompileOptions & Place} [options]
   * @returns {Promise<any>}
   */
  async _run(operation, script, args, options) {
    return this._decode(await this._call("evaluate", this._scripted(script, args, options), operation), operation);
  }

  /**
   * The parameters of "evaluate".
   * @param {Function | string | { text: string }} script
   * @param {readonly unknown[]} [args]
   * @param {import("./evaluate.js").CompileOptions & Place} [options]
   */
  _scripted(script, args, { main, frame, gesture, world, timeout, what, ...options } = {}) {
    /** @type {{ id: string, frame: string }[]} */
    const handles = [];
    const text = compile(script, args, { ...options, handles });
    return { script: text, ...withHandles(handles, options), main, frame, gesture, world, timeout, what };
  }

  /**
   * Calls a function of the page's runtime, whose value stays in the page.
   * @param {string} operation
   * @param {"find" | "findAll"} name
   * @param {readonly unknown[]} args
   * @param {string} [frame]
   * @returns {Promise<any>} a remote object
   */
  async _hold(operation, name, args, frame) {
    /** @type {{ id: string, frame: string }[]} */
    const handles = [];
    const script = compileOwn(name, args, { keep: true, handles });
    const params = { script, ...withHandles(handles, { keep: true }), frame };
    return this._decode(await this._call("evaluate", params, operation), operation);
  }

  /** The page's frames as the core knows them now: the top one, and each frame's children after it. */
  _frameStates() {
    return this.#now("frames", () => this.#link.wire.frames());
  }

  /** The page's workers as the core knows them now. */
  _workerStates() {
    return this.#now("workers", () => this.#link.wire.workers());
  }

  /** The worker that has the page, as `town.stats()` tells it. */
  get _host() {
    return this.#now("browser", () => this.#link.wire.host());
  }

  /**
   * @template T
   * @param {string} operation
   * @param {() => T} ask
   * @returns {T} what the core gives at once
   */
  #now(operation, ask) {
    this._refuseOver(operation);
    try {
      return ask();
    } catch (failure) {
      throw fromNative(failure, this.#link.item);
    }
  }

  get _engine() {
    return this.#link.engine;
  }

  /**
   * Runs a function of ours, which needs the page's DOM and not its scripts: in a world of our own they cannot reach it. It is
   * called with the document, whose names hide nothing of it, and then with the arguments.
   * @param {string} operation
   * @param {Function} script
   * @param {readonly unknown[]} [args]
   * @param {Place} [options]
   * @returns {Promise<any>}
   */
  async _look(operation, script, args, options) {
    const within = /** @type {[import("./evaluate.js").Runner, boolean]} */ (["look", Boolean(options?.main)]);
    return await this._run(operation, script, args, { ...options, within, world: "own" });
  }

  /**
   * @param {any} reply an envelope, or a remote object
   * @param {string} operation what the user called
   * @returns {any}
   */
  _decode(reply, operation) {
    if (typeof reply !== "string") return reply;
    try {
      return decode(reply, this.#link.item);
    } catch (error) {
      // The page's end has scripts fail, as of what they fetch.
      if (this.#over !== undefined)
        throw this.#closedUnder(operation, "was closed under it", /** @type {Error} */ (error));
      throw error;
    }
  }

  /**
   * @param {string} message
   */
  _unsupported(message) {
    return fail("ERR_UNSUPPORTED", message, { item: this.#link.item });
  }
}

/** What a command says of handles. @param {{ id: string, frame: string }[]} handles @param {{ keep?: unknown }} options */
function withHandles(handles, { keep }) {
  return { handles: handles.length > 0 ? handles : undefined, keep: keep ? true : undefined };
}

/** @param {unknown} error */
function codeOf(error) {
  return /** @type {import("../errors.js").CodedError} */ (error).code;
}

/** What the user has called. @param {string} operation some are of frames, handles, dialogs and the like */
function named(operation) {
  return operation.includes(".") ? operation : `page.${operation}`;
}

/** @param {Asked} asked */
function described({ operation, params: { what, url, selector }, since }) {
  const about = url ?? selector;
  const [owner, method] = named(operation).split(".");
  const call = what ?? (about === undefined ? method : `${method}(${v.brief(about)})`);
  return `${owner}.${call} (for ${Math.round(performance.now() - since)} ms)`;
}

module.exports = { PageCore };
