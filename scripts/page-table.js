// `npm run test:pages`: runs the page's tests on every engine and browser of this machine, and compares what they have seen
// at work there with the table docs/pages.md. `npm run docs:pages` writes the table. What index.d.ts has and no test has
// touched is in the table as untested.

const { spawnSync } = require("node:child_process");
const { readFileSync, readdirSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const { loadNative } = require("../lib/load-native.js");
const { FEATURES } = require("../__test__/helpers/capabilities.js");
const { firefox } = require("./firefox.js");

const ROOT = path.join(__dirname, "..");
const TABLE = path.join(ROOT, "docs", "pages.md");
const HEADLESS_SHELL = /headless[-_]shell/;

/**
 * @typedef {object} Combination
 * @property {string} title
 * @property {() => NodeJS.ProcessEnv} environment of the tests; throws an Error that says what is missing
 */

/** @type {Combination[]} */
const COMBINATIONS = [
  {
    title: "cdp, headless shell",
    environment: () => ({ BOOMTOWN_TEST_ENGINE: "cdp", BOOMTOWN_BROWSER: chromium({ headless: true }) }),
  },
  {
    title: "cdp, Chrome or Chromium",
    environment: () => ({ BOOMTOWN_TEST_ENGINE: "cdp", BOOMTOWN_BROWSER: chromium({ headless: false }) }),
  },
  {
    title: "webdriver, chromedriver",
    environment: () => ({ BOOMTOWN_TEST_ENGINE: "webdriver", BOOMTOWN_BROWSER: chromium({ headless: true }) }),
  },
  {
    title: "webdriver, geckodriver",
    environment: () => {
      firefox();
      return { BOOMTOWN_TEST_ENGINE: "webdriver", BOOMTOWN_TEST_BROWSER: "firefox" };
    },
  },
];

/**
 * The Chromium that a town would choose: headless a shell, otherwise a whole browser.
 * @param {{ headless: boolean }} options
 * @returns {string} its path
 */
function chromium({ headless }) {
  const { browser } = JSON.parse(loadNative().Core.survey(JSON.stringify({ headless })));
  if (browser.code) throw new Error(browser.message);
  if (headless && !HEADLESS_SHELL.test(browser.path)) throw new Error(`${browser.path} is not a headless shell`);
  return browser.path;
}

/**
 * What the tests have seen on one combination.
 * @typedef {object} Run
 * @property {string} title
 * @property {string} version of the browser
 * @property {Record<"works" | "refused" | "failed", Set<string>>} seen
 * @property {number} passed how many tests
 * @property {string[]} failures the tests that failed, with what they printed, and what happened when they were over
 */

/**
 * @param {Combination} combination
 * @returns {Run | undefined}
 */
function run({ title, environment }) {
  /** @type {NodeJS.ProcessEnv} */
  let env;
  try {
    env = environment();
  } catch (error) {
    console.log(`${title}: left out, ${/** @type {Error} */ (error).message}`);
    return undefined;
  }
  const files = readdirSync(path.join(ROOT, "__test__", "browser")).filter((name) => /^page\..+\.test\.js$/.test(name));
  // They wait for browsers more than they compute.
  const args = [
    "--test",
    "--test-concurrency=3",
    "--test-reporter=tap",
    ...files.map((name) => path.join("__test__", "browser", name)),
  ];
  const { BOOMTOWN_TEST_BROWSER: _, ...rest } = process.env;
  const { stdout } = spawnSync(process.execPath, args, {
    cwd: ROOT,
    env: { ...rest, ...env },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
    maxBuffer: Infinity,
  });
  const result = read(title, stdout);
  console.log(`${title}: ${result.version}, pass ${result.passed}, fail ${result.failures.length}`);
  for (const failure of result.failures) console.log(failure);
  return result;
}

/**
 * @param {string} title
 * @param {string} tap
 * @returns {Run}
 */
function read(title, tap) {
  /** @type {Run} */
  const result = {
    title,
    version: "",
    seen: { works: new Set(), refused: new Set(), failed: new Set() },
    passed: Number(/^# pass (\d+)$/m.exec(tap)?.[1] ?? 0),
    failures: [...tap.matchAll(/^( *)not ok \d+ - .*\n(?:\1 {2}.*\n)*|^# Error: .*\n/gm)].map(([failure]) => failure),
  };
  for (const line of tap.split("\n")) {
    const told = /^\s*# (?:cdp|webdriver) (.+), (works|refused|failed): (.+)$/.exec(line);
    if (!told) continue;
    const [, version, outcome, names] = told;
    result.version = version;
    for (const name of names.split(", ")) result.seen[/** @type {keyof Run["seen"]} */ (outcome)].add(name);
  }
  return result;
}

/** What index.d.ts says a page has, by the names that the tests tell of. @returns {Record<string, string[]>} */
function declared() {
  const types = readFileSync(path.join(ROOT, "index.d.ts"), "utf8");
  /** @param {string} start @param {RegExp} pattern */
  const members = (start, pattern) => {
    const from = types.indexOf(start);
    if (from < 0) throw new Error(`index.d.ts has no "${start}" any more; adapt scripts/page-table.js to it`);
    const body = types.slice(from, types.indexOf(start.startsWith("type") ? ";" : "\n  }\n", from));
    return [...new Set([...body.matchAll(pattern)].map(([, name]) => name))];
  };
  const property = /^ {4}(?:readonly )?(\w+)\??:/gm;
  // Listeners are in the table by their events; `release` is of town.acquire(), and the town's tests prove it.
  const others = new Set(["constructor", "on", "once", "off", "property", "setting", "release"]);
  const methods = members("class Page extends", /^ {4}([\w$]+)[<(]/gm).filter((name) => !others.has(name));
  const events = members("interface PageEvents", property);
  const callbacks = members("type PhantomEvent", /"(\w+)"/g);
  const properties = [
    ...members("interface PhantomWritable", property),
    ...members("interface PhantomProperties", property),
  ];
  return {
    Methods: methods,
    Events: events.map((name) => `on ${name}`),
    "phantom's callbacks": callbacks.map((name) => `on ${name}`),
    "phantom's properties": properties.sort().map((name) => `property ${name}`),
    "phantom's settings": members("interface PhantomSettings", property).map((name) => `setting ${name}`),
  };
}

/**
 * @param {string} name
 * @param {Run} run
 */
function cell(name, { seen: { works, refused, failed } }) {
  if (failed.has(name)) return "fails";
  // A feature's refusal is of that very use; a method may refuse one option and work all the same.
  if (refused.has(name) && (Object.hasOwn(FEATURES, name) || !works.has(name))) return "no";
  return works.has(name) ? "yes" : "untested";
}

/**
 * @param {Run[]} runs
 * @returns {string} the document
 */
function document(runs) {
  const head = [
    `| | ${runs.map(({ title }) => title).join(" | ")} |`,
    `|---|${runs.map(() => "---").join("|")}|`,
    `| *browser* | ${runs.map(({ version }) => version).join(" | ")} |`,
  ];
  const sections = Object.entries(declared()).map(([title, names]) => {
    const rows = names.flatMap((name) => [name, ...Object.keys(FEATURES).filter((key) => key.startsWith(`${name} `))]);
    const lines = rows.map((name) => `| ${shown(name)} | ${runs.map((run) => cell(name, run)).join(" | ")} |`);
    return [`## ${title}`, "", ...head, ...lines].join("\n");
  });
  return `${INTRODUCTION}\n\n${sections.join("\n\n")}\n`;
}

const INTRODUCTION = `# What a page can do, by engine and browser

Made by \`npm run docs:pages\` from the page's own tests; do not edit it. The methods are those of [index.d.ts](../index.d.ts).

- **yes**: a test has seen it at work there. A line with more than a name is a use of that method.
- **no**: it is ERR_UNSUPPORTED there, and a test has seen that.
- **untested**: no test has used it there.
- **fails**: a test of it fails there.`;

/** @param {string} name */
function shown(name) {
  const [first, ...rest] = name.replace(/^(on|property|setting) /, "").split(" ");
  return [`\`${first}\``, ...rest].join(" ");
}

/** The browsers' versions differ from machine to machine. @param {string} table */
const withoutVersions = (table) => table.replace(/^\| \*browser\* .*$/gm, "");

const runs = COMBINATIONS.flatMap((combination) => run(combination) ?? []);
if (runs.some(({ failures }) => failures.length > 0)) process.exitCode = 1;
if (process.argv.includes("--write")) {
  writeFileSync(TABLE, document(runs));
  console.log(`${path.relative(process.cwd(), TABLE)} written`);
} else if (runs.length < COMBINATIONS.length) {
  console.log("the table is not compared, because not every engine and browser is here");
} else if (withoutVersions(document(runs)) !== withoutVersions(readFileSync(TABLE, "utf8"))) {
  console.log("docs/pages.md differs from what the tests have seen: run `npm run docs:pages`");
  process.exitCode = 1;
}
