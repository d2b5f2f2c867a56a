// Where a callback runs that runs "on phantom". There that is PhantomJS's own process; here it is a context of its own beside
// the page, with PhantomJS's global names, in which the callback's text runs without its closure. PhantomJS's page answers at once:
// so does this one, for which the process waits.

const { inspect, types } = require("node:util");
const vm = require("node:vm");
const { described, warn } = require("./lenient.js");
const { isSteps, later, now } = require("./steps.js");

/** In these the page waits for the callback, and answers nothing itself. */
const HOLDING = ["onAlert", "onCallback", "onConfirm", "onPrompt"];

/** Methods that call back. */
const CALLING_BACK = ["includeJs", "open"];

/**
 * What a page has of phantom's.
 * @typedef {object} Own
 * @property {(name: string) => Function | undefined} method
 * @property {() => InstanceType<typeof import("./properties.js").Properties>} properties
 * @property {InstanceType<typeof import("./windows.js").Windows>} windows
 * @property {() => boolean} isLeaving whether it goes to another document: the browser has none of them answer until that is there
 */

class OnPhantom {
  #page;
  #own;
  /** The page as a callback has it, whose methods and properties answer at once. @type {any} */
  self;
  /** The same while the page does not answer: they give promises, and what is known is there. @type {any} */
  #held;
  /** One for all callbacks of the page, which share their global variables. @type {vm.Context | undefined} */
  #made;
  /** @type {Set<NodeJS.Timeout>} */
  #timers = new Set();

  /** @param {any} page @param {Own} own */
  constructor(page, own) {
    this.#page = page;
    this.#own = own;
    const answerNow = (/** @type {import("./steps.js").Steps} */ steps) => quietly(now(page, steps));
    const answerLater = (/** @type {import("./steps.js").Steps} */ steps) => quietly(later(page, steps));
    this.self = this.#face(answerNow);
    this.#held = this.#face(answerLater, { known: true });
  }

  /**
   * @param {(steps: import("./steps.js").Steps) => any} answer
   * @param {{ known?: boolean }} [only] what is known without asking the page
   */
  #face(answer, only) {
    const { method, properties, windows } = this.#own;
    const answered = (/** @type {unknown} */ given) => (isSteps(given) ? answer(given) : quietly(given));
    /** @type {ProxyHandler<any>} */
    const handler = {
      get: (target, name) => {
        if (typeof name === "symbol") return Reflect.get(target, name);
        if (name === "pages") return windows.all.map(seen);
        if (name === "getPage") return (/** @type {unknown} */ wanted) => seen(answer(windows.named(wanted)) ?? null);
        const own = method(name);
        if (!own && properties().has(name)) {
          const known = properties().known(name);
          return known !== undefined || only?.known ? known : answer(properties().read(name));
        }
        const member = own ?? Reflect.get(target, name);
        if (typeof member !== "function") return member;
        return (/** @type {any[]} */ ...args) => {
          const callback = CALLING_BACK.includes(name) && typeof args.at(-1) === "function" ? args.pop() : undefined;
          const given = answered(member.apply(target, args));
          if (callback) quietly(Promise.resolve(given).then(this.#guarded(`the callback of ${name}`, callback)));
          return given;
        };
      },
      // The command is on its way when this returns, and so before any that the program calls next.
      set: (_target, name, value) => {
        answer(properties().assign(String(name), value));
        return true;
      },
    };
    return new Proxy(this.#page, handler);
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

  /** One whose text is none of a function is called as it is, and one that a callback has made there. @param {Function} listener @returns {Function} */
  #detached(listener) {
    if (!(listener instanceof Function)) return listener;
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
        const self = HOLDING.includes(what) || this.#own.isLeaving() ? this.#held : this.self;
        const answer = run.apply(self, args.map(seen));
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

/** Pages that a callback gets answer at once too. @param {any} given */
function seen(given) {
  return given?._phantom?.callbacks?.self ?? given;
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
