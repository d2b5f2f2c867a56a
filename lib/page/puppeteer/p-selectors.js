// Puppeteer's own selectors: `xpath/`, `text/`, `pierce/`, `aria/` and a program's own before a value, and, within CSS, the
// combinators `>>>` and `>>>>` into shadow roots and the pseudo-elements `::-p-text()`, `::-p-xpath()`, `::-p-aria()` and of a
// program's own. Here is what they mean as steps, and the function that takes them in the page.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const { fail } = require("../../errors.js");

/**
 * A step from nodes to others: CSS inside of them, into their shadow roots, or a kind of search of its own.
 * @typedef {{ css: string } | { into: ">>>" | ">>>>" } | { name: string, value: string }} Step
 */

/** @typedef {Step[]} Path one of a selector's alternatives */

const PREFIXED = ["aria", "pierce", "xpath", "text"];

/** Kinds of search that a program has added, with functions that run in the page. @type {Map<string, { queryOne?: Function, queryAll?: Function }>} */
const own = new Map();

/** The program's own kinds of search. */
const customQueryHandlers = {
  /** @param {string} name @param {{ queryOne?: Function, queryAll?: Function }} handler */
  register(name, handler) {
    const refuse = (/** @type {string} */ why) => fail("ERR_INVALID_OPTION", why);
    if (own.has(name)) throw refuse(`Cannot register over existing handler: ${name}`);
    if (!/^[a-zA-Z]+$/.test(name)) throw refuse("Custom query handler names may only contain [a-zA-Z]");
    if (!handler?.queryOne && !handler?.queryAll) throw refuse("At least one query method must be implemented.");
    own.set(name, { ...handler });
  },

  /** @param {string} name */
  unregister(name) {
    if (own.delete(name)) return;
    throw fail("ERR_INVALID_OPTION", `Cannot unregister unknown handler: ${name}`);
  },

  names() {
    return [...own.keys()];
  },

  clear() {
    own.clear();
  },
};

/** @param {string} name */
function ownHandler(name) {
  return own.get(name);
}

/**
 * What a selector of Puppeteer's own asks for; undefined of one that is CSS.
 * @param {string} selector
 * @returns {Path[] | undefined}
 */
function parse(selector) {
  for (const name of [...own.keys(), ...PREFIXED]) {
    const separator = selector[name.length];
    if (selector.startsWith(name) && (separator === "/" || separator === "=")) {
      return [[{ name, value: selector.slice(name.length + 1) }]];
    }
  }
  if (!selector.includes(">>>") && !selector.includes("::-p-")) return undefined;
  return parsePaths(selector);
}

/** @param {string} selector @returns {Path[] | undefined} */
function parsePaths(selector) {
  /** @type {Path} */
  let path = [];
  const paths = [path];
  let css = "";
  let isOwn = false;
  const flush = () => {
    const before = path.at(-1);
    // A space after a kind of search says that what follows is inside of what it finds.
    const text = before && "name" in before ? css.trimEnd() : css.trim();
    if (text.trim() !== "") path.push({ css: text });
    css = "";
  };
  for (let at = 0; at < selector.length; ) {
    const end = endOfPart(selector, at);
    const part = selector.slice(at, end);
    at = end;
    if (part === ",") {
      flush();
      path = [];
      paths.push(path);
    } else if (part.startsWith(">>>")) {
      flush();
      path.push({ into: /** @type {">>>" | ">>>>"} */ (part) });
      isOwn = true;
    } else if (part.startsWith("::-p-")) {
      flush();
      const [, name, value = ""] = /^::-p-([-\w]+)(?:\((.*)\))?$/s.exec(part) ?? [];
      if (!PREFIXED.includes(name) && !own.has(name)) throw unknown(name);
      path.push({ name, value: unquoted(value.trim()) });
      isOwn = true;
    } else {
      css += part;
    }
  }
  flush();
  const deep = (/** @type {Step | undefined} */ step) => step !== undefined && "into" in step;
  if (
    paths.some((steps) =>
      steps.some((step, index) => deep(step) && (index + 1 === steps.length || deep(steps[index + 1]))),
    )
  ) {
    throw fail("ERR_INVALID_OPTION", `${selector}: Multiple deep combinators found in sequence.`);
  }
  return isOwn ? paths : undefined;
}

