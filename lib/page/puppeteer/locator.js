// A locator: a way to find something of a page again and again until what is to be done with it has worked. It looks anew whenever
// that fails, until its time is over.
/// <reference lib="dom" />

const { EventEmitter } = require("node:events");
const { publish } = require("../calls.js");
const { fail, isOver } = require("../../errors.js");
const { SIGNAL } = require("./types.js");
const v = require("./checks.js");

/** How long after a failure the next try is, in ms. */
const RETRY_DELAY = 100;

/**
 * @typedef {object} Manner
 * @property {number} timeout ms; 0 is none
 * @property {"visible" | "hidden" | null} visibility
 * @property {boolean} inView before an action the element is scrolled into the viewport
 * @property {boolean} enabled an action waits until the element is
 * @property {boolean} stable an action waits until the element stays where it is
 */

/** Gives a handle of what is looked for, or null; it may wait. @typedef {(manner: Manner, signal: AbortSignal) => Promise<any>} Find */

const SCROLL = { scrollTop: v.number(), scrollLeft: v.number(), signal: SIGNAL };

class Locator extends EventEmitter {
  #find;
  #manner;

  /** @param {Find} find @param {Manner} manner */
  constructor(find, manner) {
    super();
    this.#find = find;
    this.#manner = manner;
  }

  /** Whichever of these finds something first. @param {Locator[]} locators */
  static race(locators) {
    for (const locator of locators) {
      if (!(locator instanceof Locator)) {
        throw fail("ERR_INVALID_OPTION", `Unknown locator for race candidate, got ${v.brief(locator)}`);
      }
    }
    const find = async (/** @type {Manner} */ _manner, /** @type {AbortSignal} */ signal) => {
      const others = new AbortController();
      const any = AbortSignal.any([signal, others.signal]);
      try {
        return await Promise.any(locators.map((locator) => locator.#find(locator.#manner, any)));
      } catch (error) {
        throw sole(/** @type {AggregateError} */ (error));
      } finally {
        others.abort();
      }
    };
    return new Locator(find, { timeout: 30_000, visibility: null, inView: true, enabled: true, stable: true });
  }

  get timeout() {
    return this.#manner.timeout;
  }

  /** @param {Partial<Manner>} manner */
  #with(manner) {
    return new Locator(this.#find, { ...this.#manner, ...manner });
  }

  clone() {
    return this.#with({});
  }

  /** @param {number} timeout ms; 0 is none */
  setTimeout(timeout) {
    return this.#with({
      timeout: v.argument("locator.setTimeout", "timeout", v.milliseconds({ required: true }), timeout),
    });
  }

  /** @param {"visible" | "hidden" | null} visibility */
  setVisibility(visibility) {
    return this.#with({ visibility });
  }

  /** @param {boolean} enabled */
  setWaitForEnabled(enabled) {
    return this.#with({ enabled });
  }

  /** @param {boolean} inView */
  setEnsureElementIsInTheViewport(inView) {
    return this.#with({ inView });
  }

  /** @param {boolean} stable */
  setWaitForStableBoundingBox(stable) {
    return this.#with({ stable });
  }

  /** @param {Function} mapper runs in the page */
  map(mapper) {
    return this.mapHandle((/** @type {any} */ handle) => handle.evaluateHandle(mapper));
  }

  /** @param {(handle: any, signal: AbortSignal) => unknown} mapper */
  mapHandle(mapper) {
    /** @type {Find} */
    const find = async (manner, signal) => await mapper(await this.#found(manner, signal), signal);
    return new Locator(find, this.#manner);
  }

  /** @param {Function} predicate runs in the page, until it is true */
  filter(predicate) {
    return this.#sifted(async (handle, { timeout }, signal) => {
      await handle.frame.waitForFunction(predicate, { timeout, signal }, handle);
      return true;
    });
  }

  /** @param {(handle: any, signal: AbortSignal) => unknown} predicate */
  filterHandle(predicate) {
    return this.#sifted((handle, _manner, signal) => predicate(handle, signal));
  }

  /** @param {(handle: any, manner: Manner, signal: AbortSignal) => unknown} passes */
  #sifted(passes) {
    /** @type {Find} */
    const find = async (manner, signal) => {
      const handle = await this.#found(manner, signal);
      return (await passes(handle, manner, signal)) ? handle : null;
    };
    return new Locator(find, this.#manner);
  }

