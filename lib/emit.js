// Events whose listeners cannot disturb the one that tells of them, and what an emitter learns of its listeners.

const { EventEmitter } = require("node:events");
const { types } = require("node:util");

/**
 * Makes an error the program's uncaught exception, on a tick of its own.
 * @param {unknown} error
 */
function uncaught(error) {
  process.nextTick(() => {
    throw error;
  });
}

/**
 * What a listener throws is the program's uncaught exception, and what its promise is rejected with is an unhandled rejection;
 * neither keeps the other listeners from hearing.
 * @param {EventEmitter} emitter
 * @param {string} event
 * @param {...unknown} args
 */
function emitSafely(emitter, event, ...args) {
  if (emitter.listenerCount(event) === 0) return;
  for (const listener of emitter.rawListeners(event)) callListener(emitter, listener, args);
}

/**
 * @param {EventEmitter} emitter
 * @param {Function} listener
 * @param {unknown[]} args
 * @returns {any} what the listener gives back
 */
function callListener(emitter, listener, args) {
  try {
    const returned = Reflect.apply(listener, emitter, args);
    if (!types.isPromise(returned)) return returned;
    // The promise of an async function is nobody's but ours; any other may be handled by the program too.
    const { listener: original = listener } = /** @type {{ listener?: Function }} */ (listener);
    const attentive = emitter instanceof AttentiveEmitter ? emitter : undefined;
    if (types.isAsyncFunction(original))
      returned.then(undefined, (error) => attentive?._overlooks(error) || unhandled(error));
    else attentive?._listenerReturned(returned);
    return returned;
  } catch (error) {
    if (!(emitter instanceof AttentiveEmitter && emitter._overlooks(error))) uncaught(error);
  }
}

/** Leaves a rejection to the program, as any that nobody handles. @param {unknown} error */
function unhandled(error) {
  Promise.reject(error);
}

/** Whether every emitter of Node's has this event. @param {string | symbol} event */
function isEmittersOwn(event) {
  return event === "newListener" || event === "removeListener";
}

/** An emitter that hears which of its events the program listens to, whatever listeners the program removes. */
class AttentiveEmitter extends EventEmitter {
  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  on(event, listener) {
    this.#comes(event, listener);
    return super.on(event, listener);
  }

  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  addListener(event, listener) {
    this.#comes(event, listener);
    return super.addListener(event, listener);
  }

  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  prependListener(event, listener) {
    this.#comes(event, listener);
    return super.prependListener(event, listener);
  }

  /** Node refuses what is no listener. @param {string | symbol} event @param {unknown} listener */
  #comes(event, listener) {
    if (typeof listener === "function" && !isEmittersOwn(event)) this._listenerComes(event);
  }

  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  removeListener(event, listener) {
    return this.#remove(event, listener);
  }

  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  off(event, listener) {
    return this.#remove(event, listener);
  }

  /** @param {string | symbol} event @param {(...args: any[]) => void} listener */
  #remove(event, listener) {
    const before = this.listenerCount(event);
    super.removeListener(event, listener);
    if (this.listenerCount(event) < before) this._listenerGone(String(event));
    return this;
  }

  /**
   * A listener is about to be added.
   * @protected
   * @param {string | symbol} _event
   */
  _listenerComes(_event) {}

  /**
   * A listener has been removed.
   * @protected
   * @param {string} _event
   */
  _listenerGone(_event) {}

  /**
   * Whether what a listener throws, or what the promise of an async one is rejected with, counts as handled.
   * @param {unknown} _error
   */
  _overlooks(_error) {
    return false;
  }

  /**
   * A listener has given back a promise, which the program may have as well.
   * @param {Promise<unknown>} _promise
   */
  _listenerReturned(_promise) {}

  /** @param {[event?: string | symbol]} event */
  removeAllListeners(...event) {
    const gone = this.eventNames().filter((name) => event.length === 0 || name === event[0]);
    super.removeAllListeners(...event);
    for (const name of gone) this._listenerGone(String(name));
    return this;
  }
}

module.exports = { AttentiveEmitter, emitSafely, isEmittersOwn, uncaught, unhandled };
