// Data as it can cross between processes. The structured clone algorithm takes everything but functions and the like, and takes
// an object of a class apart: what has a `toJSON` says better itself what it is.

const { types } = require("node:util");

/** Whether structured clone keeps it what it is. @param {object} value */
const isKept = (value) =>
  ArrayBuffer.isView(value) ||
  types.isAnyArrayBuffer(value) ||
  types.isDate(value) ||
  types.isRegExp(value) ||
  types.isBoxedPrimitive(value) ||
  value instanceof Error;

const PLAIN_PROPERTY = { configurable: true, enumerable: true, writable: true };

/** @param {any} value */
const saysItself = (value) => typeof value.toJSON === "function";

/** @param {unknown} value */
const isNothing = (value) => typeof value === "function" || typeof value === "symbol";

/**
 * The same value, or a copy of which the parts with `toJSON` are what that gives.
 * @param {any} value
 * @param {{ dropFunctions?: boolean }} [how] also without functions and symbols, as JSON leaves them out
 */
function plain(value, { dropFunctions = false } = {}) {
  const seen = new Set();
  const differs = (/** @type {any} */ part) => {
    if (isNothing(part)) return dropFunctions;
    if (typeof part !== "object" || part === null || isKept(part) || seen.has(part)) return false;
    seen.add(part);
    return saysItself(part) || partsOf(part).some(differs);
  };
  return differs(value) ? copy(value, "", dropFunctions, new Map()) : value;
}

/** @param {object} value @returns {unknown[]} */
function partsOf(value) {
  if (value instanceof Map) return [...value.keys(), ...value.values()];
  return value instanceof Set ? [...value] : Object.values(value);
}

/**
 * @param {any} value
 * @param {string} key under which `toJSON` is told to be
 * @param {boolean} dropFunctions
 * @param {Map<object, unknown>} copies
 * @returns {any}
 */
function copy(value, key, dropFunctions, copies) {
  if (isNothing(value)) return dropFunctions ? undefined : value;
  if (typeof value !== "object" || value === null || isKept(value)) return value;
  if (copies.has(value)) return copies.get(value);
  if (saysItself(value)) {
    const said = value.toJSON(key);
    // What gives itself has said all that it can.
    copies.set(value, said);
    const copied = said === value ? said : copy(said, key, dropFunctions, copies);
    copies.set(value, copied);
    return copied;
  }
  const part = (/** @type {unknown} */ one, /** @type {string} */ name = "") => copy(one, name, dropFunctions, copies);
  /** @template Container @param {Container} container @param {(container: Container) => void} fill */
  const filled = (container, fill) => {
    copies.set(value, container);
    fill(container);
    return container;
  };
  if (Array.isArray(value)) {
    return filled(/** @type {unknown[]} */ ([]), (list) => {
      for (const [index, one] of value.entries())
        list.push(isNothing(one) && dropFunctions ? null : part(one, `${index}`));
    });
  }
  if (value instanceof Map) {
    return filled(new Map(), (map) => {
      for (const [name, one] of value) map.set(part(name), part(one));
    });
  }
  if (value instanceof Set) {
    return filled(new Set(), (set) => {
      for (const one of value) set.add(part(one));
    });
  }
  return filled(/** @type {Record<string, unknown>} */ ({}), (record) => {
    for (const [name, one] of Object.entries(value)) {
      if (isNothing(one) && dropFunctions) continue;
      // By assignment, `__proto__` would be no property.
      Object.defineProperty(record, name, { ...PLAIN_PROPERTY, value: part(one, name) });
    }
  });
}

module.exports = { plain };
