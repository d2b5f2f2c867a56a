// How elements are found that selectors name: in a frame's document, or inside of a node. CSS is one call of the page's runtime;
// other selectors are steps that a function of ours takes in the page, but for those of the accessibility tree, which the browser
// answers.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const { RUNTIME, compile, compileOwn, functionText } = require("../evaluate.js");
const { fail } = require("../../errors.js");
const { ownHandler, parse, parseAria, search } = require("./p-selectors.js");
const { WAIT } = require("./types.js");
const { keeping, until, wait } = require("./waits.js");
const v = require("./checks.js");

/** @typedef {InstanceType<typeof import("./element.js").ElementHandle>} ElementHandle */
/** @typedef {import("./p-selectors.js").Path} Path */

/**
 * Where a selector looks, and for which of the program's calls.
 * @typedef {object} Scope
 * @property {InstanceType<typeof import("./world.js").World>} world
 * @property {string} operation
 * @property {string} [frame] the id of its frame; without one it is the chosen frame, or the main one
 * @property {ElementHandle} [root] a node inside of which it looks
 */

const WAIT_FOR = {
  visible: v.boolean({ default: false }),
  hidden: v.boolean({ default: false }),
  ...WAIT,
};

/** How long after the last look at the accessibility tree the next one is, if the document has not changed meanwhile. */
const LOOK_AGAIN = 100;

/** The first element. @param {Scope} scope @param {string} selector @returns {Promise<any>} */
async function first(scope, selector) {
  const { world, operation, frame, root } = scope;
  const paths = parse(selector);
  if (!paths) return world.element(await world.page._hold(operation, "find", [selector, root], frame));
  if (!paths.some(asksAria)) return world.element(await handleOf(scope, paths, true));
  for await (const element of byAria(scope, paths, true)) return element;
  return null;
}

/** All elements. @param {Scope} scope @param {string} selector @returns {Promise<any[]>} */
async function all(scope, selector) {
  return await scope.world.items(scope.operation, await listOf(scope, selector));
}

/** A remote object of all elements. @param {Scope} scope @param {string} selector @returns {Promise<any>} */
async function listOf(scope, selector) {
  const { world, operation, frame, root } = scope;
  const paths = parse(selector);
  if (!paths) return await world.page._hold(operation, "findAll", [selector, root], frame);
  return await handleOf(scope, paths, false);
}

/** What a script gives for the first element. @param {Scope} scope @param {string} selector @param {Function | string} script @param {unknown[]} args */
async function onFirst(scope, selector, script, args) {
  const { world, operation, frame, root } = scope;
  if (!parse(selector)) {
    const within = /** @type {[import("../evaluate.js").Runner, ...unknown[]]} */ (["onFirst", selector, root]);
    return await world.page._run(operation, script, args, { within, frame, gesture: true });
  }
  const element = await first(scope, selector);
  if (!element) {
    throw fail("ERR_EVALUATION", `Error: failed to find element matching selector "${v.shortened(selector)}"`);
  }
  try {
    return await element._run(operation, script, args);
  } finally {
    element[Symbol.dispose]();
  }
}

/** What a script gives for an array of all elements. @param {Scope} scope @param {string} selector @param {Function | string} script @param {unknown[]} args */
async function onAll(scope, selector, script, args) {
  const { world, operation, frame, root } = scope;
  if (!parse(selector)) {
    const within = /** @type {[import("../evaluate.js").Runner, ...unknown[]]} */ (["onAll", selector, root]);
    return await world.page._run(operation, script, args, { within, frame, gesture: true });
  }
  const list = world.wrap(await listOf(scope, selector));
  try {
    return await list._run(operation, script, args);
  } finally {
    list[Symbol.dispose]();
  }
}

/** The element that an action is for. @param {Scope} scope @param {string} selector @returns {Promise<ElementHandle>} */
async function needed(scope, selector) {
  const element = await first(scope, selector);
  if (element) return element;
  throw fail("ERR_EVALUATION", `No element found for selector: ${v.shortened(selector)}`);
}

/**
 * A remote object of the nodes to which paths lead, or of the first one.
 * @param {Scope} scope @param {Path[]} paths @param {boolean} one
 * @returns {Promise<any>}
 */
