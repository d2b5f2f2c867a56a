// What is in a document as a whole, and what is put into one.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const fs = require("node:fs/promises");
const path = require("node:path");
const { fail } = require("../../errors.js");
const { contentOf, titleOf, urlOf } = require("../document.js");
const { NAVIGATION, TEXT, TIMEOUT } = require("./types.js");
const v = require("../../validate.js");

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

  /** @param {object} options */
  async addScriptTag(options) {
    const { source, url, type, id, wait } = await tagSource("page.addScriptTag", SCRIPT_TAG, options, this.#page);
    /** @param {Document} document @param {any} given */
    const add = async (document, given) => {
      const script = document.createElement("script");
      if (given.id) script.id = given.id;
      if (given.type) script.type = given.type;
      if (!given.url) {
        // It has no load event: a classic script has run when it is there, and a module is about to, as with Puppeteer.
        script.text = given.source;
        document.head.append(script);
        return;
      }
      await new Promise((resolve, reject) => {
        script.onload = resolve;
        script.onerror = () => reject(new Error(`could not load the script ${given.url}`));
        script.src = given.url;
        document.head.append(script);
      });
    };
    await this.#page._look("addScriptTag", add, [{ source, url, type, id }], { gesture: true, ...wait });
  }

  /** @param {object} options */
  async addStyleTag(options) {
    const { source, url, id, wait } = await tagSource("page.addStyleTag", TAG, options, this.#page);
    /** @param {Document} document @param {any} given */
    const add = async (document, given) => {
      const element = document.createElement(given.url ? "link" : "style");
      if (given.id) element.id = given.id;
      const loaded = new Promise((resolve, reject) => {
        element.onload = resolve;
        element.onerror = () => reject(new Error(`could not load the style sheet ${given.url ?? "given as content"}`));
      });
      if (element instanceof HTMLLinkElement) {
        element.rel = "stylesheet";
        element.href = given.url;
      } else {
        element.append(given.source);
      }
      document.head.append(element);
      await loaded;
    };
    await this.#page._look("addStyleTag", add, [{ source, url, id }], wait);
  }
}

/**
 * @param {string} owner
 * @param {import("../../validate.js").Schema} schema
 * @param {object} options
 * @param {InstanceType<typeof import("../core.js").PageCore>} page
 */
async function tagSource(owner, schema, options, page) {
  const { url, path: file, content, type, id, timeout = page._limits.any } = v.check(owner, schema, options);
  const wait = { timeout, what: `${owner.slice("page.".length)}(${v.shortened(url ?? file ?? "text")})` };
  if ([url, file, content].filter((source) => source !== undefined).length !== 1) {
    throw fail("ERR_INVALID_OPTION", `${owner}: give exactly one of the options "url", "path" and "content"`);
  }
  if (file === undefined) return { url, source: content, type, id, wait };
  const text = await fs.readFile(file, "utf8").catch((cause) => {
    throw fail("ERR_INVALID_OPTION", `${owner}: cannot read the file ${path.resolve(file)}`, { cause });
  });
  return { url, source: text, type, id, wait };
}

module.exports = { Content };
