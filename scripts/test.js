// Runs JavaScript tests, on one engine and browser after the other, and says of each failure how to run that test alone.
//
//   node scripts/test.js WORD... [--on PAIR]... [--table compare|write]
//
// A WORD that is part of a test file's path chooses that file or folder ("unit", "browser/page.", "service"); any other WORD is
// a pattern that the names of the tests have to match. PAIR is a title of scripts/engines.js or a part of one, "all", or
// "others": all but the first. With --table, what the page's tests have seen is compared with docs/pages.md, or written to it.

const { mkdtempSync, readdirSync, rmSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { run } = require("node:test");
const { spec: Spec } = require("node:test/reporters");
const { parseArgs } = require("node:util");
const { PAIRS, present } = require("./engines.js");
const { compareTable, readSeen, writeTable } = require("./page-table.js");

const ROOT = path.join(__dirname, "..");
const FOLDER = path.join(ROOT, "__test__");
/** Those of the package boomtown-service, which the paths of its tests begin with. */
const SERVICE = "service/__test__/";

/** Tests wait for browsers more than they compute, so on two processors a third file runs while others wait. */
const FILES_AT_A_TIME = Math.max(3, os.availableParallelism());

/** The exit code by which scripts/each.js knows that a script had nothing to do on this machine. */
const SKIPPED = 77;

/**
 * A test that failed, and what its file said about that.
 * @typedef {{ names: string[], file: string, line: number, column: number, error: any, notes: string[] }} Failure
 * @typedef {{ title: string, env: NodeJS.ProcessEnv, tests?: RegExp }} Place a pair that is present
 */

/** @param {string} file relative to the folder of the tests */
const needsNoBrowser = (file) => file.startsWith("unit");

/** @returns {string[]} every test file, relative to the folder of the tests; of the service, to the repository */
function testFiles() {
  const own = readdirSync(FOLDER, { recursive: true, encoding: "utf8" });
  const others = readdirSync(path.join(ROOT, SERVICE), { encoding: "utf8" });
  return [...own, ...others.map((file) => SERVICE + file)].filter((file) => file.endsWith(".test.js")).sort();
}

/** @param {string} file as `testFiles` has it */
const fullPath = (file) => path.join(file.startsWith(SERVICE) ? ROOT : FOLDER, file);

/**
 * @param {string[]} words
 * @returns {{ files: string[], patterns: string[] }}
 */
function choose(words) {
  const all = testFiles();
  const [chosen, patterns] = [new Set(), /** @type {string[]} */ ([])];
  for (const word of words) {
    const some = all.filter((file) => file.replaceAll(path.sep, "/").includes(word.replace(/^__test__\//, "")));
    for (const file of some) chosen.add(file);
    if (some.length === 0) patterns.push(word);
  }
  return { files: chosen.size > 0 ? [...chosen] : all, patterns };
}

/** @param {string[]} files @param {string[]} titles @returns {Place[]} */
function places(files, titles) {
  const [first, ...others] = PAIRS;
  if (files.every(needsNoBrowser)) return [{ title: "no browser", env: {} }];
  if (titles.length === 0) {
    const best = present([first]);
    return best.length > 0 ? best : present(others).slice(0, 1);
  }
  return present(
    titles.flatMap((title) => {
      if (title === "all") return PAIRS;
      if (title === "others") return others;
      const found = PAIRS.filter((pair) => pair.title.includes(title));
      if (found.length > 0) return found;
      throw new Error(`--on "${title}" is no engine and browser; there are ${PAIRS.map((pair) => `"${pair.title}"`)}`);
    }),
  );
}

/**
 * @param {Place} place
 * @param {string[]} files
 * @param {string[]} patterns
 * @returns {Promise<{ ran: number, failures: Failure[] }>}
 */
async function runTests({ env }, files, patterns) {
  // `run` gives its files the environment of this process.
  const before = Object.keys(env).map((name) => /** @type {const} */ ([name, process.env[name]]));
  Object.assign(process.env, env);
  const stream = run({
    files: files.map(fullPath),
    concurrency: FILES_AT_A_TIME,
    testNamePatterns: patterns.map((pattern) => new RegExp(pattern)),
  });
  let ran = 0;
  /** @type {Failure[]} */
  const failures = [];
  /** The tests under way in each file, outermost first. @type {Map<string, string[]>} */
  const open = new Map();
  stream.on("test:start", ({ name, nesting, file = "" }) => {
    open.set(file, [...(open.get(file) ?? []).slice(0, nesting), name]);
  });
  stream.on("test:pass", ({ details, skip }) => {
    if (details.type !== "suite" && skip === undefined) ran += 1;
  });
  stream.on("test:fail", ({ name, nesting, file = "", line = 0, column = 0, details }) => {
    const { error } = details;
    ran += 1;
    if (/** @type {any} */ (error).failureType === "subtestsFailed") return;
    const names = [...(open.get(file) ?? []).slice(0, nesting), name];
    failures.push({ names, file, line, column, error: error.cause ?? error, notes: [] });
  });
  stream.on("test:diagnostic", ({ file, line, column, message }) => {
    const told = failures.findLast((one) => one.file === file && one.line === line && one.column === column);
    told?.notes.push(message);
  });
  await new Promise((resolve, reject) => {
    const report = /** @type {any} */ (stream).compose(withoutUnmatched).compose(new Spec());
    report.on("error", reject).on("end", resolve).pipe(process.stdout, { end: false });
  });
  for (const [name, value] of before) {
    if (value === undefined) delete process.env[name];
    else process.env[name] = value;
  }
  return { ran, failures };
}

/**
 * Leaves out of the report the tests whose names match no pattern: of a file with one match there would be dozens.
 * @param {AsyncIterable<{ type: string, data: any }>} events
 */
async function* withoutUnmatched(events) {
  for await (const event of events) {
    if (event.data?.skip !== "test name does not match pattern") yield event;
  }
}

/**
 * What to know of a failed test, and how to run it alone.
 * @param {Place} place
 * @param {Failure} failure
 */
function describe({ title }, { names, file, line, error, notes }) {
  const location = path.relative(ROOT, file).replaceAll(path.sep, "/");
  const leaf = /** @type {string} */ (names.at(-1));
  // A file that could not be loaded has no test, and fails by its own name.
  const pattern =
    path.resolve(leaf) === file ? "" : `'${leaf.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&").replaceAll("'", ".")}'`;
  const text = error?.stack ?? String(error);
  // A helper may have made the test for a file of another name.
  const words = [
    location.endsWith(".test.js") && location,
    pattern,
    !needsNoBrowser(location.replace("__test__/", "")) && `--on '${title}'`,
  ];
  return [
    `FAILED with ${title}: ${names.join(" > ")}`,
    `at ${location}:${line}`,
    ...text.split("\n"),
    ...notes.flatMap((note) => note.split("\n")),
    `alone: npm run test:one -- ${words.filter(Boolean).join(" ")}`,
  ].join("\n  ");
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { on: { type: "string", multiple: true, default: [] }, table: { type: "string" } },
  });
  if (positionals.length === 0) throw new Error("say which tests: a part of a file's path, or a pattern of test names");
  const { files, patterns } = choose(positionals);
  const chosen = places(files, values.on);
  if (chosen.length === 0) {
    console.log("none of the engines and browsers asked for is on this machine");
    process.exitCode = SKIPPED;
    return;
  }
  let total = 0;
  /** @type {string[]} */
  const failed = [];
  /** @type {import("./page-table.js").Seen[]} */
  const seen = [];
  for (const place of chosen) {
    const own = files.filter((file) => place.tests?.test(file.replaceAll(path.sep, "/")) ?? true);
    if (own.length === 0) continue;
    console.log(`\n${own.length} test files with ${place.title}`);
    const notes = mkdtempSync(path.join(os.tmpdir(), "seen-"));
    try {
      const env = { BOOMTOWN_TEST_SEEN: notes, ...place.env };
      const { ran, failures } = await runTests({ ...place, env }, own, patterns);
      total += ran;
      failed.push(...failures.map((failure) => describe(place, failure)));
      seen.push(readSeen(place.title, notes));
    } finally {
      rmSync(notes, { recursive: true, force: true });
    }
  }
  for (const failure of failed) console.log(`\n${failure}`);
  if (failed.length > 0) process.exitCode = 1;
  if (total === 0) throw new Error(`no test matches ${positionals.join(" ")}`);
  if (values.table === "write") writeTable(seen);
  else if (values.table && chosen.length < PAIRS.length) {
    console.log("docs/pages.md is not compared, because not every engine and browser is here");
  } else if (values.table && !compareTable(seen)) process.exitCode = 1;
}

main().catch((error) => {
  console.error(`test: ${error.message}`);
  process.exitCode = 1;
});
