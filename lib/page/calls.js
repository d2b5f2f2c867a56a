// What a page call gives back: a promise that nobody has to await once the attempt is over. Its rejection then counts as handled,
// and so does that of every promise derived from it by `then`; any other rejection is an ordinary one.

const { isOver } = require("../errors.js");

const ignore = () => {};

/** @extends {Promise<any>} */
class Call extends Promise {
  /**
   * @param {any} [onFulfilled]
   * @param {any} [onRejected]
   * @returns {any}
   */
  // biome-ignore lint/suspicious/noThenProperty: it is a promise
  then(onFulfilled, onRejected) {
    return lenient(super.then(onFulfilled, onRejected));
  }
}

// What is derived from one is made by `then` above, and `await` takes it for the plain promise that it is in all else.
Object.defineProperty(Call.prototype, "constructor", { value: Promise, configurable: true, writable: true });

/**
 * Whether a rejection counts as handled is known when it comes, so it is marked just before it is passed on. The resolve function
 * is passed as it is, by which V8 finds the caller's line for the stacks of errors.
 * @param {Promise<unknown>} promise
 * @returns {Promise<any>}
 */
function lenient(promise) {
  const call = new Call((resolve, reject) => {
    Promise.prototype.then.call(promise, resolve, (/** @type {unknown} */ error) => {
      if (isOver(error)) Promise.prototype.then.call(call, undefined, ignore);
      reject(error);
    });
  });
  return call;
}

/**
 * Has the public methods of a class, and of those that it stands on, give back such promises where they give promises.
 * @param {Function} Class
 * @param {Function} [Last] the last of its ancestors to be looked at
 */
function publish(Class, Last = Class) {
  const { prototype } = Class;
  const published = new Set(["constructor"]);
  for (let owner = prototype; owner !== Object.getPrototypeOf(Last.prototype); owner = Object.getPrototypeOf(owner)) {
    for (const name of Reflect.ownKeys(owner)) {
      const method = Object.getOwnPropertyDescriptor(owner, name)?.value;
      if (published.has(/** @type {any} */ (name)) || String(name).startsWith("_") || typeof method !== "function")
        continue;
      published.add(/** @type {any} */ (name));
      Object.defineProperty(prototype, name, { value: publicly(method), configurable: true, writable: true });
    }
  }
}

/** @param {Function} method */
function publicly(method) {
  return new Proxy(method, {
    apply: (called, self, args) => {
      const returned = Reflect.apply(called, self, args);
      return returned instanceof Promise ? lenient(returned) : returned;
    },
  });
}

/**
 * The promises that listeners have given back and that may yet be rejected, by what they wait for, when the attempt is over. The
 * program may handle them itself, so nothing is known of them before.
 */
class Returned {
  /** @type {Set<WeakRef<Promise<unknown>>>} */
  #pending = new Set();
  /** How many there may be before those are looked for that are gone. */
  #room = 64;

  /** @param {Promise<unknown>} promise */
  add(promise) {
    if (this.#pending.size >= this.#room) this.#sweep();
    this.#pending.add(new WeakRef(promise));
  }

  #sweep() {
    for (const pending of this.#pending) if (!pending.deref()) this.#pending.delete(pending);
    this.#room = Math.max(64, 2 * this.#pending.size);
  }

  /**
   * What they are rejected with counts as handled. While their attempt goes on, as when a popup has closed itself, that holds for
   * what comes of the end of a page; anything else is at least a warning, since whether the program handles it is not known.
   * @param {{ goesOn: boolean }} attempt
   */
  overlook({ goesOn }) {
    const heed = (/** @type {unknown} */ error) => {
      if (!isOver(error)) process.emitWarning(error instanceof Error ? error : String(error));
    };
    for (const pending of this.#pending) pending.deref()?.catch(goesOn ? heed : ignore);
    this.#pending.clear();
  }
}

module.exports = { Returned, publish };