/** @param {string} name */
function unknown(name) {
  const known = [...PREFIXED, ...own.keys()].join(", ");
  return fail("ERR_INVALID_OPTION", `Unknown selector type: ${name}; known are ${known}`);
}

/** Where the part of a selector ends that begins here: brackets and quotes, an escape, a combinator, or one character. @param {string} selector @param {number} at */
function endOfPart(selector, at) {
  const rest = selector.slice(at);
  const special = /^(?:>>>>?|::-p-[-\w]+|\\.)/s.exec(rest)?.[0];
  if (special?.startsWith("::") && rest[special.length] === "(") return endOfBrackets(selector, at + special.length);
  if (special) return at + special.length;
  return /["'([]/.test(rest[0]) ? endOfBrackets(selector, at) : at + 1;
}

/**
 * Where brackets or quotes end that begin here. A quote that is not closed is a character.
 * @param {string} selector @param {number} from @returns {number}
 */
function endOfBrackets(selector, from, heedQuotes = true) {
  /** @type {string[]} */
  const open = [];
  for (let at = from; at < selector.length; at++) {
    const character = selector[at];
    const quote = open.at(-1);
    if (character === "\\") at++;
    else if (character === quote) open.pop();
    else if (quote === '"' || quote === "'") continue;
    else if (/["']/.test(character)) {
      if (heedQuotes) open.push(character);
    } else if (character === "(") open.push(")");
    else if (character === "[") open.push("]");
    if (open.length === 0) return at + 1;
  }
  return heedQuotes ? endOfBrackets(selector, from, false) : selector.length;
}

/** @param {string} text */
function unquoted(text) {
  const quoted = text.length > 1 && /["']/.test(text[0]) && text.endsWith(text[0]);
  return (quoted ? text.slice(1, -1) : text).replace(/\\(.)/gs, "$1");
}

/** What an `aria/` selector asks for. @param {string} selector @returns {{ name?: string, role?: string }} */
function parseAria(selector) {
  /** @type {Record<string, string>} */
  const asked = {};
  const rest = selector.replace(/\[\s*(\w+)\s*=\s*(["'])(\\.|.*?)\2\s*\]/g, (_, attribute, _quote, value) => {
    if (attribute !== "name" && attribute !== "role") {
      throw fail(
        "ERR_INVALID_OPTION",
        `Unknown aria attribute "${attribute}" in selector; "name" and "role" are known`,
      );
    }
    asked[attribute] = value;
    return "";
  });
  if (rest && asked.name === undefined) asked.name = rest;
  return asked;
}

/**
 * Runs in the page: the nodes to which any of the paths leads from a node, each once, in the order of the document.
 * @param {any} root
 * @param {Path[]} paths
 * @param {Record<string, { queryOne?: Function, queryAll?: Function }>} handlers the program's own
 * @param {boolean} one whether only the first is wanted
 * @returns {Promise<any[]>}
 */
async function search(root, paths, handlers, one) {
  const isElement = (/** @type {any} */ node) => node.nodeType === 1;
  /** @type {Map<Node, string>} */
  const texts = new Map();

  /** @param {any} node */
  const hasText = (node) => !/^(script|style)$/i.test(node.nodeName) && !document.head?.contains(node);

  /** @param {any} node @returns {string} */
  function textOf(node) {
    if (!hasText(node)) return "";
    let text = texts.get(node);
    if (text !== undefined) return text;
    const name = String(node.nodeName).toLowerCase();
    if (name === "select" || name === "textarea" || (name === "input" && !/^(checkbox|image|radio)$/.test(node.type))) {
      text = String(node.value);
    } else {
      text = "";
      for (const child of node.childNodes)
        text += child.nodeType === 3 ? child.nodeValue : isElement(child) ? textOf(child) : "";
      if (node.shadowRoot) text += textOf(node.shadowRoot);
    }
    texts.set(node, text);
    return text;
  }

  /** The innermost elements with a text. @param {any} node @param {string} text @returns {any[]} */
  function withText(node, text) {
    const inside = [];
    for (const child of node.childNodes) {
      if (isElement(child) && hasText(child)) inside.push(...withText(child.shadowRoot ?? child, text));
    }
    if (inside.length > 0) return inside;
    return isElement(node) && hasText(node) && textOf(node).includes(text) ? [node] : [];
  }

  /** @param {any} node @param {string} expression */
  function byXPath(node, expression) {
    const owner = node.ownerDocument ?? node;
    const found = owner.evaluate(expression, node, null, XPathResult.ORDERED_NODE_ITERATOR_TYPE);
    const nodes = [];
    for (let next = found.iterateNext(); next; next = found.iterateNext()) nodes.push(next);
    return nodes;
  }

  /** A node's shadow root in its place, and all that are inside. @param {any} node @returns {any[]} */
  function roots(node) {
    const all = [node.shadowRoot ?? node];
    for (const inner of all) {
      const walker = document.createTreeWalker(inner, NodeFilter.SHOW_ELEMENT);
      for (let next = walker.nextNode(); next; next = walker.nextNode()) {
        if (/** @type {any} */ (next).shadowRoot) all.push(/** @type {any} */ (next).shadowRoot);
      }
    }
    return all;
  }

  /** The places of nodes in the lists that they are in. @type {Map<any, Map<any, number>>} */
  const counted = new Map();

  /** A node's place in a list, whose nodes are counted once, and again when they have changed. @param {any} list @param {any} node @returns {number} */
  function placeIn(list, node) {
    const known = counted.get(list)?.get(node);
    if (known !== undefined && list[known] === node) return known;
    const places = new Map([...list].map((each, index) => [each, index]));
    counted.set(list, places);
    return places.get(node) ?? 0;
  }

  /** @param {any} node @param {string} css @returns {Iterable<any>} */
  function byCss(node, css) {
    if (!node.querySelectorAll) return [];
    const above = node.parentElement;
    if (css === ":scope") return [node];
    // What begins with a name is looked for inside; anything else goes on from the node itself.
    if (!above || /^[-\w*\P{ASCII}]/u.test(css)) return node.querySelectorAll(css);
    return above.querySelectorAll(`:scope>:nth-child(${placeIn(above.children, node) + 1})${css}`);
  }

  /** @param {any} node @param {any} step @returns {any} */
  function take(node, step) {
    if (step.css !== undefined) return byCss(node, step.css);
    if (step.into === ">>>>") return [node.shadowRoot ?? node];
    if (step.into === ">>>") return roots(node);
    if (step.name === "text") return withText(node, step.value);
    if (step.name === "xpath") return byXPath(node, step.value);
    if (step.name === "pierce") return roots(node).flatMap((inner) => [...inner.querySelectorAll(step.value)]);
    const { queryOne, queryAll } = handlers[step.name];
    if (queryAll && !(one && queryOne)) return queryAll(node, step.value);
    return Promise.resolve(queryOne?.(node, step.value)).then((found) => (found ? [found] : []));
  }

  /** A node's places in its parent, its parent's and so on, the outermost first. @param {any} node @returns {number[]} */
  function place(node) {
    const places = [];
    for (let at = node; at; at = at.parentNode?.host ?? at.parentNode) {
      places.push(at.parentNode ? placeIn(at.parentNode.childNodes, at) : 0);
    }
    return places.reverse();
  }

  const found = new Set();
  for (const path of paths) {
    let nodes = new Set([root]);
    for (const step of path) {
      const next = new Set();
      for (const node of nodes) for await (const match of await take(node, step)) next.add(match);
      nodes = next;
    }
    for (const node of nodes) found.add(node);
  }
  if (paths.length === 1 && paths[0].length === 1) return [...found];
  const placed = [...found].map((node) => ({ node, at: place(node) }));
  placed.sort(({ at: a }, { at: b }) => {
    let index = 0;
    while (index < a.length && index < b.length && a[index] === b[index]) index++;
    return (a[index] ?? -1) - (b[index] ?? -1);
  });
  return placed.map(({ node }) => node);
}

module.exports = { customQueryHandlers, ownHandler, parse, parseAria, search };
