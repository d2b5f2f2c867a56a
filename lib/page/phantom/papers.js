// phantom's PDFs. For PhantomJS a pixel is a point, 1/72 inch, on paper and in what is printed; for a browser it is 1/96 inch.
/// <reference lib="dom" />

const { paper } = require("../paper.js");
const { described, numberOf, recordOf, textOf, warn } = require("./lenient.js");

/** How much larger than a browser does PhantomJS print. */
const SCALE = 96 / 72;

/** What a length is in inches. @type {Record<string, number>} */
const UNITS = { "": 1 / 72, px: 1 / 72, in: 1, cm: 1 / 2.54, mm: 1 / 25.4 };

/** Width and height in inches, where the browser's names have none. @type {Record<string, [number, number]>} */
const MORE_FORMATS = { b5: [6.93, 9.85] };

/** PhantomJS falls back to it for a name that it does not know. */
const A4 = "a4";

/** What a cross-reference table begins with: the entry of no object. Each entry is as long, and begins with the object's offset. */
const FIRST_ENTRY = "0000000000 65535 f \n";
const OFFSET_DIGITS = 10;

const NO_HEADING = "<span></span>";

/** @typedef {(page: number, pages: number) => unknown} Contents */

class Papers {
  #page;
  #state;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   */
  constructor(page, state) {
    this.#page = page;
    this.#state = state;
  }

  /** @param {string} operation @returns {Promise<Buffer | undefined>} undefined where the size of the paper is half given */
  async print(operation) {
    const given = recordOf(this.#state.paperSize);
    const size = await this.#size(operation, given);
    if (!size) return undefined;
    const params = paramsOf(given, size);
    const { marginTop, marginRight, marginBottom, marginLeft } = params;
    const margins = [marginTop, marginRight, marginBottom, marginLeft].map((margin) => `${margin}in`).join(" ");
    // The page's own rules for paper, which PhantomJS does not know, would win over what is asked for.
    const rules = `@page { size: auto !important; margin: ${margins} !important; }`;
    await this.#page._look(operation, ignorePageRules, [rules], { main: true });
    try {
      return await this.#print(operation, given, params);
    } finally {
      await this.#page._look(operation, ignorePageRules, [undefined], { main: true });
    }
  }

  /** @param {string} operation @param {Record<string, any>} given @param {ReturnType<typeof paramsOf>} params @returns {Promise<Buffer>} */
  async #print(operation, given, params) {
    const [header, footer] = [recordOf(given.header), recordOf(given.footer)];
    const [top, bottom] = [contentsOf(header), contentsOf(footer)];
    const plain = await this.#page._call("pdf", params, operation);
    if (!top && !bottom) return plain;
    // The functions are told how many pages there are, which only a PDF tells.
    const pages = countPages(plain);
    const headings = { headerTemplate: heading(top, pages), footerTemplate: heading(bottom, pages) };
    return await this.#page._call("pdf", { ...params, ...headings, displayHeaderFooter: true }, operation);
  }

  /**
   * Without a paperSize, one page as large as the document.
   * @param {string} operation
   * @param {Record<string, any>} given
   * @returns {Promise<[number, number] | undefined>} inches
   */
  async #size(operation, { format, orientation, width, height }) {
    if (width !== undefined && height !== undefined) {
      const size = [inches(width), inches(height)];
      return size[0] && size[1] ? [size[0], size[1]] : formatOf("letter");
    }
    if (format !== undefined) {
      const [short, long] = formatOf(textOf(format));
      return textOf(orientation).toLowerCase() === "landscape" ? [long, short] : [short, long];
    }
    if (width !== undefined || height !== undefined) return undefined;
    /** @param {Document} document */
    const measure = ({ documentElement }) => {
      const { width, height } = documentElement.getBoundingClientRect();
      return [
        Math.max(documentElement.scrollWidth, Math.ceil(width)),
        Math.max(documentElement.scrollHeight, Math.ceil(height)),
      ];
    };
    const [pixels, lines] = await this.#page._look(operation, measure, [], { main: true });
    return [pixels / 72, lines / 72];
  }
}

