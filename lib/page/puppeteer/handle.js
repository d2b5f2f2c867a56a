// A handle of what stays in the page. It lasts as long as its document, or until it is disposed.

const { fail } = require("../../errors.js");
const { publish } = require("../calls.js");
const { REMOTE } = require("../evaluate.js");
const { SCRIPT } = require("./types.js");
const v = require("./checks.js");

/**
 * What the core tells of a value that stays in the page: the DevTools protocol's remote object, and the id of its frame.
 * @typedef {object} RemoteObject
 * @property {string} type
 * @property {string} [subtype]
 * @property {string} [className]
 * @property {string} [description]
 * @property {any} [value]
 * @property {string} [unserializableValue]
 * @property {string} [objectId]
 * @property {string} frame
 */

class JSHandle {
  #world;
  #object;
  #disposed = false;
  #moved = false;

  /** @param {InstanceType<typeof import("./world.js").World>} world @param {RemoteObject} object */
  constructor(world, object) {
    this.#world = world;
    this.#object = object;
  }

  get _world() {
    return this.#world;
  }

  /** What commands call the object by. @returns {{ id: string, frame: string }} */
  get _handle() {
    this._refuseDisposed();
    const { objectId, frame } = this.#object;
    return { id: objectId ?? "", frame };
  }

  /** @returns {import("../evaluate.js").Remote} */
  get [REMOTE]() {
    this._refuseDisposed();
    return this.#object.objectId === undefined ? { value: primitive(this.#object) } : this._handle;
  }

  _refuseDisposed() {
    if (this.#disposed) throw fail("ERR_EVALUATION", "JSHandle is disposed! Get the object anew");
  }

  get disposed() {
    return this.#disposed;
  }

  /** @param {Function | string} script @param {unknown[]} args @returns {Promise<any>} */
  async evaluate(script, ...args) {
    v.argument("handle.evaluate", "script", SCRIPT, script);
    return await this._run("handle.evaluate", script, args);
  }

  /** @param {Function | string} script @param {unknown[]} args @returns {Promise<any>} */
  async evaluateHandle(script, ...args) {
    v.argument("handle.evaluateHandle", "script", SCRIPT, script);
    return this.#world.wrap(await this._run("handle.evaluateHandle", script, args, { keep: true }));
  }

  /** @param {string} operation @param {Function | string | { text: string }} script @param {unknown[]} args @param {object} [options] @returns {Promise<any>} */
  async _run(operation, script, args, options) {
    const place = { frame: this.#object.frame, gesture: true, ...options };
    return await this.#world.page._run(operation, script, [this, ...args], place);
  }

  /** @param {string | JSHandle} name */
  async getProperty(name) {
    const get = (/** @type {any} */ object, /** @type {PropertyKey} */ key) => object[key];
    return this.#world.wrap(await this._run("handle.getProperty", get, [name], { keep: true }));
  }

  /** @returns {Promise<Map<string, any>>} */
  async getProperties() {
    if (this.#object.objectId === undefined) return new Map();
    /** @type {[string, RemoteObject][]} */
    const properties = await this.#world.page._call("properties", { handle: this._handle }, "handle.getProperties");
    return new Map(properties.map(([name, object]) => [name, this.#world.wrap(object)]));
  }

  async jsonValue() {
    this._refuseDisposed();
    if (this.#object.objectId === undefined) return primitive(this.#object);
    return await this._run("handle.jsonValue", (/** @type {unknown} */ object) => object, []);
  }

  /** @returns {any} */
  asElement() {
    return null;
  }

  get _frame() {
    return this.#object.frame;
  }

  get id() {
    return this.#object.objectId;
  }

  remoteObject() {
    const { frame: _, ...object } = this.#object;
    return object;
  }

  async dispose() {
    this.#release();
  }

  /** Lets it go on past the end of the block that uses it. */
  move() {
    this.#moved = true;
    return this;
  }

  [Symbol.dispose]() {
    if (this.#moved) this.#moved = false;
    else this.#release();
  }

  async [Symbol.asyncDispose]() {
    this[Symbol.dispose]();
  }

  #release() {
    if (this.#disposed) return;
    const { objectId: id, frame } = this.#object;
    if (id !== undefined) this.#world.page._first([["release", { handles: [{ id, frame }] }]]);
    this.#disposed = true;
  }

  toString() {
    const { type, subtype, className, objectId } = this.#object;
    return objectId === undefined
      ? `JSHandle:${primitive(this.#object)}`
      : `JSHandle@${subtype ?? (className === "Window" ? "window" : type)}`;
  }
}

/** A primitive value. @param {RemoteObject} object */
function primitive({ type, value, unserializableValue: text }) {
  if (text === undefined) return value;
  return type === "bigint" ? BigInt(text.slice(0, -1)) : Number(text);
}

publish(JSHandle);

module.exports = { JSHandle };
