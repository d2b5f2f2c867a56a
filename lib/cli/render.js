// `npx boomtown render INPUT... -o OUT`: reads the arguments, renders, and says how it went.

const { parseArgs } = require("node:util");
const { planOutputs, STDOUT, TYPES } = require("../render/outputs.js");
const { inputsOf } = require("../render/inputs.js");
const { Bar, Lines } = require("../render/progress.js");
const { renderAll } = require("../render/run.js");
const { LONGEST, numberIn, settingsOf } = require("../render/settings.js");
const { UsageError } = require("./usage-error.js");

const USAGE = `Usage: npx boomtown render INPUT... -o OUT [options]

Makes pictures or PDFs. INPUT is a file, a URL, a quoted pattern as 'docs/**/*.html', or - for HTML from standard input.
Exits with 0 when everything was rendered, 1 when something was not, 2 for wrong arguments, 130 after Ctrl-C.

  -o, --output OUT        a file that ends in .png, .jpeg, .jpg, .webp or .pdf; a folder; or - for standard output
  --type TYPE             png, jpeg, webp or pdf, into a folder or standard output; default png
  --viewport WxH          CSS pixels; default 800x600
  --scale N               pixels for a CSS pixel, 0.1 to 10; in a PDF how large everything is, 0.1 to 2; default 1
  --full-page             pictures: the whole document instead of the viewport
  --selector CSS          pictures: the box of one element
  --quality N             jpeg and webp: 0 to 100
  --format NAME           PDFs: letter, legal, tabloid, ledger, a0 to a6; default the document's own @page size, else letter
  --landscape             PDFs: held sideways
  --margin "LENGTH..."    PDFs: one to four lengths as in CSS: "1cm", "1cm 20mm"; default none
  --wait WHAT             load (default); networkidle: half a second without requests; ready: lazy pictures, fonts, requests
                          and painting are done; a number of milliseconds; or a selector that has to be visible. Repeatable,
                          in this order, after the document has loaded
  --header "NAME: VALUE"  of every request; repeatable
  --cookie "NAME=VALUE"   of the URL's site, or "NAME=VALUE; Domain=example.com; Path=/; Secure"; repeatable
  --workers N             browsers at a time; default the number of processors, at most that of inputs
  --timeout MS            for each input; 0 no limit; default 30000
  --json                  prints { "ok": boolean, "results": [{ "input", "output"?, "bytes"?, "milliseconds"?, "notReady"?,
                          "error"?: { "code"?, "message" } }] }
  --help, -h              prints this`;

const OPTIONS = /** @type {const} */ ({
  output: { type: "string", short: "o" },
  type: { type: "string" },
  viewport: { type: "string" },
  scale: { type: "string" },
  "full-page": { type: "boolean" },
  selector: { type: "string" },
  quality: { type: "string" },
  format: { type: "string" },
  landscape: { type: "boolean" },
  margin: { type: "string" },
  wait: { type: "string", multiple: true },
  header: { type: "string", multiple: true },
  cookie: { type: "string", multiple: true },
  workers: { type: "string" },
  timeout: { type: "string" },
  json: { type: "boolean" },
});

/** The exit codes that a shell gives to whom a signal has ended. @type {Record<string, number>} */
const ENDED_BY = { SIGINT: 130, SIGTERM: 143 };
const MOST_WORKERS = 1000;

/** @param {string[]} args */
async function run(args) {
  const { jobs, folder, settings, workers, timeout, json } = planned(args);
  const reporter = new Report(jobs, json);
  const ending = new AbortController();
  let code = 0;
  const listeners = Object.keys(ENDED_BY).map((name) => {
    const listener = () => {
      code = ENDED_BY[name];
      ending.abort();
    };
    // A second one ends the program at once; the watchdog then removes what is left.
    process.once(name, listener);
    return () => process.off(name, listener);
  });
  const unheard = hearWarnings((text) => reporter.tell(text));
  try {
    await renderAll(jobs, settings, { workers, timeout, folder, signal: ending.signal, reporter });
  } catch (error) {
    reporter.gaveUp(/** @type {Error} */ (error));
  }
  for (const forget of [...listeners, unheard]) forget();
  reporter.end(ending.signal.aborted);
  return code || (reporter.ok ? 0 : 1);
}

