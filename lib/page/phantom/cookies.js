// phantom's names of cookies.
/// <reference lib="dom" />

const { numberOf, recordOf, textOf, truthOf } = require("./lenient.js");
const { run } = require("./steps.js");
const v = require("../../validate.js");

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */

class Cookies {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /**
   * @param {unknown} given
   * @returns {Steps<boolean>} false for what is no cookie, or has no place
   */
  *addCookie(given) {
    const cookie = recordOf(given);
    const { name, value, domain, path } = cookie;
    if (textOf(name) === "" || value === undefined) return false;
    const { expiry, expires } = cookie;
    const date = numberOf(expiry) ?? dateOf(expires);
    if (date !== undefined && date * 1000 < Date.now()) return false;
    const here = domain === undefined && cookie.url === undefined ? yield* this.#here() : cookie.url;
    if (domain === undefined && !/^https?:/.test(textOf(here))) return false;
    const settable = {
      name: textOf(name),
      value: textOf(value),
      path: path === undefined ? undefined : textOf(path),
      domain: domain === undefined ? undefined : textOf(domain),
      url: domain === undefined ? textOf(here) : undefined,
      httpOnly: truthOf(cookie.httponly),
      secure: truthOf(cookie.secure),
      expires: date,
      sameSite: ["Strict", "Lax", "None"].find((known) => known === cookie.sameSite),
    };
    try {
      yield ["setCookies", { cookies: [v.defined(settable)] }, "addCookie"];
      return true;
    } catch (error) {
      return refused(error);
    }
  }

  /** @param {unknown} name @returns {Steps<boolean>} whether the page had such a cookie */
  *deleteCookie(name) {
    const found = (yield* this.#all()).filter((cookie) => cookie.name === textOf(name));
    if (found.length === 0) return false;
    const cookies = found.map((cookie) => ({ name: cookie.name, domain: cookie.domain, path: cookie.path }));
    yield ["deleteCookies", { cookies }, "deleteCookie"];
    return true;
  }

  /** @returns {Steps<boolean>} true, as in PhantomJS */
  *clearCookies() {
    yield ["clearCookies", {}, "clearCookies"];
    return true;
  }

  /** What the property reads. @returns {Steps} */
  *all() {
    return (yield* this.#all()).map(phantomCookie);
  }

  /** What the property is set to. @param {unknown} cookies @returns {Steps} */
  *addAll(cookies) {
    for (const cookie of Array.isArray(cookies) ? cookies : []) yield* this.addCookie(cookie);
  }

  /** @returns {Steps} */
  #here() {
    return run(this.#page, "addCookie", () => /** @type {Window} */ (window.top).location.href, [], { main: true });
  }

  /** @returns {Steps<any[]>} */
  *#all() {
    return yield ["cookies", { urls: [] }, "cookies"];
  }
}

/** What a browser has against a cookie is no error in PhantomJS; the end of a page is. @param {any} error */
function refused(error) {
  if (error.code === "ERR_PAGE_CLOSED" || error.code === "ERR_BROWSER_GONE") throw error;
  return false;
}

/** @param {unknown} expires ms, or a date in words @returns {number | undefined} seconds */
function dateOf(expires) {
  if (expires === undefined || expires === null) return undefined;
  const time = new Date(/** @type {any} */ (expires)).getTime() / 1000;
  return Number.isNaN(time) ? undefined : time;
}

/** @param {any} cookie */
function phantomCookie({ name, value, domain, path: place, httpOnly, secure, expires }) {
  const lasting = typeof expires === "number" && expires > 0;
  const cookie = { name, value, domain, path: place, httponly: httpOnly, secure };
  return lasting ? { ...cookie, expires: new Date(expires * 1000).toUTCString(), expiry: Math.floor(expires) } : cookie;
}

module.exports = { Cookies };
