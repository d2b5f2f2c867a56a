// What the page may ask for: of files those of its own folder. And which headers go with it.

const path = require("node:path");
const { fileURLToPath } = require("node:url");
const { matcher } = require("../../render/interception.js");
const { HttpError } = require("../../errors.js");

/** Milliseconds that the scopes of headers may take in one conversion, in which nothing else is served. */
const PATIENCE = 3000;

/**
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").Conversion} wanted
 * @returns {Promise<{ check: () => void }>} `check` throws what went wrong meanwhile
 */
async function requests(page, { folder, headers }) {
  const scoped = headers.some(({ scope }) => scope !== undefined);
  if (!scoped && headers.length > 0) await page.setExtraHTTPHeaders(asRecord(headers));
  if (!scoped && folder === undefined) return { check() {} };
  /** @type {Error | undefined} */
  let failure;
  const headersOf = chosen(scoped ? headers : []);
  await page.setRequestInterception(true);
  page.on("request", async (asked) => {
    const url = asked.url();
    try {
      // Nothing more is tried for a page that will not be shown.
      if (failure) return await asked.abort();
      if (isFile(url) && !isWithin(folder, url)) {
        const isOfPage = asked.isNavigationRequest() && asked.frame() === page.mainFrame();
        // The page stays where it is: another reason would bring it to one that tells of an error.
        return await asked.abort(isOfPage ? "aborted" : "accessdenied");
      }
      const more = headersOf(url);
      await asked.continue(more.length > 0 ? { headers: { ...asked.headers(), ...asRecord(more) } } : undefined);
    } catch (error) {
      // Nobody listens to what a listener throws: the request ends, and the conversion with the reason.
      failure ??= /** @type {Error} */ (error);
      await asked.abort().catch(() => {});
    }
  });
  return {
    check() {
      if (failure) throw failure;
    },
  };
}

/** @param {import("./index.js").Header[]} headers @returns {(url: string) => import("./index.js").Header[]} */
function chosen(headers) {
  const known = headers.map((header) => ({
    header,
    matches: header.scope === undefined ? () => true : matcher(header.scope),
  }));
  let spent = 0;
  return (url) => {
    if (spent > PATIENCE) {
      throw new HttpError(400, `The scopes of extraHttpHeaders take more than ${PATIENCE} ms for the page's requests`);
    }
    const start = performance.now();
    const found = known.filter(({ matches }) => matches(url)).map(({ header }) => header);
    spent += performance.now() - start;
    return found;
  };
}

/** Names in lower case, as requests have them. @param {import("./index.js").Header[]} headers @returns {Record<string, string>} */
const asRecord = (headers) => Object.fromEntries(headers.map(({ name, value }) => [name.toLowerCase(), value]));

/** @param {string} url */
const isFile = (url) => /^file:/i.test(url);

/** @param {string | undefined} folder @param {string} url */
function isWithin(folder, url) {
  if (folder === undefined) return false;
  try {
    const relative = path.relative(folder, fileURLToPath(url));
    return relative !== "" && !relative.startsWith("..") && !path.isAbsolute(relative);
  } catch {
    // Another machine's, or one whose path has an encoded slash.
    return false;
  }
}

module.exports = { requests };
