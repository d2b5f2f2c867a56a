// phantom's ways to run scripts in the page. What they give leaves it as it left PhantomJS: as data, of which nothing is refused.
/// <reference lib="dom" />

const fs = require("node:fs");
const path = require("node:path");
const vm = require("node:vm");
const { literal } = require("../evaluate.js");
const { types } = require("node:util");
const { numberOf, textOf, truthOf } = require("./lenient.js");
const { run } = require("./steps.js");

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */

class Scripts {
  #page;
  #state;
  #tellError;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {(thrown: { message: string, stack: string }) => void} tellError has `onError` know
   */
  constructor(page, state, tellError) {
    this.#page = page;
    this.#state = state;
    this.#tellError = tellError;
  }

  /**
   * @param {unknown} script a function or its text
   * @param {unknown[]} args
   * @returns {Steps} null when the script throws, of which `onError` tells, or gives nothing
   */
  evaluate(script, ...args) {
    return this.#evaluate("evaluate", script, args);
  }

  /** @param {unknown} script @param {unknown} [delay] ms @param {unknown[]} args */
  *evaluateAsync(script, delay = 0, ...args) {
    const fn = functionText(script);
    if (fn === undefined) return;
    const list = args.map(argument).join();
    const text = `function () { setTimeout(function () { (${fn})(${list}); }, ${numberOf(delay) ?? 0}); }`;
    yield* this.#evaluate("evaluateAsync", text, []);
  }

