// The fields of a form, each with its kind and its default. What is wrong with any of them is told together.

const fs = require("node:fs/promises");
const { invalid } = require("./errors.js");
const { byNumber, extension, stem } = require("./names.js");

/** As Go reads truths. */
const TRUE = new Set(["1", "t", "T", "TRUE", "true", "True"]);
const FALSE = new Set(["0", "f", "F", "FALSE", "false", "False"]);
/** Of an inch. @type {Record<string, number>} */
const UNITS = { pt: 1 / 72, px: 1 / 96, in: 1, mm: 1 / 25.4, cm: 1 / 2.54, pc: 1 / 6 };
/** Milliseconds. @type {Record<string, number>} */
const TIMES = { ns: 1e-6, us: 1e-3, µs: 1e-3, μs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

class Form {
  #upload;
  /** @type {string[]} */
  #complaints = [];

  /** @param {import("./upload.js").Upload} upload */
  constructor(upload) {
    this.#upload = upload;
  }

  /**
   * @template T
   * @param {string} name
   * @param {T} otherwise where the field is missing or empty
   * @param {(value: string) => T} read throws with what is wrong
   * @returns {T}
   */
  field(name, otherwise, read) {
    const [value = ""] = this.#upload.values.get(name) ?? [];
    if (value === "") return otherwise;
    try {
      return read(value);
    } catch (error) {
      const { message } = /** @type {Error} */ (error);
      this.#complaints.push(`form field '${name}' is invalid (got '${value}', resulting to ${message})`);
      return otherwise;
    }
  }

  /** @param {string} name @param {string} [otherwise] */
  text(name, otherwise = "") {
    return this.field(name, otherwise, (value) => value);
  }

  /** @param {string} name @param {boolean} [otherwise] */
  truth(name, otherwise = false) {
    return this.field(name, otherwise, (value) => {
      if (!TRUE.has(value) && !FALSE.has(value)) throw new Error("wrong value, expected either 'true' or 'false'");
      return TRUE.has(value);
    });
  }

  /** @param {string} name @param {number} otherwise */
  number(name, otherwise) {
    return this.field(name, otherwise, number);
  }

  /** @param {string} name @param {number} otherwise @param {{ min?: number, max?: number }} [range] */
  integer(name, otherwise, { min = -Infinity, max = Infinity } = {}) {
    return this.field(name, otherwise, (value) => {
      if (!/^[+-]?\d+$/.test(value)) throw new Error("wrong value, expected a whole number");
      if (Number(value) < min) throw new Error(`value is inferior to ${min}`);
      if (Number(value) > max) throw new Error(`value is superior to ${max}`);
      return Number(value);
    });
  }

  /** In inches, which is also what a number without a unit is. @param {string} name @param {number} otherwise */
  inches(name, otherwise) {
    return this.field(name, otherwise, (value) => {
      const [, length, unit] = /^(.*?)(pt|px|in|mm|cm|pc)?$/s.exec(value) ?? [];
      return number(length) * (UNITS[unit] ?? 1);
    });
  }

  /** Milliseconds of a duration as Go writes it, such as 1m30s or 500ms. @param {string} name */
  duration(name) {
    return this.field(name, 0, (value) => {
      if (/^[+-]?0$/.test(value)) return 0;
      const parts = [...value.replace(/^[+-]/, "").matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gy)];
      const length = parts.reduce((sum, [text]) => sum + text.length, 0);
      if (parts.length === 0 || length !== value.replace(/^[+-]/, "").length) {
        throw new Error("wrong value, expected a duration such as '1.5s', '500ms' or '1m30s'");
      }
      const time = parts.reduce((sum, [, digits, unit]) => sum + Number(digits) * TIMES[unit], 0);
      return value.startsWith("-") ? -time : time;
    });
  }

  /** @param {string} name @param {string[]} values @param {string} [otherwise] */
  oneOf(name, values, otherwise = "") {
    return this.field(name, otherwise, (value) => {
      if (values.includes(value)) return value;
      const quoted = values.map((one) => `'${one}'`);
      throw new Error(`wrong value, expected either ${quoted.slice(0, -1).join(", ")} or ${quoted.at(-1)}`);
    });
  }

  /**
   * @template T
   * @param {string} name
   * @param {T} otherwise
   * @param {(value: any) => T} check throws with what is wrong
   */
  json(name, otherwise, check) {
    return this.field(name, otherwise, (value) => {
      const parsed = parse(name, value);
      return parsed === null ? otherwise : check(parsed);
    });
  }

  /** @param {string} name */
  require(name) {
    const [value = ""] = this.#upload.values.get(name) ?? [];
    if (value === "") this.#complaints.push(`form field '${name}' is required`);
  }

  /** The path of a file, whose extension may be in capitals. @param {string} wanted @returns {string | undefined} */
  file(wanted) {
    for (const [name, path] of this.#upload.files) {
      if (name === wanted || stem(name) + extension(name) === wanted) return path;
    }
    return undefined;
  }

  /** @param {string} name */
  requiredFile(name) {
    const path = this.file(name);
    if (path === undefined) this.#complaints.push(`form file '${name}' is required`);
    return path ?? "";
  }

  /** @param {string} name @returns {Promise<string | undefined>} */
  async content(name) {
    const path = this.file(name);
    return path === undefined ? undefined : await fs.readFile(path, "utf8");
  }

  /** Those with this extension, in their order. @param {string} wanted @returns {{ name: string, path: string }[]} */
  filesOf(wanted) {
    return [...this.#upload.files]
      .filter(([name]) => extension(name) === wanted)
      .sort(([a], [b]) => byNumber(a, b))
      .map(([name, path]) => ({ name, path }));
  }

  /** @param {string} wanted */
  requiredFilesOf(wanted) {
    const files = this.filesOf(wanted);
    if (files.length === 0) this.#complaints.push(`no form file found for extensions: [${wanted}]`);
    return files;
  }

  /** Whether a field of this name has brought a file. @param {string} name */
  hasFilesIn(name) {
    return this.#upload.fields.has(name);
  }

  /** @param {string} name */
  has(name) {
    return (this.#upload.values.get(name) ?? [""])[0] !== "";
  }

  /** Throws what is wrong with the fields that have been read. */
  check() {
    if (this.#complaints.length > 0) throw invalid(this.#complaints);
  }
}

/** @param {string} value */
function number(value) {
  if (!NUMBER.test(value)) throw new Error("wrong value, expected a number");
  return Number(value);
}

/** @param {string} name @param {string} value */
function parse(name, value) {
  try {
    return JSON.parse(value);
  } catch (error) {
    throw new Error(`unmarshal ${name}: ${/** @type {Error} */ (error).message}`);
  }
}

module.exports = { Form };
