// phantom's settings of a page. PhantomJS keeps any, as it is given.
/// <reference lib="dom" />

const { SETTINGS } = require("./state.js");
const { numberOf, recordOf, textOf, truthOf, warn } = require("./lenient.js");
const { later, look } = require("./steps.js");

const OPERATION = "setting";

/** What the engines decide for a whole browser, and what starts it so. @type {Record<string, string>} */
const OF_THE_BROWSER = {
  XSSAuditingEnabled: "browsers no longer have an XSS auditor",
  localToRemoteUrlAccessEnabled: 'phantomFlags {"local-to-remote-url-access": true} does it for the whole browser',
  webSecurityEnabled: 'phantomFlags {"web-security": false} does it for the whole browser',
  javascriptCanOpenWindows: "a page of Chromium may always open windows upon a click",
  javascriptCanCloseWindows: "a page of Chromium closes only windows that a script has opened",
};

/** @template [T=any] @typedef {import("./steps.js").Steps<T>} Steps */

class Settings {
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

  /** @param {string} name @param {any[]} value nothing to read it @returns {Steps} */
  *setting(name, ...value) {
    if (value.length > 0) yield* this.#write(String(name), value[0]);
    else return yield* this.#read(String(name));
  }

  /** All that have a value, by their names. @returns {Steps} */
  *all() {
    const userAgent = yield* this.#read("userAgent");
    return { ...Object.fromEntries(this.#state.settings), userAgent };
  }

  /** What is known of them at once, where what is assigned takes effect. @returns {Record<string, any>} */
  live() {
    return new Proxy(Object.fromEntries(this.#state.settings), {
      set: (settings, name, value) => {
        // Nobody awaits what is assigned.
        later(this.#page, this.#write(String(name), value)).catch(() => {});
        return Reflect.set(settings, name, value);
      },
    });
  }

  /** @param {unknown} settings by their names @returns {Steps} */
  *assign(settings) {
    for (const [name, value] of Object.entries(recordOf(settings))) yield* this.#write(name, value);
  }

  /** @param {string} name @returns {Steps} */
  *#read(name) {
    const { settings } = this.#state;
    if (settings.has(name) || name !== "userAgent") return settings.get(name);
    return yield* look(this.#page, "setting", () => navigator.userAgent);
  }

  /** @param {string} name @param {unknown} value @returns {Steps} */
  *#write(name, value) {
    const { settings } = this.#state;
    const before = settings.get(name);
    settings.set(name, value);
    switch (name) {
      case "javascriptEnabled":
        if (truthOf(value) !== truthOf(before)) yield ["setJavaScriptEnabled", { enabled: truthOf(value) }, OPERATION];
        return;
      case "loadImages":
        if (truthOf(value) !== truthOf(before)) yield ["setLoadImages", { enabled: truthOf(value) }, OPERATION];
        return;
      case "userAgent":
        yield ["setUserAgent", { userAgent: textOf(value) }, OPERATION];
        return;
      case "userName":
      case "password":
        yield ["authenticate", this.#credentials(), OPERATION];
        return;
      case "resourceTimeout":
        if (numberOf(value) === undefined)
          warn(`page.setting: "resourceTimeout" is milliseconds, not ${String(value)}`);
        return;
    }
    if (!Object.hasOwn(OF_THE_BROWSER, name)) {
      warn(`page.setting: PhantomJS has no setting "${name}", so that it does nothing`);
    } else if (truthOf(value) !== /** @type {any} */ (SETTINGS)[name]) {
      warn(`page.setting: "${name}" cannot be ${String(value)} for one page; ${OF_THE_BROWSER[name]}`);
    }
  }

  #credentials() {
    const [username, password] = ["userName", "password"].map((name) => this.#state.settings.get(name) ?? undefined);
    const nobody = username === undefined && password === undefined;
    return nobody ? {} : { username: textOf(username), password: textOf(password) };
  }
}

module.exports = { Settings };
