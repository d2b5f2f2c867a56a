// phantom's settings of a page. PhantomJS keeps any, as it is given.
/// <reference lib="dom" />

const { SETTINGS } = require("./state.js");
const { numberOf, recordOf, textOf, truthOf, warn } = require("./lenient.js");

/** What the engines decide for a whole browser, and what starts it so. @type {Record<string, string>} */
const OF_THE_BROWSER = {
  XSSAuditingEnabled: "browsers no longer have an XSS auditor",
  localToRemoteUrlAccessEnabled: 'phantomFlags {"local-to-remote-url-access": true} does it for the whole browser',
  webSecurityEnabled: 'phantomFlags {"web-security": false} does it for the whole browser',
  javascriptCanOpenWindows: "a page of Chromium may always open windows upon a click",
  javascriptCanCloseWindows: "a page of Chromium closes only windows that a script has opened",
};

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

  /** @param {string} name @param {any[]} value nothing to read it */
  async setting(name, ...value) {
    if (value.length > 0) await this.#write(String(name), value[0]);
    else return await this.#read(String(name));
  }

  /** All that have a value, by their names. */
  async all() {
    const userAgent = await this.#read("userAgent");
    return { ...Object.fromEntries(this.#state.settings), userAgent };
  }

  /** What is known of them at once, where what is assigned takes effect. @returns {Record<string, any>} */
  live() {
    return new Proxy(Object.fromEntries(this.#state.settings), {
      set: (settings, name, value) => {
        // Nobody awaits what is assigned.
        this.#write(String(name), value).catch(() => {});
        return Reflect.set(settings, name, value);
      },
    });
  }

  /** @param {unknown} settings by their names */
  async assign(settings) {
    for (const [name, value] of Object.entries(recordOf(settings))) await this.#write(name, value);
  }

  /** @param {string} name */
  async #read(name) {
    const { settings } = this.#state;
    if (settings.has(name) || name !== "userAgent") return settings.get(name);
    return await this.#page._look("setting", () => navigator.userAgent);
  }

  /** @param {string} name @param {unknown} value */
  async #write(name, value) {
    const { settings } = this.#state;
    const before = settings.get(name);
    settings.set(name, value);
    switch (name) {
      case "javascriptEnabled":
        if (truthOf(value) !== truthOf(before)) await this.#call("setJavaScriptEnabled", { enabled: truthOf(value) });
        return;
      case "loadImages":
        if (truthOf(value) !== truthOf(before)) await this.#call("setLoadImages", { enabled: truthOf(value) });
        return;
      case "userAgent":
        return await this.#call("setUserAgent", { userAgent: textOf(value) });
      case "userName":
      case "password":
        return await this.#authenticate();
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

  /** @param {string} method @param {object} params */
  async #call(method, params) {
    await this.#page._call(method, params, "setting");
  }

  async #authenticate() {
    const [username, password] = ["userName", "password"].map((name) => this.#state.settings.get(name) ?? undefined);
    const nobody = username === undefined && password === undefined;
    await this.#call("authenticate", nobody ? {} : { username: textOf(username), password: textOf(password) });
  }
}

module.exports = { Settings };
