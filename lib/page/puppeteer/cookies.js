// The page's cookies.

const { fail } = require("../../errors.js");
const { urlOf } = require("../document.js");
const { warn } = require("../warn.js");
const v = require("./checks.js");

/** A string is the site at the top; `topLevelSite` is the protocol's name of `sourceOrigin`. */
const PARTITION = v.anyOf([
  v.string({ empty: false }),
  v.shape({ sourceOrigin: v.string(), topLevelSite: v.string(), hasCrossSiteAncestor: v.boolean({ default: false }) }),
]);

/** What `cookies()` tells of a cookie, and nobody can set. */
const COOKIE_FACTS = {
  size: v.number(),
  session: v.boolean(),
  sameParty: v.boolean(),
  sourcePort: v.number(),
  partitionKeyOpaque: v.boolean(),
};

const SAME_SITES = ["Strict", "Lax", "None"];

/** The last second that a date can tell of has 13 digits, as the milliseconds of today have; seconds have 10 until 2286. */
const LATEST_EXPIRY = 1e11;

const COOKIE = {
  name: v.string({ empty: false, required: true }),
  value: v.string({ required: true }),
  url: v.string(),
  domain: v.string(),
  path: v.string(),
  secure: v.boolean(),
  httpOnly: v.boolean(),
  sameSite: v.string(),
  expires: v.number({ min: 0, never: true }),
  priority: v.oneOf(["Low", "Medium", "High"]),
  sourceScheme: v.oneOf(["Unset", "NonSecure", "Secure"]),
  partitionKey: PARTITION,
  ...COOKIE_FACTS,
};

/** A whole cookie says which one is meant. */
const COOKIE_KEY = { ...COOKIE, value: v.string() };

class Cookies {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {object[]} cookies */
  async setCookie(...cookies) {
    const checked = cookies.map((cookie) => settable(v.check("page.setCookie", COOKIE, cookie)));
    for (const { name, expires } of checked) {
      if (expires > LATEST_EXPIRY) {
        const seconds = "seconds since 1970, as Puppeteer has it";
        const mend = `Date.now() / 1000 is now, and -1 the end of the session`;
        // As Puppeteer, which leaves it to the browser: that keeps no cookie for so long, and this one for as long as it may.
        warn(
          `page.setCookie: option "expires" of "${name}" is in ${seconds}, and ${expires} looks like milliseconds; ${mend}`,
        );
      }
    }
    const placed = await this.#placed("setCookie", checked);
    for (const { name, sameSite, url, secure = isEncrypted(url) } of placed) {
      if (sameSite !== "None" || secure) continue;
      throw fail(
        "ERR_INVALID_OPTION",
        `page.setCookie: browsers keep a cookie of sameSite "None" only with secure: true; "${name}" has it not`,
      );
    }
    await this.#page._call("setCookies", { cookies: placed }, "setCookie");
  }

  /** @param {string[]} urls */
  async cookies(...urls) {
    v.argument("page.cookies", "urls", v.arrayOf(v.url()), urls);
    return (await this.#page._call("cookies", { urls })).map(told);
  }

  /** @param {(object | string)[]} cookies @returns {Promise<boolean>} whether there were any */
  async deleteCookie(...cookies) {
    const checked = cookies.map((cookie) => {
      const { name, url, domain, path, partitionKey } = settable(v.check("page.deleteCookie", COOKIE_KEY, cookie));
      return v.defined({ name, url, domain, path, partitionKey });
    });
    return await this.#page._call(
      "deleteCookies",
      { cookies: await this.#placed("deleteCookie", checked) },
      "deleteCookie",
    );
  }

  /**
   * A cookie without a place is the page's.
   * @param {string} operation
   * @param {any[]} cookies
   */
  async #placed(operation, cookies) {
    for (const { name, url = "" } of cookies) {
      if (url === "about:blank") throw fail("ERR_INVALID_OPTION", `Blank page can not have cookie "${name}"`);
      if (url.startsWith("data:")) throw fail("ERR_INVALID_OPTION", `Data URL page can not have cookie "${name}"`);
    }
    if (cookies.every(({ url, domain }) => url || domain)) return cookies;
    const here = await urlOf(this.#page, "url");
    return cookies.map((cookie) => {
      if (cookie.url || cookie.domain) return cookie;
      if (/^https?:/.test(here)) return { ...cookie, url: here };
      throw fail(
        "ERR_INVALID_OPTION",
        `page.${operation}: At least one of the url and domain needs to be specified for the cookie "${cookie.name}", because the page is at ${here.slice(0, 80)}`,
      );
    });
  }
}

/** What is set at such a URL is secure, unless the cookie says otherwise. @param {string | undefined} url */
const isEncrypted = (url = "") => url.startsWith("https:");

/** A cookie for the core. @param {any} cookie */
function settable({ sameSite, partitionKey, size, session, sameParty, sourcePort, partitionKeyOpaque, ...cookie }) {
  return v.defined({
    ...cookie,
    sameSite: keptSameSite(sameSite),
    partitionKey:
      typeof partitionKey === "string"
        ? partition(partitionKey)
        : partitionKey &&
          partition(partitionKey.sourceOrigin ?? partitionKey.topLevelSite, partitionKey.hasCrossSiteAncestor),
  });
}

/**
 * What the browser knows; of anything else, as other programs write it ("no_restriction", "lax"), a cookie has none, as with Puppeteer.
 * @param {string | undefined} sameSite
 */
function keptSameSite(sameSite) {
  if (sameSite === undefined || sameSite === "Default" || SAME_SITES.includes(sameSite)) {
    return sameSite === "Default" ? undefined : sameSite;
  }
  const kept = `a cookie with ${JSON.stringify(sameSite)} is kept without one`;
  warn(`option "sameSite" of a cookie must be "Strict", "Lax", "None" or "Default"; ${kept}`);
  return undefined;
}

/** @param {string} topLevelSite */
const partition = (topLevelSite, hasCrossSiteAncestor = false) => ({ topLevelSite, hasCrossSiteAncestor });

/** A cookie of the core, as Puppeteer tells it; of a partition, all that is needed to set it again. @param {any} cookie */
function told({ sourcePort, partitionKey, ...cookie }) {
  // Firefox calls what the server left open "None", with which it keeps secure cookies only.
  if (cookie.sameSite === "None" && !cookie.secure) delete cookie.sameSite;
  // Chromium has given the first up, Firefox tells none of them, and Puppeteer all.
  cookie.sameParty ??= false;
  cookie.size ??= Buffer.byteLength(cookie.name + cookie.value);
  cookie.session ??= cookie.expires === -1;
  if (!partitionKey) return cookie;
  const { topLevelSite: sourceOrigin, hasCrossSiteAncestor } = partitionKey;
  return { ...cookie, partitionKey: hasCrossSiteAncestor ? { sourceOrigin, hasCrossSiteAncestor } : sourceOrigin };
}

module.exports = { COOKIE, Cookies, settable, told };
