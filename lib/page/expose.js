// `exposeFunction`: the half of it that runs in the page, and the answer to each call.

const { literal, decode } = require("../evaluate.js");
const { runtime } = require("./runtime.js");

/**
 * A script that makes `window[name]` call the core's binding, which takes one text and gives nothing back.
 * @param {string} name
 * @param {string} binding
 * @returns {string}
 */
function exposed(name, binding) {
  return `(${install})(${JSON.stringify(name)}, ${JSON.stringify(binding)}, ${runtime})`;
}

/**
 * Runs in the page.
 * @param {string} name
 * @param {string} binding
 * @param {typeof runtime} encode
 */
function install(name, binding, encode) {
  const place = /** @type {any} */ (globalThis);
  const send = place[binding];
  if (typeof send !== "function" || place[name]?.boomtown === binding) return;
  /** @type {Map<number, [(value: unknown) => void, (error: unknown) => void]>} */
  const waiting = new Map();
  let calls = 0;
  /** @param {unknown[]} args */
  const call = (...args) =>
    new Promise((resolve, reject) => {
      const number = ++calls;
      waiting.set(number, [resolve, reject]);
      encode(
        () => args,
        () => [],
        false,
      ).then((envelope) => send(`${number} ${envelope}`));
    });
  call.boomtown = binding;
  /** @param {number} number @param {boolean} fulfilled @param {() => unknown} make */
  call.answer = (number, fulfilled, make) => {
    const [resolve, reject] = waiting.get(number) ?? [];
    waiting.delete(number);
    if (fulfilled) resolve?.(make());
    else reject?.(make());
  };
  Object.defineProperty(place, name, { value: call, configurable: true, writable: true, enumerable: true });
}

/**
 * Calls the program's function for one call of the page, and gives the expression that tells the page what came of it.
 * @param {string} name
 * @param {Function} fn
 * @param {string} payload
 * @returns {Promise<string>}
 */
async function answer(name, fn, payload) {
  const space = payload.indexOf(" ");
  const number = Number(payload.slice(0, space));
  const head = `globalThis[${JSON.stringify(name)}].answer(${number}, `;
  try {
    const args = decode(payload.slice(space + 1));
    return `${head}true, () => (${literal(await fn(...args), "the result")}))`;
  } catch (error) {
    const { name: kind = "Error", message = String(error) } = /** @type {any} */ (error ?? {});
    const made = `Object.assign(new Error(${JSON.stringify(message)}), { name: ${JSON.stringify(kind)} })`;
    return `${head}false, () => ${made})`;
  }
}

module.exports = { exposed, answer };
