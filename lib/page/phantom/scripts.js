// phantom's ways to run scripts in the page.

const fs = require("node:fs/promises");
const path = require("node:path");
const v = require("../../validate.js");

const NAME = v.string({ empty: false, required: true });

class Scripts {
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

  /** @param {Function} fn @param {number} [delay] ms @param {unknown[]} args */
  async evaluateAsync(fn, delay = 0, ...args) {
    v.argument("page.evaluateAsync", "script", v.func({ required: true }), fn);
    v.argument("page.evaluateAsync", "delay", v.number({ min: 0 }), delay);
    await this.#page._run("evaluateAsync", fn, args, { within: ["later", delay], gesture: true });
  }

  /** @param {string} script the text of a function */
  async evaluateJavaScript(script) {
    v.argument("page.evaluateJavaScript", "script", NAME, script);
    return await this.#page._run("evaluateJavaScript", script, [], { within: ["called"], gesture: true });
  }

  /** @param {string} url */
  async includeJs(url) {
    await this.#puppeteer.addScriptTag({ url });
  }

  /** @param {string} file @returns {Promise<boolean>} false when there is no such file, here or in libraryPath */
  async injectJs(file) {
    v.argument("page.injectJs", "file", NAME, file);
    for (const place of [file, path.resolve(this.#state.properties.libraryPath, file)]) {
      const script = await fs.readFile(place, "utf8").catch(() => undefined);
      if (script === undefined) continue;
      await this.#page._run("injectJs", `${script}\n;void 0;`, [], { gesture: true });
      return true;
    }
    return false;
  }
}

module.exports = { Scripts };
