// A locator: a way to find something of a page again and again until what is to be done with it has worked. It looks anew whenever
// that fails, until its time is over.
/// <reference lib="dom" />

const { EventEmitter } = require("node:events");
const { publish } = require("../calls.js");
const { fail, isOver } = require("../../errors.js");
const { BOOLEAN, clickOptions, SIGNAL } = require("./types.js");
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

const VALUE = v.anyOf([v.string(), v.boolean()], { required: true });
const FILL = { typingThreshold: v.integer({ min: 0, infinity: true, default: 100 }), signal: SIGNAL };
const SCROLL = { scrollTop: v.number(), scrollLeft: v.number(), signal: SIGNAL };
const VISIBILITY = v.oneOf(["visible", "hidden", null], { required: true });
const IN_PAGE = v.func({ required: true });
const OPTIONS = v.recordOf(v.anything(), { sparse: true, default: {} });

class Locator extends EventEmitter {
  #name;
  #find;
  #manner;

  /** @param {string} name how the program has made it, for messages @param {Find} find @param {Manner} manner */
  constructor(name, find, manner) {
    super();
    this.#name = name;
    this.#find = find;
    this.#manner = manner;
  }

  /** Whichever of these finds something first. @param {Locator[]} locators */
  static race(locators) {
    v.argument("Locator.race", "locators", v.arrayOf(v.anything(), { required: true }), locators);
    for (const locator of locators) {
      if (!(locator instanceof Locator)) {
        throw fail("ERR_INVALID_OPTION", `Unknown locator for race candidate, got ${v.brief(locator)}`);
      }
    }
    const find = async (/** @type {Manner} */ _manner, /** @type {AbortSignal} */ signal) => {
      const others = new AbortController();
      const any = AbortSignal.any([signal, others.signal]);
      const searches = locators.map((locator) => () => repeated(any, () => locator.#found(locator.#manner, any)));
      try {
        return await firstOf(searches);
      } finally {
        others.abort();
      }
    };
    const name = `Locator.race([${locators.map((locator) => locator.#name).join(", ")}])`;
    return Locator.of(name, find, 30_000);
  }

  /** One of which nothing has been set. @param {string} name @param {Find} find @param {number} timeout ms */
  static of(name, find, timeout) {
    return new Locator(name, find, { timeout, visibility: null, inView: true, enabled: true, stable: true });
  }

  get timeout() {
    return this.#manner.timeout;
  }

  /** @param {Partial<Manner>} manner */
  #with(manner) {
    return new Locator(this.#name, this.#find, { ...this.#manner, ...manner });
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
    return this.#with({ visibility: v.argument("locator.setVisibility", "visibility", VISIBILITY, visibility) });
  }

  /** @param {boolean} enabled */
  setWaitForEnabled(enabled) {
    return this.#with({ enabled: v.argument("locator.setWaitForEnabled", "value", BOOLEAN, enabled) });
  }

  /** @param {boolean} inView */
  setEnsureElementIsInTheViewport(inView) {
    return this.#with({ inView: v.argument("locator.setEnsureElementIsInTheViewport", "value", BOOLEAN, inView) });
  }

  /** @param {boolean} stable */
  setWaitForStableBoundingBox(stable) {
    return this.#with({ stable: v.argument("locator.setWaitForStableBoundingBox", "value", BOOLEAN, stable) });
  }

  /** @param {Function} mapper runs in the page */
  map(mapper) {
    v.argument("locator.map", "mapper", IN_PAGE, mapper);
    return this.#mapped("map", (handle) => briefly(handle, () => handle.evaluateHandle(mapper)));
  }

  /** @param {(handle: any, signal: AbortSignal) => unknown} mapper the handle is its own, which it may keep */
  mapHandle(mapper) {
    v.argument("locator.mapHandle", "mapper", IN_PAGE, mapper);
    return this.#mapped("mapHandle", mapper);
  }

  /** @param {string} how @param {(handle: any, signal: AbortSignal) => unknown} mapper */
  #mapped(how, mapper) {
    /** @type {Find} */
    const find = async (manner, signal) => await mapper(await this.#found(manner, signal), signal);
    return new Locator(`${this.#name}.${how}(...)`, find, this.#manner);
  }

  /** @param {Function} predicate runs in the page, until it is true */
  filter(predicate) {
    v.argument("locator.filter", "predicate", IN_PAGE, predicate);
    return this.#sifted("filter", async (handle, signal) => {
      const passed = await handle.frame.waitForFunction(predicate, { timeout: 0, signal }, handle);
      passed[Symbol.dispose]();
      return true;
    });
  }

  /** @param {(handle: any, signal: AbortSignal) => unknown} predicate */
  filterHandle(predicate) {
    v.argument("locator.filterHandle", "predicate", IN_PAGE, predicate);
    return this.#sifted("filterHandle", predicate);
  }

  /** @param {string} how @param {(handle: any, signal: AbortSignal) => unknown} passes */
  #sifted(how, passes) {
    /** @type {Find} */
    const find = async (manner, signal) => {
      const handle = await this.#found(manner, signal);
      return await unless(handle, async () => !(await passes(handle, signal)));
    };
    return new Locator(`${this.#name}.${how}(...)`, find, this.#manner);
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
    return await this.#retried("waitHandle", signal, (any) => this.#found(this.#manner, any));
  }

  /** @param {{ signal?: AbortSignal }} [options] */
  async wait(options) {
    const { signal } = v.check("locator.wait", { signal: SIGNAL }, options);
    const handle = await this.#retried("wait", signal, (any) => this.#found(this.#manner, any));
    return await briefly(handle, () => handle.jsonValue());
  }

  /** @param {any} [options] of a click, and `signal` */
  async click(options) {
    const { signal, ...how } = v.argument("locator.click", "options", OPTIONS, options);
    clickOptions("locator.click", how);
    await this.#act("click", signal, { enabled: true }, (handle) => handle.click(how));
  }

  /** @param {string | boolean} value @param {{ signal?: AbortSignal, typingThreshold?: number }} [options] */
  async fill(value, options) {
    v.argument("locator.fill", "value", VALUE, value);
    const { signal, typingThreshold } = v.check("locator.fill", FILL, options);
    await this.#act("fill", signal, { enabled: true }, (handle) => fill(handle, value, typingThreshold));
  }

  /** @param {{ signal?: AbortSignal }} [options] */
  async hover(options) {
    const { signal } = v.check("locator.hover", { signal: SIGNAL }, options);
    await this.#act("hover", signal, { enabled: false }, (handle) => handle.hover());
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
    await this.#act("scroll", signal, { enabled: false }, (handle) => handle.evaluate(scroll, scrollTop, scrollLeft));
  }

  /**
   * @param {string} call
   * @param {AbortSignal | undefined} signal
   * @param {{ enabled: boolean }} needs
   * @param {(handle: any) => Promise<unknown>} action
   */
  async #act(call, signal, needs, action) {
    const manner = this.#manner;
    await this.#retried(call, signal, async (any, reached) => {
      const handle = await this.#found(manner, any);
      await briefly(handle, async () => {
        reached("what was found did not come into view, come to rest or be enabled");
        await Promise.all([
          manner.inView && inView(handle, any),
          manner.stable && still(handle, any),
          manner.enabled && needs.enabled && enabled(handle, any),
        ]);
        any.throwIfAborted();
        reached("what was to be done with what was found did not end");
        this.emit("action");
        await action(handle);
      });
    });
  }

  /**
   * Tries until it works, or the time is over, or the signal comes.
   * @template T
   * @param {string} call the program's
   * @param {AbortSignal | undefined} signal
   * @param {(signal: AbortSignal, reached: (where: string) => void) => Promise<T>} attempt its signal comes with the end of
   *   whatever it does; it says how far it has come
   * @returns {Promise<T>}
   */
  async #retried(call, signal, attempt) {
    v.argument(`locator.${call}`, "signal", SIGNAL, signal);
    signal?.throwIfAborted();
    const { timeout } = this.#manner;
    const end = new AbortController();
    const stop = () => end.abort(signal?.reason);
    signal?.addEventListener("abort", stop, { once: true });
    /** Why it has not worked yet. @type {{ where: string, last?: unknown }} */
    const state = { where: "nothing was found" };
    const late = () => {
      const [{ where, last }, what] = [state, `${this.#name}.${call}`];
      const why = last instanceof Error ? last.message : where;
      // As a whole this is Puppeteer's message, which programs compare.
      end.abort(
        fail("ERR_TIMEOUT", `Timed out after waiting ${timeout}ms`, { cause: failure(`${what}: ${why}`, last) }),
      );
    };
    const timer = timeout > 0 ? setTimeout(late, timeout) : undefined;
    const ended = new Promise((_, reject) => {
      end.signal.addEventListener("abort", () => reject(end.signal.reason), { once: true });
    });
    ended.catch(() => {});
    const reached = (/** @type {string} */ where) => Object.assign(state, { where, last: undefined });
    const tries = repeated(
      end.signal,
      (any) => attempt(any, reached),
      (error) => Object.assign(state, { last: error }),
    );
    try {
      return await /** @type {Promise<T>} */ (Promise.race([tries, ended]));
    } catch (error) {
      // Nobody gets what is found too late.
      tries.then(release, () => {});
      throw error;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      end.abort();
    }
  }
}

