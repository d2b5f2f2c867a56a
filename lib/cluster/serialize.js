// How data, results and errors cross between processes: by the structured clone algorithm, so that Buffers stay bytes, and dates,
// maps and cycles what they are; and errors with all that a program may look at.

const { DefaultDeserializer, serialize } = require("node:v8");
const { fail, twinOf } = require("../errors.js");
const { plain } = require("./plain.js");

/** @typedef {{ error?: PackedError, value?: Buffer }} PackedThrown */
/** @typedef {{ name: string, message: string, stack?: string, cause?: PackedThrown, errors?: PackedThrown[], extra: Map<string, Buffer> }} PackedError */

/** Bytes that data or a result may be. */
const PACKED = 1 << 30;
const PLAIN_PROPERTY = { configurable: true, enumerable: true, writable: true };
/** Of errors that hold errors so many are packed: they may hold each other. */
const ERRORS = 100;
/** A chain of causes that is longer ends here. */
const CAUSES = 10;
/** Bytes that a process can still send when it ends. */
const LAST_WORDS = 64 << 10;
/** Of a text that is longer so many characters are among them. */
const LAST_CHARACTERS = 8 << 10;

/**
 * Packs data or a result.
 * @param {unknown} value
 * @param {string} what for the error, which names the part that cannot be packed
 * @param {boolean} [lenient] what cannot be packed as it is becomes what JSON makes of it
 * @returns {Buffer}
 */
function pack(value, what, lenient = false) {
  let packed;
  try {
    packed = packPlain(value, lenient);
  } catch (cause) {
    const { path, why } = culprit(value, what, cause);
    const message = `${path} cannot be sent to another process: ${why}; send plain data, such as objects, arrays, strings, numbers, Buffers, dates, maps and sets`;
    throw fail("ERR_INVALID_OPTION", message, { cause });
  }
  if (packed.length <= PACKED) return packed;
  const much = `${packed.length} bytes are more than ${PACKED}; send the name of a file in their place`;
  throw fail("ERR_INVALID_OPTION", `${what} cannot be sent to another process: ${much}`);
}

/** @param {unknown} value @param {boolean} lenient */
function packPlain(value, lenient) {
  const copied = plain(value, { dropFunctions: lenient });
  try {
    return serialize(copied);
  } catch (error) {
    if (!lenient) throw error;
    const json = JSON.stringify(copied);
    return serialize(json === undefined ? undefined : JSON.parse(json));
  }
}

/** Gives typed arrays a buffer of their own. A Buffer stays a view of what has arrived: it may be large, and nobody minds. */
class Deserializer extends DefaultDeserializer {
  _readHostObject() {
    const view = /** @type {any} */ (DefaultDeserializer.prototype)._readHostObject.call(this);
    if (Buffer.isBuffer(view)) return view;
    const { buffer, byteOffset, byteLength } = view;
    return new view.constructor(buffer.slice(byteOffset, byteOffset + byteLength));
  }
}

/** @param {Buffer} packed */
function deserialize(packed) {
  const reader = new Deserializer(packed);
  reader.readHeader();
  return reader.readValue();
}

/**
 * @param {Buffer} packed
 * @param {string} what for the error: some values can be packed and not be unpacked, such as a WebAssembly.Module
 */
function unpack(packed, what) {
  try {
    return deserialize(packed);
  } catch (cause) {
    const why = "it holds a value that cannot be read there, such as an error that is its own cause";
    throw fail("ERR_INVALID_OPTION", `${what} cannot be sent to another process: ${why}`, { cause });
  }
}

/** What an attempt has failed with, which may be anything. @param {unknown} thrown @returns {PackedThrown} */
function packThrown(thrown, causes = CAUSES, left = { errors: ERRORS }) {
  try {
    if (thrown instanceof Error) return { error: packError(thrown, causes, left) };
    return { value: serialize(thrown) };
  } catch {
    return { error: packError(new Error(`the handler failed with what cannot be sent: ${kind(thrown)}`), 0, left) };
  }
}

