// What phantom's names do, as steps. Each is a command to the page, or something of this process that may take a while. A handler
// awaits them; a callback that runs on phantom has the process wait for each, for PhantomJS answered it at once.

const { types } = require("node:util");

/** @typedef {[method: string, params: object, operation: string]} Command */
/** @typedef {{ later: () => Promise<any>, now: () => any }} Work */
/** @template [T=any] @typedef {Generator<Command | Work, T, any>} Steps */
/** @typedef {InstanceType<typeof import("../core.js").PageCore>} PageCore */

/** ms; a page that takes longer may wait for what this process is to do. */
const PATIENCE = 5000;

/** @param {unknown} given @returns {given is Steps} */
const isSteps = (given) => types.isGeneratorObject(given);

/** @param {PageCore} page @param {Steps} steps @returns {Promise<any>} */
async function later(page, steps) {
  return await goOn(page, steps, steps.next());
}

/** @param {PageCore} page @param {Steps} steps @param {ReturnType<Steps["next"]>} step @param {Promise<any>} [begun] its answer, where it has begun */
async function goOn(page, steps, step, begun) {
  let answering = begun;
  while (!step.done) {
    const { value } = step;
    let answer;
    try {
      answer = await (answering ?? (Array.isArray(value) ? page._call(...value) : value.later()));
    } catch (error) {
      step = steps.throw(error);
      continue;
    } finally {
      answering = undefined;
    }
    step = steps.next(answer);
  }
  return step.value;
}

/** @param {PageCore} page @param {Steps} steps @returns {any} a promise where the page waits for this process, as in a dialog */
function now(page, steps) {
  let step = steps.next();
  while (!step.done) {
    const { value } = step;
    /** @type {{ value: any } | { later: Promise<any> }} */
    let answer;
    try {
      answer = Array.isArray(value) ? page._callNow(...value, PATIENCE) : { value: value.now() };
    } catch (error) {
      step = steps.throw(error);
      continue;
    }
    if ("later" in answer) return goOn(page, steps, step, answer.later);
    step = steps.next(answer.value);
  }
  return step.value;
}

/**
 * @param {PageCore} page
 * @param {string} operation
 * @param {Function | string} script
 * @param {readonly unknown[]} [args]
 * @param {Parameters<PageCore["_scripted"]>[2]} [options]
 * @returns {Steps}
 */
function* run(page, operation, script, args, options) {
  return page._decode(yield ["evaluate", page._scripted(script, args, options), operation], operation);
}

/**
 * Runs a function of ours, as `PageCore#_look` does.
 * @param {PageCore} page
 * @param {string} operation
 * @param {Function} script
 * @param {readonly unknown[]} [args]
 * @param {Parameters<PageCore["_scripted"]>[2]} [options]
 * @returns {Steps}
 */
function* look(page, operation, script, args, options) {
  const within = /** @type {[import("../evaluate.js").Runner, boolean]} */ (["look", Boolean(options?.main)]);
  return yield* run(page, operation, script, args, { ...options, within, world: "own" });
}

module.exports = { isSteps, later, look, now, run };