/** @param {Record<string, any>} given @param {[number, number]} size inches */
function paramsOf(given, size) {
  const [header, footer] = [recordOf(given.header), recordOf(given.footer)];
  const margin = given.margin ?? given.border ?? 0;
  const side = (/** @type {string} */ name) =>
    inches(typeof margin === "object" && margin ? margin[name] : margin) ?? 0;
  return {
    landscape: false,
    scale: SCALE,
    printBackground: true,
    paperWidth: size[0],
    paperHeight: size[1],
    marginTop: side("top") + (inches(header.height) ?? 0),
    marginRight: side("right"),
    marginBottom: side("bottom") + (inches(footer.height) ?? 0),
    marginLeft: side("left"),
    pageRanges: "",
    headerTemplate: NO_HEADING,
    footerTemplate: NO_HEADING,
    displayHeaderFooter: false,
    preferCSSPageSize: false,
  };
}

/** @param {Document} document @param {string | undefined} rules nothing to have the page's own again */
function ignorePageRules(document, rules) {
  const id = "boomtown-pages";
  document.getElementById(id)?.remove();
  if (rules === undefined) return;
  const style = Object.assign(document.createElement("style"), { id, textContent: rules });
  document.documentElement.append(style);
}

/** @param {string} name @returns {[number, number]} */
function formatOf(name) {
  const format = name.toLowerCase();
  if (Object.hasOwn(MORE_FORMATS, format)) return MORE_FORMATS[format];
  try {
    return paper("page.property", format);
  } catch {
    return paper("page.property", A4);
  }
}

/** @param {unknown} length @returns {number | undefined} undefined for what is no length */
function inches(length) {
  const [, digits, unit] = /^\s*(\d*\.?\d+)\s*([a-z]*)\s*$/i.exec(textOf(length)) ?? [];
  const perUnit = digits === undefined ? undefined : UNITS[unit.toLowerCase()];
  return perUnit === undefined ? undefined : (numberOf(digits) ?? 0) * perUnit;
}

/**
 * What fills a heading: a function, as it is or as `phantom.callback()` wraps it, or a text.
 * @param {Record<string, any>} part
 * @returns {Contents | undefined}
 */
function contentsOf({ contents }) {
  const given = contents?.target ?? contents;
  if (typeof given === "function") return given;
  return given === undefined || given === null ? undefined : () => given;
}

/**
 * Chromium has one template for all pages, so the numbers in what the function gives for each page become placeholders. Where
 * its pages differ in more than that, no page has a heading, rather than another page's.
 * @param {Contents | undefined} contents
 * @param {number} pages
 */
function heading(contents, pages) {
  if (!contents) return NO_HEADING;
  const texts = Array.from({ length: pages }, (_, index) => textFor(contents, index + 1, pages).split(/(\d+)/));
  const [first] = texts;
  const template = first.map((part, at) => {
    const parts = texts.map((text) => (text.length === first.length ? text[at] : undefined));
    if (parts.every((other) => other === part)) return part;
    return parts.every((other, index) => other === String(index + 1)) ? '<span class="pageNumber"></span>' : undefined;
  });
  if (template.includes(undefined)) {
    warn("page.render: a heading may differ between pages in the page's number alone, so that the PDF has none");
    return NO_HEADING;
  }
  return `<div style="width: 100%; font-size: 12px">${template.join("")}</div>`;
}

/** PhantomJS prints without the text of a function that throws. @param {Contents} contents @param {number} page @param {number} pages */
function textFor(contents, page, pages) {
  try {
    return textOf(contents(page, pages));
  } catch (error) {
    warn(`page.render: the function of a heading failed: ${described(error)}`);
    return "";
  }
}

/**
 * What the root of the page tree says, found by way of the cross-reference table (ISO 32000-1, 7.5.4): the rest of the file has
 * texts and pictures of the document's, which may look like any object.
 * @param {Buffer} pdf as Chromium writes it
 */
function countPages(pdf) {
  const text = pdf.toString("latin1");
  const trailer = text.slice(text.lastIndexOf("\ntrailer\n"));
  const entries = text.indexOf(FIRST_ENTRY, numberAfter("startxref\n", trailer));
  const object = (/** @type {number} */ number) => {
    const entry = entries + number * FIRST_ENTRY.length;
    const start = Number(text.slice(entry, entry + OFFSET_DIGITS));
    return text.slice(start, text.indexOf("\nendobj", start));
  };
  const catalog = object(numberAfter("\n/Root ", trailer));
  // No text of the document's begins a line, where a catalog and a page tree have their keys.
  return Math.max(1, numberAfter("\n/Count ", object(numberAfter("\n/Pages ", catalog))));
}

/** @param {string} key @param {string} text */
function numberAfter(key, text) {
  const at = text.indexOf(key);
  return at < 0 ? 0 : Number.parseInt(text.slice(at + key.length), 10) || 0;
}

module.exports = { Papers };
