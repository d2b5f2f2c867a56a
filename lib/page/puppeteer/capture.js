// Pictures and PDFs of the page.
/// <reference lib="dom" />

const fs = require("node:fs/promises");
const path = require("node:path");
const { fail } = require("../../errors.js");
const { inches, paper } = require("../paper.js");
const { LARGEST } = require("./emulation.js");
const { TIMEOUT } = require("./types.js");
const { warn } = require("../warn.js");
const v = require("./checks.js");

const LENGTH = v.anyOf([v.number({ min: 0 }), v.string()]);

const SCREENSHOT = {
  type: v.oneOf(["png", "jpeg", "webp"]),
  quality: v.integer({ min: 0, max: 100 }),
  clip: v.shape({
    x: v.number({ required: true }),
    y: v.number({ required: true }),
    width: v.number({ above: 0, required: true }),
    height: v.number({ above: 0, required: true }),
    scale: v.number({ above: 0 }),
  }),
  fullPage: v.boolean({ default: false }),
  omitBackground: v.boolean({ default: false }),
  optimizeForSpeed: v.boolean({ default: false }),
  captureBeyondViewport: v.boolean(),
  fromSurface: v.boolean({ default: true }),
  selector: v.string({ empty: false }),
  path: v.string({ empty: false }),
  encoding: v.oneOf(["binary", "base64"], { default: "binary" }),
};

const PDF = {
  format: v.string(),
  width: LENGTH,
  height: LENGTH,
  landscape: v.boolean({ default: false }),
  margin: v.shape({ top: LENGTH, right: LENGTH, bottom: LENGTH, left: LENGTH }, { default: {} }),
  scale: v.number({ min: 0.1, max: 2, default: 1 }),
  printBackground: v.boolean({ default: false }),
  displayHeaderFooter: v.boolean(),
  headerTemplate: v.string({ default: "" }),
  footerTemplate: v.string({ default: "" }),
  pageRanges: v.string({ default: "" }),
  preferCSSPageSize: v.boolean({ default: false }),
  tagged: v.boolean(),
  outline: v.boolean({ default: false }),
  omitBackground: v.boolean({ default: false }),
  waitForFonts: v.boolean({ default: true }),
  timeout: TIMEOUT,
  path: v.string({ empty: false }),
};

class Capture {
  #page;
  #world;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, { world }) {
    this.#page = page;
    this.#world = world;
  }

  /**
   * @param {object} [options]
   * @param {{ id: string, frame: string }} [element] the handle of what is to be seen
   * @returns {Promise<Buffer | string>}
   */
  async screenshot(options, element) {
    const { path: file, encoding, ...params } = v.check("page.screenshot", SCREENSHOT, options);
    params.type ??= file ? pictureType(file) : "png";
    const scope = ["clip", "fullPage", "selector"].filter((name) => params[name]);
    if (scope.length > 1) {
      throw fail(
        "ERR_INVALID_OPTION",
        `page.screenshot: options "${scope.join('" and "')}" exclude each other; give one of them`,
      );
    }
    if (params.type === "png" && params.quality !== undefined) {
      throw fail(
        "ERR_INVALID_OPTION",
        `page.screenshot: option "quality" is for jpeg and webp, got ${params.quality} with png`,
      );
    }
    const grows = !element && params.fullPage && params.captureBeyondViewport === false;
    const picture = await (grows ? this.#whole(params) : this.#page._call("screenshot", { ...params, element }));
    if (file) await fs.writeFile(file, picture);
    return encoding === "base64" ? picture.toString("base64") : picture;
  }

  /** The whole document in a viewport that is as large. @param {any} params @returns {Promise<Buffer>} */
  async #whole(params) {
    const emulation = this.#world.part("emulation");
    const before = emulation.viewport();
    const restore = () => emulation.setViewport(before);
    /** @param {Document} document */
    const measure = ({ documentElement: { scrollWidth: width, scrollHeight: height } }) => ({ width, height });
    const size = await this.#page._look("screenshot", measure, [], { main: true });
    if (Math.max(size.width, size.height) > LARGEST) {
      const what = `the document has ${size.width} x ${size.height} pixels, and a viewport has ${LARGEST} at most each way`;
      throw fail("ERR_INVALID_OPTION", `page.screenshot: ${what}; leave out captureBeyondViewport, or give a clip`);
    }
    await emulation.setViewport({ ...before, ...size });
    /** @type {Buffer} */
    let picture;
    try {
      picture = await this.#page._call("screenshot", { ...params, fullPage: false });
    } catch (error) {
      // What has failed first is what the program has to know.
      await restore().catch(() => {});
      throw error;
    }
    await restore();
    return picture;
  }

  /** The same as a stream. @param {object} [options] @returns {Promise<ReadableStream<Uint8Array>>} */
  async createPDFStream(options) {
    const document = await this.pdf(options);
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(document);
        controller.close();
      },
    });
  }

  /** @param {object} [options] @returns {Promise<Buffer>} */
  async pdf(options) {
    const {
      path: file,
      format,
      width,
      height,
      margin,
      displayHeaderFooter,
      ...params
    } = v.check("page.pdf", PDF, options);
    const [paperWidth, paperHeight] = format ? paper("page.pdf", format) : paper("page.pdf", "letter");
    /** @param {string} name @param {string | number} length */
    const length = (name, length) => inches("page.pdf", name, length);
    const document = await this.#page._wait("pdf", {
      ...params,
      displayHeaderFooter: displayHeaderFooter ?? Boolean(params.headerTemplate || params.footerTemplate),
      paperWidth: format || width === undefined ? paperWidth : length("width", width),
      paperHeight: format || height === undefined ? paperHeight : length("height", height),
      marginTop: length("margin.top", margin.top ?? 0),
      marginRight: length("margin.right", margin.right ?? 0),
      marginBottom: length("margin.bottom", margin.bottom ?? 0),
      marginLeft: length("margin.left", margin.left ?? 0),
    });
    if (file) await fs.writeFile(file, document);
    return document;
  }
}

/** @param {string} file */
function pictureType(file) {
  const extension = path.extname(file).slice(1).toLowerCase();
  if (extension === "" || extension === "png") return "png";
  if (extension === "jpg" || extension === "jpeg") return "jpeg";
  if (extension === "webp") return "webp";
  warn(
    `page.screenshot: option "path" ends neither in .png, .jpeg, .jpg nor .webp: ${JSON.stringify(file)} is png, for want of a "type"`,
  );
  return "png";
}

module.exports = { Capture };
