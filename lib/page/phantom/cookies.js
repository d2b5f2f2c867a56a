// phantom's names of cookies.

const { fail } = require("../../errors.js");
const v = require("../../validate.js");

const NAME = v.string({ empty: false, required: true });

const COOKIE = {
  name: NAME,
  value: v.string({ required: true }),
  domain: v.string(),
  path: v.string(),
  httponly: v.boolean(),
  secure: v.boolean(),
  expires: v.anyOf([v.number(), v.string()]),
  expiry: v.number(),
};

class Cookies {
  #page;
  #puppeteer;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {InstanceType<typeof import("../puppeteer/index.js").Puppeteer>} puppeteer */
  constructor(page, puppeteer) {
    this.#page = page;
    this.#puppeteer = puppeteer;
  }

  /** @param {object} cookie */
  async addCookie(cookie) {
    const { httponly, expires, expiry, ...rest } = v.check("page.addCookie", COOKIE, cookie);
    const date = expires === undefined ? undefined : new Date(expires).getTime() / 1000;
    if (Number.isNaN(date))
      throw fail("ERR_INVALID_OPTION", `page.addCookie: option "expires" must be a date, got ${v.brief(expires)}`);
    await this.#puppeteer.setCookie(v.defined({ ...rest, httpOnly: httponly, expires: expiry ?? date }));
    return true;
  }

  /** @param {...any} cookies names as phantom, or objects as Puppeteer */
  async deleteCookie(...cookies) {
    await this.#puppeteer.deleteCookie(
      ...cookies.map((cookie) => (typeof cookie === "string" ? { name: cookie } : cookie)),
    );
    return true;
  }

  async clearCookies() {
    await this.#page._call("clearCookies");
  }

  /** What the property reads. */
  async all() {
    return (await this.#puppeteer.cookies()).map(phantomCookie);
  }

  /** @param {any} cookies */
  async addAll(cookies) {
    v.argument("page.property", "cookies", v.arrayOf(v.recordOf(v.anything()), { required: true }), cookies);
    for (const cookie of cookies) await this.addCookie(cookie);
  }
}

/** @param {any} cookie */
function phantomCookie({ name, value, domain, path: place, httpOnly, secure, expires }) {
  const lasting = typeof expires === "number" && expires > 0;
  const cookie = { name, value, domain, path: place, httponly: httpOnly, secure };
  return lasting ? { ...cookie, expires: new Date(expires * 1000).toUTCString(), expiry: expires } : cookie;
}

module.exports = { Cookies };
