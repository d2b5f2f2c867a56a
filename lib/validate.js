// A declarative schema for options and arguments. Every refusal is an ERR_INVALID_OPTION that names the option, the value
// seen and what is allowed.

const { inspect } = require("node:util");
const { fail } = require("./errors.js");

/**
 * @typedef {object} Type
 * @property {string} allowed completes the sentence "must be ..."
 * @property {(value: any) => boolean} is
 * @property {(value: any, at: Place) => unknown} [into] looks inside a value that `is`, and returns it with its defaults
 * @property {unknown} [default]
 * @property {boolean} [required]
 */

/** @typedef {Record<string, Type>} Schema */
/** @typedef {{ default?: any, required?: boolean }} Presence */

/**
 * Where in which call a value stands.
 * @typedef {{ owner: string, kind: "option" | "argument", path: string, warn?: (message: string) => void }} Place
 */

/**
 * Checks an options object and returns a copy with the defaults filled in.
 * @param {string} owner whose options they are: "boomtown", "page.screenshot"
 * @param {Schema} schema
 * @param {unknown} value
 * @param {(message: string) => void} [warn] hears of unknown names, which are errors otherwise
 * @returns {any}
 */
function check(owner, schema, value, warn) {
  return parse(shape(schema, { default: {} }), value, { owner, kind: "option", path: "", warn });
}

/**
 * Checks one positional argument.
 * @param {string} owner
 * @param {string} name
 * @param {Type} type
 * @param {unknown} value
 * @returns {any}
 */
function argument(owner, name, type, value) {
  return parse(type, value, { owner, kind: "argument", path: name });
}

/**
 * @param {Type} type
 * @param {unknown} value
 * @param {Place} at
 * @returns {unknown}
 */
function parse(type, value, at) {
  if (value === undefined) {
    if (type.required) throw refusal(at, `must be ${type.allowed}, and is missing`);
    if (type.default === undefined) return undefined;
    value = type.default;
  }
  if (!type.is(value)) throw refusal(at, `must be ${type.allowed}, got ${brief(value)}`);
  return type.into ? type.into(value, at) : value;
}

/**
 * @typedef {object} Bounds
 * @property {number} [min]
 * @property {number} [max]
 * @property {number} [above] a lower bound that is itself too low
 * @property {boolean} [infinity] Infinity is allowed
 * @property {boolean} [never] -1 is allowed and stands for never
 */

/** @param {Bounds & Presence} [bounds] @returns {Type} */
const integer = (bounds = {}) => bounded("an integer", Number.isSafeInteger, bounds);

/** @param {Bounds & Presence} [bounds] @returns {Type} */
const number = (bounds = {}) => bounded("a number", Number.isFinite, bounds);

/**
 * @param {string} noun
 * @param {(value: unknown) => boolean} isKind
 * @param {Bounds & Presence} bounds
 * @returns {Type}
 */
function bounded(noun, isKind, { min = -Infinity, max = Infinity, above, infinity, never, ...presence }) {
  let allowed = noun;
  if (above !== undefined) allowed += ` above ${above}`;
  if (min !== -Infinity) allowed += max === Infinity ? ` of at least ${min}` : ` from ${min}`;
  if (max !== Infinity) allowed += min === -Infinity ? ` of at most ${max}` : ` to ${max}`;
  if (infinity) allowed += ", or Infinity";
  if (never) allowed += ", or -1 (never)";
  return {
    ...presence,
    allowed,
    is: (value) =>
      (infinity && value === Infinity) ||
      (never && value === -1) ||
      (isKind(value) && value >= min && value <= max && (above === undefined || value > above)),
  };
}

/** Milliseconds; a fraction is rounded up, as a limit must not end early. @param {Bounds & Presence} [bounds] @returns {Type} */
const milliseconds = (bounds = {}) => ({ ...number({ min: 0, max: 2 ** 31 - 1, ...bounds }), into: Math.ceil });

/** @param {Presence} [presence] @returns {Type} */
const boolean = (presence) => ({ ...presence, allowed: "true or false", is: (value) => typeof value === "boolean" });

/** @param {{ empty?: boolean } & Presence} [options] `empty: false` refuses "" @returns {Type} */
const string = ({ empty = true, ...presence } = {}) => ({
  ...presence,
  allowed: empty ? "a string" : "a string that is not empty",
  is: (value) => typeof value === "string" && (empty || value !== ""),
});

/** @param {Presence} [presence] @returns {Type} */
const url = (presence) => ({
  ...presence,
  allowed: "an absolute URL",
  is: (value) => typeof value === "string" && URL.canParse(value),
});

/** @param {readonly unknown[]} values @param {Presence} [presence] @returns {Type} */
const oneOf = (values, presence) => ({
  ...presence,
  allowed: list(values.map(brief)),
  is: (value) => values.includes(value),
});

/** @param {Presence} [presence] @returns {Type} */
const func = (presence) => ({ ...presence, allowed: "a function", is: (value) => typeof value === "function" });

/** @param {Presence} [presence] @returns {Type} */
const abortSignal = (presence) => ({
  ...presence,
  allowed: "an AbortSignal",
  is: (value) => value instanceof AbortSignal,
});

