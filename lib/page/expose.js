// `exposeFunction`: what the page is told, and the answer to each call.

const { RUNTIME, literal, decode } = require("./evaluate.js");

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
    const { name: kind = "Error", message = String(error) } = /** @type {any} */ (error ?? {});
    const twin = Object.defineProperty(new Error(message), "name", { value: kind });
    return `${head}false,()=>${literal(twin, "the error")})`;
  }
}

module.exports = { exposed, answer };
