// Which parts of its scripts and style sheets the page has used.

const { publish } = require("../calls.js");
const { warn } = require("../warn.js");
const { Recording } = require("./recording.js");
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

/** How many characters of texts are kept for one report, by which a page that makes scripts without end is bounded. */
const MOST = 100_000_000;

/** The texts of which the browser tells, by its ids. */
class Texts {
  /** @type {Map<string, Source>} */
  all = new Map();
  /** @type {Set<Promise<void>>} */
  #reading = new Set();
  #left = MOST;

  /** Another document has come. */
  forget() {
    this.all.clear();
    this.#left = MOST;
  }

  /** Notes a text, which the browser is asked for. @param {string} id @param {string} url @param {() => Promise<string>} read */
  note(id, url, read) {
    if (this.#left <= 0) return;
    const noted = read().then(
      (text) => this.#keep(id, { url, text }),
      // Its document has gone.
      () => {},
    );
    this.#reading.add(noted);
    noted.finally(() => this.#reading.delete(noted));
  }

  /** @param {string} id @param {Source} source */
  #keep(id, source) {
    this.#left -= source.text.length + source.url.length;
    if (this.#left > 0) return void this.all.set(id, source);
    warn(`page.coverage: it keeps ${MOST} characters of texts at most; those that came after are in no report`);
  }

  /** Waits for those that were noted so far. */
  async read() {
    await Promise.all(this.#reading);
  }
}

/** What is covered of one kind of text, from its start to its stop. */
class Watch {
  #recording;
  #texts = new Texts();

  /** @param {string} what in the words of an error @param {() => Promise<Session>} open */
  constructor(what, open) {
    this.#recording = new Recording(open, { runs: `${what} is already enabled`, idle: `${what} is not enabled` });
  }

  /**
   * @param {{ resetOnNavigation: boolean }} options
   * @param {{ event: string, hear: (session: Session, texts: Texts, told: any) => void, calls: [method: string, params?: object][] }} how
   *   `event` tells of texts, once the calls are made
   */
  async start({ resetOnNavigation }, { event, hear, calls }) {
    await this.#recording.start(async (session) => {
      const texts = new Texts();
      this.#texts = texts;
      if (resetOnNavigation) session.on("Runtime.executionContextsCleared", () => texts.forget());
      session.on(event, (told) => hear(session, texts, told));
      await session.send("Runtime.enable");
      await Promise.all(calls.map(([method, params]) => session.send(method, params)));
    });
  }

  /**
   * @param {string} method by which the browser answers what was covered, and before that tells of the last texts
   * @returns {Promise<{ answer: any, sources: Map<string, Source> }>}
   */
  async stop(method) {
    return await this.#recording.stop(async (session) => {
      const answer = await session.send(method);
      // A page that goes on making scripts would have them read for ever.
      session.removeAllListeners();
      await this.#texts.read();
      return { answer, sources: this.#texts.all };
    });
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
    const { includeRawScriptCoverage: callCount, useBlockCoverage: detailed } = given;
    await this.#js.start(given, {
      event: "Debugger.scriptParsed",
      hear(session, texts, { scriptId, url, stackTrace }) {
        // What the program evaluates is of no script of the page.
        const wanted = url !== "" || (given.reportAnonymousScripts && stackTrace);
        if (!wanted || url.startsWith("pptr:")) return;
        texts.note(scriptId, url || `debugger://VM${scriptId}`, async () => {
          return (await session.send("Debugger.getScriptSource", { scriptId })).scriptSource;
        });
      },
      calls: [
        ["Profiler.enable"],
        ["Profiler.startPreciseCoverage", { callCount, detailed }],
        ["Debugger.enable"],
        ["Debugger.setSkipAllPauses", { skip: true }],
      ],
    });
    this.#options = given;
  }

  async stopJSCoverage() {
    const { answer, sources } = await this.#js.stop("Profiler.takePreciseCoverage");
    const entries = [];
    for (const script of answer.result) {
      const source = sources.get(script.scriptId);
      if (!source) continue;
      const counted = script.functions.flatMap((/** @type {any} */ { ranges }) => ranges);
      const raw = this.#options.includeRawScriptCoverage ? { rawScriptCoverage: script } : {};
      entries.push({ url: source.url, ranges: usedOf(counted), text: source.text, ...raw });
    }
    return entries;
  }

  /** @param {object} [options] */
  async startCSSCoverage(options) {
    await this.#css.start(v.check("coverage.startCSSCoverage", RESET, options), {
      event: "CSS.styleSheetAdded",
      hear(session, texts, { header: { styleSheetId, sourceURL } }) {
        // One that the program has added, or that a script has written.
        if (!sourceURL) return;
        texts.note(styleSheetId, sourceURL, async () => {
          return (await session.send("CSS.getStyleSheetText", { styleSheetId })).text;
        });
      },
      calls: [["DOM.enable"], ["CSS.enable"], ["CSS.startRuleUsageTracking"]],
    });
  }

  async stopCSSCoverage() {
    const { answer, sources } = await this.#css.stop("CSS.stopRuleUsageTracking");
    return [...sources].map(([id, { url, text }]) => {
      const rules = answer.ruleUsage.filter((/** @type {any} */ { styleSheetId }) => styleSheetId === id);
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
