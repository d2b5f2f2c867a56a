// `exposeFunction`: what the page is told, and the answer to each call.

const { fail } = require("../errors.js");
const { RUNTIME, literal, decode } = require("./evaluate.js");

/** The program's functions that a page may call. */
class Exposed {
  #command;
  /** By their bindings. @type {Map<string, Function>} */
  #functions = new Map();

  /** @param {import("./intercepted.js").Call} command what answers are sent by */
  constructor(command) {
    this.#command = command;
  }

  /**
   * @param {string} name
   * @param {Function} fn
   * @returns {{ name: string, script: string }} what the core is told
   */
  add(name, fn) {
    const binding = bindingOf(name);
    if (this.#functions.has(binding)) {
      throw fail("ERR_INVALID_OPTION", `page.exposeFunction: there is a function "${name}" already`);
    }
    this.#functions.set(binding, fn);
    return { name: binding, script: exposed(name, binding) };
  }

  /** @param {string} name */
  remove(name) {
    this.#functions.delete(bindingOf(name));
  }

  /** @param {{ name: string, call: string, payload: string }} call the page's */
  async answer({ name, call, payload }) {
    const fn = this.#functions.get(name);
    if (!fn) return;
    const result = await answer(name, fn, payload);
    // A page that is over waits for no answer.
    await this.#command("answerBinding", { call, result }, "answerBinding").catch(() => {});
  }
}

/** @param {string} name */
const bindingOf = (name) => `boomtown:${name}`;

/**
 * A script that makes `window[name]` call the core's binding, which takes one text and gives nothing back.
 * @param {string} name
 * @param {string} binding
 * @returns {string}
 */
function exposed(name, binding) {
  return `${RUNTIME}.expose(${JSON.stringify(name)},${JSON.stringify(binding)})`;
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
