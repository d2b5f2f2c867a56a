// What assistive technology, such as a screen reader, gets of the page: a tree of what matters to a person.

const { publish } = require("../calls.js");
const { fail, isOver } = require("../../errors.js");
const { ElementHandle } = require("./element.js");
const v = require("./checks.js");

/**
 * A node as the browser tells of it.
 * @typedef {object} Told
 * @property {string} nodeId
 * @property {boolean} ignored
 * @property {{ value: string }} [role]
 * @property {{ value: any }} [name]
 * @property {{ value: any }} [value]
 * @property {{ value: any }} [description]
 * @property {{ name: string, value: { value: any } }[]} [properties]
 * @property {string[]} [childIds]
 * @property {string} [parentId]
 * @property {number} [backendDOMNodeId]
 */

/** What a person works with. */
const CONTROLS = new Set(
  (
    "button checkbox ColorWell combobox DisclosureTriangle listbox menu menubar menuitem menuitemcheckbox menuitemradio radio " +
    "scrollbar searchbox slider spinbutton switch tab textbox tree treeitem"
  ).split(" "),
);

const LANDMARKS = new Set("banner complementary contentinfo form main navigation region search".split(" "));

/** What is inside of these is how they look, and nothing of its own. */
const WHOLE = new Set("doc-cover graphics-symbol img image Meter scrollbar slider separator progressbar".split(" "));

const TEXTS = new Set("LineBreak text InlineTextBox StaticText".split(" "));

/** Properties, by what they become. */
const AS_THEY_ARE = ["name", "value", "description", "keyshortcuts", "roledescription", "valuetext", "url"];
const TRUTHS = "disabled expanded focused modal multiline multiselectable readonly required selected busy atomic".split(
  " ",
);
const TRISTATES = ["checked", "pressed"];
const NUMBERS = ["level", "valuemax", "valuemin"];
const TOKENS = "autocomplete haspopup invalid orientation live relevant errormessage details".split(" ");

class AXNode {
  /** @type {AXNode[]} */
  children = [];
  #told;
  /** @type {Map<string, any>} */
  #properties = new Map();
  #holdsFocusable = false;

  /** @param {Told} told */
  constructor(told) {
    this.#told = told;
    this.role = told.role ? told.role.value : "Unknown";
    for (const { name, value } of told.properties ?? []) this.#properties.set(name.toLowerCase(), value.value);
    for (const name of /** @type {const} */ (["name", "value", "description"])) {
      if (told[name]) this.#properties.set(name, told[name]?.value);
    }
  }

  get number() {
    return this.#told.backendDOMNodeId;
  }

  get #isFocusable() {
    return Boolean(this.#properties.get("focusable"));
  }

