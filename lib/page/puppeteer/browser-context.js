// What pages of a browser share - cookies, storage, permissions - as Puppeteer shows it: of one page's context.

const { EventEmitter } = require("node:events");
const { fail } = require("../../errors.js");
const { publish } = require("../calls.js");
const { refuse } = require("./refusals.js");
const { COOKIE, settable, told } = require("./cookies.js");
const { TEXT } = require("./types.js");
const v = require("./checks.js");

/** @typedef {InstanceType<typeof import("../index.js").Page>} Page */

const REFUSED = {
  newPage: "boomtown makes and ends pages; queue another item, or use town.acquire()",
  close: "the context ends with its item, or with its browser",
};

/** The protocol's names of Puppeteer's permissions. @type {Record<string, string>} */
const PERMISSIONS = {
  accelerometer: "sensors",
  "ambient-light-sensor": "sensors",
  "background-sync": "backgroundSync",
  camera: "videoCapture",
  "clipboard-read": "clipboardReadWrite",
  "clipboard-sanitized-write": "clipboardSanitizedWrite",
  "clipboard-write": "clipboardReadWrite",
  geolocation: "geolocation",
  gyroscope: "sensors",
  "idle-detection": "idleDetection",
  "keyboard-lock": "keyboardLock",
  magnetometer: "sensors",
  microphone: "audioCapture",
  midi: "midi",
  "midi-sysex": "midiSysex",
  notifications: "notifications",
  "payment-handler": "paymentHandler",
  "persistent-storage": "durableStorage",
  "pointer-lock": "pointerLock",
};

const GRANTED = v.arrayOf(v.oneOf(Object.keys(PERMISSIONS)), { required: true });
const SETTING = v.shape(
  { permission: v.recordOf(v.anything(), { required: true }), state: v.oneOf(["granted", "denied", "prompt"]) },
  { required: true },
);
/** Where a cookie must be for which none is meant by default. */
const KEY = ["name", "domain", "path"];

class BrowserContext extends EventEmitter {
  #page;
  #connect;

  /** @param {Page} page @param {(operation: string) => Promise<InstanceType<typeof import("./session.js").Connection>>} connect */
  constructor(page, connect) {
    super();
    this.#page = page;
    this.#connect = connect;
  }

  /** As of the browser's default one. */
  get id() {
    return undefined;
  }

  get closed() {
    return this.#page.isClosed();
  }

  /** @returns {InstanceType<typeof import("./browser.js").Browser>} */
  browser() {
    return this.#page._puppeteer.part("surroundings").browser();
  }

  pages() {
    return this.browser().pages();
  }

  targets() {
    return this.browser().targets();
  }

  /** @param {(target: any) => unknown} predicate @param {object} [options] */
  waitForTarget(predicate, options) {
    return this.browser().waitForTarget(predicate, options);
  }

  /** All others are denied there. @param {string} origin @param {string[]} permissions */
  async overridePermissions(origin, permissions) {
    const operation = "browserContext.overridePermissions";
    v.argument(operation, "origin", TEXT, origin);
    v.argument(operation, "permissions", GRANTED, permissions);
    const granted = [...new Set(permissions.map((name) => PERMISSIONS[name]))];
    await this.#tell(operation, "Browser.grantPermissions", { origin, permissions: granted });
  }

  /** @param {string} origin "*" is every one @param {{ permission: object, state: string }[]} permissions */
  async setPermission(origin, ...permissions) {
    const operation = "browserContext.setPermission";
    v.argument(operation, "origin", TEXT, origin);
    for (const given of permissions) v.argument(operation, "permission", SETTING, given);
    await Promise.all(
      permissions.map(({ permission, state }) =>
        this.#tell(operation, "Browser.setPermission", {
          ...(origin !== "*" && { origin }),
          permission,
          setting: state,
        }),
      ),
    );
  }

  async clearPermissionOverrides() {
    await this.#tell("browserContext.clearPermissionOverrides", "Browser.resetPermissions");
  }

  /** Of all sites. @returns {Promise<any[]>} */
  async cookies() {
    return (await this.#cookies("browserContext.cookies")).map(told);
  }

  /** @param {object[]} cookies */
  async setCookie(...cookies) {
    const operation = "browserContext.setCookie";
    const checked = cookies.map((cookie) => settable(v.check(operation, COOKIE, cookie)));
    const homeless = checked.find(({ url, domain }) => !url && !domain);
    if (homeless) {
      throw fail(
        "ERR_INVALID_OPTION",
        `${operation}: the cookie "${homeless.name}" has neither url nor domain; give one`,
      );
    }
    await this.#tell(operation, "Storage.setCookies", { cookies: checked });
  }

  /** Those with the same name, domain and path. @param {any[]} cookies */
  async deleteCookie(...cookies) {
    const operation = "browserContext.deleteCookie";
    await this.#remove(operation, (own) => cookies.some((cookie) => KEY.every((name) => own[name] === cookie[name])));
  }

  /** Those that have all that one of these says of them. @param {any[]} filters */
  async deleteMatchingCookies(...filters) {
    const operation = "browserContext.deleteMatchingCookies";
    for (const filter of filters) v.argument(operation, "filter", v.recordOf(v.anything()), filter);
    await this.#remove(operation, (own) => filters.some((filter) => matches(own, filter)));
  }

  /** @param {string} operation @param {(cookie: any) => boolean} is */
  async #remove(operation, is) {
    const gone = (await this.#cookies(operation)).filter((cookie) => is(told(cookie)));
    const kept = (/** @type {any} */ { size, session, sameParty, partitionKeyOpaque, ...cookie }) => cookie;
    // A cookie of a time that is over is none.
    const cookies = gone.map((cookie) => ({ ...kept(cookie), expires: 1 }));
    if (cookies.length > 0) await this.#tell(operation, "Storage.setCookies", { cookies });
  }

  /** @param {string} operation @returns {Promise<any[]>} as the protocol has them */
  async #cookies(operation) {
    return (await this.#tell(operation, "Storage.getCookies")).cookies;
  }

  /** @param {string} operation @param {string} method @param {object} [params] */
  async #tell(operation, method, params = {}) {
    const connection = await this.#connect(operation);
    return await connection.call(method, params);
  }
}

/** @param {any} cookie @param {any} filter */
function matches(cookie, { url, ...rest }) {
  const place = url === undefined ? undefined : new URL(url);
  const isThere = (/** @type {URL} */ { hostname, pathname }) =>
    [hostname, `.${hostname}`].concat(parentsOf(hostname)).includes(cookie.domain) && pathname.startsWith(cookie.path);
  return (
    (place === undefined || isThere(place)) && Object.entries(rest).every(([name, value]) => cookie[name] === value)
  );
}

/** The domains whose cookies a host has too. @param {string} host */
function parentsOf(host) {
  const labels = host.split(".");
  return labels.slice(1).map((_, at) => `.${labels.slice(at + 1).join(".")}`);
}

refuse(BrowserContext, "browserContext", REFUSED);
publish(BrowserContext);

module.exports = { BrowserContext };
