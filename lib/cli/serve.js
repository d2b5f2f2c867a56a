// `npx boomtown serve` runs the command of the package boomtown-service in this process, so that signals reach it.

const path = require("node:path");

const SERVICE = "boomtown-service";

/** @param {string[]} args */
async function run(args) {
  const manifest = find();
  if (!manifest) {
    console.error(`boomtown: the render service is a package of its own, and is not installed where this command was called
(${process.cwd()}) nor beside boomtown. Install it:

  npm install ${SERVICE}

and say \`npx boomtown serve\` again.`);
    return 1;
  }
  const { bin } = require(manifest);
  const program = path.join(path.dirname(manifest), bin[SERVICE]);
  process.argv = [process.argv[0], program, ...args];
  require(program);
  return Number(process.exitCode ?? 0);
}

/** The program's own comes before the one beside this package. */
function find() {
  try {
    return require.resolve(`${SERVICE}/package.json`, { paths: [process.cwd(), __dirname] });
  } catch {
    return undefined;
  }
}

module.exports = { run };
