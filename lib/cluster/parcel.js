// How data, results and errors cross between processes: by the structured clone algorithm, so that Buffers stay bytes, and dates,
// maps and cycles what they are; and errors with all that a program may look at.

const { deserialize, serialize } = require("node:v8");
const { fail, twinOf } = require("../errors.js");

/** @typedef {{ error?: ErrorParcel, value?: Buffer }} Parcel */
/** @typedef {{ name: string, message: string, stack?: string, cause?: Parcel, errors?: Parcel[], extra: Record<string, Buffer> }} ErrorParcel */

/** A chain of causes that is longer ends here. */
const CAUSES = 10;

/**
 * Packs data or a result.
 * @param {unknown} value
 * @param {string} what for the error, which names the part that cannot be packed
 * @returns {Buffer}
 */
function pack(value, what) {
  try {
    return serialize(value);
  } catch (cause) {
    const { path, part } = culprit(value, what);
    const message = `${path} cannot be sent to another process: ${kind(part)}; send plain data, such as objects, arrays, strings, numbers, Buffers, dates, maps and sets`;
    throw fail("ERR_INVALID_OPTION", message, { cause });
  }
}

/** @param {Buffer} packed */
const unpack = (packed) => deserialize(packed);

/** What an attempt has failed with, which may be anything. @param {unknown} thrown @returns {Parcel} */
function packThrown(thrown, causes = CAUSES) {
  try {
    if (thrown instanceof Error) return { error: packError(thrown, causes) };
    return { value: serialize(thrown) };
  } catch {
    return { error: packError(new Error(`the handler failed with what cannot be sent: ${kind(thrown)}`), 0) };
  }
}

/** @param {Error} error @param {number} causes @returns {ErrorParcel} */
function packError(error, causes) {
  /** @type {Record<string, Buffer>} */
  const extra = {};
  for (const key of Object.keys(error)) {
    try {
      extra[key] = serialize(/** @type {any} */ (error)[key]);
    } catch {
      // A function or a socket that hangs on an error is left behind.
    }
  }
  const cause = error.cause === undefined || causes === 0 ? undefined : packThrown(error.cause, causes - 1);
  const stack = typeof error.stack === "string" ? error.stack : undefined;
  const errors = error instanceof AggregateError ? error.errors.map((one) => packThrown(one, causes - 1)) : undefined;
  return { name: String(error.name), message: String(error.message), stack, cause, errors, extra };
}

/** @param {Parcel} parcel @returns {unknown} */
function unpackThrown({ error, value }) {
  if (!error) return value && deserialize(value);
  const { cause, errors, extra, ...plain } = error;
  const thrown = twinOf({ ...plain, cause: cause && unpackThrown(cause), errors: errors?.map(unpackThrown) });
  for (const [key, packed] of Object.entries(extra)) Object.assign(thrown, { [key]: deserialize(packed) });
  return thrown;
}

/**
 * The innermost part of a value that cannot be packed.
 * @param {unknown} value
 * @param {string} path
 * @returns {{ path: string, part: unknown }}
 */
function culprit(value, path, seen = new Set()) {
  if (typeof value !== "object" || value === null || seen.has(value)) return { path, part: value };
  seen.add(value);
  for (const [key, part] of parts(value)) {
    if (isPackable(part)) continue;
    return culprit(part, `${path}${key}`, seen);
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
  return `it is a ${part.constructor?.name ?? "value of its own kind"}`;
}

module.exports = { pack, packThrown, unpack, unpackThrown };
