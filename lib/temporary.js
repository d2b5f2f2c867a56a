// Where temporary files are: what os.tmpdir() says, as an absolute path. It may be relative, and a program that goes to
// another folder would leave behind what it has put there.

const os = require("node:os");
const path = require("node:path");
const { fail } = require("./errors.js");

/** The environment variable that os.tmpdir() looks at first. */
const VARIABLE = process.platform === "win32" ? "TEMP" : "TMPDIR";

function temporaryFolder() {
  const folder = os.tmpdir();
  try {
    return path.resolve(folder);
  } catch (cause) {
    const what = `the folder for temporary files is ${JSON.stringify(folder)}, inside a current folder that is gone`;
    throw fail("ERR_INVALID_OPTION", `boomtown: ${what}; set ${VARIABLE} to an absolute path`, { cause });
  }
}

module.exports = { VARIABLE, temporaryFolder };
