// Scripts of the program in the page.
/// <reference lib="dom" />
/// <reference lib="dom.iterable" />

const { compile, refuseUnparsable, statement } = require("../evaluate.js");
const { SELECTOR, TIMEOUT } = require("./types.js");
const v = require("../../validate.js");

const SCRIPT = v.anyOf([v.func(), v.string()], { required: true });

class Scripts {
  #page;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page */
  constructor(page) {
    this.#page = page;
  }

  /** @param {Function | string} script @param {unknown[]} args */
  async evaluate(script, ...args) {
    v.argument("page.evaluate", "script", SCRIPT, script);
    return await this.#page._run("evaluate", script, args, { gesture: true });
  }

  /** @param {Function | string} script @param {unknown[]} args */
  async evaluateOnNewDocument(script, ...args) {
    v.argument("page.evaluateOnNewDocument", "script", SCRIPT, script);
    refuseUnparsable("page.evaluateOnNewDocument", script);
    const identifier = await this.#page._call(
      "addInitScript",
      { source: statement(script, args) },
      "evaluateOnNewDocument",
    );
    return { identifier };
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args */
  async $eval(selector, script, ...args) {
    v.argument("page.$eval", "selector", SELECTOR, selector);
    v.argument("page.$eval", "script", SCRIPT, script);
    return await this.#page._run("$eval", script, args, { within: ["onFirst", selector], gesture: true });
  }

  /** @param {string} selector @param {Function | string} script @param {unknown[]} args */
  async $$eval(selector, script, ...args) {
    v.argument("page.$$eval", "selector", SELECTOR, selector);
    v.argument("page.$$eval", "script", SCRIPT, script);
    return await this.#page._run("$$eval", script, args, { within: ["onAll", selector], gesture: true });
  }

  /** @param {string} name @param {Function} fn */
  async exposeFunction(name, fn) {
    v.argument("page.exposeFunction", "name", SELECTOR, name);
    v.argument("page.exposeFunction", "fn", v.func({ required: true }), fn);
    await this.#page._expose(name, fn);
  }

  /** @param {Function | string} script @param {object} [options] @param {unknown[]} args */
  async waitForFunction(script, options, ...args) {
    v.argument("page.waitForFunction", "script", SCRIPT, script);
    const schema = {
      polling: v.anyOf([v.oneOf(["raf", "mutation"]), v.milliseconds({ above: 0 })], { default: "raf" }),
      timeout: TIMEOUT,
    };
    const { polling, timeout } = v.check("page.waitForFunction", schema, options);
    const text = String(script).replace(/\s+/g, " ");
    const what = `waitForFunction(${text.length > 60 ? `${text.slice(0, 60)}...` : text})`;
    const params = { script: compile(script, args, { lenient: true }), timeout, polling, what };
    return this.#page._decode(await this.#page._call("waitFor", params, "waitForFunction"));
  }
}

module.exports = { Scripts };
