// phantom's pictures.
/// <reference lib="dom" />

const fs = require("node:fs");
const path = require("node:path");
const { numberOf, recordOf, textOf } = require("./lenient.js");
const { Papers } = require("./papers.js");
const { look } = require("./steps.js");
const v = require("../../validate.js");

/** By the names that programs give them; what is none of them is not rendered. @type {Record<string, string>} */
const FORMATS = { png: "png", jpeg: "jpeg", jpg: "jpeg", webp: "webp", bmp: "bmp", gif: "gif", pdf: "pdf" };

/** Those that PhantomJS gives as base64. */
const AS_BASE64 = ["png", "jpeg", "bmp"];

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */

class Render {
  #page;
  #state;
  #strict;
  #papers;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {boolean} strict whether a picture is only what PhantomJS makes one of
   */
  constructor(page, state, strict) {
    this.#page = page;
    this.#state = state;
    this.#strict = strict;
    this.#papers = new Papers(page, state);
  }

  /**
   * @param {unknown} file
   * @param {any} [options] `{ format, quality }`
   * @returns {Steps<boolean>} false where there is no such format, or the file cannot be written
   */
  *render(file, options) {
    const name = textOf(file);
    const { format = path.extname(name).slice(1), quality } = recordOf(options);
    const picture = yield* this.#picture("render", textOf(format), quality);
    if (!picture) return false;
    try {
      yield {
        later: () => makeFolder(path.dirname(name)),
        now: () => fs.mkdirSync(path.dirname(name), { recursive: true }),
      };
      yield { later: () => fs.promises.writeFile(name, picture), now: () => fs.writeFileSync(name, picture) };
      return true;
    } catch {
      return false;
    }
  }

  /** @param {unknown} [format] @returns {Steps<string>} an empty one where there is no such format */
  *renderBase64(format = "png") {
    const name = textOf(format).toLowerCase();
    if (this.#strict && !AS_BASE64.includes(FORMATS[name])) return "";
    return (yield* this.#picture("renderBase64", name))?.toString("base64") ?? "";
  }

  /**
   * The whole page from where it is scrolled to, or its clipRect; transparent, as PhantomJS made it, where the format can be.
   * @param {string} operation
   * @param {string} format
   * @param {unknown} [quality]
   * @returns {Steps<Buffer | undefined>}
   */
  *#picture(operation, format, quality) {
    const name = format.toLowerCase();
    const type = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
    if (type === undefined) return undefined;
    // PhantomJS's zoom leaves paper alone.
    if (type === "pdf") return yield* this.#papers.print(operation);
    const { zoomFactor } = this.#state;
    if (zoomFactor !== 1) yield* this.#zoom(operation, zoomFactor);
    try {
      const clip = yield* this.#clip(operation);
      const percent = numberOf(quality);
      const isLossy = type === "jpeg" || type === "webp";
      const isQuality = isLossy && percent !== undefined && percent >= 0 && percent <= 100;
      const params = {
        type,
        clip,
        fullPage: clip === undefined,
        omitBackground: type === "png",
        optimizeForSpeed: false,
        quality: isQuality ? Math.round(percent) : undefined,
      };
      return yield ["screenshot", v.defined(params), operation];
    } finally {
      if (zoomFactor !== 1) yield* this.#zoom(operation, 1);
    }
  }

  /** @param {string} operation @returns {Steps} */
  *#clip(operation) {
    const { left, top, width, height } = this.#state.clipRect;
    if (width > 0 && height > 0) return { x: left, y: top, width, height };
    if (!this.#state.scrolled) return undefined;
    /** @param {Document} document */
    const below = ({ documentElement: { scrollWidth, scrollHeight } }) => {
      const [x, y] = [Math.round(window.scrollX), Math.round(window.scrollY)];
      return { x, y, width: scrollWidth - x, height: scrollHeight - y };
    };
    return yield* look(this.#page, operation, below, [], { main: true });
  }

  /** @param {string} operation @param {number} factor @returns {Steps} */
  *#zoom(operation, factor) {
    /** @param {Document} document @param {number} zoom */
    const apply = (document, zoom) => {
      const { style } = document.documentElement;
      style.setProperty("zoom", zoom === 1 ? "" : String(zoom));
    };
    yield* look(this.#page, operation, apply, [factor], { main: true });
  }
}

/** Node's own recursive one never ends where the system has no such folder and lets none be made, as in /proc. @param {string} folder */
async function makeFolder(folder) {
  const make = (/** @type {() => Promise<void>} */ whereNoParent) =>
    fs.promises.mkdir(folder).catch((error) => {
      if (error.code === "ENOENT") return whereNoParent();
      if (error.code !== "EEXIST") throw error;
    });
  await make(async () => {
    if (path.dirname(folder) === folder) return;
    await makeFolder(path.dirname(folder));
    await make(() => Promise.reject(new Error(`${folder} cannot be made`)));
  });
}

module.exports = { Render };
