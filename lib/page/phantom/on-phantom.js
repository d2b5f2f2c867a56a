// Where a callback runs that runs "on phantom". There that is PhantomJS's own process; here it is a context of its own beside
// the page, with PhantomJS's global names, in which the callback's text runs without its closure.

const { inspect, types } = require("node:util");
const vm = require("node:vm");
const { described, warn } = require("./lenient.js");

class OnPhantom {
  #page;
  #properties;
  /** The page as a callback has it. @type {object} */
  #self;
  /** One for all callbacks of the page, which share their global variables. @type {vm.Context | undefined} */
  #made;
  /** @type {Set<NodeJS.Timeout>} */
  #timers = new Set();

  /**
   * @param {any} page
   * @param {(name: string) => Function | undefined} own phantom's method of a name
   * @param {() => InstanceType<typeof import("./properties.js").Properties>} properties
   */
  constructor(page, own, properties) {
    this.#page = page;
    this.#properties = properties;
    this.#self = new Proxy(page, {
      get: (target, name) => {
        const method = own(String(name));
        if (!method && this.#properties().has(String(name))) return this.#properties().known(String(name));
        const member = method ?? Reflect.get(target, name);
        return typeof member === "function"
          ? (/** @type {any[]} */ ...args) => quietly(member.apply(target, args))
          : member;
      },
      // The command is on its way when this returns, and so before any that the program calls next.
      set: (_target, name, value) => {
        quietly(this.#properties().assign(String(name), value));
        return true;
      },
    });
  }

  /**
   * The listener as it runs on phantom. What goes wrong there PhantomJS prints, and goes on.
   * @param {string} event
   * @param {Function} listener
   * @returns {(...args: any[]) => any}
   */
  wrap(event, listener) {
    return this.#guarded(event, this.#detached(listener));
  }

  /** phantom sends functions as their texts, so that a text is one too. @param {unknown} given @returns {Function | undefined} */
  functionOf(given) {
    if (typeof given === "function") return given;
    if (typeof given !== "string" || !given.startsWith("function")) return undefined;
    try {
      return vm.runInContext(`(${given})`, this.#context);
    } catch {
      return undefined;
    }
  }

  /** Nothing runs for a page that is over. */
  end() {
    for (const timer of this.#timers) clearTimeout(timer);
    this.#timers.clear();
  }

  /** One whose text is none of a function is called as it is. @param {Function} listener @returns {Function} */
  #detached(listener) {
    try {
      return vm.runInContext(`(${listener})`, this.#context);
    } catch {
      return listener;
    }
  }

  /** @param {string} what @param {Function} run @returns {(...args: any[]) => any} */
  #guarded(what, run) {
    const failed = (/** @type {unknown} */ error) => {
      if (!this.#page._overlooks(error)) warn(`page.property: ${what} failed on phantom: ${described(error)}`);
      // What callPhantom gives then.
      return what === "onCallback" ? "" : undefined;
    };
    return (...args) => {
      try {
        const answer = run.apply(this.#self, args);
        return types.isPromise(answer) ? answer.then(undefined, failed) : answer;
      } catch (error) {
        return failed(error);
      }
    };
  }

  get #context() {
    this.#made ??= this.#make();
    return this.#made;
  }

  #make() {
    /** @param {typeof setTimeout | typeof setInterval} start */
    const timer =
      (start) =>
      (/** @type {any} */ run, /** @type {any} */ delay, /** @type {any[]} */ ...args) => {
        const call = this.#guarded("what a timer calls", run);
        const timer = start(() => {
          if (start === setTimeout) this.#timers.delete(timer);
          call(...args);
        }, delay);
        this.#timers.add(timer);
        return timer;
      };
    const clear = (/** @type {any} */ timer) => {
      clearTimeout(timer);
      this.#timers.delete(timer);
    };
    return vm.createContext({
      console,
      phantom: this.#page.phantom,
      require: refuseModule,
      setTimeout: timer(setTimeout),
      setInterval: timer(setInterval),
      clearTimeout: clear,
      clearInterval: clear,
    });
  }
}

/** @param {unknown} name */
function refuseModule(name) {
  throw new Error(
    `require(${inspect(name)}): a callback that runs on phantom has no modules here; one of page.on() has`,
  );
}

/** A callback that runs on phantom awaits nothing, so that nobody hears of what fails. @param {any} given */
function quietly(given) {
  if (types.isPromise(given)) given.catch(() => {});
  return given;
}

module.exports = { OnPhantom };
