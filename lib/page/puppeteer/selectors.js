// How elements are found that selectors name: in a frame's document, or inside of an element.

const { compileOwn } = require("../evaluate.js");
const { fail } = require("../../errors.js");
const { WAIT } = require("./types.js");
const v = require("./checks.js");

/**
 * Where a selector looks, and for which of the program's calls.
 * @typedef {object} Scope
 * @property {InstanceType<typeof import("./world.js").World>} world
 * @property {string} operation
 * @property {string} [frame] the id of its frame; without one it is the chosen frame, or the main one
 * @property {InstanceType<typeof import("./element.js").ElementHandle>} [root] a node inside of which it looks
 */

/** The first element. @param {Scope} scope @param {string} selector @returns {Promise<any>} */
async function first({ world, operation, frame, root }, selector) {
  return world.element(await world.page._hold(operation, "find", [selector, root], frame));
}

/** All elements. @param {Scope} scope @param {string} selector @returns {Promise<any[]>} */
async function all({ world, operation, frame, root }, selector) {
  return await world.items(operation, await world.page._hold(operation, "findAll", [selector, root], frame));
}

/** What a script gives for the first element. @param {Scope} scope @param {string} selector @param {Function | string} script @param {unknown[]} args */
async function onFirst({ world, operation, frame, root }, selector, script, args) {
  const within = /** @type {[import("../evaluate.js").Runner, ...unknown[]]} */ (["onFirst", selector, root]);
  return await world.page._run(operation, script, args, { within, frame, gesture: true });
}

/** What a script gives for an array of all elements. @param {Scope} scope @param {string} selector @param {Function | string} script @param {unknown[]} args */
async function onAll({ world, operation, frame, root }, selector, script, args) {
  const within = /** @type {[import("../evaluate.js").Runner, ...unknown[]]} */ (["onAll", selector, root]);
  return await world.page._run(operation, script, args, { within, frame, gesture: true });
}

/**
 * Waits until there is an element, or none; gives the element, or null.
 * @param {Scope} scope @param {string} selector @param {object} [options]
 * @returns {Promise<any>}
 */
async function waitFor({ world, operation, frame, root }, selector, options) {
  const schema = { visible: v.boolean({ default: false }), hidden: v.boolean({ default: false }), ...WAIT };
  const { visible, hidden, ...wait } = v.check(operation, schema, options);
  if (visible && hidden) {
    const mend = 'options "visible" and "hidden" exclude each other; give one of them';
    throw fail("ERR_INVALID_OPTION", `${operation}: ${mend}`);
  }
  const state = hidden ? ", hidden" : visible ? ", visible" : "";
  const what = `waitForSelector(${JSON.stringify(v.shortened(selector))}${state})`;
  const polling = visible || hidden || hasPseudoClass(selector) ? "raf" : "mutation";
  // The element stays in the page's world, for the handle; where there are none, a world of ours does.
  const keeps = world.page._engine === "cdp";
  /** @type {{ id: string, frame: string }[]} */
  const handles = [];
  const script = compileOwn("sought", [selector, root, visible, hidden], { keep: keeps && "boxed", handles });
  const place = keeps ? { handles, frame, keep: true } : { world: "own" };
  const reply = await world.page._wait("waitFor", { script, polling, what, ...place, ...wait }, operation);
  const found = world.page._decode(reply);
  return keeps ? world.element(found) : null;
}

/**
 * Whether a selector asks for a state such as `:checked` or `:hover`, of which no change of the document tells. What is in an
 * attribute's brackets, and what is escaped, is a name.
 * @param {string} selector
 */
function hasPseudoClass(selector) {
  return selector.replace(/\\.|"[^"]*"|'[^']*'|\[[^\]]*\]/g, "").includes(":");
}

module.exports = { first, all, onFirst, onAll, waitFor };
