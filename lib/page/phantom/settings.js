// phantom's settings of a page.
/// <reference lib="dom" />

const { fail } = require("../../errors.js");
const { FIXED_SETTINGS } = require("./state.js");
const v = require("../../validate.js");

class Settings {
  #page;
  #state;
  #puppeteer;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {InstanceType<typeof import("../puppeteer/index.js").Puppeteer>} puppeteer
   */
  constructor(page, state, puppeteer) {
    this.#page = page;
    this.#state = state;
    this.#puppeteer = puppeteer;
  }

  /** @param {string} name @param {any[]} value */
  async setting(name, ...value) {
    const writers = this.#writers;
    const write = Object.hasOwn(writers, name) ? writers[name] : undefined;
    if (!write) {
      const near = v.nearest(String(name), Object.keys(writers));
      throw fail(
        "ERR_INVALID_OPTION",
        `page.setting: there is no setting "${name}"${near ? `; did you mean "${near}"?` : ""}`,
      );
    }
    if (value.length === 0) {
      if (name === "userAgent" && !this.#state.settings.has(name))
        return await this.#page._look("setting", () => navigator.userAgent);
      return this.#state.settings.get(name);
    }
    await write(value[0]);
    this.#state.settings.set(name, value[0]);
  }

  /** @returns {Record<string, (value: any) => any>} */
  get #writers() {
    return {
      javascriptEnabled: (enabled) => this.#puppeteer.setJavaScriptEnabled(enabled),
      loadImages: (enabled) =>
        this.#page._call(
          "setLoadImages",
          { enabled: v.argument("page.setting", "loadImages", v.boolean({ required: true }), enabled) },
          "setting",
        ),
      userAgent: (userAgent) => this.#puppeteer.setUserAgent(userAgent),
      userName: (userName) => this.#authenticate({ userName }),
      password: (password) => this.#authenticate({ password }),
      resourceTimeout: (timeout) => v.argument("page.setting", "resourceTimeout", v.integer({ min: 0 }), timeout),
      ...Object.fromEntries(
        Object.entries(FIXED_SETTINGS).map(([name, fixed]) => [
          name,
          (/** @type {any} */ value) => this.#fixed(name, fixed, value),
        ]),
      ),
    };
  }

  /** @param {{ userName?: string, password?: string }} changed undefined is what it is at first */
  async #authenticate(changed) {
    const { settings } = this.#state;
    const now = { userName: settings.get("userName"), password: settings.get("password"), ...changed };
    const nobody = now.userName === undefined && now.password === undefined;
    await this.#puppeteer.authenticate(nobody ? null : { username: now.userName ?? "", password: now.password ?? "" });
  }

  /** @param {string} name @param {boolean} fixed @param {any} value */
  #fixed(name, fixed, value) {
    v.argument("page.setting", name, v.boolean({ required: true }), value);
    if (value === fixed) return;
    const mend =
      name === "XSSAuditingEnabled"
        ? "browsers no longer have an XSS auditor"
        : "start the browser with the phantomFlags of that effect, such as web-security";
    throw this.#page._unsupported(`page.setting: "${name}" cannot be ${value} for one page; ${mend}`);
  }
}

module.exports = { Settings };
