// Which parts of its scripts and style sheets the page has used.

const { publish } = require("../calls.js");
const { fail } = require("../../errors.js");
const v = require("./checks.js");

/** @typedef {InstanceType<typeof import("./session.js").CDPSession>} Session */
/** @typedef {{ startOffset: number, endOffset: number, count: number }} Counted */
/** @typedef {{ url: string, text: string }} Source */

const RESET = { resetOnNavigation: v.boolean({ default: true }) };
const JS = {
  ...RESET,
  reportAnonymousScripts: v.boolean({ default: false }),
  includeRawScriptCoverage: v.boolean({ default: false }),
  useBlockCoverage: v.boolean({ default: true }),
};

/** What is covered of one kind of text, from its start to its stop. */
class Watch {
  #open;
  /** @type {Session | undefined} */
  session;
  /** Texts by the browser's ids. @type {Map<string, Source>} */
  sources = new Map();
  /** @type {Set<Promise<void>>} */
  #reading = new Set();

  /** @param {string} what in the words of an error @param {() => Promise<Session>} open */
  constructor(what, open) {
    this.what = what;
    this.#open = open;
  }

  /** @param {{ resetOnNavigation: boolean }} options @returns {Promise<Session>} */
  async start({ resetOnNavigation }) {
    if (this.session) throw fail("ERR_INVALID_OPTION", `${this.what} is already enabled`);
    const session = await this.#open();
    this.session = session;
    this.sources = new Map();
    const forget = () => {
      this.sources = new Map();
    };
    if (resetOnNavigation) session.on("Runtime.executionContextsCleared", forget);
    await session.send("Runtime.enable");
    return session;
  }

  /** Notes a text, which the browser is asked for. @param {string} id @param {string} url @param {Promise<string>} text */
  note(id, url, text) {
    const { sources } = this;
    const noted = text.then(
      (given) => void sources.set(id, { url, text: given }),
      // Its document has gone.
      () => {},
    );
    this.#reading.add(noted);
    noted.finally(() => this.#reading.delete(noted));
  }

  /**
   * @param {(session: Session) => Promise<any>} ask for what was covered, at which the browser tells of the last texts
   * @returns {Promise<any>} what was answered
   */
  async stop(ask) {
    const { session } = this;
    if (!session) throw fail("ERR_INVALID_OPTION", `${this.what} is not enabled`);
    this.session = undefined;
    const answer = await ask(session);
    while (this.#reading.size > 0) await Promise.all(this.#reading);
    await session.detach();
    return answer;
  }
}

class Coverage {
  #js;
  #css;
  /** @type {any} */
  #options;

  /** @param {() => Promise<Session>} open */
  constructor(open) {
    this.#js = new Watch("JSCoverage", open);
    this.#css = new Watch("CSSCoverage", open);
  }

  /** @param {object} [options] */
  async startJSCoverage(options) {
    const given = v.check("coverage.startJSCoverage", JS, options);
    const watch = this.#js;
    const session = await watch.start(given);
    this.#options = given;
    session.on("Debugger.scriptParsed", ({ scriptId, url, stackTrace }) => {
      // What the program evaluates is of no script of the page.
      const wanted = url !== "" || (given.reportAnonymousScripts && stackTrace);
      if (!wanted || url.startsWith("pptr:")) return;
      const source = session.send("Debugger.getScriptSource", { scriptId });
      watch.note(
        scriptId,
        url || `debugger://VM${scriptId}`,
        source.then(({ scriptSource }) => scriptSource),
      );
    });
    const { includeRawScriptCoverage: callCount, useBlockCoverage: detailed } = given;
    await Promise.all([
      session.send("Profiler.enable"),
      session.send("Profiler.startPreciseCoverage", { callCount, detailed }),
      session.send("Debugger.enable"),
      session.send("Debugger.setSkipAllPauses", { skip: true }),
    ]);
  }

  async stopJSCoverage() {
    const watch = this.#js;
    const { result } = await watch.stop((session) => session.send("Profiler.takePreciseCoverage"));
    const entries = [];
    for (const script of result) {
      const source = watch.sources.get(script.scriptId);
      if (!source) continue;
      const counted = script.functions.flatMap((/** @type {any} */ { ranges }) => ranges);
      const raw = this.#options.includeRawScriptCoverage ? { rawScriptCoverage: script } : {};
      entries.push({ url: source.url, ranges: usedOf(counted), text: source.text, ...raw });
    }
    return entries;
  }

  /** @param {object} [options] */
  async startCSSCoverage(options) {
    const watch = this.#css;
    const session = await watch.start(v.check("coverage.startCSSCoverage", RESET, options));
    session.on("CSS.styleSheetAdded", ({ header: { styleSheetId, sourceURL } }) => {
      // One that the program has added, or that a script has written.
      if (!sourceURL) return;
      const sheet = session.send("CSS.getStyleSheetText", { styleSheetId });
      watch.note(
        styleSheetId,
        sourceURL,
        sheet.then(({ text }) => text),
      );
    });
    await Promise.all([
      session.send("DOM.enable"),
      session.send("CSS.enable"),
      session.send("CSS.startRuleUsageTracking"),
    ]);
  }

  async stopCSSCoverage() {
    const watch = this.#css;
    const { ruleUsage } = await watch.stop((session) => session.send("CSS.stopRuleUsageTracking"));
    return [...watch.sources].map(([id, { url, text }]) => {
      const rules = ruleUsage.filter((/** @type {any} */ { styleSheetId }) => styleSheetId === id);
      const counted = rules.map((/** @type {any} */ { used, ...range }) => ({ ...range, count: used ? 1 : 0 }));
      return { url, ranges: usedOf(counted), text };
    });
  }
}

/**
 * What was used, of ranges that lie in each other or apart: the innermost says whether a place was.
 * @param {Counted[]} counted
 * @returns {{ start: number, end: number }[]}
 */
function usedOf(counted) {
  const inOrder = [...counted].sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset);
  /** @type {{ start: number, end: number }[]} */
  const used = [];
  /** @type {Counted[]} */
  const around = [];
  let at = 0;
  const go = (/** @type {number} */ to) => {
    const inner = around.at(-1);
    const last = used.at(-1);
    if (inner && inner.count > 0 && to > at) {
      if (last?.end === at) last.end = to;
      else used.push({ start: at, end: to });
    }
    at = to;
  };
  for (const range of inOrder) {
    for (let inner = around.at(-1); inner && inner.endOffset <= range.startOffset; inner = around.at(-1)) {
      go(inner.endOffset);
      around.pop();
    }
    go(range.startOffset);
    around.push(range);
  }
  for (let inner = around.at(-1); inner; inner = around.at(-1)) {
    go(inner.endOffset);
    around.pop();
  }
  return used;
}

publish(Coverage);

module.exports = { Coverage, usedOf };
