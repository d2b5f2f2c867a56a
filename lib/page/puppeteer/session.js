// Sessions of the DevTools protocol with the page, over one relay of the core's.

const { EventEmitter } = require("node:events");
const { emitSafely } = require("../../emit.js");
const { fail } = require("../../errors.js");
const { publish } = require("../calls.js");
const { Transport } = require("./client.js");
const v = require("./checks.js");

/** @typedef {{ id?: number, sessionId?: string, method?: string, params?: any, result?: any, error?: { message: string } }} Message */

/** What a call that nobody answers any more is rejected with, to be made into an error by the one who waits. */
const CLOSED = Symbol("closed");

/** The page's sessions and their calls. */
class Connection {
  #transport;
  #lastId = 0;
  /** @type {Map<number, { session: string | undefined, resolve: (result: any) => void, reject: (failure: unknown) => void }>} */
  #calls = new Map();
  /** @type {Map<string, CDPSession>} */
  #sessions = new Map();

  constructor() {
    this.#transport = new Transport(true, () => {});
    this.#transport.onmessage = (message) => this.#hear(message);
    this.#transport.onclose = () => this.#closed();
  }

  /** @param {(receive: import("../core.js").Receive) => Promise<import("../core.js").Relay>} open */
  async open(open) {
    this.#transport.carry(await open((message) => this.#transport.receive(message)));
  }

  /** A session of its own with a target. @param {string} targetId */
  async attach(targetId) {
    const { sessionId } = await this.call("Target.attachToTarget", { targetId, flatten: true });
    return this.#known(sessionId);
  }

  /** @param {string} method @param {object} params @param {string} [session] @returns {Promise<any>} */
  call(method, params, session) {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#calls.set(id, { session, resolve, reject });
      this.#transport.send(v.defined({ id, method, params, sessionId: session }));
    });
  }

  /** @param {string} id */
  #known(id) {
    const session = this.#sessions.get(id) ?? new CDPSession(this, id);
    this.#sessions.set(id, session);
    return session;
  }

  /** @param {Message} message */
  #hear({ id, sessionId, method, params, result, error }) {
    if (id !== undefined) {
      const call = this.#calls.get(id);
      this.#calls.delete(id);
      if (error) call?.reject(error);
      else call?.resolve(result);
      return;
    }
    const session = sessionId === undefined ? undefined : this.#sessions.get(sessionId);
    if (method === "Target.attachedToTarget" && session)
      session._tell("sessionattached", this.#known(params.sessionId));
    if (method === "Target.detachedFromTarget") this.#detached(params.sessionId, session);
    session?._tell(String(method), params);
  }

  /** @param {string} id @param {CDPSession} [parent] */
  #detached(id, parent) {
    const session = this.#sessions.get(id);
    if (!session) return;
    this.#sessions.delete(id);
    for (const [number, call] of this.#calls) {
      if (call.session !== id) continue;
      this.#calls.delete(number);
      call.reject(CLOSED);
    }
    session._end();
    parent?._tell("sessiondetached", session);
  }

  #closed() {
    for (const id of [...this.#sessions.keys()]) this.#detached(id);
    for (const call of this.#calls.values()) call.reject(CLOSED);
    this.#calls.clear();
  }
}

const SEND = { timeout: v.milliseconds() };

/** Events are the protocol's by their names, and each of them `*` with its name before its parameters. */
class CDPSession extends EventEmitter {
  #connection;
  #id;
  #detached = false;

  /** @param {Connection} connection @param {string} id */
  constructor(connection, id) {
    super();
    this.setMaxListeners(0);
    this.#connection = connection;
    this.#id = id;
  }

  id() {
    return this.#id;
  }

  /** Stays when the session is detached. */
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
    if (this.#detached) throw closed(method);
    /** @type {NodeJS.Timeout | undefined} */
    let timer;
    try {
      const answer = this.#connection.call(method, params, this.#id);
      if (timeout === 0) return await answer;
      const late = new Promise((_, reject) => {
        timer = setTimeout(reject, timeout, LATE);
      });
      return await Promise.race([answer, late]);
    } catch (failure) {
      if (failure === CLOSED) throw closed(method);
      if (failure === LATE) {
        const mend = "Increase the 'protocolTimeout' setting in launch/connect calls for a higher timeout if needed.";
        throw fail("ERR_TIMEOUT", `session.send: ${method} timed out after ${timeout} ms. ${mend}`);
      }
      const { message } = /** @type {{ message: string }} */ (failure);
      throw fail("ERR_BROWSER", `Protocol error (${method}): ${message}`);
    } finally {
      clearTimeout(timer);
    }
  }

  async detach() {
    if (this.#detached) throw closed("Target.detachFromTarget");
    await this.#connection.call("Target.detachFromTarget", { sessionId: this.#id }).catch((failure) => {
      if (failure !== CLOSED) throw fail("ERR_BROWSER", `Protocol error (Target.detachFromTarget): ${failure.message}`);
    });
    this.#detached = true;
  }

  /** @param {string} name @param {unknown} subject */
  _tell(name, subject) {
    emitSafely(this, name, subject);
    emitSafely(this, "*", name, subject);
  }

  _end() {
    this.#detached = true;
    this._tell("CDPSession.Disconnected", undefined);
  }
}

/** A call took too long. */
const LATE = Symbol("late");

/** @param {string} method */
function closed(method) {
  return fail("ERR_PAGE_CLOSED", `Protocol error (${method}): Session closed. Most likely the page has been closed.`);
}

publish(CDPSession);

module.exports = { CDPSession, Connection };
