// The packages that boomtown is compared with. They are installed in this folder and are none of the product's.

const { existsSync, readFileSync, statSync } = require("node:fs");
const path = require("node:path");
const { run } = require("../scripts/run.js");

const LOCK = path.join(__dirname, "package-lock.json");
const INSTALLED = path.join(__dirname, "node_modules", ".package-lock.json");
/** @type {{ dependencies: Record<string, string> }} */
const { dependencies } = JSON.parse(readFileSync(path.join(__dirname, "package.json"), "utf8"));

/** Installs what is absent, or older than the lock file. */
async function installPeers() {
  if (existsSync(INSTALLED) && statSync(INSTALLED).mtimeMs >= statSync(LOCK).mtimeMs) return;
  const npm = process.env.npm_execpath;
  if (!npm)
    throw new Error("the peers are not installed: run this as `npm run bench`, so that it knows which npm to use");
  await run(process.execPath, [npm, "ci", "--prefix", __dirname, "--no-audit", "--no-fund"]);
}

/**
 * A CommonJS peer without its types: the type check must also pass where it is not installed.
 * @param {string} name
 * @returns {any}
 */
function peer(name) {
  return require(name);
}

/**
 * @param {object} [options]
 * @returns {Promise<any>} a queue of p-queue, which is an ES module
 */
async function openPQueue(options) {
  const name = "p-queue";
  const { default: PQueue } = await import(name);
  return new PQueue(options);
}

module.exports = { installPeers, openPQueue, peer, versions: dependencies };
