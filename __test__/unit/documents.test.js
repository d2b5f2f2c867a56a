// README.md and docs/: their links lead somewhere, and their options have the defaults of the code.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { readFileSync, readdirSync, existsSync } = require("node:fs");
const path = require("node:path");
const { BOOMTOWN } = require("../../lib/contract.js");
const { townOptions } = require("../../lib/options.js");

const ROOT = path.join(__dirname, "../..");
const DOCUMENTS = [
  "README.md",
  "CONTRIBUTING.md",
  "CHANGELOG.md",
  ...markdownOf("docs"),
  ...markdownOf("bench/results"),
];

/** @param {string} folder */
function markdownOf(folder) {
  return readdirSync(path.join(ROOT, folder))
    .filter((file) => file.endsWith(".md"))
    .map((file) => `${folder}/${file}`);
}

/** @param {string} file */
const read = (file) => readFileSync(path.join(ROOT, file), "utf8");

/** The anchor that a heading gets where Markdown is shown. @param {string} heading */
const anchor = (heading) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");

/** @param {string} text */
function anchors(text) {
  const headings = [...text.replace(/^```.*?^```/gms, "").matchAll(/^#+ (.+)$/gm)];
  return headings.map(([, heading]) => anchor(heading));
}

for (const document of DOCUMENTS) {
  test(`the links of ${document} lead somewhere`, () => {
    const links = [...read(document).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link);
    // Those of the forge that shows the repository begin with ../../actions.
    const own = links.filter((link) => !/^\w+:/.test(link) && !link.startsWith("../../actions/"));
    const dead = own.filter((link) => {
      const [file, name] = link.split("#");
      const target = file ? path.join(path.dirname(document), file) : document;
      return !existsSync(path.join(ROOT, target)) || (name !== undefined && !anchors(read(target)).includes(name));
    });
    assert.deepEqual(dead, []);
  });
}

/** The rows of the table in docs/options.md: the names of a row's options, and what it gives as their defaults. */
const ROWS = [...read("docs/options.md").matchAll(/^\| (`[^|]+`) \|([^|]*)\|/gm)].map(([, names, defaults]) => ({
  names: [...names.matchAll(/`([^`]+)`/g)].map(([, name]) => name),
  defaults: defaults.trim(),
}));

/** As the table writes it. @param {unknown} value */
const written = (value) => (typeof value === "string" ? `\`"${value}"\`` : String(value));

test("docs/options.md has the defaults of the code", () => {
  const { browser, ...town } = townOptions({}, () => {}, BOOMTOWN);
  /** @type {Record<string, unknown>} */
  const defaults = { ...town };
  for (const [name, value] of Object.entries(browser)) defaults[`browser.${name}`] = value;
  const wrong = ROWS.flatMap(({ names, defaults: text }) => {
    if (!names.every((name) => name in defaults)) return [];
    const expected = names.map((name) => defaults[name]);
    // An empty object or list is told in words.
    if (expected.some((value) => typeof value === "object")) return [];
    const all = names.includes("workerCount") ? "by the machine" : expected.map(written).join(", ");
    return all === text ? [] : [`${names}: ${text}, and the code has ${all}`];
  });
  assert.deepEqual(wrong, []);
});

test("docs/options.md has every option", () => {
  const declared = [...read("index.d.ts").matchAll(/interface (TownOptions|BrowserOptions) \{(.*?)^ {2}\}/gms)];
  const options = declared.flatMap(([, kind, body]) =>
    [...body.matchAll(/^ {4}(\w+)\??:/gm)].map(([, name]) => (kind === "TownOptions" ? name : `browser.${name}`)),
  );
  assert.ok(options.includes("workerCount") && options.includes("browser.path"), `declared: ${options}`);
  const documented = ROWS.flatMap(({ names }) => names);
  assert.deepEqual(
    options.filter((name) => name !== "browser" && !documented.includes(name)),
    [],
  );
});
