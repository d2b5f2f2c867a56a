// A recording of what the browser does for the page.

const fs = require("node:fs/promises");
const { publish } = require("../calls.js");
const { Recording } = require("./recording.js");
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

const REFUSALS = {
  runs: "tracing.start: a recording runs already; stop it first",
  idle: "tracing.stop: no recording runs; start one first",
};

class Tracing {
  #recording;
  /** The file that the trace is written to. @type {string | undefined} */
  #path;

  /** @param {() => Promise<Session>} open */
  constructor(open) {
    this.#recording = new Recording(open, REFUSALS);
  }

  /** @param {object} [options] */
  async start(options) {
    const { path, screenshots, categories } = v.check("tracing.start", START, options);
    /** @type {string[]} */
    const wanted = screenshots ? [...categories, SCREENSHOTS] : categories;
    const without = wanted.filter((category) => category.startsWith("-"));
    await this.#recording.start(async (session) => {
      await session.send("Tracing.start", {
        transferMode: "ReturnAsStream",
        traceConfig: {
          excludedCategories: without.map((category) => category.slice(1)),
          includedCategories: wanted.filter((category) => !category.startsWith("-")),
        },
      });
      this.#path = path;
    });
  }

  /** @returns {Promise<Uint8Array>} */
  async stop() {
    return await this.#recording.stop(async (session) => {
      const [{ stream }] = await Promise.all([session._next("Tracing.tracingComplete"), session.send("Tracing.end")]);
      const trace = await read(session, stream);
      if (this.#path !== undefined) await fs.writeFile(this.#path, trace);
      return trace;
    });
  }
}

/** @param {Session} session @param {string} handle */
async function read(session, handle) {
  const chunks = [];
  try {
    for (;;) {
      const { data, base64Encoded, eof } = await session.send("IO.read", { handle });
      chunks.push(Buffer.from(data, base64Encoded ? "base64" : "utf8"));
      if (eof) return Buffer.concat(chunks);
    }
  } finally {
    await session.send("IO.close", { handle }).catch(() => {});
  }
}

publish(Tracing);

module.exports = { Tracing };
