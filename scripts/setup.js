// `npm run setup`: everything that the tests and the examples need, from a clean clone on: npm packages, a browser with its
// driver, fonts, and the addon; with `-- --firefox` also a Firefox with its driver, for `npm run test:all`. Each step looks at
// what is there and does only what is missing. The first three go on at the same time: one waits for the network, one for the
// disk, one for the processor.
// Uses nothing but Node's own modules, because it runs before any package is installed.

const { existsSync, readFileSync } = require("node:fs");
const path = require("node:path");
const { ensureBrowser } = require("./browser.js");
const { build } = require("./build.js");
const { ensureFirefox } = require("./firefox.js");
const { run, CommandError } = require("./run.js");

const ROOT = path.join(__dirname, "..");

async function main() {
  const all = await Promise.allSettled([
    step("npm packages", ensureNpmPackages),
    step("browser, driver, fonts", ensureBrowser),
    step("addon", ensureAddon),
  ]);
  const failed = all.flatMap((one) => (one.status === "rejected" ? [one.reason] : []));
  // Apt lets nobody install beside it.
  if (failed.length === 0 && withFirefox)
    await step("Firefox and geckodriver", ensureFirefox).catch((e) => failed.push(e));
  for (const error of failed) {
    if (error instanceof CommandError && error.log) console.error(error.log.trimEnd());
    console.error(`setup: ${error.message}`);
    process.exitCode = 1;
  }
}

/**
 * @param {string} name
 * @param {() => Promise<string>} ensure returns what it did
 */
async function step(name, ensure) {
  const start = performance.now();
  const outcome = await ensure();
  const seconds = (performance.now() - start) / 1000;
  console.log(`setup: ${name}: ${outcome}${seconds < 2 ? "" : ` (${seconds.toFixed(0)} s)`}`);
}

async function ensureNpmPackages() {
  if (npmPackagesAreCurrent()) return "up to date";
  const npm = process.env.npm_execpath;
  if (!npm) throw new Error("run this as `npm run setup`, so that it knows which npm to use");
  await run(process.execPath, [npm, "ci", "--no-audit", "--no-fund"], { cwd: ROOT });
  return "installed";
}

/** True when every package of the lock file is installed in its version; an optional one may be for another platform. */
function npmPackagesAreCurrent() {
  const installedLock = path.join(ROOT, "node_modules", ".package-lock.json");
  if (!existsSync(installedLock)) return false;
  const installed = packagesIn(installedLock);
  return Object.entries(packagesIn(path.join(ROOT, "package-lock.json"))).every(([folder, { version, optional }]) => {
    const present = installed[folder];
    return folder === "" || (present ? present.version === version : optional);
  });
}

/**
 * @param {string} lockFile
 * @returns {Record<string, { version?: string, optional?: boolean }>}
 */
function packagesIn(lockFile) {
  return JSON.parse(readFileSync(lockFile, "utf8")).packages;
}

async function ensureAddon() {
  const { changed } = await build({ profile: "quick" });
  return changed ? "built" : "up to date";
}

const unknown = process.argv.slice(2).filter((arg) => arg !== "--firefox");
if (unknown.length > 0) {
  console.error(`setup: unknown option ${unknown.join(" ")}; the only one is --firefox`);
  process.exit(2);
}
const withFirefox = process.argv.includes("--firefox");
main();
