// A recording of what the browser does for the page.

const fs = require("node:fs/promises");
const { publish } = require("../calls.js");
const { fail } = require("../../errors.js");
const v = require("./checks.js");

/** @typedef {InstanceType<typeof import("./session.js").CDPSession>} Session */

/** What Puppeteer records where nothing else is asked for. */
const CATEGORIES = [
  "-*",
  "devtools.timeline",
  "v8.execute",
  "disabled-by-default-devtools.timeline",
  "disabled-by-default-devtools.timeline.frame",
  "toplevel",
  "blink.console",
  "blink.user_timing",
  "latencyInfo",
  "disabled-by-default-devtools.timeline.stack",
  "disabled-by-default-v8.cpu_profiler",
];
const SCREENSHOTS = "disabled-by-default-devtools.screenshot";

const START = {
  path: v.string({ empty: false }),
  screenshots: v.boolean({ default: false }),
  categories: v.arrayOf(v.string(), { default: CATEGORIES }),
};

class Tracing {
  #open;
  /** @type {{ session: Session, path: string | undefined } | undefined} */
  #recording;

  /** @param {() => Promise<Session>} open */
  constructor(open) {
    this.#open = open;
  }

  /** @param {object} [options] */
  async start(options) {
    const { path, screenshots, categories } = v.check("tracing.start", START, options);
    if (this.#recording) throw fail("ERR_INVALID_OPTION", "tracing.start: a recording runs already; stop it first");
    const wanted = screenshots ? [...categories, SCREENSHOTS] : categories;
    const without = wanted.filter((/** @type {string} */ category) => category.startsWith("-"));
    const session = await this.#open();
    this.#recording = { session, path };
    try {
      await session.send("Tracing.start", {
        transferMode: "ReturnAsStream",
        traceConfig: {
          excludedCategories: without.map((/** @type {string} */ category) => category.slice(1)),
          includedCategories: wanted.filter((/** @type {string} */ category) => !category.startsWith("-")),
        },
      });
    } catch (error) {
      this.#recording = undefined;
      await session.detach().catch(() => {});
      throw error;
    }
  }

  /** @returns {Promise<Uint8Array>} */
  async stop() {
    if (!this.#recording) throw fail("ERR_INVALID_OPTION", "tracing.stop: no recording runs; start one first");
    const { session, path } = this.#recording;
    this.#recording = undefined;
    /** @type {Uint8Array} */
    let trace;
    try {
      const [{ stream }] = await Promise.all([session._next("Tracing.tracingComplete"), session.send("Tracing.end")]);
      trace = await read(session, stream);
    } finally {
      await session.detach().catch(() => {});
    }
    if (path !== undefined) await fs.writeFile(path, trace);
    return trace;
  }
}

/** @param {Session} session @param {string} handle */
async function read(session, handle) {
  const chunks = [];
  for (;;) {
    const { data, base64Encoded, eof } = await session.send("IO.read", { handle });
    chunks.push(Buffer.from(data, base64Encoded ? "base64" : "utf8"));
    if (eof) break;
  }
  await session.send("IO.close", { handle });
  return Buffer.concat(chunks);
}

publish(Tracing);

module.exports = { Tracing };