async function handleOf(scope, paths, one) {
  const { world, operation, frame, root } = scope;
  if (paths.some(asksAria)) return await listed(scope, byAria(scope, paths, false));
  const text = `async (root, paths) => {
    const found = await (${search})(root ?? document, paths, ${handlersIn(paths)}, ${one});
    return ${one ? "found[0] ?? null" : "found"};
  }`;
  return await world.page._run(operation, { text }, [root, paths], { frame, keep: true });
}

/** A remote object of a list of nodes. @param {Scope} scope @param {AsyncIterable<ElementHandle>} found */
async function listed({ world, operation, frame }, found) {
  const list = (/** @type {Node[]} */ ...given) => given;
  const nodes = [];
  try {
    for await (const node of found) nodes.push(node);
    return await world.page._run(operation, list, nodes, { frame, keep: true });
  } finally {
    for (const node of nodes) node[Symbol.dispose]();
  }
}

/** @param {Path} path */
function asksAria(path) {
  return path.some(isAria);
}

/** @param {Path[number]} step */
function isAria(step) {
  return "name" in step && step.name === "aria";
}

/** What is found by XPath changes with the document only, of whose shadow roots nobody is told. @param {Path} path */
function isXPath(path) {
  return path.every((step) => "name" in step && step.name === "xpath");
}

/** The program's own kinds of search that paths need, as an expression. @param {Path[]} paths */
function handlersIn(paths) {
  const names = new Set(paths.flat().flatMap((step) => ("name" in step ? [step.name] : [])));
  const members = [...names].flatMap((name) => {
    const handler = ownHandler(name);
    if (!handler) return [];
    const functions = Object.entries(handler).filter(([, fn]) => typeof fn === "function");
    return [
      `${name}: { ${functions.map(([kind, fn]) => `${kind}: ${functionText(/** @type {any} */ (fn))}`).join()} }`,
    ];
  });
  return `{ ${members.join()} }`;
}

/**
 * The nodes to which paths lead that ask the accessibility tree on their way.
 * @param {Scope} scope @param {Path[]} paths @param {boolean} one whether more than the first are not wanted
 * @returns {AsyncGenerator<ElementHandle, void>}
 */
async function* byAria(scope, paths, one) {
  for (const path of paths) yield* along(scope, path, one);
}

/** @param {Scope} scope @param {Path} path @param {boolean} one @returns {AsyncGenerator<ElementHandle, void>} */
async function* along(scope, path, one) {
  const from = (/** @type {number} */ at) => (/** @type {ElementHandle} */ root) =>
    along({ ...scope, root }, path.slice(at), one);
  const at = path.findIndex(isAria);
  if (at === -1) yield* await inPage(scope, path, one);
  else if (at > 0) yield* onwards(await inPage(scope, path.slice(0, at), false), from(at));
  else if (path.length > 1) yield* onwards(await inTree(scope, path[0], false), from(1));
  else yield* await inTree(scope, path[0], one);
}

/**
 * What is found from each of these nodes, which only lead there.
 * @param {ElementHandle[]} nodes @param {(node: ElementHandle) => AsyncGenerator<ElementHandle, void>} from
 * @returns {AsyncGenerator<ElementHandle, void>}
 */
async function* onwards(nodes, from) {
  try {
    for (const node of nodes) yield* from(node);
  } finally {
    for (const node of nodes) node[Symbol.dispose]();
  }
}

/** The nodes that a function of ours finds in the page. @param {Scope} scope @param {Path} path @param {boolean} one @returns {Promise<ElementHandle[]>} */
async function inPage(scope, path, one) {
  const found = await handleOf(scope, [path], one);
  if (!one) return await scope.world.items(scope.operation, found);
  const element = scope.world.element(found);
  return element ? [element] : [];
}

/** The nodes that the browser finds in the accessibility tree. @param {Scope} scope @param {Path[number]} step @param {boolean} one @returns {Promise<ElementHandle[]>} */
async function inTree({ world, operation, frame, root }, step, one) {
  const { value } = /** @type {{ value: string }} */ (step);
  const params = { ...parseAria(value), frame, handle: root?._handle, limit: one ? 1 : undefined };
  const nodes = await world.page._call("queryAria", params, operation);
  return nodes.map((/** @type {any} */ node) => world.wrap(node));
}

/**
 * Waits until there is an element, or none; gives the element, or null.
 * @param {Scope} scope @param {string} selector @param {object} [options]
 * @returns {Promise<any>}
 */