  /** @param {unknown} script the text of a function, or a function */
  *evaluateJavaScript(script) {
    const fn = functionText(script);
    if (fn === undefined) return null;
    try {
      return yield* run(this.#page, "evaluateJavaScript", fn, [], { within: ["called"], gesture: true });
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** @param {unknown} url @returns {Promise<string>} the URL */
  async includeJs(url) {
    const source = textOf(url);
    /** @param {Document} document @param {string} src */
    const add = async (document, src) => {
      const script = document.createElement("script");
      const loaded = new Promise((resolve) => {
        script.onload = resolve;
        script.onerror = resolve;
      });
      script.src = src;
      document.body.append(script);
      await loaded;
    };
    await this.#page._look("includeJs", add, [source], { gesture: true });
    return source;
  }

  /** @param {unknown} file @returns {Steps<boolean>} false when there is no such file, here or in libraryPath */
  *injectJs(file) {
    const name = textOf(file);
    for (const place of [name, path.resolve(textOf(this.#state.libraryPath), name)]) {
      const script = yield* readText(place);
      if (script === undefined) continue;
      try {
        yield* run(this.#page, "injectJs", `${script}\n;void 0;`, [], { gesture: true });
      } catch (error) {
        this.#failed(error);
      }
      return true;
    }
    return false;
  }

  /** @param {string} operation @param {unknown} script @param {unknown[]} args @returns {Steps} */
  *#evaluate(operation, script, args) {
    if (!truthOf(this.#state.settings.get("javascriptEnabled"))) return null;
    const fn = functionText(script);
    if (fn === undefined) return null;
    // A callback that answers a dialog has promises of the page's values.
    const given = args.some(types.isPromise) ? yield { later: () => Promise.all(args), now: () => args } : args;
    const list = given.map(argument).join();
    const program = `(${carried})(function program() { return (${fn})(${list}); })`;
    try {
      const reply = yield* run(this.#page, operation, program, [], { gesture: true });
      if (reply.thrown) this.#tellError(reply.thrown);
      return reply.value ?? null;
    } catch (error) {
      return this.#failed(error);
    }
  }

  /** @param {any} error @returns {null} */
  #failed(error) {
    // A primitive value that a script has thrown arrives as it is.
    if (typeof error !== "object" || error === null) {
      this.#tellError({ message: String(error), stack: "" });
      return null;
    }
    if (error.code !== "ERR_EVALUATION") throw error;
    const { message, stack = "" } = error.cause ?? error;
    this.#tellError({ message: error.cause ? `${error.cause.name}: ${message}` : message, stack });
    return null;
  }
}

/** @param {string} file @returns {Steps<string | undefined>} undefined where it cannot be read */
function* readText(file) {
  try {
    return yield { later: () => fs.promises.readFile(file, "utf8"), now: () => fs.readFileSync(file, "utf8") };
  } catch {
    return undefined;
  }
}

/**
 * Runs in the page: calls a function, and makes of what it gives what JSON can say. An object of the browser's own, such as an
 * element or a location, becomes its plain properties.
 * It calls no methods of plain data, which a page may have replaced.
 * @param {() => any} run
 */
function carried(run) {
  /** @typedef {{ value: any, next: Above } | undefined} Above what a value is inside of */
  /** @param {Above} above @param {(value: any) => boolean} is */
  function some(above, is) {
    for (let at = above; at; at = at.next) if (is(at.value)) return true;
    return false;
  }
  /** @param {any} value @param {Above} above @returns {any} */
  function plain(value, above) {
    if (typeof value === "function") return {};
    if (typeof value === "number") return value - value === 0 ? value : null;
    if (typeof value === "bigint") return Number(value);
    if (typeof value === "symbol") return undefined;
    if (typeof value !== "object" || value === null) return value;
    if (some(above, (other) => other === value)) return null;
    const inside = { value, next: above };
    const list = (/** @type {any} */ items) => {
      const made = [];
      for (let index = 0; index < items.length; index++) made[index] = plain(items[index], inside) ?? null;
      return made;
    };
    if (Array.isArray(value)) return list(value);
    const kind = Object.prototype.toString.call(value);
    if (kind === "[object Date]") return Number.isNaN(value.getTime()) ? null : value.toISOString();
    if (kind === "[object RegExp]" || kind === "[object Error]") return {};
    const owner = Object.getPrototypeOf(value);
    const isHost = kind !== "[object Object]" && owner !== null && owner !== Object.prototype;
    // The whole document hangs on each of its parts.
    const isPart = (/** @type {any} */ part) => part instanceof Node || part === part.window;
    if (isPart(value) && some(above, isPart)) return null;
    if (value instanceof NodeList || value instanceof HTMLCollection) return list(value);
    if (value instanceof Storage) return { ...value };
    /** @type {Record<string, any>} */
    const data = {};
    for (const name in value) {
      let part;
      try {
        part = value[name];
      } catch {
        continue;
      }
      if (typeof part === "function" && (isHost || !Object.hasOwn(value, name))) continue;
      if (isPart(value) && typeof part === "object" && part !== value.dataset) continue;
      const made = plain(part, inside);
      if (made !== undefined) data[name] = made;
    }
    return data;
  }
  const failed = (/** @type {any} */ thrown) => ({
    thrown: { message: String(thrown), stack: String(thrown?.stack ?? "") },
  });
  try {
    const value = run();
    if (!(value instanceof Promise)) return { value: plain(value, undefined) };
    return value.then((given) => ({ value: plain(given, undefined) }), failed);
  } catch (thrown) {
    return failed(thrown);
  }
}

/** What is no function, nor the text of one, does nothing. @param {unknown} script @returns {string | undefined} */
function functionText(script) {
  const text = typeof script === "function" ? Function.prototype.toString.call(script) : textOf(script).trim();
  // A method's text is none of a function yet.
  return [text, `function ${text}`, `async function ${text.replace(/^async\s+/, "")}`].find(isFunction);
}

/** @param {string} text */
function isFunction(text) {
  if (!/^(?:async\b\s*)?(?:function\b|\(|[\w$]+\s*=>)/.test(text)) return false;
  try {
    new vm.Script(`(${text}\n)`);
    return true;
  } catch {
    return false;
  }
}

/**
 * phantom sends arguments as JSON in which functions are their texts.
 * @param {unknown} value
 * @returns {string} an expression
 */
function argument(value) {
  /** @type {Map<string, string>} */
  const functions = new Map();
  const above = new Set();
  /** @param {any} part @returns {any} */
  const data = (part) => {
    if (typeof part === "function" || (typeof part === "string" && part.startsWith("function"))) {
      const text = functionText(part);
      if (text === undefined) return part;
      const mark = `\u0000${functions.size}`;
      functions.set(mark, text);
      return mark;
    }
    if (typeof part === "bigint") return Number(part);
    if (typeof part?.toJSON === "function") return data(part.toJSON());
    if (typeof part !== "object" || part === null) return part;
    if (above.has(part)) return null;
    above.add(part);
    const made = Array.isArray(part)
      ? part.map(data)
      : Object.fromEntries(Object.entries(part).map(([name, member]) => [name, data(member)]));
    above.delete(part);
    return made;
  };
  const json = JSON.stringify(data(value)) ?? "null";
  const text = literal(JSON.parse(json), "args");
  return text.replaceAll(/"\\u0000\d+"/g, (mark) => {
    const fn = functions.get(JSON.parse(mark));
    return fn === undefined ? mark : `(${fn})`;
  });
}

module.exports = { Scripts };
