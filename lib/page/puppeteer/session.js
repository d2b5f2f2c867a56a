// Sessions of the DevTools protocol with the page, over one relay of the core's.

const { EventEmitter } = require("node:events");
const { emitSafely } = require("../../emit.js");
const { fail, isOver } = require("../../errors.js");
const { publish } = require("../calls.js");
const { Transport } = require("./client.js");
const v = require("./checks.js");

/** @typedef {{ id?: number, sessionId?: string, method?: string, params?: any, result?: any, error?: { message: string } }} Message */

/** Nobody answers a call any more. */
const CLOSED = Symbol("closed");
/** A call took too long. */
const LATE = Symbol("late");

/** What a call is rejected with; an error is made of it where the caller waits. @typedef {typeof CLOSED | typeof LATE | { message: string }} Failure */

/** The sessions of one target and their calls. */
class Connection {
  #transport;
  #isOver = false;
  #lastId = 0;
  /** @type {Map<number, { session: string | undefined, resolve: (result: any) => void, reject: (failure: Failure) => void }>} */
  #calls = new Map();
  /** @type {Map<string, CDPSession>} */
  #sessions = new Map();

  /** @param {() => void} ended called when nothing can be sent any more */
  constructor(ended) {
    this.#transport = new Transport(true, ended);
    this.#transport.onmessage = (message) => this.#hear(message);
    this.#transport.onclose = () => this.#closed();
  }

  /** @param {(receive: import("../core.js").Receive) => Promise<import("../core.js").Relay>} open */
  async open(open) {
    this.#transport.carry(await open((message) => this.#transport.receive(message)));
  }

  /** A session of its own with a target. @param {string} targetId @param {CDPSession} [session] that is to be it */
  async attach(targetId, session = new CDPSession()) {
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    return this.#begin(session, sessionId);
  }

  /** @param {string} method @param {object} params @param {string} [session] @param {number} [timeout] ms; 0 is none @returns {Promise<any>} */
  async call(method, params, session, timeout = 0) {
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    const id = ++this.#lastId;
    try {
      return await new Promise((resolve, reject) => {
        if (this.#isOver) return reject(CLOSED);
        this.#calls.set(id, { session, resolve, reject });
        if (timeout > 0) timer = setTimeout(reject, timeout, LATE);
        this.#transport.send(v.defined({ id, method, params, sessionId: session }));
      });
    } catch (failure) {
      throw failed(method, /** @type {Failure} */ (failure), timeout);
    } finally {
      clearTimeout(timer);
      this.#calls.delete(id);
    }
  }

  /** @param {CDPSession} session @param {string} id */
  #begin(session, id) {
    session._begin(this, id);
    this.#sessions.set(id, session);
    return session;
  }

  /** @param {Message} message */
  #hear({ id, sessionId, method, params, result, error }) {
    if (id !== undefined) {
      const call = this.#calls.get(id);
      if (error) call?.reject(error);
      else call?.resolve(result);
      return;
    }
    const session = sessionId === undefined ? undefined : this.#sessions.get(sessionId);
    if (method === "Target.attachedToTarget" && session)
      session._tell("sessionattached", this.#begin(new CDPSession(params.targetInfo), params.sessionId));
    if (method === "Target.detachedFromTarget") this.#detached(params.sessionId, session);
    session?._tell(String(method), params);
  }

  /** @param {string} id @param {CDPSession} [parent] */
  #detached(id, parent) {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#sessions.delete(id);
    for (const call of this.#calls.values()) if (call.session === id) call.reject(CLOSED);
    session._end();
    parent?._tell("sessiondetached", session);
  }

  #closed() {
    this.#isOver = true;
    for (const id of [...this.#sessions.keys()]) this.#detached(id);
    for (const call of this.#calls.values()) call.reject(CLOSED);
  }
}

const SEND = { timeout: v.milliseconds() };

/** Events are the protocol's by their names, and each of them `*` with its name before its parameters. */
class CDPSession extends EventEmitter {
  /** @type {Connection | undefined} */
  #connection;
  #id = "";
  #detached = false;
  /** Of one that begins later: calls wait for that. @type {Promise<unknown> | undefined} */
  #begun;

  /** @param {any} [target] what the browser tells of the target that it has attached to by itself */
  constructor(target) {
    super();
    this.setMaxListeners(0);
    this._target = target;
  }

  /** One that begins later. @param {(session: CDPSession) => Promise<unknown>} begin */
  static late(begin) {
    const session = new CDPSession();
    session.#begun = begin(session);
    session.#begun.catch(() => session._end());
    return session;
  }

  /** @param {Connection} connection @param {string} id */
  _begin(connection, id) {
    this.#connection = connection;
    this.#id = id;
  }

  /** Empty until the browser has given it one. */
  id() {
    return this.#id;
  }

  /** Stays when the session is detached; undefined before it has begun. */
  connection() {
    return this.#connection;
  }

  get detached() {
    return this.#detached;
  }

  /** @param {string} method @param {object} [params] @param {object} [options] @returns {Promise<any>} */
  async send(method, params = {}, options) {
    v.argument("session.send", "method", v.string({ empty: false, required: true }), method);
    v.argument("session.send", "params", v.recordOf(v.anything(), { sparse: true }), params);
    const { timeout = 0 } = v.check("session.send", SEND, options);
    const connection = await this.#ready(method);
    return await connection.call(method, params, this.#id, timeout);
  }

  async detach() {
    const method = "Target.detachFromTarget";
    const connection = await this.#ready(method);
    await connection.call(method, { sessionId: this.#id }).catch((error) => {
      if (!isOver(error)) throw error;
    });
    this.#detached = true;
  }

  /** @param {string} method that is to be called */
  async #ready(method) {
    if (this.#begun) await this.#begun;
    if (this.#detached || !this.#connection) throw failed(method, CLOSED, 0);
    return this.#connection;
  }

  /** @param {string} name @param {unknown} subject */
  _tell(name, subject) {
    emitSafely(this, name, subject);
    emitSafely(this, "*", name, subject);
  }

  /** The parameters of the next event of this name, unless the session ends before. @param {string} name @returns {Promise<any>} */
  _next(name) {
    return new Promise((resolve, reject) => {
      const ended = () => {
        this.off(name, heard);
        reject(failed(name, CLOSED, 0));
      };
      const heard = (/** @type {any} */ params) => {
        this.off("CDPSession.Disconnected", ended);
        resolve(params);
      };
      this.once(name, heard);
      this.once("CDPSession.Disconnected", ended);
    });
  }

  _end() {
    this.#detached = true;
    this._tell("CDPSession.Disconnected", undefined);
  }
}

/** @param {string} method @param {Failure} failure @param {number} timeout ms */
function failed(method, failure, timeout) {
  if (failure === CLOSED) {
    return fail("ERR_PAGE_CLOSED", `Protocol error (${method}): Session closed. Most likely the page has been closed.`);
  }
  if (failure === LATE) {
    const mend = "Increase the 'protocolTimeout' setting in launch/connect calls for a higher timeout if needed.";
    return fail("ERR_TIMEOUT", `session.send: ${method} timed out after ${timeout} ms. ${mend}`);
  }
  return fail("ERR_BROWSER", `Protocol error (${method}): ${/** @type {{ message: string }} */ (failure).message}`);
}

publish(CDPSession);

module.exports = { CDPSession, Connection };