async function waitFor(scope, selector, options) {
  const { world, operation, frame, root } = scope;
  const checked = v.check(operation, WAIT_FOR, options);
  const { visible, hidden } = checked;
  if (visible && hidden) {
    const mend = 'options "visible" and "hidden" exclude each other; give one of them';
    throw fail("ERR_INVALID_OPTION", `${operation}: ${mend}`);
  }
  // What is to go may be about to come: calls of the same turn of the program come first.
  if (hidden) await undefined;
  const paths = parse(selector);
  const call = `waitForSelector(${JSON.stringify(v.shortened(selector))}${hidden ? ", hidden" : visible ? ", visible" : ""})`;
  const limits = { ...checked, call, what: `Waiting for selector \`${shownAs(selector, paths)}\` failed: ` };
  if (paths?.some(asksAria)) return await waitForAria(scope, selector, limits);
  const { handles, keep } = keeping(world.page);
  const script = paths
    ? compile({ text: sought(paths, visible, hidden) }, [root, paths], { keep, handles })
    : compileOwn("sought", [selector, root, visible, hidden], { keep, handles });
  const looks = visible || hidden || (paths ? !paths.every(isXPath) : hasPseudoClass(selector));
  /** @type {"raf" | "mutation"} */
  const polling = looks ? "raf" : "mutation";
  // Where an engine has no handles, a world of ours will do.
  const params = { script, handles, frame, polling, world: keep ? undefined : "own" };
  const found = await wait(world.page, operation, params, limits);
  return keep ? world.element(found) : null;
}

/** What a message calls a selector: without the name of the kind of search before it. @param {string} selector @param {Path[]} [paths] */
function shownAs(selector, paths) {
  const step = paths?.[0]?.[0];
  const prefixed = step && "name" in step && !selector.startsWith("::-p-");
  return v.shortened(prefixed && paths.length === 1 && paths[0].length === 1 ? step.value : selector);
}

/** A function's text that looks once for what is waited for. @param {Path[]} paths @param {boolean} visible @param {boolean} hidden */
function sought(paths, visible, hidden) {
  return `async (root, paths) => {
    const [node] = await (${search})(root ?? document, paths, ${handlersIn(paths)}, true);
    if (!node) return ${hidden};
    return ${visible || hidden} && ${RUNTIME}.shows(node) !== ${visible} ? null : node;
  }`;
}

/**
 * @param {Scope} scope @param {string} selector
 * @param {import("./waits.js").Limits & { visible: boolean, hidden: boolean }} limits
 */
async function waitForAria(scope, selector, { visible, hidden, ...limits }) {
  const { world, operation, frame } = scope;
  return await until(world.page, limits, async (left) => {
    const element = await first(scope, selector).catch(unlessReplaced);
    if (element === null && hidden) return { found: null };
    const shows = element && (visible || hidden) && (await element.isVisible().catch(unlessReplaced));
    if (element && (visible || hidden ? shows === visible : true)) return { found: element };
    element?.[Symbol.dispose]();
    await world.page._run(operation, nextChange, [Math.min(LOOK_AGAIN, left)], { frame }).catch(unlessReplaced);
    return undefined;
  });
}

/** A document that is replaced is looked at anew. @param {any} error */
function unlessReplaced(error) {
  if (!/context (?:was destroyed|of the handle)/.test(error.message)) throw error;
}

/** Runs in the page: a change of the document, or this time. @param {number} most ms */
function nextChange(most) {
  return new Promise((/** @type {(value?: unknown) => void} */ done) => {
    const observer = new MutationObserver(() => end());
    const timer = setTimeout(() => end(), most);
    const end = () => {
      clearTimeout(timer);
      observer.disconnect();
      done();
    };
    observer.observe(document, { childList: true, subtree: true, attributes: true, characterData: true });
  });
}

/**
 * Whether a selector asks for a state such as `:checked` or `:hover`, of which no change of the document tells. What is in an
 * attribute's brackets, and what is escaped, is a name.
 * @param {string} selector
 */
function hasPseudoClass(selector) {
  return selector.replace(/\\.|"[^"]*"|'[^']*'|\[[^\]]*\]/g, "").includes(":");
}

/** Whether a selector is one of Puppeteer's own, and not CSS. @param {string} selector */
function isOwn(selector) {
  return parse(selector) !== undefined;
}

module.exports = { first, all, isOwn, needed, onFirst, onAll, waitFor };
