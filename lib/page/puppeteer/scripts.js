// Scripts of the program in a frame of the page.

const { compile, refuseUnparsable, statement } = require("../evaluate.js");
const { all, first, onAll, onFirst } = require("./selectors.js");
const { SCRIPT, SELECTOR, WAIT } = require("./types.js");
const { keeping, wait } = require("./waits.js");
const { fail } = require("../../errors.js");
const { JSHandle } = require("./handle.js");
const v = require("./checks.js");

const WAIT_FOR = {
  polling: v.anyOf([v.oneOf(["raf", "mutation"]), v.number()]),
  ...WAIT,
};

class Scripts {
  #page;
  #place;
  /** The identifiers of init scripts. @type {Set<string>} */
  #added = new Set();

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, place) {
    this.#page = page;
    this.#place = place;
  }

  /** @param {Function | string} script @param {unknown[]} args */
  async evaluate(script, ...args) {
    const { operation, frame } = this.#call("evaluate", script);
    return await this.#page._run(operation, script, args, { frame, gesture: true });
  }

  /** @param {Function | string} script @param {unknown[]} args */
  async evaluateHandle(script, ...args) {
    const { operation, frame, world } = this.#call("evaluateHandle", script);
    return world.wrap(await this.#page._run(operation, script, args, { frame, gesture: true, keep: true }));
  }

  /** @param {Function | string} script @param {unknown[]} args */
  async evaluateOnNewDocument(script, ...args) {
    v.argument("page.evaluateOnNewDocument", "script", SCRIPT, script);
    refuseUnparsable("page.evaluateOnNewDocument", script);
    const source = statement(script, args);
    const identifier = await this.#page._call("addInitScript", { source }, "evaluateOnNewDocument");
    this.#added.add(identifier);
    return { identifier };
  }

  /** @param {string} identifier */
  async removeScriptToEvaluateOnNewDocument(identifier) {
    v.argument("page.removeScriptToEvaluateOnNewDocument", "identifier", SELECTOR, identifier);
    const operation = "removeScriptToEvaluateOnNewDocument";
    if (!this.#added.delete(identifier)) {
      throw fail(
        "ERR_INVALID_OPTION",
        `page.${operation}: no script of this page has the identifier ${v.brief(identifier)}`,
      );
    }
    await this.#page._call("removeInitScript", { identifier }, operation);
  }

  /** @param {string} selector */
  async $(selector) {
    return await first(this.#scope("$", selector), selector);
  }

  /** @param {string} selector */
  async $$(selector) {
    return await all(this.#scope("$$", selector), selector);
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args */
  async $eval(selector, script, ...args) {
    return await onFirst(this.#scope("$eval", selector, script), selector, script, args);
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args */
  async $$eval(selector, script, ...args) {
    return await onAll(this.#scope("$$eval", selector, script), selector, script, args);
  }

  /** All objects of the main frame's process that have a prototype. @param {any} prototype a handle of it */
  async queryObjects(prototype) {
    const operation = "queryObjects";
    if (!(prototype instanceof JSHandle))
      throw fail("ERR_INVALID_OPTION", `page.${operation}: give it a handle of the prototype`);
    const { id: prototypeObjectId, frame } = prototype._handle;
    if (!prototypeObjectId)
      throw fail("ERR_INVALID_OPTION", "Prototype JSHandle must not be referencing primitive value");
    const params = { method: "Runtime.queryObjects", params: { prototypeObjectId } };
    const { objects } = await this.#page._call("cdp", params, operation);
    return this.#place.world.wrap({ ...objects, frame });
  }

  /** @param {string} name @param {Function | { default: Function }} fn */
  async exposeFunction(name, fn) {
    v.argument("page.exposeFunction", "name", SELECTOR, name);
    // A module stands for what it exports first of all.
    const given = typeof fn === "object" && fn !== null ? fn.default : fn;
    await this.#page._expose(name, v.argument("page.exposeFunction", "fn", v.func({ required: true }), given));
  }

  /** @param {string} name */
  async removeExposedFunction(name) {
    v.argument("page.removeExposedFunction", "name", SELECTOR, name);
    await this.#page._conceal(name);
  }

  /** @param {Function | string} script @param {object} [options] @param {unknown[]} args */
  async waitForFunction(script, options, ...args) {
    const { operation, frame, world } = this.#call("waitForFunction", script);
    const { polling = "raf", timeout, signal } = v.check(operation, WAIT_FOR, options);
    if (typeof polling === "number" && polling <= 0) {
      throw fail("ERR_INVALID_OPTION", `${operation}: Cannot poll with non-positive interval, got ${polling}`);
    }
    const text = String(script).replace(/\s+/g, " ");
    const call = `waitForFunction(${text.length > 60 ? `${text.slice(0, 60)}...` : text})`;
    const { handles, keep } = keeping(this.#page);
    const params = { script: compile(script, args, { keep, handles }), handles, frame, polling };
    const found = await wait(this.#page, operation, params, { timeout, signal, call, what: `${call}: ` });
    return world.wrap(keep ? found : { type: typeof found, value: found, frame: "" });
  }

  /** @param {string} name @param {Function | string} script */
  #call(name, script) {
    const { owner, frame, world } = this.#place;
    v.argument(`${owner}.${name}`, "script", SCRIPT, script);
    return { operation: `${owner}.${name}`, frame, world };
  }

  /** @param {string} name @param {string} selector @param {Function | string} [script] @returns {import("./selectors.js").Scope} */
  #scope(name, selector, script) {
    const { owner, frame, world } = this.#place;
    const operation = `${owner}.${name}`;
    v.argument(operation, "selector", SELECTOR, selector);
    if (name.endsWith("eval")) v.argument(operation, "script", SCRIPT, script);
    return { world, operation, frame };
  }
}

module.exports = { Scripts };
