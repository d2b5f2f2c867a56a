// phantom's pictures and PDFs.
/// <reference lib="dom" />

const fs = require("node:fs/promises");
const path = require("node:path");
const { inches, paper } = require("../paper.js");
const v = require("../../validate.js");

const FORMATS = ["png", "jpeg", "jpg", "webp", "bmp", "gif", "pdf"];
const NAME = v.string({ empty: false, required: true });
const QUALITY = v.integer({ min: 0, max: 100 });
/** @type {import("../../validate.js").Type} */
const QUALITY_AS_TEXT = { allowed: "the same as text", is: (text) => /^\d+$/.test(text) && QUALITY.is(Number(text)) };

class Render {
  #page;
  #state;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {InstanceType<typeof import("./state.js").State>} state */
  constructor(page, state) {
    this.#page = page;
    this.#state = state;
  }

  /** @param {string} file @param {{ format?: string, quality?: number | string }} [options] */
  async render(file, options = {}) {
    v.argument("page.render", "file", NAME, file);
    const schema = { format: v.string(), quality: v.anyOf([QUALITY, QUALITY_AS_TEXT]) };
    const { format = path.extname(file).slice(1) || "png", quality } = v.check("page.render", schema, options);
    const picture = await this.#picture("render", format, quality);
    await fs.mkdir(path.dirname(file), { recursive: true });
    await fs.writeFile(file, picture);
    return true;
  }

  /** @param {string} [format] */
  async renderBase64(format = "png") {
    v.argument("page.renderBase64", "format", v.string(), format);
    return (await this.#picture("renderBase64", format)).toString("base64");
  }

  /**
   * The whole page, or its clipRect; transparent, as PhantomJS made it, where the format can be.
   * @param {string} operation
   * @param {string} format
   * @param {number | string} [quality]
   * @returns {Promise<Buffer>}
   */
  async #picture(operation, format, quality) {
    const name = format.toLowerCase();
    v.argument(`page.${operation}`, "format", v.oneOf(FORMATS), name);
    const { clipRect, zoomFactor } = this.#state.properties;
    if (zoomFactor !== 1) await this.#zoom(operation, zoomFactor);
    try {
      if (name === "pdf") return await this.#page._call("pdf", await this.#paper(operation), operation);
      const { left, top, width, height } = clipRect;
      const clip = width > 0 && height > 0 ? { x: left, y: top, width, height } : undefined;
      const type = name === "jpg" ? "jpeg" : name;
      const params = {
        type,
        clip,
        fullPage: clip === undefined,
        omitBackground: type === "png",
        optimizeForSpeed: false,
      };
      const lossy = type === "jpeg" || type === "webp";
      return await this.#page._call(
        "screenshot",
        v.defined({ ...params, quality: lossy && quality !== undefined ? Number(quality) : undefined }),
        operation,
      );
    } finally {
      if (zoomFactor !== 1) await this.#zoom(operation, 1);
    }
  }

  /** @param {string} operation @param {number} factor */
  async #zoom(operation, factor) {
    /** @param {Document} document @param {number} zoom */
    const apply = (document, zoom) => {
      const { style } = document.documentElement;
      style.setProperty("zoom", zoom === 1 ? "" : String(zoom));
    };
    await this.#page._look(operation, apply, [factor], { main: true });
  }

  /**
   * Without a paperSize, one page as large as the document.
   * @param {string} operation
   */
  async #paper(operation) {
    const { format, orientation, width, height, margin = 0, header, footer } = this.#state.properties.paperSize;
    /** @param {string} name @param {string | number} value */
    const length = (name, value) => inches("page.property", `paperSize.${name}`, value);
    const sides = typeof margin === "object" ? margin : { top: margin, right: margin, bottom: margin, left: margin };
    /** @type {number[]} */
    let size;
    if (format) size = paper("page.property", format);
    else if (width !== undefined && height !== undefined) size = [length("width", width), length("height", height)];
    else size = (await this.#documentSize(operation)).map((pixels) => pixels / 96);
    return {
      landscape: orientation === "landscape",
      scale: 1,
      printBackground: true,
      paperWidth: size[0],
      paperHeight: size[1],
      marginTop: length("margin.top", sides.top ?? 0) + length("header.height", header?.height ?? 0),
      marginRight: length("margin.right", sides.right ?? 0),
      marginBottom: length("margin.bottom", sides.bottom ?? 0) + length("footer.height", footer?.height ?? 0),
      marginLeft: length("margin.left", sides.left ?? 0),
      pageRanges: "",
      headerTemplate: heading(header),
      footerTemplate: heading(footer),
      displayHeaderFooter: Boolean(header || footer),
      preferCSSPageSize: false,
    };
  }

  /** @param {string} operation @returns {Promise<number[]>} */
  async #documentSize(operation) {
    /** @param {Document} document */
    const measure = ({ documentElement }) => {
      const { width, height } = documentElement.getBoundingClientRect();
      return [
        Math.max(documentElement.scrollWidth, Math.ceil(width)),
        Math.max(documentElement.scrollHeight, Math.ceil(height)),
      ];
    };
    return await this.#page._look(operation, measure, [], { main: true });
  }
}

/**
 * Chromium fills in the numbers of pages, so the callback gets placeholders for them.
 * @param {{ height?: string | number, contents: string | ((page: string, pages: string) => string) } | undefined} part
 */
function heading(part) {
  if (!part) return "<span></span>";
  const { contents } = part;
  const html =
    typeof contents === "string"
      ? contents
      : contents('<span class="pageNumber"></span>', '<span class="totalPages"></span>');
  return `<div style="width: 100%; font-size: 12px">${html}</div>`;
}

module.exports = { Render };
