// `exposeFunction`: what the page is told, and the answer to each call.

const { fail } = require("../errors.js");
const { RUNTIME, literal, decode } = require("./evaluate.js");

/** @typedef {{ binding: string, fn: Function, identifier?: string }} Exposure `identifier`: the core's, once the function is there */

/** The program's functions that a page may call. */
class Exposed {
  #command;
  /** By the names that the page calls them by. @type {Map<string, Exposure>} */
  #exposures = new Map();
  #last = 0;

  /** @param {import("./intercepted.js").Call} command what the core is told by */
  constructor(command) {
    this.#command = command;
  }

  /**
   * @param {string} name
   * @param {Function} fn
   */
  async add(name, fn) {
    if (this.#exposures.has(name)) {
      const message = `Failed to add page binding with name ${name}: window['${name}'] already exists!`;
      throw fail("ERR_INVALID_OPTION", `page.exposeFunction: ${message} Take it away by removeExposedFunction`);
    }
    // Another one for each, so that nothing of one function concerns the next of its name.
    const binding = `boomtown:${++this.#last}:${name}`;
    /** @type {Exposure} */
    const exposure = { binding, fn };
    this.#exposures.set(name, exposure);
    try {
      const params = { name: binding, script: ofRuntime("expose", name, binding) };
      exposure.identifier = await this.#command("exposeFunction", params, "exposeFunction");
    } catch (error) {
      this.#exposures.delete(name);
      throw error;
    }
  }

  /** @param {string} name */
  async remove(name) {
    const { binding, identifier } = this.#exposures.get(name) ?? {};
    if (binding === undefined || identifier === undefined) {
      const message = `Function with name "${name}" does not exist`;
      throw fail("ERR_INVALID_OPTION", `page.removeExposedFunction: ${message}: only what was exposed is taken away`);
    }
    this.#exposures.delete(name);
    const params = { name: binding, identifier, script: ofRuntime("conceal", name, binding) };
    await this.#command("removeFunction", params, "removeExposedFunction");
  }

  /** @param {{ name: string, call: string, payload: string }} call the page's */
  async answer({ name, call, payload }) {
    const exposure = [...this.#exposures.values()].find(({ binding }) => binding === name);
    if (!exposure) return;
    const result = await answer(name, exposure.fn, payload);
    // A page that is over waits for no answer.
    await this.#command("answerBinding", { call, result }, "answerBinding").catch(() => {});
  }
}

/**
 * A script that has the page's runtime do something with `window[name]` and the core's binding.
 * @param {"expose" | "conceal"} what
 * @param {string} name
 * @param {string} binding
 * @returns {string}
 */
function ofRuntime(what, name, binding) {
  return `${RUNTIME}.${what}(${JSON.stringify(name)},${JSON.stringify(binding)})`;
}

/**
 * Calls the program's function for one call of the page, and gives the expression that tells the page what came of it.
 * @param {string} binding
 * @param {Function} fn
 * @param {string} payload
 * @returns {Promise<string>}
 */
async function answer(binding, fn, payload) {
  const space = payload.indexOf(" ");
  const number = Number(payload.slice(0, space));
  const head = `${RUNTIME}.answer(${JSON.stringify(binding)},${number},`;
  try {
    const args = decode(payload.slice(space + 1));
    return `${head}true,()=>(${literal(await fn(...args), "the result")}))`;
  } catch (error) {
    return `${head}false,()=>${thrown(error)})`;
  }
}

/** What the program's function has thrown, or as much of it as can enter the page. @param {unknown} error */
function thrown(error) {
  try {
    return literal(error, "the error");
  } catch {
    return literal(new Error(String(error)), "the error");
  }
}

module.exports = { Exposed };
