// Carries functions and values across the border of the page: `compile` writes the script to run there, `decode` reads its reply.
//
// Values cross as data: everything of JSON, and undefined, NaN, the infinities, -0, BigInt, Date, RegExp, Map, Set, URL, Error,
// ArrayBuffer and typed arrays (a Buffer arrives as Uint8Array). Instances of other classes cross as what their toJSON gives,
// or as plain objects of their own enumerable properties. As with Puppeteer, functions and symbols are left out, and only what is inside of itself is refused.

const vm = require("node:vm");
const { types } = require("node:util");
const { fail, ofPage, twinOf } = require("../errors.js");
const { loadNative } = require("../load-native.js");
const { warn } = require("./warn.js");

/** By which scripts find what of ours is in their world (see runtime.js); the engine puts it there. @type {string} */
const RUNTIME = loadNative().Core.pageRuntime();
const NATIVE = /\{\s*\[native code\]\s*\}\s*$/;
const STATEMENT = /^(?:\s|\/\/.*|\/\*[\s\S]*?\*\/)*(?:\{|(?:async\s+)?function\b|class\b|let\s*\[)/;

/**
 * @typedef {object} CompileOptions
 * @property {boolean | "boxed"} [keep] the value stays in the page; boxed, as `watch` looks at it
 * @property {{ id: string, frame: string }[]} [handles] gets those that the arguments name; the script finds them as its own `arguments`
 * @property {[Runner, ...unknown[]]} [within] a function of the page's runtime that runs in place of the user's, and calls it: it
 * receives the user's function, the array of its arguments, and then the values that follow here
 */

/**
 * What stays in the page for the program: of an object the id of its handle and of the frame that it is in, of a primitive value
 * the value.
 * @typedef {{ id: string, frame: string } | { value: unknown }} Remote
 */

/** The property by which an object is known to stand for something of the page: it gives the {@link Remote}, or throws. */
const REMOTE = Symbol("boomtown.remote");

/** @typedef {"onFirst" | "onAll" | "look" | "later" | "called" | "runProgram"} Runner */

/**
 * Writes one JavaScript expression; its value is a promise of the reply envelope (see runtime.js).
 * @param {Function | string | { text: string }} script a function, or its text; or a program's
 * @param {readonly unknown[]} [args]
 * @param {CompileOptions} [options]
 * @returns {string}
 */
function compile(script, args = [], { within, keep = false, handles } = {}) {
  if (typeof script === "string" && !within) {
    if (args.length > 0) warn("a string of JavaScript takes no arguments; pass a function to use them");
    if (!isExpression(script)) {
      // A program with a top-level await is none for eval; as a function it works.
      if (!parses(script) && parses(`(${asyncBody(script)})`)) return call(asyncBody(script), "", keep);
      return compile(detached(script), [], { keep, within: ["runProgram", script] });
    }
    return call(body(script, `return (${script}\n)`), "", keep);
  }
  const text =
    typeof script === "string"
      ? `(${script}\n)`
      : typeof script === "object"
        ? `(${script.text})`
        : functionText(script);
  const list = args.map((value, index) => literal(value, `args[${index}]`, handles)).join();
  if (!within) return call(text, list, keep);
  const [runner, ...params] = within;
  return call(
    `${RUNTIME}.${runner}`,
    [text, `[${list}]`, ...params.map((value) => literal(value, "params", handles))].join(),
    keep,
  );
}

/**
 * The same for a function of the page's runtime alone.
 * @param {"find" | "findAll" | "sought"} name
 * @param {readonly unknown[]} args
 * @param {Omit<CompileOptions, "within">} options
 */
function compileOwn(name, args, { keep = false, handles }) {
  const list = args.map((value) => literal(value, "args", handles)).join();
  return call(`${RUNTIME}.${name}`, list, keep);
}

/** @param {string} text @param {string} args @param {boolean | "boxed"} keep */
function call(text, args, keep) {
  if (keep) return `${RUNTIME}.keep(${text},()=>[${args}],${keep === "boxed"})`;
  return `${RUNTIME}.run(${text},()=>[${args}])`;
}

/**
 * The same without the envelope, for scripts whose result nobody reads.
 * @param {Function | string} script
 * @param {readonly unknown[]} [args]
 * @returns {string}
 */
function statement(script, args = []) {
  if (typeof script === "string") return script;
  return `(${functionText(script)})(${args.map((value, index) => literal(value, `args[${index}]`)).join()});`;
}

/**
 * Text that is no program would fail where nobody hears of it.
 * @param {string} owner
 * @param {Function | string} script
 */
function refuseUnparsable(owner, script) {
  const error = typeof script === "string" ? syntaxError(script) : undefined;
  if (error) throw fail("ERR_EVALUATION", `${owner}: SyntaxError: ${error.message}`, { cause: error });
}

/**
 * The function body that stands in for a program: it returns the value of the last statement if that is an expression.
 * @param {string} program
 * @returns {string}
 */
function detached(program) {
  const error = syntaxError(program);
  if (error) return `function () { throw new SyntaxError(${JSON.stringify(error.message)}) }`;
  // Only the end of the program is searched, so that a long one does not cost a parse at every semicolon.
  const boundary = /[;}\n]/g;
  boundary.lastIndex = Math.max(0, program.length - 2000);
  while (boundary.exec(program)) {
    const at = boundary.lastIndex;
    const tail = program.slice(at).replace(/[\s;]+$/, "");
    const continues = program[at - 1] !== ";" && /^\s*[([`+\-*/,.]/.test(tail);
    if (tail.trim() !== "" && !continues && isExpression(tail) && parses(program.slice(0, at))) {
      return body(program, `${program.slice(0, at)}\nreturn (${tail}\n)`);
    }
  }
  return asyncBody(program);
}

/**
 * Only what awaits needs a promise, of whose value the language asks whether it is one itself; a page may have answered that.
 * @param {string} script
 * @param {string} text
 */
const body = (script, text) => `${/await/.test(script) ? "async " : ""}function () { ${text} }`;

/** @param {string} text */
const asyncBody = (text) => `async function () { ${text}\n}`;

/**
 * Text that is one expression in parentheses and in brackets alike has not closed either of them itself.
 * @param {string} text
 */
function isExpression(text) {
  return !STATEMENT.test(text) && parses(`(async () => (${text}\n))`) && parses(`(async () => [${text}\n])`);
}

/** @param {string} text */
function parses(text) {
  return syntaxError(text) === undefined;
}

/** @param {string} text @returns {Error | undefined} */
function syntaxError(text) {
  try {
    new vm.Script(text);
    return undefined;
  } catch (error) {
    return /** @type {Error} */ (error);
  }
}

/**
 * The function as an expression. A method's text (`name() {}`) is none; it becomes one without its name.
 * @param {Function} fn
 * @returns {string}
 */
function functionText(fn) {
  const text = Function.prototype.toString.call(fn);
  const label = fn.name ? `the function "${fn.name}"` : "this function";
  if (NATIVE.test(text)) {
    throw refusal(
      `${label} is native or bound, so it has no text to send to the page; wrap it in a function of your own`,
    );
  }
  if (/^class\b/.test(text)) throw refusal(`${label} is a class, which cannot be called; wrap it in a function`);
  const error = syntaxError(`(${text})`);
  if (error === undefined) return `(${text})`;
  if (/^[gs]et\s+[^\s(]/.test(text))
    throw refusal(`${label} is a getter or setter; pass a function that reads the property`);
  const prefix = `${types.isAsyncFunction(fn) ? "async " : ""}function${types.isGeneratorFunction(fn) ? "*" : ""} `;
  // A computed name may hold parentheses too: the parameters start at the first one that gives a function.
  for (let at = text.indexOf("("); at !== -1; at = text.indexOf("(", at + 1)) {
    const candidate = `(${prefix}${text.slice(at)})`;
    if (syntaxError(candidate) === undefined) return candidate;
  }
  throw refusal(`${label} cannot be read outside its class (${error.message}); pass one that stands alone`);
}

/** @param {string} message */
const refusal = (message) => fail("ERR_INVALID_OPTION", message);

/**
 * A JavaScript expression for the value.
 * @param {unknown} value
 * @param {string} name what the value is called where it is refused
 * @param {{ id: string, frame: string }[]} [handles] gets those that are in the value; without it there may be none
 * @returns {string}
 */
function literal(value, name, handles) {
  /** @type {unknown[]} */
  const ancestors = [];

  /** @param {any} part @returns {string} */
  function write(part) {
    switch (typeof part) {
      case "string":
        return JSON.stringify(part);
      case "undefined":
        return "void 0";
      case "number":
        if (Number.isNaN(part)) return "0/0";
        if (!Number.isFinite(part)) return part > 0 ? "1/0" : "-1/0";
        return Object.is(part, -0) ? "-0" : String(part);
      case "boolean":
        return String(part);
      case "bigint":
        return `${part}n`;
      case "function":
      case "symbol":
        return "void 0";
    }
    if (part === null) return "null";
    if (ancestors.includes(part)) throw refusal(`${name} is inside of itself. Recursive objects are not allowed.`);
    ancestors.push(part);
    const text = writeObject(part);
    ancestors.pop();
    return text;
  }

  /** @param {Remote} part @returns {string} */
  function remote(part) {
    if ("value" in part) return write(part.value);
    if (!handles) throw refusal(`${name} is a handle, which only scripts of its own document can have`);
    return `arguments[${handles.push(part) - 1}]`;
  }

  /** @param {any} part @returns {string} */
  function writeObject(part) {
    if (part[REMOTE] !== undefined) return remote(part[REMOTE]);
    if (Array.isArray(part)) return `[${Array.from(part, write).join()}]`;
    if (types.isDate(part)) return made("date", part.getTime());
    if (types.isRegExp(part)) return made("regexp", part.source, part.flags);
    if (types.isMap(part)) return `${MAKE}map([${Array.from(part, write).join()}])`;
    if (types.isSet(part)) return `${MAKE}set([${Array.from(part, write).join()}])`;
    if (types.isNativeError(part)) return made("error", String(part.name), String(part.message), String(part.stack));
    if (part instanceof URL) return made("url", part.href);
    if (types.isArrayBuffer(part)) return made("buffer", Buffer.from(part).toString("base64"));
    if (types.isUint8Array(part)) return made("bytes", base64(part));
    if (types.isTypedArray(part)) return made("array", kindOf.call(part), base64(part));
    if (typeof part.toJSON === "function") {
      const told = part.toJSON("");
      if (told !== part) return write(told);
    }
    if (types.isBoxedPrimitive(part) && !types.isSymbolObject(part)) return write(part.valueOf());
    const members = Object.keys(part).flatMap((key) => {
      const member = part[key];
      // JSON has none of these either.
      if (typeof member === "function" || typeof member === "symbol") return [];
      const text = JSON.stringify(key);
      return [`${key === "__proto__" ? `[${text}]` : text}:${write(member)}`];
    });
    return `{${members.join()}}`;
  }

  try {
    return write(value);
  } catch (error) {
    if (error instanceof RangeError) throw refusal(`${name} is nested too deeply to enter the page`);
    throw error;
  }
}

/** The name of a typed array's kind, whatever it calls itself. @type {() => string} */
const kindOf = /** @type {any} */ (
  Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag)
).get;

/** What has no literal is made by the page's runtime, whatever its scripts have put in the place of the constructors. */
const MAKE = `${RUNTIME}.make.`;

/** @param {string} kind @param {unknown[]} parts strings and numbers */
function made(kind, ...parts) {
  return `${MAKE}${kind}(${parts.map((part) => (typeof part === "number" ? part : JSON.stringify(part))).join()})`;
}

/** @param {NodeJS.TypedArray} view */
function base64({ buffer, byteOffset, byteLength }) {
  return Buffer.from(buffer, byteOffset, byteLength).toString("base64");
}

/**
 * The value in a reply envelope. The page may have written it by itself, so it is data and nothing else: it names none of the
 * code that makes it, and whatever cannot be made of it is the page's error.
 * @param {string} envelope
 * @param {string} [item]
 * @returns {any}
 */
function decode(envelope, item) {
  /** @type {{ error?: Error, thrown?: unknown, value?: unknown }} */
  let reply;
  try {
    const { e, v } = JSON.parse(envelope);
    if (!e) reply = { value: revive(v) };
    else reply = Object.hasOwn(e, "thrown") ? { thrown: revive(e.thrown) } : { error: thrownBy(e) };
  } catch (cause) {
    const message = `what the page has sent cannot be read: ${/** @type {Error} */ (cause).message}`;
    throw fail("ERR_EVALUATION", message, { item, cause });
  }
  if (reply.error) throw ofPage(reply.error, { item, above: decode });
  if ("thrown" in reply) throw reply.thrown;
  return reply.value;
}

/** Every kind of bytes that the page may name. */
const BYTES = new Map(
  [
    ...[ArrayBuffer, Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Int32Array, Uint32Array],
    ...[Float32Array, Float64Array, BigInt64Array, BigUint64Array],
    // Not in every Node.
    ...[/** @type {any} */ (globalThis).Float16Array].filter(Boolean),
  ].map((kind) => [kind.name, kind]),
);

/** Every other kind of value. @type {Map<unknown, (value: any) => unknown>} */
const REVIVERS = new Map(
  Object.entries({
    undefined: () => undefined,
    number: (/** @type {any} */ text) => Number(textual(text)),
    bigint: (/** @type {any} */ text) => BigInt(textual(text)),
    date: (/** @type {any} */ time) => new Date(typeof time === "number" ? time : NaN),
    regexp: (/** @type {any} */ [source, flags]) => new RegExp(textual(source), textual(flags)),
    url: (/** @type {any} */ href) => new URL(textual(href)),
    map: (/** @type {any} */ entries) => new Map(reviveMembers(entries)),
    set: (/** @type {any} */ items) => new Set(reviveMembers(items)),
    error: thrownBy,
    object: (/** @type {any} */ members) => reviveMembers(members),
    bytes: (/** @type {any} */ [kind, base64]) => {
      const Kind = BYTES.get(kind) ?? Uint8Array;
      const { buffer, byteOffset, byteLength } = Buffer.from(textual(base64), "base64");
      const own = buffer.slice(byteOffset, byteOffset + byteLength);
      return Kind === ArrayBuffer ? own : new /** @type {any} */ (Kind)(own);
    },
  }),
);

/** @param {unknown} value */
function textual(value) {
  if (typeof value !== "string") throw new TypeError(`a text was expected, not ${typeof value}`);
  return value;
}

/** @param {Record<string, unknown>} error of the page */
function thrownBy({ name, message, stack }) {
  const text = (/** @type {unknown} */ value) => (typeof value === "string" ? value : undefined);
  return twinOf({ name: text(name), message: text(message), stack: text(stack) });
}

/** What says that it is special, and is of no kind that is known, is plain data. @param {any} value @returns {any} */
function revive(value) {
  if (typeof value !== "object" || value === null) return value;
  const reviver = Object.hasOwn(value, "$") ? REVIVERS.get(value.$) : undefined;
  return reviver ? reviver(value.v) : reviveMembers(value);
}

/** @param {any} parent @returns {any} */
function reviveMembers(parent) {
  for (const key of Object.keys(parent)) {
    const member = parent[key];
    const revived = revive(member);
    // Defined, not assigned: a member called __proto__ is data.
    if (revived !== member)
      Object.defineProperty(parent, key, { value: revived, enumerable: true, configurable: true, writable: true });
  }
  return parent;
}

module.exports = {
  REMOTE,
  RUNTIME,
  compile,
  compileOwn,
  functionText,
  refuseUnparsable,
  statement,
  literal,
  decode,
  revive,
};
