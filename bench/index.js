// `npm run bench`: boomtown beside puppeteer-cluster and Playwright with p-queue, on the same browsers. The contestants take
// turns, each in a process of its own; medians and ranges go into a table and a chart. It fails when one of them has not done
// the same work as the others, or has left a process behind.

const { mkdirSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const { parseArgs } = require("node:util");
const { drawChart } = require("./chart.js");
const { readable } = require("./figures.js");
const { runsOn } = require("./contestants");
const { differences } = require("./inspect.js");
const kinds = require("./kinds");
const { describeMachine, findBrowsers } = require("./machine.js");
const { installPeers } = require("./peers.js");
const { heading, panels, report } = require("./report.js");
const { serve } = require("./site.js");
const { runTurn } = require("./turns.js");

/** @typedef {import("./contestants").Browser} Browser */
/** @typedef {import("./report.js").Match} Match */
/** @typedef {import("./report.js").Entry} Entry */
/** @typedef {import("./work.js").Kind} Kind */
/** @typedef {import("./work.js").Turn} Turn */

const HELP = `Usage: npm run bench -- [options]

  --only A,B        kinds to measure                            (all)
  --browsers A,B    headless-shell, chromium                    (both, if found)
  --rounds N        turns of each contestant                    (5)
  --items N         items of a turn that renders; those of the  (100)
                    other kinds are a multiple or a part of it
  --concurrency N   items at a time                             (4)
  --out DIR         where the .md and the .svg go               (bench/results)
  --help            this text

Kinds: ${Object.keys(kinds).join(", ")}
`;

/** Milliseconds after which a turn is ended, for not all end by themselves: so many, and so many more for each item. */
const LIMIT = 5 * 60_000;
const LIMIT_OF_ITEM = 5000;
/** Nobody needs a GPU here; boomtown always does without. */
const FLAGS = ["--disable-gpu"];

class UsageError extends Error {}

function readOptions() {
  const { only, browsers, rounds, items, concurrency, out, help } = parse();
  return {
    only: choose("--only", only, Object.keys(kinds)),
    browsers: choose("--browsers", browsers, ["headless-shell", "chromium"]),
    rounds: count("--rounds", rounds),
    items: count("--items", items),
    concurrency: count("--concurrency", concurrency),
    /** What was asked for, which tells the files of a part from those of the whole. */
    part: [only, browsers].flatMap((list) => list?.split(",") ?? []),
    out: path.resolve(out),
    help,
  };
}

function parse() {
  try {
    return parseArgs({
      options: {
        only: { type: "string" },
        browsers: { type: "string" },
        rounds: { type: "string", default: "5" },
        items: { type: "string", default: "100" },
        concurrency: { type: "string", default: "4" },
        out: { type: "string", default: path.join(__dirname, "results") },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
}

/** @param {string} option @param {string | undefined} list @param {string[]} all */
function choose(option, list, all) {
  const names = list?.split(",") ?? all;
  const unknown = names.filter((name) => !all.includes(name));
  if (unknown.length > 0) throw new UsageError(`${option} has "${unknown.join(",")}"; there are ${all.join(", ")}`);
  return all.filter((name) => names.includes(name));
}

/** @param {string} option @param {string} text */
function count(option, text) {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1) {
    throw new UsageError(`${option} is "${text}"; it must be a whole number from 1`);
  }
  return number;
}

/** What all turns of a run have in common. @typedef {Pick<Turn, "flags" | "sandbox" | "concurrency" | "site">} Common */

/**
 * One kind on one browser: round after round, each contestant in turn.
 * @param {string} name
 * @param {Browser} browser
 * @param {ReturnType<typeof readOptions>} options
 * @param {Common} common
 * @param {AbortSignal} interruption
 * @returns {Promise<Match>}
 */
async function runMatch(name, browser, options, common, interruption) {
  const { title, about, contestants, metrics, scale, anyBrowser, reference, rehearsals = 0, obstacle } = kinds[name]();
  const items = Math.ceil(options.items * scale);
  /** @type {Match} */
  const match = {
    ...{ kind: name, title, about, items, metrics, reference },
    browser: anyBrowser ? undefined : browser.name,
    obstacle: obstacle?.(),
    entries: contestants
      .filter((contestant) => runsOn(contestant, browser))
      .map((contestant) => ({ contestant, turns: [], faults: [] })),
  };
  if (match.obstacle) {
    console.log(`${name}: not measured, ${match.obstacle}`);
    return { ...match, entries: [] };
  }
  /** @type {{ contestant: string, evidence: import("./inspect.js").Evidence[] } | undefined} */
  let model;
  for (let round = 1 - rehearsals; round <= options.rounds; round++) {
    for (const entry of match.entries) {
      const { contestant } = entry;
      const which = round > 0 ? `round ${round}` : "rehearsal";
      const label = `${name}, ${browser.name}, ${which}: ${contestant}`;
      try {
        const turn = { ...common, kind: name, contestant, browser, items };
        const { figures, evidence } = await runTurn(turn, LIMIT + options.items * LIMIT_OF_ITEM, interruption);
        model ??= { contestant, evidence };
        const others = differences(evidence, model.evidence);
        if (others.length > 0) throw new Error(`its work is not that of ${model.contestant}: ${others.join("; ")}`);
        requireFigures(metrics, figures);
        if (round > 0) entry.turns.push(figures);
        console.log(`${label}: ${metrics.map(({ name, title }) => `${readable(figures[name])} ${title}`).join(", ")}`);
      } catch (error) {
        interruption.throwIfAborted();
        const { message } = /** @type {Error} */ (error);
        entry.faults.push(`${which}: ${message}`);
        console.error(`${label}: FAILED: ${message}`);
      }
    }
  }
  return match;
}

/** @param {import("./work.js").Metric[]} metrics @param {Record<string, number>} figures */
function requireFigures(metrics, figures) {
  for (const { name } of metrics) {
    if (!Number.isFinite(figures[name])) throw new Error(`it has told no ${name}: ${JSON.stringify(figures)}`);
  }
}

/** @param {import("./report.js").Results} results @param {string} file its path without an ending */
function write(results, file) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.svg`, drawChart(panels(results), heading(results)));
  writeFileSync(`${file}.md`, report(results, `${path.basename(file)}.svg`));
}

/** @param {ReturnType<typeof readOptions>} options @param {AbortSignal} interruption */
async function compare(options, interruption) {
  await installPeers();
  const browsers = (await findBrowsers()).filter(({ name }) => options.browsers.includes(name));
  if (browsers.length === 0) throw new Error(`no browser was found: looked for ${options.browsers.join(", ")}`);
  const sandbox = process.getuid?.() !== 0;
  const { concurrency, rounds } = options;
  const date = new Date().toISOString().slice(0, 10);
  /** @type {import("./report.js").Results} */
  const results = {
    date,
    machine: describeMachine(browsers),
    conditions: { rounds, concurrency, flags: FLAGS, sandbox },
    matches: [],
  };
  const file = path.join(options.out, options.part.join("-") || "all");
  const site = await serve();
  try {
    const common = { flags: FLAGS, sandbox, concurrency, site: site.url };
    for (const kind of options.only) {
      for (const browser of kinds[kind]().anyBrowser ? browsers.slice(0, 1) : browsers) {
        results.matches.push(await runMatch(kind, browser, options, common, interruption));
        // After each one, for the whole takes hours.
        write(results, file);
      }
    }
  } finally {
    await site.close();
  }
  console.log(`\n${report(results, `${path.basename(file)}.svg`)}\n${file}.md`);
  return results.matches.every(({ entries }) => entries.every(({ faults }) => faults.length === 0));
}

async function main() {
  const options = readOptions();
  if (options.help) return console.log(HELP);
  const interruption = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"]) {
    process.once(signal, () => interruption.abort(new Error(`ended by ${signal}`)));
  }
  if (!(await compare(options, interruption.signal))) process.exitCode = 1;
}

main().catch((error) => {
  console.error(error instanceof UsageError ? `${error.message}\n\n${HELP}` : error);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