/** @param {Presence} [presence] @returns {Type} */
const anything = (presence) => ({ ...presence, allowed: "anything", is: () => true });

/** @param {Type} type @param {Presence} [presence] @returns {Type} */
const arrayOf = (type, presence) => ({
  ...presence,
  allowed: `an array, each item ${type.allowed}`,
  is: Array.isArray,
  into: (value, at) =>
    Array.from(value, (item, index) =>
      parse({ ...type, required: true }, item, { ...at, path: `${at.path}[${index}]` }),
    ),
});

/** What can be iterated, as a Map or Headers, has its entries elsewhere than in its properties. @param {any} value */
const isRecord = (value) => isObject(value) && !(Symbol.iterator in value);

/** @param {Type} type @param {{ sparse?: boolean } & Presence} [options] `sparse`: a value may be undefined @returns {Type} */
const recordOf = (type, { sparse = false, ...presence } = {}) => ({
  ...presence,
  allowed: `an object, each value ${type.allowed}`,
  is: isRecord,
  into: (value, at) =>
    Object.fromEntries(
      Object.entries(value).map(([name, item]) => [
        name,
        parse({ ...type, required: !sparse }, item, { ...at, path: join(at.path, name) }),
      ]),
    ),
});

/** @param {Schema} schema @param {Presence} [presence] @returns {Type} */
const shape = (schema, presence) => ({
  ...presence,
  allowed: "an object",
  is: isObject,
  into: (value, at) => {
    for (const name of Object.keys(value)) if (!Object.hasOwn(schema, name)) refuseUnknown(schema, name, at);
    /** @type {Record<string, unknown>} */
    const filled = {};
    for (const [name, type] of Object.entries(schema)) {
      const item = parse(type, value[name], { ...at, path: join(at.path, name) });
      if (item !== undefined) filled[name] = item;
    }
    return filled;
  },
});

/** @param {readonly Type[]} types @param {Presence} [presence] @returns {Type} */
const anyOf = (types, presence) => ({
  ...presence,
  allowed: types.map((type) => type.allowed).join(" or "),
  is: (value) => types.some((type) => type.is(value)),
  into: (value, at) => {
    const type = types.find((candidate) => candidate.is(value));
    return type?.into ? type.into(value, at) : value;
  },
});

/** @param {Schema} schema @param {string} name @param {Place} at */
function refuseUnknown(schema, name, at) {
  const near = nearest(name, Object.keys(schema));
  const path = join(at.path, name);
  const mend = near ? `did you mean "${join(at.path, near)}"?` : `known are ${list(Object.keys(schema))}`;
  const message = `${at.owner}: unknown ${at.kind} "${path}"; ${mend}`;
  if (!at.warn) throw fail("ERR_INVALID_OPTION", message);
  at.warn(message);
}

/** @param {Place} at @param {string} complaint */
function refusal(at, complaint) {
  const subject = at.path === "" ? "the options" : `${at.kind} "${at.path}"`;
  return fail("ERR_INVALID_OPTION", `${at.owner}: ${subject} ${complaint}`);
}

/**
 * The known name that was probably meant: the closest one, unless more than a third of the letters would have to change.
 * @param {string} name
 * @param {readonly string[]} known
 * @returns {string | undefined}
 */
function nearest(name, known) {
  const ranked = known
    .map((candidate) => ({ candidate, distance: levenshtein(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(name.length / 3)) ? best.candidate : undefined;
}

/** @param {string} a @param {string} b */
function levenshtein(a, b) {
  let previous = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let row = 1; row <= a.length; row++) {
    const current = [row];
    for (let column = 1; column <= b.length; column++) {
      const replaced = previous[column - 1] + (a[row - 1] === b[column - 1] ? 0 : 1);
      current[column] = Math.min(replaced, previous[column] + 1, current[column - 1] + 1);
    }
    previous = current;
  }
  return previous[b.length];
}

/** @param {unknown} value @returns {value is Record<string, unknown>} */
function isObject(value) {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** @param {unknown} value */
function brief(value) {
  if (typeof value === "string") return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}...` : value);
  const text = inspect(value, { depth: 0, breakLength: Infinity, maxArrayLength: 3, maxStringLength: 60 });
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}

/**
 * Without what was not given, which whoever gets it would take for a value.
 * @param {Record<string, unknown>} params
 * @returns {any}
 */
function defined(params) {
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}

/** A text as a message shows it: of a long one the beginning. @param {string} text */
function shortened(text) {
  return text.length > 120 ? `${text.slice(0, 120)}...` : text;
}

/** @param {readonly string[]} words */
function list(words) {
  return words.length < 2 ? words.join("") : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;
}

/** @param {string} path @param {string} name */
function join(path, name) {
  return path === "" ? name : `${path}.${name}`;
}

module.exports = {
  check,
  argument,
  integer,
  number,
  milliseconds,
  boolean,
  string,
  url,
  oneOf,
  func,
  abortSignal,
  anything,
  arrayOf,
  recordOf,
  shape,
  anyOf,
  nearest,
  brief,
  defined,
  shortened,
};
