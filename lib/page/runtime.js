// What of ours lives in a page's own world, beside its scripts: it calls the user's functions there and writes what they give
// as text. The engine puts it into every document before the page's scripts run, under a name that they cannot guess and as a
// constant that they could not change (see src/engine/page_script.rs); it takes what it needs of the language and the DOM
// then, and from then on calls nothing that a script can have replaced. Hence no methods, no iterators, no spread and no
// patterns of arrays below, and nothing is assigned that could meet a setter of a prototype. It refers to nothing outside itself.
// Our own worlds get it as well.
// biome-ignore-all lint/suspicious/noShadowRestrictedNames: here a name means what it meant before the page's scripts ran

/**
 * @typedef {(run: Function, args: () => unknown[]) => Promise<string>} Run the reply envelope:
 *   `{"t":1|0,"v":...}` tells a value and its truth, `{"e":{"name","message","stack"}}` an error that was thrown, and
 *   `{"e":{"thrown":...}}` a primitive value that was
 */

function runtime() {
  "use strict";
  /** @type {any} */
  const world = globalThis;
  const { apply, defineProperty, deleteProperty, getOwnPropertyDescriptor, getPrototypeOf } = Reflect;
  const { freeze, keys } = Object;
  const { isArray } = Array;
  const { isView } = ArrayBuffer;
  const { stringify } = JSON;
  const { exec } = RegExp.prototype;
  // The document is the world's at the moment: a window keeps its world when its first one makes way for another of its site,
  // and no script can put another in its place.
  const { performance, btoa, atob } = world;
  // A worker's comes with its script; before, Chromium's process of the page crashes under a look at it.
  const location = world.document && world.location;
  // In Firefox, scripts run in a sandbox beside the window.
  const window = world.window ?? world;
  const { setTimeout, clearTimeout, requestAnimationFrame, cancelAnimationFrame } = world;
  const { Date, Error, Map, MutationObserver, Promise, Proxy, RegExp: Pattern, Set, Uint8Array, URL, WeakSet } = world;
  // Only the window's own declares something in the page.
  const evaluate = window.eval;
  const tagOf = Object.prototype.toString;
  const plain = Object.prototype;
  const promises = Promise.prototype;
  const { then } = promises;
  const { toStringTag } = Symbol;
  const fromBase64 = world.Uint8Array.fromBase64;
  const { toBase64 } = world.Uint8Array.prototype;
  const { charCodeAt, slice } = String.prototype;
  const { fromCharCode } = String;
  const now = performance?.now;
  const { querySelector, querySelectorAll, open, write: writeText, close } = world.Document?.prototype ?? {};
  const { addEventListener, removeEventListener } = world.EventTarget?.prototype ?? {};
  /** What can be asked for elements inside. @type {any} */
  const parents = { __proto__: null };
  for (const [name, kind] of [
    ["element", world.Element],
    ["document", world.Document],
    ["fragment", world.DocumentFragment],
  ]) {
    const { querySelector: first, querySelectorAll: all } = kind?.prototype ?? {};
    parents[name] = { __proto__: null, querySelector: first, querySelectorAll: all };
  }
  const boxOf = world.Element?.prototype.getBoundingClientRect;
  const { getComputedStyle } = world;
  const nodeType = getter(world.Node?.prototype, "nodeType");
  const parentElement = getter(world.Node?.prototype, "parentElement");
  const documentFonts = getter(world.Document?.prototype, "fonts");
  const fontsReady = getter(world.FontFaceSet?.prototype, "ready");
  const readyState = getter(world.Document?.prototype, "readyState");
  const timeOrigin = getter(world.Performance?.prototype, "timeOrigin");
  const { observe, disconnect } = MutationObserver?.prototype ?? {};
  const addFailure = WeakSet.prototype.add;
  const hasFailure = WeakSet.prototype.has;
  const failures = new WeakSet();
  const mapGet = Map.prototype.get;
  const mapSet = Map.prototype.set;
  const mapDelete = Map.prototype.delete;
  const mapEach = Map.prototype.forEach;
  const setEach = Set.prototype.forEach;
  const setAdd = Set.prototype.add;
  const setHas = Set.prototype.has;
  const mapSize = getter(Map.prototype, "size");
  const setSize = getter(Set.prototype, "size");
  const timeOf = Date.prototype.getTime;
  const views = getPrototypeOf(Uint8Array.prototype);
  const viewTag = getter(views, toStringTag);
  const viewBuffer = getter(views, "buffer");
  const viewOffset = getter(views, "byteOffset");
  const viewLength = getter(views, "byteLength");
  const bufferLength = getter(ArrayBuffer.prototype, "byteLength");
  /** How deep a value may be nested; the depth at which the DevTools protocol takes one for endless. */
  const DEEPEST = 1000;
  const listLength = getter(world.NodeList?.prototype, "length");
  const hrefOf = getter(URL?.prototype, "href");
  const patternSource = getter(Pattern.prototype, "source");
  /** Every flag, in the order in which they are written, and what tells whether it is set. @type {[string, any][]} */
  const flags = [
    ["d", getter(Pattern.prototype, "hasIndices")],
    ["g", getter(Pattern.prototype, "global")],
    ["i", getter(Pattern.prototype, "ignoreCase")],
    ["m", getter(Pattern.prototype, "multiline")],
    ["s", getter(Pattern.prototype, "dotAll")],
    ["u", getter(Pattern.prototype, "unicode")],
    ["v", getter(Pattern.prototype, "unicodeSets")],
    ["y", getter(Pattern.prototype, "sticky")],
  ];
  /** Kinds by the prototypes that their values have, whatever tag a script gave those. @type {Map<object, string>} */
  const kinds = new Map([
    [Date.prototype, "Date"],
    [Pattern.prototype, "RegExp"],
    [Map.prototype, "Map"],
    [Set.prototype, "Set"],
    [ArrayBuffer.prototype, "ArrayBuffer"],
    [Error.prototype, "Error"],
    [promises, "Promise"],
  ]);
  /** @type {any} */
  const arrays = { __proto__: null };
  for (const name of [
    ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array", "Int32Array", "Uint32Array"],
    ...["BigInt64Array", "BigUint64Array", "Float16Array", "Float32Array", "Float64Array"],
  ]) {
    arrays[name] = world[name];
  }
  if (URL) kinds.set(URL.prototype, "URL");
  if (world.DOMException) kinds.set(world.DOMException.prototype, "DOMException");
  /** What many values inherit from, and to which a script may have added anything. @type {Set<object>} */
  const builtIns = new Set([...kinds.keys(), plain, Array.prototype, Function.prototype, views]);

  /** @param {any} owner @param {PropertyKey} name @returns {any} */
  function getter(owner, name) {
    return owner && getOwnPropertyDescriptor(owner, name)?.get;
  }

  /** @param {unknown[]} list @param {unknown} item */
  function append(list, item) {
    put(list, list.length, item);
  }

  /** @param {object} owner @param {PropertyKey} name @param {unknown} value */
  function put(owner, name, value) {
    const own = { __proto__: null, value, enumerable: true, configurable: true, writable: true };
    defineProperty(owner, name, /** @type {any} */ (own));
  }

  /** @param {object} owner @param {PropertyKey} name @param {unknown} value */
  function hide(owner, name, value) {
    const own = { __proto__: null, value, configurable: true };
    defineProperty(owner, name, /** @type {any} */ (own));
  }

  /** Throws an error of ours, which no script can pretend. @param {string} name @param {string} message @returns {never} */
  function fail(name, message) {
    const failure = { __proto__: null, name, message, stack: `${name}: ${message}` };
    apply(addFailure, failures, [failure]);
    throw failure;
  }

  /** @param {unknown} thrown */
  function isFailure(thrown) {
    return apply(hasFailure, failures, [thrown]);
  }

  /** @param {ArrayBuffer} buffer @param {number} offset @param {number} length */
  function base64Of(buffer, offset, length) {
    const bytes = new Uint8Array(buffer, offset, length);
    if (toBase64) return apply(toBase64, bytes, []);
    let binary = "";
    for (let index = 0; index < length; index++) binary += fromCharCode(bytes[index]);
    return btoa(binary);
  }

  /** Whether a property is an object's own or its class's. @param {object} object @param {PropertyKey} name */
  function bears(object, name) {
    for (let at = object; at !== null && !apply(setHas, builtIns, [at]); at = /** @type {any} */ (getPrototypeOf(at))) {
      if (getOwnPropertyDescriptor(at, name)) return true;
    }
    return false;
  }

  /** @param {unknown} value @returns {value is object} */
  function isObject(value) {
    return typeof value === "function" || (typeof value === "object" && value !== null);
  }

  /** Whether a value's prototypes make it a promise of this world. @param {unknown} value */
  function isPromise(value) {
    if (!isObject(value)) return false;
    for (let above = getPrototypeOf(value); above !== null; above = getPrototypeOf(above)) {
      if (above === promises) return true;
    }
    return false;
  }

  /**
   * A promise that is awaited as what it is: by its constructor the language would take it for a stranger's, whose `then` is called.
   * @template {PromiseLike<any>} P
   * @param {P} promise
   * @returns {P}
   */
  function genuine(promise) {
    hide(promise, "constructor", Promise);
    return promise;
  }

  /**
   * The same for the debugger, which looks for `then` first.
   * @template {Promise<any>} P
   * @param {P} promise
   * @returns {P}
   */
  function given(promise) {
    hide(promise, "then", then);
    return genuine(promise);
  }

  /** @param {any} value @returns {string} */
  function kindOf(value) {
    let above = getPrototypeOf(value);
    let tagged = getOwnPropertyDescriptor(value, toStringTag) !== undefined;
    if (!tagged && (above === null || above === plain)) return "Object";
    for (; above !== null && above !== plain; above = getPrototypeOf(above)) {
      const kind = apply(mapGet, kinds, [above]);
      if (kind !== undefined) return kind;
      if (getOwnPropertyDescriptor(above, toStringTag)) tagged = true;
    }
    if (above === plain && !tagged && getOwnPropertyDescriptor(plain, toStringTag)) return "Object";
    return apply(slice, apply(tagOf, value, []), [8, -1]);
  }

  /**
   * One value's way to text. As with Puppeteer, what is no data becomes undefined - symbols, windows, what is inside of itself -
   * or what its own properties are.
   * @param {unknown} root @returns {string}
   */
  function textOf(root) {
    /** @type {any} */
    const ancestors = { __proto__: null };
    let endless = false;

    /** @param {string} kind @param {string} [json] */
    function special(kind, json) {
      return json === undefined ? `{"$":"${kind}"}` : `{"$":"${kind}","v":${json}}`;
    }

    /** @param {any} list @param {number} depth */
    function encodeList(list, depth) {
      let json = "[";
      for (let index = 0; index < list.length; index++) {
        if (index > 0) json += ",";
        json += encode(list[index], depth + 1);
      }
      return `${json}]`;
    }

    /** @param {any} object @param {number} depth */
    function encodeObject(object, depth) {
      const names = keys(object);
      let json = "{";
      let tagged = false;
      for (let index = 0; index < names.length; index++) {
        const name = names[index];
        if (name === "$") tagged = true;
        if (index > 0) json += ",";
        json += `${stringify(name)}:${encode(object[name], depth + 1)}`;
      }
      json += "}";
      return tagged ? special("object", json) : json;
    }

    /** @param {any} map @param {number} depth */
    function encodeMap(map, depth) {
      let json = "";
      let index = 0;
      const entry = (/** @type {unknown} */ value, /** @type {unknown} */ key) => {
        if (index++ > 0) json += ",";
        json += encodeList([key, value], depth + 1);
      };
      apply(mapEach, map, [entry]);
      return special("map", `[${json}]`);
    }

    /** @param {any} set @param {number} depth */
    function encodeSet(set, depth) {
      let json = "";
      let index = 0;
      const item = (/** @type {unknown} */ value) => {
        if (index++ > 0) json += ",";
        json += encode(value, depth + 1);
      };
      apply(setEach, set, [item]);
      return special("set", `[${json}]`);
    }

    /** @param {any} pattern */
    function encodePattern(pattern) {
      let set = "";
      for (let index = 0; index < flags.length; index++) {
        const flag = flags[index];
        if (flag[1] && apply(flag[1], pattern, [])) set += flag[0];
      }
      return special("regexp", `[${stringify(apply(patternSource, pattern, []))},"${set}"]`);
    }

    /** @param {any} value @param {number} depth @returns {string} */
    function encode(value, depth) {
      switch (typeof value) {
        case "string":
          return stringify(value);
        case "boolean":
          return value ? "true" : "false";
        case "undefined":
          return special("undefined");
        case "number":
          if (value - value !== 0 || (value === 0 && 1 / value < 0)) {
            return special("number", value === 0 ? '"-0"' : `"${value}"`);
          }
          return `${value}`;
        case "bigint":
          return special("bigint", `"${value}"`);
        case "symbol":
          return special("undefined");
      }
      if (value === null) return "null";
      if (depth > DEEPEST) endless = true;
      if (endless) return "0";
      for (let index = 0; index < depth; index++) if (ancestors[index] === value) return special("undefined");
      ancestors[depth] = value;
      const json = encodeParts(value, depth);
      ancestors[depth] = null;
      return json;
    }

    /** @param {any} value @param {number} depth @returns {string} */
    function encodeParts(value, depth) {
      if (typeof value === "function") return encodeObject(value, depth);
      if (isArray(value)) return encodeList(value, depth);
      if (isView(value)) {
        const view = apply(viewTag, value, []);
        // A DataView.
        if (view === undefined) return "{}";
        const bytes = base64Of(
          apply(viewBuffer, value, []),
          apply(viewOffset, value, []),
          apply(viewLength, value, []),
        );
        return special("bytes", `["${view}","${bytes}"]`);
      }
      const kind = kindOf(value);
      if (kind === "Object") return encodeObject(value, depth);
      const builtIn = encodeBuiltIn(kind, value, depth);
      if (builtIn !== undefined) return builtIn;
      if (kind === "Window") return special("undefined");
      if (!bears(value, "toJSON") || typeof value.toJSON !== "function") return encodeObject(value, depth);
      return encode(apply(value.toJSON, value, []), depth + 1);
    }

    /**
     * Only a value that is what its prototype or tag says: what belongs to a built-in refuses others, which are plain data.
     * @param {string} kind @param {any} value @param {number} depth @returns {string | undefined}
     */
    function encodeBuiltIn(kind, value, depth) {
      try {
        switch (kind) {
          case "Date": {
            const time = apply(timeOf, value, []);
            return special("date", time - time === 0 ? `${time}` : "null");
          }
          case "RegExp":
            return encodePattern(value);
          case "URL":
            return special("url", stringify(apply(hrefOf, value, [])));
          case "ArrayBuffer":
            return special("bytes", `["ArrayBuffer","${base64Of(value, 0, apply(bufferLength, value, []))}"]`);
          case "Error":
          case "DOMException":
            return special("error", describe(value));
          case "Map":
            apply(mapSize, value, []);
            break;
          case "Set":
            apply(setSize, value, []);
            break;
          default:
            return undefined;
        }
      } catch {
        return encodeObject(value, depth);
      }
      return kind === "Map" ? encodeMap(value, depth) : encodeSet(value, depth);
    }

    const text = encode(root, 0);
    return endless ? special("undefined") : text;
  }

  /** @param {any} error */
  function describe(error) {
    const { name, message, stack } = error;
    const title = `${name === undefined ? "Error" : name}`;
    const text = `${message === undefined ? "" : message}`;
    const shown = typeof stack === "string" ? stack : `${title}: ${text}`;
    return `{"name":${stringify(title)},"message":${stringify(text)},"stack":${stringify(shown)}}`;
  }

  /** @param {any} thrown */
  function describeThrown(thrown) {
    try {
      if (typeof thrown === "object" && thrown !== null) {
        if (isFailure(thrown)) return describe(thrown);
        const kind = kindOf(thrown);
        if (kind === "Error" || kind === "DOMException") return describe(thrown);
      }
      if (!isObject(thrown) && typeof thrown !== "symbol") return `{"thrown":${textOf(thrown)}}`;
      const shown =
        typeof thrown === "object" ? textOf(thrown) : typeof thrown === "symbol" ? "a symbol" : "a function";
      return describe({ __proto__: null, message: `${shown} was thrown, which is not an Error` });
    } catch {
      return describe({
        __proto__: null,
        message: `a value of type ${typeof thrown} was thrown, which is not an Error`,
      });
    }
  }

  /** @type {Run} */
  function run(fn, args) {
    return given(answered(fn, args));
  }

  /** What has to be awaited of what a function gives. @param {unknown} value @returns {any} */
  function promiseOf(value) {
    if (!isObject(value)) return undefined;
    if (bears(value, "then")) return value;
    return isPromise(value) ? genuine(/** @type {any} */ (value)) : undefined;
  }

  /** @type {Run} */
  async function answered(fn, args) {
    try {
      let value = apply(fn, world, args());
      const promise = promiseOf(value);
      if (promise !== undefined) value = await promise;
      return `{"t":${value ? 1 : 0},"v":${textOf(value)}}`;
    } catch (error) {
      return `{"e":${describeThrown(error)}}`;
    }
  }

  /**
   * Calls a function whose value stays in the page. What it throws is thrown as an envelope.
   * @param {Function} fn @param {() => unknown[]} args
   * @param {boolean} boxed as `watch` looks at it
   */
  function keep(fn, args, boxed) {
    const box = kept(fn, args);
    return given(boxed ? box : unboxed(box));
  }

  /** @param {Function} fn @param {() => unknown[]} args */
  async function kept(fn, args) {
    try {
      let value = apply(fn, world, args());
      const promise = promiseOf(value);
      if (promise !== undefined) value = await promise;
      return { __proto__: null, value };
    } catch (error) {
      throw `{"e":${describeThrown(error)}}`;
    }
  }

  /**
   * A promise of what is in a box, or of the text that comes in its place.
   * @param {Promise<any>} promise
   */
  function unboxed(promise) {
    return new Promise((/** @type {Function} */ resolve, /** @type {Function} */ reject) => {
      const seen = (/** @type {any} */ box) => {
        if (typeof box !== "object") return resolve(box);
        const { value } = box;
        // A promise would ask a value that it is resolved with for what only a script's change of the built-ins has given it.
        const changed = isObject(value) && !bears(value, "then") && /** @type {any} */ (value).then !== undefined;
        if (changed) hide(value, "then", undefined);
        resolve(value);
        if (changed) deleteProperty(value, "then");
      };
      apply(then, genuine(promise), [seen, reject]);
    });
  }

  /** The end of this task and of what it has left to do. */
  function turn() {
    return new Promise((/** @type {(value?: unknown) => void} */ over) => {
      setTimeout(over, 0);
    });
  }

  /**
   * Looks again and again, on the page's own signal, until an envelope or the value in a box is truthy, or something is thrown.
   * @param {() => Promise<any>} look
   * @param {"raf" | "mutation" | number} polling
   * @param {number} [slice] ms after which the last envelope will do
   * @returns {Promise<any>} the envelope or the value, with a method `stop`
   */
  function watch(look, polling, slice) {
    const end = slice === undefined ? Infinity : apply(now, performance, []) + slice;
    let changed = false;
    let stopped = false;
    let wake = () => {};
    const pause = () =>
      new Promise((/** @type {(value?: unknown) => void} */ again) => {
        let frame = 0;
        let timer = 0;
        wake = () => {
          clearTimeout(timer);
          cancelAnimationFrame?.(frame);
          again();
        };
        const left = end - apply(now, performance, []);
        // Frames may not run.
        let most = polling === "raf" ? 50 : polling === "mutation" ? Infinity : polling;
        if (left < most) most = left > 0 ? left : 0;
        if (most !== Infinity) timer = setTimeout(wake, most);
        if (polling === "raf") frame = requestAnimationFrame(wake);
      });
    /** @type {any} */
    let observer;
    if (polling === "mutation") {
      observer = new MutationObserver(() => {
        changed = true;
        wake();
      });
      const all = { __proto__: null, childList: true, subtree: true, attributes: true, characterData: true };
      apply(observe, observer, [document, all]);
    }
    const watching = (async () => {
      try {
        for (;;) {
          changed = false;
          const seen = await genuine(look());
          const boxed = typeof seen === "object";
          const found = boxed ? seen.value : seen[2] !== "t" || seen[5] !== "0";
          if (stopped || found || apply(now, performance, []) >= end) return seen;
          // What the function itself changes would otherwise have it called on and on within one task.
          if (observer) await genuine(turn());
          if (!changed && !stopped) await genuine(pause());
          if (stopped) return seen;
        }
      } finally {
        if (observer) apply(disconnect, observer, []);
      }
    })();
    const found = unboxed(watching);
    // Whoever looks for what it throws comes later.
    apply(then, genuine(found), [undefined, () => {}]);
    put(found, "stop", () => {
      stopped = true;
      wake();
    });
    return given(found);
  }

  /** A promise of true, once the document's fonts are there. */
  function fonts() {
    const ready = apply(fontsReady, apply(documentFonts, document, []), []);
    // The page's scripts have this promise as well, and find nothing of ours on it.
    hide(ready, "constructor", Promise);
    const there = apply(then, ready, [() => true]);
    deleteProperty(ready, "constructor");
    return given(there);
  }

  /** A document that was complete before calls itself so for a moment after it was written anew, hence the mark. */
  const loading = "boomtown.loading";

  /**
   * Writes the document anew: globals stay, scripts run, and loading starts over.
   * @param {string} html @param {boolean} scripts whether the page's scripts run; without them no event tells that it is loaded
   */
  function write(html, scripts) {
    apply(open, document, []);
    hide(window, loading, scripts);
    const loaded = () => deleteProperty(window, loading);
    apply(addEventListener, window, ["load", loaded, { __proto__: null, once: true }]);
    apply(writeText, document, [html]);
    apply(close, document, []);
  }

  /**
   * Waits for a moment of the document, at most so many ms.
   * @param {boolean} complete or else that it is parsed
   * @param {number} ms 0 where there are no timers and no events, because the page's scripts are off
   * @returns {any} whether that moment has come, and the time origin and the URL, which tell one document from the next
   */
  function moment(complete, ms) {
    const seen = () => {
      const state = apply(readyState, document, []);
      const reached = (complete ? state === "complete" : state !== "loading") && !window[loading];
      const found = [reached, apply(timeOrigin, performance, []), location.href];
      // Whoever resolves a promise with it looks for one.
      hide(found, "then", undefined);
      return found;
    };
    const first = seen();
    if (first[0] || ms === 0) return first;
    const waiting = new Promise((/** @type {Function} */ done) => {
      const on = complete ? window : document;
      const event = complete ? "load" : "DOMContentLoaded";
      let timer = 0;
      const end = () => {
        clearTimeout(timer);
        apply(removeEventListener, on, [event, end]);
        done(seen());
      };
      timer = setTimeout(end, ms);
      apply(addEventListener, on, [event, end]);
    });
    return given(waiting);
  }

  /** What is asked of a root: a document, an element or a fragment. @param {any} root @param {string} method @param {string} selector */
  function query(root, method, selector) {
    const kind = apply(nodeType, root, []);
    const owner = kind === 1 ? parents.element : kind === 9 ? parents.document : parents.fragment;
    return apply(owner[method], root, [selector]);
  }

  /** @param {string} selector @param {any} root */
  function find(selector, root) {
    return root ? query(root, "querySelector", selector) : apply(querySelector, document, [selector]);
  }

  /** @param {string} selector @param {any} root */
  function findAll(selector, root) {
    const found = root ? query(root, "querySelectorAll", selector) : apply(querySelectorAll, document, [selector]);
    const count = apply(listLength, found, []);
    /** @type {unknown[]} */
    const elements = [];
    for (let index = 0; index < count; index++) append(elements, found[index]);
    return elements;
  }

  /** Whether a person could see something of an element or a text. @param {any} node */
  function shows(node) {
    const element = apply(nodeType, node, []) === 3 ? apply(parentElement, node, []) : node;
    if (!element) return false;
    const { width, height } = apply(boxOf, element, []);
    return width > 0 && height > 0 && !apply(exec, /hidden|collapse/, [getComputedStyle(element).visibility]);
  }

  /**
   * What is waited for: the first element of a selector, one that shows, or one that does not, which there may not be at all.
   * @param {string} selector @param {any} root @param {boolean} visible @param {boolean} hidden
   */
  function sought(selector, root, visible, hidden) {
    const element = find(selector, root);
    if (!element) return hidden;
    return (visible && !shows(element)) || (hidden && shows(element)) ? null : element;
  }

  /** A text as a message shows it: of a long one the beginning. @param {string} text */
  function shortened(text) {
    return text.length > 120 ? `${apply(slice, text, [0, 120])}...` : text;
  }

  /**
   * Calls a function with the first element of a selector.
   * @param {Function} fn @param {unknown[]} args @param {string} selector @param {any} root
   */
  function onFirst(fn, args, selector, root) {
    const element = find(selector, root);
    if (!element) fail("Error", `Error: failed to find element matching selector "${shortened(selector)}"`);
    return apply(fn, world, after(element, args));
  }

  /**
   * Calls a function with all elements of a selector.
   * @param {Function} fn @param {unknown[]} args @param {string} selector @param {any} root
   */
  function onAll(fn, args, selector, root) {
    return apply(fn, world, after(findAll(selector, root), args));
  }

  /** @param {unknown} first @param {unknown[]} rest */
  function after(first, rest) {
    const list = [first];
    for (let index = 0; index < rest.length; index++) append(list, rest[index]);
    return list;
  }

  /**
   * A document as its interfaces have it: elements of it that are called like a property hide that property from scripts of every
   * world. Elements do no such thing, except for forms.
   * @param {Document} hidden
   * @returns {Document}
   */
  function clean(hidden) {
    const get = (/** @type {unknown} */ _target, /** @type {PropertyKey} */ name) => {
      for (let above = getPrototypeOf(hidden); above !== null; above = getPrototypeOf(above)) {
        const found = getOwnPropertyDescriptor(above, name);
        if (found?.get) return apply(found.get, hidden, []);
        if (typeof found?.value !== "function") continue;
        return (/** @type {unknown[]} */ ...args) => apply(found.value, hidden, args);
      }
      return undefined;
    };
    return new Proxy({ __proto__: null }, { __proto__: null, get });
  }

  /**
   * Calls a function of ours with the document, or with the main frame's.
   * @param {Function} fn
   * @param {unknown[]} args
   * @param {boolean} main for drivers that cannot leave the chosen frame meanwhile
   */
  function look(fn, args, main) {
    return apply(fn, world, after(clean(main ? window.top.document : document), args));
  }

  /** Calls a function later, and waits for nothing. @param {Function} fn @param {unknown[]} args @param {number} ms */
  function later(fn, args, ms) {
    setTimeout(() => apply(fn, world, args), ms);
  }

  /** What a text stands for: of a function, what it gives. @param {unknown} given */
  function called(given) {
    return typeof given === "function" ? given() : given;
  }

  /**
   * Runs a program with exactly a program's meaning: declarations become globals, and its value is that of its last statement.
   * Where the page's Content-Security-Policy forbids eval, the same text runs as the body of a function.
   * @param {Function} body @param {unknown[]} _args @param {string} program
   */
  function runProgram(body, _args, program) {
    try {
      evaluate("0");
    } catch {
      return body();
    }
    return evaluate(program);
  }

  /** Exposed functions, by their bindings, and the calls that wait for an answer. @type {Map<string, { fn: Function, waiting: Map<number, any[]> }>} */
  const exposures = new Map();
  let calls = 0;

  /**
   * Makes `window[name]` call the core's binding, which takes one text and gives nothing back.
   * @param {string} name @param {string} binding
   */
  function expose(name, binding) {
    const send = world[binding];
    if (typeof send !== "function" || apply(mapGet, exposures, [binding])) return;
    /** @type {Map<number, any[]>} */
    const waiting = new Map();
    const fn = (/** @type {unknown[]} */ ...args) => {
      const number = ++calls;
      return new Promise((/** @type {Function} */ resolve, /** @type {Function} */ reject) => {
        if (!apply(mapGet, exposures, [binding])) return reject(concealed(name));
        apply(mapSet, waiting, [number, [resolve, reject]]);
        (async () => {
          const envelope = await genuine(
            run(
              () => args,
              () => [],
            ),
          );
          send(`${number} ${envelope}`);
        })();
      });
    };
    apply(mapSet, exposures, [binding, { __proto__: null, fn, waiting }]);
    put(world, name, fn);
  }

  /**
   * Takes `window[name]` away again, if it still is what `expose` has made, and ends the calls that wait.
   * @param {string} name @param {string} binding
   */
  function conceal(name, binding) {
    const exposure = apply(mapGet, exposures, [binding]);
    if (!exposure) return;
    apply(mapDelete, exposures, [binding]);
    if (getOwnPropertyDescriptor(world, name)?.value === exposure.fn) deleteProperty(world, name);
    apply(mapEach, exposure.waiting, [(/** @type {any[]} */ ends) => ends[1](concealed(name))]);
  }

  /** @param {string} name */
  function concealed(name) {
    return new Error(`the function ${name} is not exposed any more`);
  }

  /** @param {string} binding @param {number} number @param {boolean} fulfilled @param {() => unknown} make */
  function answer(binding, number, fulfilled, make) {
    const exposure = apply(mapGet, exposures, [binding]);
    const ends = exposure && apply(mapGet, exposure.waiting, [number]);
    if (!ends) return;
    apply(mapDelete, exposure.waiting, [number]);
    ends[fulfilled ? 0 : 1](make());
  }

  // What makes the values that have no literal.
  /** @type {any} */
  const make = freeze({
    __proto__: null,
    date: (/** @type {number} */ time) => new Date(time),
    regexp: (/** @type {string} */ source, /** @type {string} */ set) => new Pattern(source, set),
    url: (/** @type {string} */ href) => new URL(href),
    /** @param {[unknown, unknown][]} entries */
    map(entries) {
      const map = new Map();
      for (let index = 0; index < entries.length; index++) apply(mapSet, map, entries[index]);
      return map;
    },
    /** @param {unknown[]} items */
    set(items) {
      const set = new Set();
      for (let index = 0; index < items.length; index++) apply(setAdd, set, [items[index]]);
      return set;
    },
    /** @param {string} name @param {string} message @param {string} stack */
    error(name, message, stack) {
      const error = new Error(message);
      // Without a prototype, of which a page could make a getter of the property.
      const own = (/** @type {string} */ value) => /** @type {any} */ ({ __proto__: null, value });
      defineProperty(error, "name", own(name));
      defineProperty(error, "stack", own(stack));
      return error;
    },
    /** @param {string} base64 */
    bytes(base64) {
      if (fromBase64) return apply(fromBase64, Uint8Array, [base64]);
      const binary = atob(base64);
      const bytes = new Uint8Array(binary.length);
      for (let index = 0; index < binary.length; index++) bytes[index] = apply(charCodeAt, binary, [index]);
      return bytes;
    },
    /** @param {string} base64 */
    buffer: (base64) => apply(viewBuffer, make.bytes(base64), []),
    /** @param {string} name @param {string} base64 */
    array: (name, base64) => new arrays[name](make.buffer(base64)),
  });
  return freeze({
    __proto__: null,
    run,
    keep,
    watch,
    find,
    findAll,
    sought,
    shows,
    onFirst,
    onAll,
    look,
    later,
    called,
    runProgram,
    expose,
    conceal,
    answer,
    make,
    write,
    moment,
    fonts,
  });
}

module.exports = { runtime };
