// phantom's ways to load a page.

const { seenOf, timedOut } = require("./resources.js");
const v = require("../../validate.js");

const REQUEST = {
  operation: v.string(),
  encoding: v.string(),
  headers: v.recordOf(v.string()),
  data: v.anyOf([v.string(), v.recordOf(v.anything())]),
};

class Navigation {
  #page;
  #state;
  #settings;
  #puppeteer;

  /**
   * @param {InstanceType<typeof import("../core.js").PageCore>} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {InstanceType<typeof import("./settings.js").Settings>} settings
   * @param {InstanceType<typeof import("../puppeteer/index.js").Puppeteer>} puppeteer
   */
  constructor(page, state, settings, puppeteer) {
    this.#page = page;
    this.#state = state;
    this.#settings = settings;
    this.#puppeteer = puppeteer;
  }

  /**
   * @param {string} url
   * @param {any} [settings] `{ operation, encoding, headers, data }`, or the method
   * @param {any} [data]
   * @param {any} [headers]
   * @returns {Promise<"success" | "fail">}
   */
  async open(url, settings = {}, data, headers) {
    v.argument("page.open", "url", v.string({ required: true }), url);
    const given = typeof settings === "string" ? { operation: settings, data, headers } : settings;
    const request = v.check("page.open", REQUEST, given);
    const form = typeof request.data === "object";
    const sent = {
      method: request.operation?.toUpperCase(),
      body: form ? String(new URLSearchParams(request.data)) : request.data,
      headers:
        request.data !== undefined || request.encoding
          ? { "Content-Type": contentType(request.encoding), ...request.headers }
          : request.headers,
    };
    const timeout = this.#state.settings.get("resourceTimeout") ?? 30_000;
    this.#state.aborted = [];
    try {
      await this.#page._call("goto", { url, waitUntil: "load", timeout, ...v.defined(sent) }, "open");
      return "success";
    } catch (error) {
      const { code } = /** @type {import("../../errors.js").CodedError} */ (error);
      if (code === "ERR_TIMEOUT") {
        const late = [...(this.#state.aborted ?? []), ...this.#page._pendingRequests()].map(seenOf);
        // A busy browser may not have told of it yet.
        if (late.length === 0) late.push({ id: "", url, method: "GET", headers: {}, ...v.defined(sent) });
        for (const seen of late) this.#page._deliver("onResourceTimeout", [timedOut(seen)]);
      }
      if (code === "ERR_NAVIGATION" || code === "ERR_TIMEOUT") return "fail";
      throw error;
    } finally {
      this.#state.aborted = undefined;
    }
  }

  /** @param {string} url @param {any} [request] @param {Record<string, any>} [settings] */
  async openUrl(url, request, settings = {}) {
    for (const [name, value] of Object.entries(settings)) await this.#settings.setting(name, value);
    return await this.open(url, request);
  }

  async stop() {
    await this.#page._call("stop");
  }

  /**
   * @param {string} html
   * @param {any} [options] Puppeteer's options, or the URL that relative links start from
   */
  async setContent(html, options) {
    if (typeof options !== "string") return await this.#puppeteer.setContent(html, options);
    v.argument("page.setContent", "html", v.string({ required: true }), html);
    const [head] = /** @type {RegExpExecArray} */ (
      /^\s*(?:<!doctype[^>]*>\s*)?(?:<html[^>]*>\s*)?(?:<head[^>]*>)?/i.exec(html)
    );
    const base = `<base href="${options.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}">`;
    await this.#puppeteer.setContent(head + base + html.slice(head.length));
  }

  /** @param {string} url */
  async setProxy(url) {
    await this.#page._call("setProxy", { url: v.argument("page.setProxy", "url", v.string({ required: true }), url) });
  }
}

/** @param {string} [encoding] */
function contentType(encoding) {
  return `application/x-www-form-urlencoded${encoding ? `; charset=${encoding}` : ""}`;
}

module.exports = { Navigation };
