// File patterns for those who have no shell that expands them: *, ?, [abc], [!a-z], {one,other}, and ** for any folders. As in a
// shell, no wildcard matches a dot at a name's beginning.

const fs = require("node:fs");
const path = require("node:path");

/** @param {string} word */
const isPattern = (word) => /[*?[{]/.test(word);

/**
 * @param {string} pattern
 * @returns {string[]} the files that match it, each once, in the order of their names
 */
function glob(pattern) {
  const found = new Set();
  for (const one of alternatives(path.sep === "\\" ? pattern.replaceAll("\\", "/") : pattern)) {
    const { root } = path.parse(one);
    const parts = one.slice(root.length).split("/").filter(Boolean);
    for (const file of matching(root, parts.at(-1) === "**" ? [...parts, "*"] : parts)) found.add(file);
  }
  return [...found].sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
}

/** The innermost braces multiplied out first. @param {string} pattern @returns {string[]} */
function alternatives(pattern) {
  const braces = /\{([^{}]*)\}/.exec(pattern);
  if (!braces) return [pattern];
  const [before, after] = [pattern.slice(0, braces.index), pattern.slice(braces.index + braces[0].length)];
  return braces[1].split(",").flatMap((choice) => alternatives(before + choice + after));
}

/**
 * @param {string} folder "" is the current one
 * @param {string[]} parts of the pattern, below that folder
 * @returns {Generator<string>}
 */
function* matching(folder, [part, ...rest]) {
  if (part === "**") {
    yield* matching(folder, rest);
    for (const name of names(folder)) {
      const below = path.join(folder, name);
      // A link to a folder above would have no end.
      if (!name.startsWith(".") && fs.lstatSync(below).isDirectory()) yield* matching(below, ["**", ...rest]);
    }
    return;
  }
  const isWanted = isPattern(part) ? matcher(part) : undefined;
  const candidates = isWanted ? names(folder).filter(isWanted) : [part];
  for (const name of candidates) {
    const found = path.join(folder, name);
    const stats = fs.statSync(found, { throwIfNoEntry: false });
    if (rest.length > 0 && stats?.isDirectory()) yield* matching(found, rest);
    if (rest.length === 0 && stats && !stats.isDirectory()) yield found;
  }
}

/** @param {string} folder */
const names = (folder) => fs.readdirSync(folder || ".");

/** @param {string} part a pattern of one name */
function matcher(part) {
  const source = part.replaceAll(/\[!?[^\]]+\]|./gsu, (token) => {
    if (token === "*") return ".*";
    if (token === "?") return ".";
    if (token.length > 1 && token.startsWith("[")) {
      return `[${token
        .slice(1, -1)
        .replace(/^!/, "^")
        .replaceAll(/[\\[\]]/g, "\\$&")}]`;
    }
    return token.replace(/[\\^$.*+?()[\]{}|/]/, "\\$&");
  });
  const regex = new RegExp(`^${source}$`, "su");
  return (/** @type {string} */ name) => (part.startsWith(".") || !name.startsWith(".")) && regex.test(name);
}

module.exports = { glob, isPattern };
