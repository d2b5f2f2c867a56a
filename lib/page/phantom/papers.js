// phantom's PDFs. For PhantomJS a pixel is a point, 1/72 inch, on paper and in what is printed; for a browser it is 1/96 inch.
/// <reference lib="dom" />

const { paper } = require("../paper.js");
const { described, numberOf, recordOf, textOf, warn } = require("./lenient.js");
const { look } = require("./steps.js");

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

/** In its place the browser writes the page's number. */
const PAGE_NUMBER = '<span class="pageNumber"></span>';

/** What of a heading's HTML is no text that is read: tags, comments, and what stands in elements that show none. */
const MARKUP = /(<(style|script|title|textarea)\b[\s\S]*?<\/\2\s*>|<!--[\s\S]*?-->|<[^>]*>|&#?\w+;)/i;

/** The body of a page of PhantomJS's: in it, the first element has no margin above. A template's own pixel is 1/96 inch. */
const BODY = "font: 16px serif; color: black; text-align: left; print-color-adjust: exact;";

/** @typedef {(page: number, pages: number) => unknown} Contents */

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */

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

  /** @param {string} operation @returns {Steps<Buffer | undefined>} undefined where the size of the paper is half given */
  *print(operation) {
    const given = recordOf(this.#state.paperSize);
    const size = yield* this.#size(operation, given);
    if (!size) return undefined;
    const params = paramsOf(given, size);
    const { marginTop, marginRight, marginBottom, marginLeft } = params;
    const margins = [marginTop, marginRight, marginBottom, marginLeft].map((margin) => `${margin}in`).join(" ");
    // The page's own rules for paper, which PhantomJS does not know, would win over what is asked for.
    const rules = `@page { size: auto !important; margin: ${margins} !important; }`;
    yield* look(this.#page, operation, ignorePageRules, [rules], { main: true });
    try {
      return yield* this.#print(operation, given, params);
    } finally {
      yield* look(this.#page, operation, ignorePageRules, [undefined], { main: true });
    }
  }

  /** @param {string} operation @param {Record<string, any>} given @param {ReturnType<typeof paramsOf>} params @returns {Steps<Buffer>} */
  *#print(operation, given, params) {
    const [top, bottom] = [contentsOf(recordOf(given.header)), contentsOf(recordOf(given.footer))];
    const plain = yield ["pdf", params, operation];
    if (!top && !bottom) return plain;
    // The functions are told how many pages there are, which only a PDF tells.
    const pages = countPages(plain);
    const [above, below] = [templates(top, pages), templates(bottom, pages)];
    const { paperHeight: height, marginTop, marginBottom } = params;
    const header = inches(recordOf(given.header).height) ?? 0;
    const [first, ...others] = kinds(above, below).map((numbers) => ({
      pages: numbers,
      headerTemplate: placed(above[numbers[0] - 1], params, marginTop - header),
      footerTemplate: placed(below[numbers[0] - 1], params, height - marginBottom),
    }));
    const { headerTemplate, footerTemplate } = first;
    const printed = { ...params, headerTemplate, footerTemplate, headings: others, displayHeaderFooter: true };
    return yield ["pdf", printed, operation];
  }

  /**
   * Without a paperSize, one page as large as the document.
   * @param {string} operation
   * @param {Record<string, any>} given
   * @returns {Steps<[number, number] | undefined>} inches
   */
  *#size(operation, { format, orientation, width, height }) {
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
    const [pixels, lines] = yield* look(this.#page, operation, measure, [], { main: true });
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
 * What fills a heading: a function, as it is or as `phantom.callback()` wraps it, or a text. Without a height there is no room.
 * @param {Record<string, any>} part
 * @returns {Contents | undefined}
 */
function contentsOf({ height, contents }) {
  const given = contents?.target ?? contents;
  if (!inches(height) || given === undefined || given === null) return undefined;
  return typeof given === "function" ? given : () => given;
}

/**
 * What each page's heading says. The browser fills a page's number in, so that pages which differ by their own number alone have
 * one template.
 * @param {Contents | undefined} contents
 * @param {number} pages
 * @returns {string[]}
 */
function templates(contents, pages) {
  /** @type {string[]} */
  const known = [];
  return Array.from({ length: pages }, (_, index) => {
    const page = String(index + 1);
    const text = contents ? textFor(contents, index + 1, pages) : "";
    const fitting = known.find((template) => template.replaceAll(PAGE_NUMBER, page) === text);
    if (fitting !== undefined) return fitting;
    const template = text
      .split(MARKUP)
      // Every third part is an element's name.
      .map((part, at) =>
        at % 3 === 0 ? part.replaceAll(/\d+/g, (digits) => (digits === page ? PAGE_NUMBER : digits)) : part,
      )
      .filter((_part, at) => at % 3 !== 2)
      .join("");
    known.push(template);
    return template;
  });
}

/** The numbers of the pages that have both headings in common. @param {string[]} above @param {string[]} below @returns {number[][]} */
function kinds(above, below) {
  /** @type {Map<string, number[]>} */
  const byHeadings = new Map();
  for (const [index, header] of above.entries()) {
    const both = JSON.stringify([header, below[index]]);
    byHeadings.set(both, [...(byHeadings.get(both) ?? []), index + 1]);
  }
  return [...byHeadings.values()];
}

/** A heading where PhantomJS has it: between the page's margins, as the body of a page of its own. @param {string} template @param {ReturnType<typeof paramsOf>} params @param {number} top inches */
function placed(template, { paperWidth, marginLeft, marginRight }, top) {
  if (template === "") return NO_HEADING;
  const px = (/** @type {number} */ length) => `${length * 72}px`;
  const place = `left: ${px(marginLeft)}; top: ${px(top)}; width: ${px(paperWidth - marginLeft - marginRight)};`;
  const rules = "<style>:where(.boomtown > :first-child) { margin-block-start: 0 }</style>";
  const box = `position: absolute; zoom: ${SCALE}; ${place} ${BODY}`;
  return `${rules}<div style="${box}"><div class="boomtown" style="margin: 8px">${template}</div></div>`;
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
