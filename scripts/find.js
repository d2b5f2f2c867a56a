// Looks for programs on this machine.

const { accessSync, constants } = require("node:fs");
const path = require("node:path");

/**
 * The path of an executable, given as a path or as a name on PATH.
 * @param {string | undefined} program
 * @returns {string | undefined}
 */
function find(program) {
  if (!program) return undefined;
  const folders = path.isAbsolute(program) ? [""] : (process.env.PATH ?? "").split(path.delimiter);
  const endings = process.platform === "win32" ? ["", ".exe"] : [""];
  return folders.flatMap((folder) => endings.map((end) => path.join(folder, program + end))).find(isExecutable);
}

/** @param {string} file */
function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/**
 * The first of them that is here.
 * @param {(string | undefined)[]} programs best first
 */
function findFirst(programs) {
  return programs.map(find).find(Boolean);
}

module.exports = { find, findFirst };