/** @param {string[]} args */
function planned(args) {
  try {
    const { values, positionals } = parseArgs({ args, options: OPTIONS, allowPositionals: true });
    const { output, type, workers, timeout = "30000", json = false, ...given } = values;
    if (positionals.length === 0) throw new Error("no INPUT");
    if (output === undefined) throw new Error("no output: say -o OUT");
    if (type !== undefined && !isType(type))
      throw new Error(`--type is ${TYPES.join(", ")}, not ${JSON.stringify(type)}`);
    if (json && output === STDOUT) throw new Error("--json and -o - would both write to standard output");
    if (positionals.filter((word) => word === "-").length > 1) throw new Error("standard input can be read once only");
    const { jobs, folder } = planOutputs(inputsOf(positionals), output, type);
    return {
      jobs,
      folder,
      settings: settingsOf(given, jobs),
      workers: workers === undefined ? undefined : numberIn("workers", workers, 1, MOST_WORKERS),
      timeout: numberIn("timeout", timeout, 0, LONGEST),
      json,
    };
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/** @param {string} type @returns {type is import("../render/outputs.js").Type} */
const isType = (type) => TYPES.some((known) => known === type);

/**
 * The process' warnings, which Node would write across the bar.
 * @param {(text: string) => void} tell
 */
function hearWarnings(tell) {
  const others = process.listeners("warning");
  process.removeAllListeners("warning");
  const listener = (/** @type {Error} */ { message }) => tell(`warning ${message}`);
  process.on("warning", listener);
  return () => {
    process.off("warning", listener);
    for (const other of others) process.on("warning", other);
  };
}

/** What is told to people, on standard error, and what is told to programs in the end. */
class Report {
  #display;
  #json;
  #jobs;
  /** By their places among the inputs. @type {object[]} */
  #results = [];
  #rendered = 0;
  /** @type {(Error & { code?: string }) | undefined} */
  #error;

  /** @param {import("../render/outputs.js").Job[]} jobs @param {boolean} json */
  constructor(jobs, json) {
    this.#json = json;
    this.#jobs = jobs;
    this.#display = process.stderr.isTTY
      ? new Bar(process.stderr, jobs.length)
      : new Lines((text) => void process.stderr.write(text));
  }

  get ok() {
    return this.#rendered === this.#jobs.length;
  }

  /** @param {string} text */
  tell(text) {
    this.#display.tell(text);
  }

  /** @param {import("../render/outputs.js").Job} job */
  started(job) {
    this.#display.started(job);
  }

  /** @param {import("../render/outputs.js").Job} job @param {import("../render/run.js").Rendered} rendered */
  done(job, rendered) {
    this.#rendered += 1;
    const { bytes, milliseconds, notReady } = rendered;
    const lacks = notReady.length > 0 ? { notReady } : {};
    this.#results[this.#jobs.indexOf(job)] = { ...ofJob(job), bytes, milliseconds, ...lacks };
    this.#display.done(job, rendered);
  }

  /** @param {import("../render/outputs.js").Job} job @param {Error & { code?: string }} error */
  failed(job, error) {
    const { code, message } = error;
    this.#results[this.#jobs.indexOf(job)] = { ...ofJob(job), error: { code, message } };
    this.#display.failed(job, error);
  }

  /** Nothing more is tried. @param {Error & { code?: string }} error */
  gaveUp(error) {
    this.#error = error;
    const hint = error.code?.startsWith("ERR_BROWSER") ? "\nnpx boomtown doctor tells what is missing here" : "";
    this.tell(`boomtown: ${error.code ? `${error.code}: ` : ""}${error.message}${hint}`);
  }

  /** @param {boolean} interrupted */
  end(interrupted) {
    this.#display.end();
    const summary = `${this.#rendered} of ${this.#jobs.length} rendered${interrupted ? ", interrupted" : ""}`;
    if (this.#jobs.length > 1 || interrupted) process.stderr.write(`${summary}\n`);
    if (!this.#json) return;
    const error = this.#error && { code: this.#error.code, message: this.#error.message };
    console.log(JSON.stringify({ ok: this.ok, results: this.#results.filter(Boolean), error }, null, 2));
  }
}

/** What has a problem has no name for an output. @param {import("../render/outputs.js").Job} job */
const ofJob = ({ input, output }) => ({ input: input.name, output: input.problem === undefined ? output : undefined });

module.exports = { USAGE, run };