  get #isRichlyEditable() {
    return this.#properties.get("editable") === "richtext";
  }

  get #isPlainTextField() {
    if (this.#isRichlyEditable) return false;
    return Boolean(this.#properties.get("editable")) || this.role === "textbox" || this.role === "searchbox";
  }

  get isControl() {
    return CONTROLS.has(this.role);
  }

  get #name() {
    return this.#properties.get("name");
  }

  /** Whether what is inside of it says nothing that it does not say itself. */
  get isLeaf() {
    if (this.children.length === 0 || this.#isPlainTextField || TEXTS.has(this.role) || WHOLE.has(this.role))
      return true;
    if (this.#holdsFocusable) return false;
    return Boolean(this.#name) && (this.#isFocusable || this.role === "heading");
  }

  /** Takes note of its children, which have taken note of theirs. */
  settle() {
    this.#holdsFocusable = this.children.some((child) => child.#isFocusable || child.#holdsFocusable);
  }

  /** @param {boolean} insideControl */
  isInteresting(insideControl) {
    if (this.role === "Ignored" || this.#told.ignored || this.#properties.get("hidden")) return false;
    if (LANDMARKS.has(this.role) || this.#isFocusable || this.#isRichlyEditable || this.isControl) return true;
    return !insideControl && this.isLeaf && Boolean(this.#name);
  }

  /** What a program gets of it, without what is inside. */
  told() {
    const properties = this.#properties;
    /** @type {Record<string, any>} */
    const told = { role: this.role };
    for (const name of AS_THEY_ARE) if (properties.has(name)) told[name] = properties.get(name);
    for (const name of TRUTHS) {
      // A document has the focus whenever its window has.
      if (properties.get(name) && !(name === "focused" && this.role === "RootWebArea")) told[name] = true;
    }
    for (const name of TRISTATES) {
      const value = properties.get(name);
      if (value !== undefined) told[name] = value === "mixed" ? "mixed" : value === "true" || value === true;
    }
    for (const name of NUMBERS) if (properties.has(name)) told[name] = properties.get(name);
    for (const name of TOKENS) {
      const value = properties.get(name);
      if (value && value !== "false") told[name] = value;
    }
    return told;
  }
}

/** What `snapshot` takes. */
const SNAPSHOT = {
  interestingOnly: v.boolean({ default: true }),
  includeIframes: v.boolean({ default: false }),
  root: v.anything(),
};

class Accessibility {
  #page;
  #world;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {InstanceType<typeof import("./world.js").World>} world */
  constructor(page, world) {
    this.#page = page;
    this.#world = world;
  }

  /**
   * @param {object} [options]
   * @returns {Promise<any>} null where there is nothing to tell of
   */
  async snapshot(options) {
    const { root, ...how } = v.check("accessibility.snapshot", SNAPSHOT, options);
    if (!root) return await this.#snapshot(undefined, undefined, how);
    if (!(root instanceof ElementHandle)) {
      const mend = `must be a handle of an element, got ${v.brief(root)}`;
      throw fail("ERR_INVALID_OPTION", `accessibility.snapshot: option "root" ${mend}`);
    }
    const number = await this.#ask({ question: "numberOf", handle: root._handle });
    return await this.#snapshot(root._handle.frame, number, how);
  }

  /**
   * @param {string | undefined} frame
   * @param {number | undefined} number of the node to begin with
   * @param {{ interestingOnly: boolean, includeIframes: boolean }} how
   * @returns {Promise<any>}
   */
  async #snapshot(frame, number, how) {
    const nodes = treeOf(await this.#ask({ question: "tree", frame }));
    const [root] = nodes;
    const start = number === undefined ? root : nodes.find((node) => node.number === number);
    if (!start) return null;
    const inner = how.includeIframes ? await this.#frames(nodes, frame, how) : new Map();
    const interesting = how.interestingOnly ? interestingOf(root, inner) : new Set(nodes);
    if (!interesting.has(start)) return null;
    return this.#told(start, { interesting, inner, frame });
  }

  /** @param {AXNode[]} nodes @param {string | undefined} frame @param {any} how @returns {Promise<Map<AXNode, any>>} */
  async #frames(nodes, frame, how) {
    const inner = new Map();
    for (const node of nodes) {
      if (node.role !== "Iframe" || node.number === undefined) continue;
      const seen = await this.#inside(frame, node.number, how);
      if (seen) inner.set(node, seen);
    }
    return inner;
  }

  /** What is in the frame of an element, which may have gone meanwhile. @param {string | undefined} frame @param {number} number @param {any} how */
  async #inside(frame, number, how) {
    /** @type {any} */
    let element;
    try {
      element = await this.#element(frame, number);
      const content = await element?.contentFrame();
      return content && (await this.#snapshot(content._id, undefined, how));
    } catch (error) {
      if (isOver(error)) throw error;
      return null;
    } finally {
      element?.[Symbol.dispose]();
    }
  }

  /**
   * A node with what is inside, and in place of what is of no interest, what is inside of that.
   * @param {AXNode} start
   * @param {{ interesting: Set<AXNode>, inner: Map<AXNode, any>, frame: string | undefined }} within
   * @returns {any}
   */
  #told(start, within) {
    /** @type {Map<AXNode, any[]>} */
    const told = new Map();
    for (const node of innermostFirst(start)) {
      const children = node.children.flatMap((child) => told.get(child) ?? []);
      told.set(node, within.interesting.has(node) ? [this.#one(node, children, within)] : children);
    }
    return told.get(start)?.[0] ?? null;
  }

  /**
   * @param {AXNode} node
   * @param {any[]} children
   * @param {{ inner: Map<AXNode, any>, frame: string | undefined }} within
   */
  #one(node, children, { inner, frame }) {
    const told = node.told();
    const { number } = node;
    told.backendNodeId = number;
    told.elementHandle = async () => (number === undefined ? null : await this.#element(frame, number));
    for (const hidden of ["backendNodeId", "elementHandle"]) Object.defineProperty(told, hidden, { enumerable: false });
    const seen = inner.get(node);
    if (seen) children.push(seen);
    if (children.length > 0) told.children = children;
    return told;
  }

  /** @param {string | undefined} frame @param {number} number @returns {Promise<any>} */
  async #element(frame, number) {
    return this.#world.element(await this.#ask({ question: "node", frame, number }));
  }

  /** @param {object} question */
  async #ask(question) {
    return await this.#page._call("accessibility", question, "accessibility.snapshot");
  }
}

/** All nodes, each with what is inside of it; the first is the root. @param {Told[]} told */
function treeOf(told) {
  const nodes = told.map((node) => new AXNode(node));
  const byId = new Map(told.map(({ nodeId }, index) => [nodeId, nodes[index]]));
  for (const [index, { childIds = [] }] of told.entries()) {
    nodes[index].children = /** @type {AXNode[]} */ (childIds.map((id) => byId.get(id)).filter(Boolean));
  }
  if (nodes.length > 0) for (const node of innermostFirst(nodes[0])) node.settle();
  return nodes;
}

/** A node and all inside, each after what is inside of it. A document may be deeper than functions can call themselves. @param {AXNode} root */
function innermostFirst(root) {
  const nodes = [root];
  for (const node of nodes) for (const child of node.children) nodes.push(child);
  return nodes.reverse();
}

/** Those that matter to a person. @param {AXNode} root @param {Map<AXNode, any>} inner frames with something in them */
function interestingOf(root, inner) {
  /** @type {Set<AXNode>} */
  const interesting = new Set();
  /** @type {[node: AXNode, insideControl: boolean][]} */
  const left = [[root, false]];
  for (let next = left.pop(); next; next = left.pop()) {
    const [node, insideControl] = next;
    if (node.isInteresting(insideControl) || inner.has(node)) interesting.add(node);
    if (node.isLeaf) continue;
    for (const child of node.children) left.push([child, insideControl || node.isControl]);
  }
  return interesting;
}

publish(Accessibility);

module.exports = { Accessibility };
