// The declarations of the addon, lib/native.d.ts, with which tsc checks lib/ against the core. The compiler notes what `#[napi]`
// exports whenever scripts/build.js has it compile the core, and `npm run build` makes TypeScript of the notes. Run by itself, this
// script compares the file with the notes.

const { execFileSync } = require("node:child_process");
const { existsSync, readFileSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");
const FILE = path.join(ROOT, "lib", "native.d.ts");
/** The folder of the notes, and the file that napi-derive makes there: a line of JSON for each export. */
const NOTES = path.join(ROOT, "target", "declarations");
const NOTES_FILE = path.join(NOTES, "boomtown");
const BIOME = path.join(ROOT, "node_modules", "@biomejs", "biome", "bin", "biome");
const HEAD =
  "// What the addon exports. Written by `npm run build` from the sources in src/binding; `npm run lint` compares the two.";

/** @typedef {{ kind: string, name: string, js_doc: string, def: string }} Note */

/** What lib/native.d.ts has to be. */
function declarations() {
  /** @type {Note[]} */
  const notes = readFileSync(NOTES_FILE, "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const exported = notes.filter(({ kind }) => kind !== "impl").sort((a, b) => (a.name < b.name ? -1 : 1));
  const methodsOf = (/** @type {string} */ name) => notes.filter((note) => note.kind === "impl" && note.name === name);
  return formatted([HEAD, ...exported.map((note) => declaration(note, methodsOf(note.name)))].join("\n\n"));
}

/** @param {string} text */
function formatted(text) {
  return execFileSync(process.execPath, [BIOME, "format", "--stdin-file-path=lib/native.d.ts"], {
    cwd: ROOT,
    input: text,
    encoding: "utf8",
  });
}

/** @param {Note} note @param {Note[]} methods of a class */
function declaration({ kind, name, js_doc: doc, def }, methods) {
  switch (kind) {
    case "struct":
      return `${doc}export declare class ${name} {\n${[def, ...methods.map((method) => method.def)].join("\n")}\n}`;
    case "interface":
      return `${doc}export interface ${name} {\n${def}\n}`;
    case "type":
      // A field's comment is to stand above it, and not behind the field before.
      return `${doc}export type ${name} =\n${def.replaceAll("; /**", ";\n/**")};`;
    case "string_enum":
      return `${doc}export type ${name} = ${[...def.matchAll(/= ('[^']*')/g)].map(([, value]) => value).join(" | ")};`;
    default:
      throw new Error(`the addon exports ${name}, a ${kind}: teach scripts/declarations.js how that is declared`);
  }
}

/** Says whether the file was another. Who only builds the addon has no packages for development, and leaves the file as it is. */
function writeDeclarations() {
  if (!existsSync(BIOME)) return false;
  const text = declarations();
  const changed = !existsSync(FILE) || text !== readFileSync(FILE, "utf8");
  if (changed) writeFileSync(FILE, text);
  return changed;
}

if (require.main === module) {
  if (!existsSync(NOTES_FILE)) {
    console.error("declarations: the core has not been built here: run `npm run build`");
    process.exitCode = 1;
  } else if (declarations() !== readFileSync(FILE, "utf8")) {
    console.error(
      "declarations: lib/native.d.ts is not what src/binding exports: run `npm run build`, and commit the file",
    );
    process.exitCode = 1;
  }
}

module.exports = { NOTES, NOTES_FILE, writeDeclarations };
