// The table docs/pages.md: what the page's tests have seen at work, on each engine and browser. What index.d.ts declares and no
// test has touched is in the table as untested.

const { readFileSync, readdirSync, writeFileSync } = require("node:fs");
const path = require("node:path");
const { FEATURES } = require("../__test__/helpers/capabilities.js");

const ROOT = path.join(__dirname, "..");
const TABLE = path.join(ROOT, "docs", "pages.md");

/**
 * What the tests have seen on one engine and browser.
 * @typedef {object} Seen
 * @property {string} title
 * @property {string} version of the browser
 * @property {Set<string>} works
 * @property {Set<string>} refused
 * @property {Set<string>} failed
 */

/**
 * @param {string} title
 * @param {string} folder of the notes that __test__/helpers/page.js has written, a file each
 * @returns {Seen}
 */
function readSeen(title, folder) {
  /** @type {Seen} */
  const seen = { title, version: "", works: new Set(), refused: new Set(), failed: new Set() };
  for (const file of readdirSync(folder)) {
    const { version, ...outcomes } = JSON.parse(readFileSync(path.join(folder, file), "utf8"));
    seen.version = version;
    for (const outcome of /** @type {const} */ (["works", "refused", "failed"])) {
      for (const name of outcomes[outcome]) seen[outcome].add(name);
    }
  }
  return seen;
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
 * @param {Seen} seen
 */
function cell(name, { works, refused, failed }) {
  if (failed.has(name)) return "fails";
  // A feature's refusal is of that very use; a method may refuse one option and work all the same.
  if (refused.has(name) && (Object.hasOwn(FEATURES, name) || !works.has(name))) return "no";
  return works.has(name) ? "yes" : "untested";
}

/**
 * @param {Seen[]} runs
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

/** @param {Seen[]} runs */
function writeTable(runs) {
  writeFileSync(TABLE, document(runs));
  console.log(`${path.relative(process.cwd(), TABLE)} written`);
}

/** Whether the table is as the tests have seen it; says what to do if not. @param {Seen[]} runs */
function compareTable(runs) {
  const isCurrent = withoutVersions(document(runs)) === withoutVersions(readFileSync(TABLE, "utf8"));
  if (!isCurrent) console.log("docs/pages.md differs from what the tests have seen: run `npm run docs:pages`");
  return isCurrent;
}

module.exports = { readSeen, writeTable, compareTable };
