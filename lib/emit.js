// Events whose listeners cannot disturb the one that tells of them, and what an emitter learns of its listeners.

const { EventEmitter } = require("node:events");

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
 * What a listener throws is the program's uncaught exception.
 * @param {EventEmitter} emitter
 * @param {string} event
 * @param {...unknown} args
 */
function emitSafely(emitter, event, ...args) {
  try {
    emitter.emit(event, ...args);
  } catch (error) {
    uncaught(error);
  }
}

/** @this {AttentiveEmitter} @param {string | symbol} event */
function tellComes(event) {
  this._listenerComes(String(event));
}

/** @this {AttentiveEmitter} @param {string | symbol} event */
function tellGone(event) {
  this._listenerGone(String(event));
}

/** An emitter that hears which of its events the program listens to, whatever listeners the program removes. */
class AttentiveEmitter extends EventEmitter {
  constructor() {
    super();
    this.#attend();
  }

  #attend() {
    // In this order, for `newListener` would tell of the other one, before the fields of a subclass are there.
    super.on("removeListener", tellGone);
    super.on("newListener", tellComes);
  }

  /**
   * A listener is about to be added.
   * @protected
   * @param {string} _event
   */
  _listenerComes(_event) {}

  /**
   * A listener has been removed.
   * @protected
   * @param {string} _event
   */
  _listenerGone(_event) {}

  /** The program's listeners; the emitter's own stay. @param {[event?: string | symbol]} event */
  removeAllListeners(...event) {
    super.removeAllListeners(...event);
    if (this.listenerCount("newListener") === 0 || this.listenerCount("removeListener") === 0) {
      super.removeAllListeners("newListener");
      super.removeAllListeners("removeListener");
      this.#attend();
    }
    return this;
  }
}

module.exports = { AttentiveEmitter, emitSafely, uncaught };