/** @param {string} message @param {unknown} cause */
function failure(message, cause) {
  return new Error(message, cause === undefined ? undefined : { cause });
}

/** Whether another try would fail alike: the page is over, or what the program asks for cannot be. @param {unknown} error */
function isFinal(error) {
  return isOver(error) || isMistake(error);
}

/** @param {any} error */
function isMistake(error) {
  return error?.code === "ERR_UNSUPPORTED" || error?.code === "ERR_INVALID_OPTION";
}

/**
 * Tries until it works, or would never work, or the signal comes.
 * @template T
 * @param {AbortSignal} signal
 * @param {(signal: AbortSignal) => Promise<T>} attempt
 * @param {(error: unknown) => void} [note] is told of each failure
 * @returns {Promise<T>}
 */
async function repeated(signal, attempt, note) {
  for (;;) {
    try {
      return await attempt(signal);
    } catch (error) {
      if (isFinal(error) || signal.aborted) throw error;
      note?.(error);
    }
    await pause(signal);
  }
}

/**
 * What the first of several searches finds that finds anything. Searches of pages that are over are nothing to the others.
 * @param {(() => Promise<any>)[]} searches
 * @returns {Promise<any>}
 */
async function firstOf(searches) {
  let left = searches.length;
  let isDone = false;
  return await new Promise((resolve, reject) => {
    const found = (/** @type {any} */ handle) => {
      if (isDone) release(handle);
      isDone = true;
      resolve(handle);
    };
    const failed = (/** @type {unknown} */ error) => {
      left--;
      if (!isMistake(error) && left > 0) return;
      isDone = true;
      reject(error);
    };
    for (const search of searches) search().then(found, failed);
  });
}

