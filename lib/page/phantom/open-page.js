// A page beside another one, as phantom's `createPage` makes them: a popup of that page, which ends with it.

const { randomUUID } = require("node:crypto");
const { fail } = require("../../errors.js");

/** @typedef {InstanceType<typeof import("../core.js").PageCore>} PageCore */

const OPERATION = "createPage";

/** A gesture opens one popup, and one of the page's own may come first. */
const TRIES = 3;

/** By page, when the call before has opened its popup. @type {WeakMap<PageCore, Promise<unknown>>} */
const before = new WeakMap();

/**
 * A page may open popups of its own meanwhile, and several calls go on at a time: the one that is meant is known by its window's
 * name, which nobody else can have given it.
 * @param {PageCore} page
 * @returns {Promise<any>} rejects when the page ends
 */
async function openPage(page) {
  const name = `boomtown:${randomUUID()}`;
  /** @type {(popup: PageCore) => void} */
  let resolve = () => {};
  /** @type {(error: Error) => void} */
  let reject = () => {};
  const popup = new Promise((...settle) => {
    [resolve, reject] = settle;
  });
  // It may end while nobody waits for the popup yet.
  popup.catch(() => {});
  const look = async (/** @type {PageCore} */ opened) => {
    // One that cannot tell has gone already.
    if (await opened._look(OPERATION, isNamed, [name]).catch(() => false)) resolve(opened);
  };
  const ended = (/** @type {string} */ reason) =>
    reject(fail("ERR_PAGE_CLOSED", `phantom.createPage: the page that it is opened from has ended (${reason})`));
  page.on("popup", look);
  page.on("close", ended);
  try {
    const opening = (before.get(page) ?? Promise.resolve()).then(() => openPopup(page, name));
    before.set(
      page,
      opening.catch(() => {}),
    );
    if (!(await opening)) {
      const why = "the document of the handler's page may open none, for it is sandboxed; call it before page.open";
      throw fail("ERR_UNSUPPORTED", `phantom.createPage: ${why}`);
    }
    return await popup;
  } finally {
    page.off("popup", look);
    page.off("close", ended);
  }
}

/** @param {PageCore} page @param {string} name @returns {Promise<boolean>} whether the page may open one */
async function openPopup(page, name) {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (await page._look(OPERATION, open, [name], { gesture: true, main: true })) return true;
  }
  return false;
}

/** Runs in the page. @param {Document} _document @param {string} name */
function open(_document, name) {
  return window.open("about:blank", name) !== null;
}

/** Runs in a popup, whose own scripts find no name. @param {Document} _document @param {string} name */
function isNamed(_document, name) {
  if (window.name !== name) return false;
  window.name = "";
  return true;
}

module.exports = { openPage };
