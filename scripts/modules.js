// The modules of the product and what each imports, read from the sources: Rust under src, JavaScript under lib, bin and service.
//
//   node scripts/modules.js circles        fails when modules, or boxes of the drawing, need each other
//   node scripts/modules.js drawing        compares the drawing in docs/architecture.md with the imports
//   node scripts/modules.js drawing --write

const { readdirSync, readFileSync, writeFileSync } = require("node:fs");
const path = require("node:path");

const ROOT = path.join(__dirname, "..");
const DOCUMENT = path.join(ROOT, "docs/architecture.md");

/** By a module's file, the files that it imports from. @typedef {Map<string, Set<string>>} Imports */

/** @param {string} folder @param {RegExp} ending @returns {string[]} files, relative to the repository, with slashes */
function filesIn(folder, ending) {
  const all = readdirSync(path.join(ROOT, folder), { recursive: true, encoding: "utf8" });
  return all.filter((file) => ending.test(file)).map((file) => path.posix.join(folder, file.replaceAll(path.sep, "/")));
}

/** @param {string} file */
const read = (file) => readFileSync(path.join(ROOT, file), "utf8");

// Rust

/** `src/a/b.rs` and `src/a/b/mod.rs` are both `a::b`. @param {string} file */
function rustName(file) {
  const name = file
    .replace(/^src\//, "")
    .replace(/(^|\/)(mod|lib)\.rs$/, "")
    .replace(/\.rs$/, "");
  return name === "" ? [] : name.split("/");
}

/** Sources without comments, strings, and the tests at their end. @param {string} text */
function rustCode(text) {
  const [code] = text.split(/^#\[cfg\(test\)\]\nmod tests \{/m);
  return code.replaceAll(/\/\/.*$/gm, "").replaceAll(/"(?:[^"\\]|\\.)*"/g, '""');
}

/**
 * The paths of a use declaration, whose braces are multiplied out.
 * @param {string} tree such as `crate::{a::{B, C}, d}`
 * @returns {string[]}
 */
function expanded(tree) {
  const open = tree.indexOf("{");
  if (open < 0) return [tree];
  const prefix = tree.slice(0, open);
  const [parts, depth] = [[""], { now: 0 }];
  for (const letter of tree.slice(open + 1, tree.lastIndexOf("}"))) {
    if (letter === "{") depth.now += 1;
    if (letter === "}") depth.now -= 1;
    if (letter === "," && depth.now === 0) parts.push("");
    else parts[parts.length - 1] += letter;
  }
  return parts.filter(Boolean).flatMap((part) => expanded(prefix + part));
}

/**
 * What a name that starts with `super` stands for. One of them too many is of a module inside the file.
 * @param {string[]} own the name of the file's module
 * @param {string} name
 */
function above(own, name) {
  const rest = name.split("::");
  const ups = rest.filter((part) => part === "super").length;
  return [...own.slice(0, own.length - Math.min(ups, Math.max(own.length - 1, 1))), ...rest.slice(ups)];
}

/** @returns {Imports} */
function rustImports() {
  const files = filesIn("src", /^(?!.*(?:tests|fake)\.rs$).*\.rs$/);
  const byName = new Map(files.map((file) => [rustName(file).join("::"), file]));
  /** The deepest module on the way to a name. @param {string[]} name */
  const owner = (name) => {
    for (let length = name.length; length > 0; length -= 1) {
      const file = byName.get(name.slice(0, length).join("::"));
      if (file) return file;
    }
    return undefined;
  };
  return new Map(
    files.map((file) => {
      const own = rustName(file);
      const code = rustCode(read(file));
      const used = [...code.matchAll(/\buse ([^;]+);/g)].flatMap(([, tree]) => expanded(tree.replaceAll(/\s+/g, "")));
      const named = [...code.matchAll(/\b(?:crate|super|self)(?:::\w+)+/g)].map(([name]) => name);
      const imported = [...used, ...named].flatMap((name) => {
        const [first, ...rest] = name.split("::");
        if (first === "crate") return owner(rest) ?? [];
        if (first === "super") return owner(above(own, name)) ?? [];
        if (first === "self") return owner([...own, ...rest]) ?? [];
        return owner([...own, first]) ?? [];
      });
      return [file, new Set(imported.filter((other) => other !== file))];
    }),
  );
}

// JavaScript

/** @returns {Imports} */
function javascriptImports() {
  const folders = ["lib", "bin", "service/lib", "service/bin"].flatMap((folder) => filesIn(folder, /\.js$/));
  const files = [...folders, "service/index.js", "index.js", "ghost-town.js"];
  return new Map(
    files.map((file) => {
      const named = [...read(file).matchAll(/\brequire\("(\.[^"]+|boomtown)"\)/g)].map(([, name]) => name);
      const found = named.map((name) =>
        name === "boomtown" ? "index.js" : path.posix.join(path.posix.dirname(file), name),
      );
      return [file, new Set(found.map((name) => (name.endsWith(".js") ? name : path.posix.join(name, "index.js"))))];
    }),
  );
}

// Circles

/** A folder's own module and what is below it are one subject, and may need each other. @param {string} a @param {string} b */
function areRelated(a, b) {
  const [one, other] = [a, b].map((file) => file.replace(/(?:\/mod)?\.rs$/, "/"));
  return one.startsWith(other) || other.startsWith(one);
}

/**
 * The groups of modules that need each other, directly or by others (Tarjan's strongly connected components).
 * @param {Imports} imports
 * @returns {string[][]}
 */
function circles(imports) {
  /** @type {Map<string, { index: number, low: number, open: boolean }>} */
  const visited = new Map();
  /** @type {string[]} */
  const stack = [];
  /** @type {string[][]} */
  const found = [];
  /** @param {string} file */
  const visit = (file) => {
    const own = { index: visited.size, low: visited.size, open: true };
    visited.set(file, own);
    stack.push(file);
    for (const other of imports.get(file) ?? []) {
      if (areRelated(file, other)) continue;
      const known = visited.get(other) ?? visit(other);
      if (known.open) own.low = Math.min(own.low, known.low);
    }
    if (own.low !== own.index) return own;
    const group = stack.splice(stack.indexOf(file));
    for (const member of group) /** @type {{ open: boolean }} */ (visited.get(member)).open = false;
    if (group.length > 1) found.push(group.sort());
    return own;
  };
  for (const file of imports.keys()) if (!visited.has(file)) visit(file);
  return found;
}

// The drawing

/** What one box of the drawing stands for, by the beginnings of paths, the most special first. */
const BOXES = [
  ["service/", "service: the package boomtown-service, over HTTP"],
  ["bin/", "bin: the command boomtown"],
  ["lib/cli/", "lib/cli: the commands and their arguments"],
  ["lib/render/", "lib/render: files and URLs to pictures and PDFs"],
  ["lib/doctor/", "lib/doctor: would a town start here?"],
  ["lib/hirelings/", "lib/hirelings, lib/phantom-cluster, lib/puppeteer-cluster: names of other packages"],
  ["lib/phantom-cluster/", "lib/hirelings, lib/phantom-cluster, lib/puppeteer-cluster: names of other packages"],
  ["lib/puppeteer-cluster/", "lib/hirelings, lib/phantom-cluster, lib/puppeteer-cluster: names of other packages"],
  ["lib/town/", "lib/town: the town, its items and attempts"],
  ["lib/cluster/", "lib/cluster: handlers in forked processes"],
  ["lib/page/", "lib/page: what a handler drives"],
  ["lib/", "lib: options, errors, what all share"],
  ["index.js", "index.js, ghost-town.js: what programs require"],
  ["ghost-town.js", "index.js, ghost-town.js: what programs require"],
  ["src/binding/", "binding: napi"],
  ["src/town/", "town: one actor"],
  ["src/queue/", "queue: pure state machine"],
  ["src/supervisor/", "supervisor: workers and their processes"],
  ["src/engine/cdp/", "engine/cdp: DevTools pipe"],
  ["src/engine/webdriver/", "engine/webdriver: fantoccini"],
  ["src/engine/", "engine: traits, commands, events"],
];

/** @param {string} file */
const boxOf = (file) => BOXES.find(([start]) => file.startsWith(start))?.[1];

/** By a box's title, the boxes that it imports from. @returns {Imports} */
function boxImports() {
  /** @type {Imports} */
  const imports = new Map(BOXES.map(([, title]) => [title, new Set()]));
  imports.get(String(boxOf("lib/load-native.js")))?.add("binding: napi");
  for (const [file, others] of [...javascriptImports(), ...rustImports()]) {
    for (const other of others) {
      const [from, to] = [boxOf(file), boxOf(other)];
      if (from && to && from !== to) imports.get(from)?.add(to);
    }
  }
  return imports;
}

/** @returns {string} a flow chart in Mermaid's language */
function drawing() {
  const imports = boxImports();
  const titles = [...imports.keys()];
  const id = (/** @type {string} */ title) => `box${titles.indexOf(title)}`;
  const arrows = [...imports].flatMap(([from, others]) => [...others].map((to) => `${from}\t${to}`));
  const boxes = titles.map((title) => `  ${id(title)}["${title}"]`);
  const lines = arrows.sort().map((arrow) => `  ${arrow.split("\t").map(id).join(" --> ")}`);
  return ["```mermaid", "flowchart TD", ...boxes, ...lines, "```"].join("\n");
}

/** @param {boolean} write */
function drawingIsCurrent(write) {
  const [start, end] = ["<!-- drawing -->\n", "\n<!-- /drawing -->"];
  const text = readFileSync(DOCUMENT, "utf8");
  if (!text.includes(start) || !text.includes(end)) {
    throw new Error("docs/architecture.md has lost the two comments between which the drawing is");
  }
  const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
  if (text.slice(from, to) === drawing()) return true;
  if (write) writeFileSync(DOCUMENT, text.slice(0, from) + drawing() + text.slice(to));
  else
    console.error(
      "docs/architecture.md shows other imports than there are: run `node scripts/modules.js drawing --write`",
    );
  return write;
}

const [command, option] = process.argv.slice(2);
if (command === "circles") {
  const groups = [...circles(rustImports()), ...circles(javascriptImports()), ...circles(boxImports())];
  for (const group of groups) console.error(`these modules need each other: ${group.join(", ")}`);
  if (groups.length > 0) process.exitCode = 1;
} else if (command === "drawing") {
  if (!drawingIsCurrent(option === "--write")) process.exitCode = 1;
} else {
  console.error(`modules: say "circles" or "drawing", not ${JSON.stringify(command)}`);
  process.exitCode = 2;
}
