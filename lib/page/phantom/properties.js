// phantom's properties of a page.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const { fail } = require("../../errors.js");
const { contentOf, titleOf, urlOf } = require("../document.js");
const { paper } = require("../paper.js");
const { NAMES, isPhantomEvent } = require("./sources.js");
const v = require("../../validate.js");

const NAME = v.string({ empty: false, required: true });
const SIDE = v.anyOf([v.number({ min: 0 }), v.string()]);
const HEADING = v.shape({ height: SIDE, contents: v.anyOf([v.func(), v.string()], { required: true }) });

const CLIP_RECT = v.shape({
  top: v.number({ default: 0 }),
  left: v.number({ default: 0 }),
  width: v.number({ min: 0, default: 0 }),
  height: v.number({ min: 0, default: 0 }),
});

const PAPER_SIZE = v.shape({
  format: v.string(),
  orientation: v.oneOf(["portrait", "landscape"]),
  width: SIDE,
  height: SIDE,
  margin: v.anyOf([v.number({ min: 0 }), v.string(), v.shape({ top: SIDE, right: SIDE, bottom: SIDE, left: SIDE })]),
  header: HEADING,
  footer: HEADING,
});

/**
 * The parts that some properties are of.
 * @typedef {object} Parts
 * @property {InstanceType<typeof import("./cookies.js").Cookies>} cookies
 * @property {InstanceType<typeof import("./events.js").Events>} events
 * @property {InstanceType<typeof import("./navigation.js").Navigation>} navigation
 */

class Properties {
  #page;
  #state;
  #puppeteer;
  #parts;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {InstanceType<typeof import("../puppeteer/index.js").Puppeteer>} puppeteer
   * @param {Parts} parts
   */
  constructor(page, state, puppeteer, parts) {
    this.#page = page;
    this.#state = state;
    this.#puppeteer = puppeteer;
    this.#parts = parts;
  }

  /** @param {string} name @param {any[]} value of a callback also what its calls get after the event's own arguments */
  async property(name, ...value) {
    if (isPhantomEvent(name)) return this.#parts.events.callback(name, ...value);
    const properties = this.#properties;
    if (!Object.hasOwn(properties, name)) {
      const names = [...Object.keys(properties), ...NAMES];
      const near = v.nearest(String(name), names);
      throw fail(
        "ERR_INVALID_OPTION",
        `page.property: there is no property "${name}"${near ? `; did you mean "${near}"?` : ""}`,
      );
    }
    const { read, write } = properties[name];
    if (value.length === 0) return await read();
    if (!write) throw fail("ERR_INVALID_OPTION", `page.property: "${name}" can only be read`);
    return await write(value[0]);
  }

  /** @returns {Record<string, { read: () => any, write?: (value: any) => any }>} */
  get #properties() {
    return {
      clipRect: this.#kept("clipRect", CLIP_RECT),
      content: {
        read: () => contentOf(this.#page, "property"),
        write: (html) => this.#parts.navigation.setContent(html),
      },
      cookies: {
        read: () => this.#parts.cookies.all(),
        write: (cookies) => this.#parts.cookies.addAll(cookies),
      },
      customHeaders: {
        read: () => this.#state.properties.customHeaders,
        write: async (headers) => {
          await this.#puppeteer.setExtraHTTPHeaders(headers);
          this.#state.properties.customHeaders = headers;
        },
      },
      frameContent: {
        read: () =>
          this.#page._look("property", (/** @type {Document} */ document) => document.documentElement.outerHTML),
        write: (html) =>
          this.#page._look("property", writeDocument, [v.argument("page.property", "frameContent", v.string(), html)]),
      },
      frameName: { read: () => this.#page._look("property", () => window.name) },
      frameTitle: { read: () => this.#page._look("property", (/** @type {Document} */ document) => document.title) },
      frameUrl: { read: () => this.#page._look("property", () => location.href) },
      framesCount: { read: () => this.#page._look("property", () => window.frames.length) },
      framesName: {
        read: () =>
          this.#page._look("property", (/** @type {Document} */ document) =>
            [...document.querySelectorAll("iframe, frame")].map((frame) => frame.getAttribute("name") ?? ""),
          ),
      },
      libraryPath: this.#kept("libraryPath", NAME),
      loading: {
        read: () =>
          this.#page._look("property", (/** @type {Document} */ document) => document.readyState !== "complete"),
      },
      loadingProgress: {
        read: () =>
          this.#page._look(
            "property",
            (/** @type {Document} */ document) =>
              ({ loading: 10, interactive: 50, complete: 100 })[document.readyState],
          ),
      },
      navigationLocked: {
        read: () => this.#state.properties.navigationLocked,
        write: async (locked) => {
          v.argument("page.property", "navigationLocked", v.boolean({ required: true }), locked);
          if (locked === this.#state.properties.navigationLocked) return;
          await this.#page._call("lockNavigation", { locked }, "property");
          this.#state.properties.navigationLocked = locked;
        },
      },
      paperSize: {
        read: () => this.#state.properties.paperSize,
        write: (size) => {
          const checked = v.argument("page.property", "paperSize", { ...PAPER_SIZE, required: true }, size);
          if (checked.format) paper("page.property", checked.format);
          this.#state.properties.paperSize = checked;
        },
      },
      plainText: {
        read: () =>
          this.#page._look("property", (/** @type {Document} */ document) => document.body?.innerText ?? "", [], {
            main: true,
          }),
      },
      scrollPosition: {
        read: () => this.#page._look("property", () => ({ top: scrollY, left: scrollX })),
        write: (position) => this.#scroll(position),
      },
      title: { read: () => titleOf(this.#page, "property") },
      url: { read: () => urlOf(this.#page, "property") },
      viewportSize: {
        read: () => this.#page._look("property", () => ({ width: innerWidth, height: innerHeight })),
        write: (size) => this.#puppeteer.setViewport(size),
      },
      windowName: {
        read: () => this.#page._look("property", () => /** @type {Window} */ (window.top).name, [], { main: true }),
      },
      zoomFactor: this.#kept("zoomFactor", v.number({ above: 0 })),
    };
  }

  /**
   * A property that nothing but this page's own methods look at.
   * @param {"clipRect" | "libraryPath" | "paperSize" | "zoomFactor"} name
   * @param {import("../../validate.js").Type} type
   */
  #kept(name, type) {
    /** @type {any} */
    const remembered = this.#state.properties;
    return {
      read: () => remembered[name],
      /** @param {any} value */
      write: (value) => {
        remembered[name] = v.argument("page.property", name, { ...type, required: true }, value);
      },
    };
  }

  /** @param {any} position */
  async #scroll(position) {
    const type = v.shape({ top: v.number({ default: 0 }), left: v.number({ default: 0 }) }, { required: true });
    const { top, left } = v.argument("page.property", "scrollPosition", type, position);
    /** @param {Document} _document @param {number} x @param {number} y */
    const scroll = (_document, x, y) => window.scrollTo(x, y);
    await this.#page._look("property", scroll, [left, top]);
  }
}

/** @param {Document} document @param {string} html */
function writeDocument(document, html) {
  document.open();
  document.write(html);
  document.close();
}

module.exports = { Properties };
