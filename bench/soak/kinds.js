// The kinds of items that the soak mixes: what each does with its page, and how it has to end.

const documents = require("../../examples/gallery/documents");

/**
 * @typedef {object} Data
 * @property {string} kind
 * @property {number} number below 2^32, by which items of a kind differ
 * @property {string} site the URL of the local server
 *
 * @typedef {object} Outcome
 * @property {unknown} [result]
 * @property {import("../..").BoomtownError} [error]
 *
 * @typedef {object} Kind
 * @property {string} name
 * @property {number} weight
 * @property {import("../..").QueueOptions} [options]
 * @property {boolean} [aborted] somewhen after it was queued
 * @property {(page: import("../..").Page, data: Data) => Promise<unknown>} run
 * @property {(outcome: Outcome, data: Data) => boolean} right
 */

/** Short, because such items hold their slots all that time. */
const HANG = { timeout: 1000, tries: 1 };

const SIGNATURES = { jpeg: "\xff\xd8\xff", png: "\x89PNG\r\n", pdf: "%PDF-" };

/** @param {keyof typeof SIGNATURES} type @returns {Kind["right"]} */
const is =
  (type) =>
  ({ result }) =>
    Buffer.isBuffer(result) && result.toString("latin1", 0, 8).startsWith(SIGNATURES[type]);

/** @param {string} code @returns {Kind["right"]} */
const failsWith =
  (code) =>
  ({ error }) =>
    error?.code === code;

/** @param {number} number */
const documentOf = (number) => documents[number % documents.length];

/** @type {Kind["run"]} */
async function renderJpeg(page, { number }) {
  const { viewport, html } = documentOf(number);
  await page.setViewport(viewport);
  await page.setContent(html);
  return page.screenshot({ type: "jpeg", quality: 80 });
}

/** @type {Kind[]} */
const KINDS = [
  { name: "html to jpeg", weight: 40, run: renderJpeg, right: is("jpeg") },
  {
    name: "html to pdf",
    weight: 14,
    run: async (page, { number }) => {
      await page.setContent(documentOf(number).html);
      return page.pdf({ format: "a4", printBackground: true });
    },
    right: is("pdf"),
  },
  {
    name: "url to png",
    weight: 18,
    run: async (page, { number, site }) => {
      const response = await page.goto(`${site}/${number % documents.length}`);
      if (!response?.ok()) throw new Error(`the server answered ${response?.status()}`);
      return page.screenshot({ type: "png" });
    },
    right: is("png"),
  },
  {
    name: "evaluate",
    weight: 20,
    run: (page, { number }) => page.evaluate((given) => (document.title = `it is ${given}`), number),
    right: ({ result }, { number }) => result === `it is ${number}`,
  },
  {
    name: "throws in the page",
    weight: 2,
    run: (page) =>
      page.evaluate(() => {
        throw new Error("as it should");
      }),
    right: failsWith("ERR_EVALUATION"),
  },
  {
    name: "throws in the handler",
    weight: 1,
    run: async () => {
      throw Object.assign(new Error("as it should"), { code: "ERR_OF_SOAK" });
    },
    right: failsWith("ERR_OF_SOAK"),
  },
  {
    name: "hangs in the handler",
    weight: 0.5,
    options: HANG,
    run: () => new Promise(() => {}),
    right: failsWith("ERR_ITEM_TIMEOUT"),
  },
  {
    name: "loops in the page",
    weight: 0.5,
    options: HANG,
    run: (page) =>
      page.evaluate(() => {
        for (;;);
      }),
    right: failsWith("ERR_ITEM_TIMEOUT"),
  },
  {
    name: "aborted",
    weight: 4,
    aborted: true,
    run: renderJpeg,
    right: (outcome, data) => is("jpeg")(outcome, data) || outcome.error?.code === "ERR_ITEM_ABORTED",
  },
];

module.exports = { KINDS, documents };
