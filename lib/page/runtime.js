// The half of evaluate that runs inside the page. Its text is sent along with every call, so it refers to nothing outside
// itself; and since pages patch JSON, Promise, toJSON and the methods of arrays, it writes its JSON by hand.

/**
 * @param {Function} run
 * @param {() => unknown[]} args
 * @param {boolean} lenient whether a result that cannot leave the page counts as `true` instead of failing
 * @returns {Promise<string>} the reply envelope: `{"t":1|0,"v":...}`, or `{"e":{"name","message","stack"}}`
 */
async function runtime(run, args, lenient) {
  const tagOf = Object.prototype.toString;
  /** @type {Record<number, string | number>} */
  const path = Object.create(null);
  /** @type {Record<number, object | null>} */
  const ancestors = Object.create(null);
  let refused = false;

  /** @param {string} text */
  function quote(text) {
    let json = '"';
    let from = 0;
    for (let index = 0; index < text.length; index++) {
      const unit = text.charCodeAt(index);
      if (unit > 0x5c && unit < 0xd800 && unit !== 0x2028 && unit !== 0x2029) continue;
      if (unit > 0x1f && unit < 0x5c && unit !== 0x22) continue;
      if (unit > 0xdfff) continue;
      if (unit >= 0xd800 && unit < 0xdc00 && (text.charCodeAt(index + 1) & 0xfc00) === 0xdc00) {
        index++;
        continue;
      }
      json += text.slice(from, index);
      if (unit === 0x22) json += '\\"';
      else if (unit === 0x5c) json += "\\\\";
      else if (unit === 0x0a) json += "\\n";
      else json += `\\u${`000${unit.toString(16)}`.slice(-4)}`;
      from = index + 1;
    }
    return `${json + text.slice(from)}"`;
  }

  /** @param {number} depth */
  function place(depth) {
    let text = "result";
    for (let index = 0; index < depth; index++) {
      const key = path[index];
      if (typeof key === "number") text += `[${key}]`;
      else text += /^[A-Za-z_$][\w$]*$/.test(key) ? `.${key}` : `[${quote(key)}]`;
    }
    return text;
  }

  /** @param {string} what @param {number} depth @returns {never} */
  function refuse(what, depth) {
    refused = true;
    throw new TypeError(`${place(depth)} is ${what}, which cannot leave the page; return plain data instead`);
  }

  /** @param {string} kind @param {string} [json] */
  function special(kind, json) {
    return json === undefined ? `{"$":"${kind}"}` : `{"$":"${kind}","v":${json}}`;
  }

  /** @param {ArrayLike<unknown>} list @param {number} depth */
  function encodeList(list, depth) {
    let json = "[";
    for (let index = 0; index < list.length; index++) {
      path[depth] = index;
      if (index > 0) json += ",";
      json += encode(list[index], depth + 1);
    }
    return `${json}]`;
  }

  /** @param {any} object @param {number} depth */
  function encodeObject(object, depth) {
    const keys = Object.keys(object);
    let json = "{";
    let tagged = false;
    for (let index = 0; index < keys.length; index++) {
      const key = keys[index];
      if (key === "$") tagged = true;
      path[depth] = key;
      if (index > 0) json += ",";
      json += `${quote(key)}:${encode(object[key], depth + 1)}`;
    }
    json += "}";
    return tagged ? special("object", json) : json;
  }

  /** @param {Map<unknown, unknown> | Set<unknown>} collection @param {number} depth */
  function encodeEntries(collection, depth) {
    let json = "[";
    let index = 0;
    collection.forEach((value, key) => {
      path[depth] = index;
      if (index++ > 0) json += ",";
      json +=
        tagOf.call(collection) === "[object Set]" ? encode(value, depth + 1) : encodeList([key, value], depth + 1);
    });
    return `${json}]`;
  }

  /** @param {ArrayBuffer} buffer @param {number} offset @param {number} length */
  function encodeBytes(buffer, offset, length) {
    let binary = "";
    for (let start = 0; start < length; start += 0x2000) {
      const chunk = new Uint8Array(buffer, offset + start, Math.min(0x2000, length - start));
      binary += String.fromCharCode.apply(null, /** @type {any} */ (chunk));
    }
    return `"${btoa(binary)}"`;
  }

  /** @param {any} value @param {number} depth @returns {string} */
  function encode(value, depth) {
    switch (typeof value) {
      case "string":
        return quote(value);
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
      case "function":
      case "symbol":
        return refuse(`a ${typeof value}`, depth);
    }
    if (value === null) return "null";
    for (let index = 0; index < depth; index++) {
      if (ancestors[index] === value) refuse(`a cycle (it is ${place(index)} again)`, depth);
    }
    ancestors[depth] = value;
    const json = encodeByTag(value, depth);
    ancestors[depth] = null;
    return json;
  }

  /** @param {any} value @param {number} depth @returns {string} */
  function encodeByTag(value, depth) {
    if (Array.isArray(value)) return encodeList(value, depth);
    const tag = tagOf.call(value).slice(8, -1);
    switch (tag) {
      case "Object":
        return encodeObject(value, depth);
      case "Date": {
        const time = Date.prototype.getTime.call(value);
        return special("date", time - time === 0 ? `${time}` : "null");
      }
      case "RegExp":
        return special("regexp", `[${quote(value.source)},${quote(value.flags)}]`);
      case "URL":
        return special("url", quote(value.href));
      case "Map":
      case "Set":
        return special(tag.toLowerCase(), encodeEntries(value, depth));
      case "ArrayBuffer":
        return special("bytes", `["ArrayBuffer",${encodeBytes(value, 0, value.byteLength)}]`);
      case "Error":
      case "DOMException":
        return special("error", describe(value));
    }
    // What it is, whatever it calls itself; a DataView is none of them.
    const typedArray = Object.getPrototypeOf(Uint8Array.prototype);
    const kindOf = /** @type {any} */ (Object.getOwnPropertyDescriptor(typedArray, Symbol.toStringTag)).get;
    if (ArrayBuffer.isView(value) && kindOf.call(value) !== undefined) {
      return special(
        "bytes",
        `[${quote(kindOf.call(value))},${encodeBytes(/** @type {any} */ (value.buffer), value.byteOffset, value.byteLength)}]`,
      );
    }
    if (typeof value.toJSON === "function") {
      path[depth] = "toJSON";
      return encode(value.toJSON(), depth + 1);
    }
    return refuse(`${/^[AEIOU]|^HTML|^SVG/.test(tag) ? "an" : "a"} ${tag}`, depth);
  }

  /** @param {{ name?: unknown, message?: unknown, stack?: unknown }} error */
  function describe({ name, message, stack }) {
    const title = `${name === undefined ? "Error" : name}`;
    const text = `${message === undefined ? "" : message}`;
    return `{"name":${quote(title)},"message":${quote(text)},"stack":${quote(typeof stack === "string" ? stack : `${title}: ${text}`)}}`;
  }

  /** @param {any} thrown */
  function describeThrown(thrown) {
    try {
      const tag = tagOf.call(thrown);
      if (thrown instanceof Error || tag === "[object Error]" || tag === "[object DOMException]")
        return describe(thrown);
      return describe({
        message: `${typeof thrown === "object" ? encode(thrown, 0) : String(thrown)} was thrown, which is not an Error`,
      });
    } catch {
      return describe({ message: `a value of type ${typeof thrown} was thrown, which is not an Error` });
    }
  }

  try {
    const value = await Reflect.apply(run, globalThis, args());
    const truth = value ? 1 : 0;
    try {
      return `{"t":${truth},"v":${encode(value, 0)}}`;
    } catch (error) {
      if (lenient && refused) return `{"t":${truth},"v":true}`;
      throw error;
    }
  } catch (error) {
    return `{"e":${describeThrown(error)}}`;
  }
}

module.exports = { runtime };