/** @param {Error} error @param {number} causes @param {{ errors: number }} left @returns {PackedError} */
function packError(error, causes, left) {
  left.errors -= 1;
  const more = causes > 0 && left.errors > 0;
  /** @type {Map<string, Buffer>} */
  const extra = new Map();
  for (const key of Object.keys(error)) {
    if (key === "cause" || key === "errors") continue;
    try {
      extra.set(key, serialize(/** @type {any} */ (error)[key]));
    } catch {
      // A function or a socket that hangs on an error is left behind.
    }
  }
  const next = (/** @type {unknown} */ one) => packThrown(one, causes - 1, left);
  const cause = more && error.cause !== undefined ? next(error.cause) : undefined;
  const errors = error instanceof AggregateError && more ? error.errors.slice(0, left.errors).map(next) : undefined;
  return {
    name: text(error, "name"),
    message: text(error, "message"),
    stack: text(error, "stack"),
    cause,
    errors,
    extra,
  };
}

/** @param {Error} error @param {"name" | "message" | "stack"} key */
function text(error, key) {
  try {
    return String(error[key]);
  } catch {
    return key === "name" ? "Error" : `(its ${key} cannot be read)`;
  }
}

/** The same for the last message of a process, which has no time for a long one. @param {unknown} thrown @returns {PackedThrown} */
function packLastWords(thrown) {
  const whole = packThrown(thrown);
  if (serialize(whole).length <= LAST_WORDS) return whole;
  const short = (/** @type {string} */ long) => long.slice(0, LAST_CHARACTERS);
  if (!whole.error) return { value: serialize(short(String(thrown))) };
  const { name, message, stack = "" } = whole.error;
  return { error: { name: short(name), message: short(message), stack: short(stack), extra: new Map() } };
}

/** @param {PackedThrown} packed @returns {unknown} */
function unpackThrown({ error, value }) {
  if (!error) return value && unpack(value, "what the handler failed with");
  const { cause, errors, extra, ...plain } = error;
  const thrown = twinOf({ ...plain, cause: cause && unpackThrown(cause), errors: errors?.map(unpackThrown) });
  for (const [key, packed] of extra) {
    try {
      // By assignment, `__proto__` would be no property.
      Object.defineProperty(thrown, key, { ...PLAIN_PROPERTY, value: deserialize(packed) });
    } catch {
      // What cannot be read here is left behind as well.
    }
  }
  return thrown;
}

/**
 * The innermost part of a value that cannot be packed, and why.
 * @param {unknown} value
 * @param {string} path
 * @param {unknown} cause
 */
function culprit(value, path, cause) {
  try {
    const { path: inner, part } = innermost(value, path);
    return { path: inner, why: kind(part) };
  } catch {
    // Looking fails as packing did: a getter that throws, or too many levels.
    return { path, why: cause instanceof Error ? cause.message : kind(cause) };
  }
}

/**
 * @param {unknown} value
 * @param {string} path
 * @returns {{ path: string, part: unknown }}
 */
function innermost(value, path, seen = new Set()) {
  if (typeof value !== "object" || value === null || seen.has(value)) return { path, part: value };
  seen.add(value);
  for (const [key, part] of parts(value)) {
    if (isPackable(part)) continue;
    return innermost(part, `${path}${key}`, seen);
  }
  return { path, part: value };
}

/** @param {object} value @returns {[step: string, part: unknown][]} */
function parts(value) {
  if (value instanceof Map) {
    return [...value].flatMap(([key, part], index) => [
      [` (key ${index} of a Map)`, key],
      [`.get(${label(key)})`, part],
    ]);
  }
  if (value instanceof Set) return [...value].map((part, index) => [` (element ${index} of a Set)`, part]);
  const step = (/** @type {string} */ key) => (/^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${label(key)}]`);
  if (Array.isArray(value)) return value.map((part, index) => [`[${index}]`, part]);
  return Object.keys(value).map((key) => [step(key), /** @type {Record<string, unknown>} */ (value)[key]]);
}

/** @param {unknown} key */
const label = (key) => (typeof key === "string" ? JSON.stringify(key) : String(key));

/** @param {unknown} part */
function isPackable(part) {
  try {
    serialize(part);
    return true;
  } catch {
    return false;
  }
}

/** @param {unknown} part */
function kind(part) {
  if (typeof part === "function") return `it is the function ${part.name || "without a name"}`;
  if (typeof part === "symbol") return `it is ${String(part)}`;
  if (typeof part !== "object" || part === null) return `it is ${typeof part}`;
  try {
    return `it is a ${part.constructor?.name || Object.prototype.toString.call(part).slice(8, -1)}`;
  } catch {
    return "it cannot be looked at";
  }
}

module.exports = { pack, packLastWords, packThrown, unpack, unpackThrown };
