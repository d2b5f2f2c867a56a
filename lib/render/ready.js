// Waits until a page is as a reader would see it: lazy pictures and what else scrolling brings, pictures decoded, fonts loaded, no
// request under way, and all of it painted. A page that never becomes so is not waited for for ever: what it lacks is told.

/** Milliseconds for what may have no end: requests that a page makes again and again, and a picture that is sent slowly. */
const PATIENCE = 10_000;
/** Milliseconds without a request after which a page asks for nothing more. */
const QUIET = 500;
/** A page that grows as it is scrolled has no end. */
const MOST_SCREENS = 100;
/** More of them nobody reads. */
const MOST_TOLD = 10;

/**
 * Begins to look at a page's requests; to be called before it opens anything.
 * @param {import("../../index.js").Page} page
 */
function readiness(page) {
  /** @type {Set<import("../../index.js").HTTPRequest>} */
  const underWay = new Set();
  page.on("request", (request) => underWay.add(request));
  page.on("requestfinished", (request) => underWay.delete(request));
  page.on("requestfailed", (request) => underWay.delete(request));

  /** @returns {Promise<string[]>} what was not ready in the end */
  return async () => {
    await page.evaluate(scrollThrough, MOST_SCREENS);
    const isQuiet = await page.waitForNetworkIdle({ idleTime: QUIET, timeout: PATIENCE }).then(
      () => true,
      (error) => {
        if (error.code === "ERR_TIMEOUT") return false;
        throw error;
      },
    );
    const requests = isQuiet ? [] : [...underWay].map((request) => `a request was under way: ${request.url()}`);
    return [...requests, ...(await page.evaluate(settled, PATIENCE))].slice(0, MOST_TOLD);
  };
}

/** Runs in the page: shows every part of the document once, and its beginning in the end. @param {number} most */
async function scrollThrough(most) {
  const painted = () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  const { scrollX, scrollY } = window;
  for (let screen = 0; screen < most; screen += 1) {
    const before = window.scrollY;
    window.scrollBy({ top: window.innerHeight, behavior: "instant" });
    await painted();
    if (window.scrollY === before) break;
  }
  window.scrollTo({ left: scrollX, top: scrollY, behavior: "instant" });
  await painted();
}

/** Runs in the page: waits for pictures, fonts and two frames. @param {number} patience @returns what failed */
async function settled(patience) {
  const late = {};
  const limit = new Promise((resolve) => setTimeout(resolve, patience, late));
  /** @type {string[]} */
  const lacking = [];
  const pictures = [...document.images].filter((image) => image.currentSrc || image.src);
  await Promise.all(
    pictures.map(async (image) => {
      const source = (image.currentSrc || image.src).slice(0, 200);
      const end = await Promise.race([image.decode().catch((error) => error), limit]);
      if (end === late) lacking.push(`a picture was still loading: ${source}`);
      else if (end !== undefined) lacking.push(`a picture is broken: ${source}`);
    }),
  );
  if ((await Promise.race([document.fonts.ready, limit])) === late) lacking.push("fonts were still loading");
  for (const { family, status } of document.fonts) if (status === "error") lacking.push(`a font is missing: ${family}`);
  await new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  return lacking;
}

module.exports = { readiness };
