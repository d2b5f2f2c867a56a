// What is in a document as a whole, and what is put into one.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const fs = require("node:fs/promises");
const path = require("node:path");
const { fail } = require("../../errors.js");
const { contentOf, titleOf, urlOf } = require("../document.js");
const { NAVIGATION, TEXT, TIMEOUT } = require("./types.js");
const v = require("./checks.js");

const TAG = {
  url: v.string({ empty: false }),
  path: v.string({ empty: false }),
  content: v.string(),
  id: v.string(),
  timeout: TIMEOUT,
};

const SCRIPT_TAG = { ...TAG, type: v.string() };

class Content {
  #page;
  #place;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, place) {
    this.#page = page;
    this.#place = place;
  }

  /** @param {string} html @param {any} [options] */
  async setContent(html, options) {
    const { owner, frame } = this.#place;
    const operation = `${owner}.setContent`;
    v.argument(operation, "html", TEXT, html);
    const checked = v.check(operation, NAVIGATION, options);
    if (owner === "page") this.#page._deliver("contentstarted", []);
    await this.#page._navigate("setContent", { html, frame, ...checked }, operation);
    if (owner === "page") this.#page._deliver("contentfinished", []);
  }

  async content() {
    return await contentOf(this.#page, `${this.#place.owner}.content`, this.#place.frame);
  }

  async title() {
    return await titleOf(this.#page, `${this.#place.owner}.title`, this.#place.frame);
  }

  /** An engine that does not know the frames has to ask the page. @returns {string | Promise<string>} */
  url() {
    if (this.#page._engine !== "cdp") return urlOf(this.#page, "url");
    return this.#place.world.mainFrame().url();
  }

  /** @param {object} options @returns {Promise<any>} a handle of the element; nothing where the engine has none */
  async addScriptTag(options) {
    const { source, url, type, id, wait } = await tagSource(
      `${this.#place.owner}.addScriptTag`,
      SCRIPT_TAG,
      options,
      this.#page,
      scriptOf,
    );
    /** @param {Document} document @param {any} given */
    const add = async (document, given) => {
      const script = document.createElement("script");
      if (given.id) script.id = given.id;
      if (given.type) script.type = given.type;
      if (!given.url) {
        // It has no load event: a classic script has run when it is there, and a module is about to, as with Puppeteer.
        script.text = given.source;
        document.head.append(script);
        return given.kept && script;
      }
      await new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = () => reject(new Error(`Could not load script ${given.url}`));
        script.src = given.url;
        document.head.append(script);
      });
      return given.kept && script;
    };
    return await this.#added("addScriptTag", add, { source, url, type, id }, { gesture: true, ...wait });
  }

  /** @param {object} options @returns {Promise<any>} a handle of the element; nothing where the engine has none */
  async addStyleTag(options) {
    const { source, url, id, wait } = await tagSource(
      `${this.#place.owner}.addStyleTag`,
      TAG,
      options,
      this.#page,
      styleOf,
    );
    /** @param {Document} document @param {any} given */
    const add = async (document, given) => {
      const element = document.createElement(given.url ? "link" : "style");
      if (given.id) element.id = given.id;
      const loaded = new Promise((resolve, reject) => {
        element.onload = resolve;
        element.onerror = () => reject(new Error(`Could not load style ${given.url ?? "given as content"}`));
      });
      if (element instanceof HTMLLinkElement) {
        element.rel = "stylesheet";
        element.href = given.url;
      } else {
        element.append(given.source);
      }
      document.head.append(element);
      await loaded;
      return given.kept && element;
    };
    return await this.#added("addStyleTag", add, { source, url, id }, wait);
  }

  /** @param {string} name @param {Function} add @param {object} given @param {object} options */
  async #added(name, add, given, options) {
    const { owner, frame, world } = this.#place;
    const operation = `${owner}.${name}`;
    if (this.#page._engine !== "cdp") {
      return void (await this.#page._look(operation, add, [given], { frame, ...options }));
    }
    // Added where no script of the page reaches; the program gets the element as the page's scripts have it.
    const within = /** @type {[import("../evaluate.js").Runner, boolean]} */ (["look", false]);
    const place = { frame, within, keep: true, world: /** @type {const} */ ("own"), ...options };
    return world.wrap(await this.#page._run(operation, add, [{ ...given, kept: true }], place));
  }
}

/**
 * @param {string} owner
 * @param {import("../../validate.js").Schema} schema
 * @param {unknown} options
 * @param {InstanceType<typeof import("../core.js").PageCore>} page
 * @param {(text: string, file: string) => string} named gives the text of a file that says where it is from
 */
async function tagSource(owner, schema, options, page, named) {
  const isObject = typeof options === "object" && options !== null;
  const checked = v.check(owner, schema, isObject ? options : {});
  const { url, path: file, content, type, id, timeout = page._limits.any } = checked;
  const wait = { timeout, what: `${owner.slice(owner.indexOf(".") + 1)}(${v.shortened(url ?? file ?? "text")})` };
  if ([url, file, content].filter((source) => source !== undefined).length !== 1) {
    throw fail("ERR_INVALID_OPTION", "Exactly one of `url`, `path`, or `content` must be specified.");
  }
  if (file === undefined) return { url, source: content, type, id, wait };
  const text = await fs.readFile(file, "utf8").catch((cause) => {
    throw fail("ERR_INVALID_OPTION", `${owner}: cannot read the file ${path.resolve(file)}`, { cause });
  });
  return { url, source: named(text, file.replaceAll("\n", "")), type, id, wait };
}

/** @param {string} text @param {string} file */
const scriptOf = (text, file) => `${text}\n//# sourceURL=${file}`;

/** @param {string} text @param {string} file */
const styleOf = (text, file) => `${text}\n/*# sourceURL=${file.replaceAll("*/", "")}*/`;

module.exports = { Content };