/** @param {any} [handle] */
function release(handle) {
  handle?.[Symbol.dispose]?.();
}

/**
 * What comes of the use of a handle that nobody needs afterwards.
 * @template T
 * @param {any} handle @param {() => Promise<T>} use
 * @returns {Promise<T>}
 */
async function briefly(handle, use) {
  try {
    return await use();
  } finally {
    release(handle);
  }
}

/** The handle, or null if something is so. @param {any} handle @param {() => Promise<boolean>} isSo */
async function unless(handle, isSo) {
  let isKept = false;
  try {
    isKept = !(await isSo());
    return isKept ? handle : null;
  } finally {
    if (!isKept) release(handle);
  }
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

/** @param {any} handle @param {AbortSignal} signal */
async function enabled(handle, signal) {
  const isEnabled = (/** @type {Element} */ element) =>
    !/^(button|input|select|textarea|option|optgroup)$/i.test(element.nodeName) || !element.hasAttribute("disabled");
  const found = await handle.frame.waitForFunction(isEnabled, { timeout: 0, signal }, handle);
  found[Symbol.dispose]();
}

/** @param {any} handle @param {string | boolean} value @param {number} threshold */
async function fill(handle, value, threshold) {
  const kind = await handle.evaluate(kindOf);
  if (kind === "none") throw new Error("Element cannot be filled out.");
  if (kind === "checkable") {
    if ((await handle.evaluate(isChecked)) !== Boolean(value)) await handle.click();
    return;
  }
  const text = String(value);
  if (kind === "select") return void (await handle.select(text));
  if (kind === "text" && text.length < threshold) {
    return void (await handle.type(await handle.evaluate(prepare, text)));
  }
  await handle.focus();
  await handle.evaluate(put, text);
}

/** Runs in the page: how an element is filled. @param {any} element */
function kindOf(element) {
  const name = element.nodeName.toLowerCase();
  if (name === "select") return "select";
  if (name === "textarea") return "text";
  if (name === "input") {
    if (/^(?:checkbox|radio)$/.test(element.type)) return "checkable";
    return /^(?:text|url|tel|search|password|number|email)$/.test(element.type) ? "text" : "other";
  }
  if (/^(?:checkbox|radio|switch)$/.test(element.getAttribute("role"))) return "checkable";
  return element.isContentEditable ? "text" : "none";
}

/** Runs in the page: null of what is neither. @param {any} element */
function isChecked(element) {
  const said = element.getAttribute("aria-checked");
  return element.indeterminate || said === "mixed" ? null : Boolean(element.checked) || said === "true";
}

/** Runs in the page: sets a value without keys. @param {any} input @param {string} value */
function put(input, value) {
  const property = input.isContentEditable ? "innerText" : "value";
  if (input[property] === value) return;
  input[property] = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
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

module.exports = { Locator, unless };