  /** @param {Manner} manner @param {AbortSignal} signal */
  async #found(manner, signal) {
    const handle = await this.#find(manner, signal);
    if (!handle) throw new Error("nothing was found");
    return handle;
  }

  /** @param {{ signal?: AbortSignal }} [options] @returns {Promise<any>} */
  async waitHandle(options) {
    const { signal } = v.check("locator.waitHandle", { signal: SIGNAL }, options);
    return await this.#retried(signal, (any) => this.#found(this.#manner, any));
  }

  /** @param {{ signal?: AbortSignal }} [options] */
  async wait(options) {
    const handle = await this.waitHandle(options);
    try {
      return await handle.jsonValue();
    } finally {
      handle[Symbol.dispose]();
    }
  }

  /** @param {any} [options] of a click, and `signal` */
  async click({ signal, ...options } = {}) {
    await this.#act(signal, { enabled: true }, (handle) => handle.click(options));
  }

  /** @param {string} value @param {{ signal?: AbortSignal }} [options] */
  async fill(value, options) {
    v.argument("locator.fill", "value", v.string({ required: true }), value);
    const { signal } = v.check("locator.fill", { signal: SIGNAL }, options);
    await this.#act(signal, { enabled: true }, (handle) => fill(handle, value));
  }

  /** @param {{ signal?: AbortSignal }} [options] */
  async hover(options) {
    const { signal } = v.check("locator.hover", { signal: SIGNAL }, options);
    await this.#act(signal, { enabled: false }, (handle) => handle.hover());
  }

  /** @param {{ signal?: AbortSignal, scrollTop?: number, scrollLeft?: number }} [options] */
  async scroll(options) {
    const { signal, scrollTop, scrollLeft } = v.check("locator.scroll", SCROLL, options);
    const scroll = (
      /** @type {Element} */ element,
      /** @type {number | undefined} */ top,
      /** @type {number | undefined} */ left,
    ) => {
      if (top !== undefined) element.scrollTop = top;
      if (left !== undefined) element.scrollLeft = left;
    };
    await this.#act(signal, { enabled: false }, (handle) => handle.evaluate(scroll, scrollTop, scrollLeft));
  }

  /**
   * @param {AbortSignal | undefined} signal
   * @param {{ enabled: boolean }} needs
   * @param {(handle: any) => Promise<unknown>} action
   */
  async #act(signal, needs, action) {
    const manner = this.#manner;
    await this.#retried(signal, async (any) => {
      const handle = await this.#found(manner, any);
      try {
        await Promise.all([
          manner.inView && inView(handle, any),
          manner.stable && still(handle, any),
          manner.enabled && needs.enabled && enabled(handle, manner, any),
        ]);
        any.throwIfAborted();
        this.emit("action");
        await action(handle);
      } finally {
        handle[Symbol.dispose]();
      }
    });
  }

  /**
   * Tries until it works, or the time is over, or the signal comes.
   * @template T
   * @param {AbortSignal | undefined} signal
   * @param {(signal: AbortSignal) => Promise<T>} attempt its signal comes with the end of whatever it does
   * @returns {Promise<T>}
   */
  async #retried(signal, attempt) {
    v.argument("locator", "signal", SIGNAL, signal);
    signal?.throwIfAborted();
    const { timeout } = this.#manner;
    const end = new AbortController();
    const stop = () => end.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    const late = () => end.abort(fail("ERR_TIMEOUT", `Timed out after waiting ${timeout}ms`));
    const timer = timeout > 0 ? setTimeout(late, timeout) : undefined;
    const ended = new Promise((_, reject) => {
      end.signal.addEventListener("abort", () => reject(end.signal.reason), { once: true });
    });
    ended.catch(() => {});
    const tries = async () => {
      for (;;) {
        try {
          return await attempt(end.signal);
        } catch (error) {
          if (isOver(error) || end.signal.aborted) throw error;
        }
        await pause(end.signal);
      }
    };
    try {
      return await /** @type {Promise<T>} */ (Promise.race([tries(), ended]));
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      end.abort();
    }
  }
}

/** The end of the page, if that is why nothing was found; another try may find what failed otherwise. @param {AggregateError} failure */
function sole(failure) {
  const { errors } = failure;
  return errors.length > 0 && errors.every(isOver) ? errors[0] : failure;
}

/** @param {AbortSignal} signal */
async function pause(signal) {
  signal.throwIfAborted();
  await new Promise((resolve) => {
    setTimeout(resolve, RETRY_DELAY);
  });
  signal.throwIfAborted();
}

/** @param {AbortSignal} signal @param {() => Promise<unknown>} holds */
async function until(signal, holds) {
  while (!(await holds())) await pause(signal);
}

/** @param {any} handle @param {AbortSignal} signal */
async function inView(handle, signal) {
  if (await handle.isIntersectingViewport()) return;
  await handle.scrollIntoView();
  await until(signal, () => handle.isIntersectingViewport());
}

/** @param {any} handle @param {AbortSignal} signal */
async function still(handle, signal) {
  const isStill = (/** @type {Element} */ element) =>
    new Promise((resolve) => {
      requestAnimationFrame(() => {
        const before = element.getBoundingClientRect();
        requestAnimationFrame(() => {
          const { x, y, width, height } = element.getBoundingClientRect();
          resolve(x === before.x && y === before.y && width === before.width && height === before.height);
        });
      });
    });
  await until(signal, () => handle.evaluate(isStill));
}

/** @param {any} handle @param {Manner} manner @param {AbortSignal} signal */
async function enabled(handle, { timeout }, signal) {
  const isEnabled = (/** @type {Element} */ element) =>
    !/^(button|input|select|textarea|option|optgroup)$/i.test(element.nodeName) || !element.hasAttribute("disabled");
  const found = await handle.frame.waitForFunction(isEnabled, { timeout, signal }, handle);
  found[Symbol.dispose]();
}

/** @param {any} handle @param {string} value */
async function fill(handle, value) {
  const kind = await handle.evaluate((/** @type {any} */ element) => {
    const name = element.nodeName.toLowerCase();
    if (name === "select") return "select";
    const types = /^(?:textarea|text|url|tel|search|password|number|email)$/;
    if (name === "textarea" || element.isContentEditable) return "text";
    if (name !== "input") return "none";
    return types.test(element.type) ? "text" : "other";
  });
  if (kind === "none") throw new Error("Element cannot be filled out.");
  if (kind === "select") return void (await handle.select(value));
  if (kind === "text") return void (await handle.type(await handle.evaluate(prepare, value)));
  await handle.focus();
  await handle.evaluate((/** @type {HTMLInputElement} */ input, /** @type {string} */ given) => {
    input.value = given;
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
  }, value);
}

/** Runs in the page: leaves what a value begins with, the caret behind it, and gives what is to be typed. @param {any} input @param {string} value */
function prepare(input, value) {
  const property = input.isContentEditable ? "innerText" : "value";
  const before = input[property];
  const goesOn = value.length > before.length && value.startsWith(before);
  input[property] = "";
  if (goesOn) input[property] = before;
  return goesOn ? value.slice(before.length) : value;
}

publish(Locator);

module.exports = { Locator };
