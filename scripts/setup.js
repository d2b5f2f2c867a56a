// `npm run setup`: everything that the tests and the examples need, from a clean clone on: npm packages, a browser with its
// driver, fonts, and the release build of the addon; with `-- --firefox` also a Firefox with its driver, for the page's tests.
// Each step looks at what is there and does only what is missing. BOOMTOWN_BUILD=debug makes it the debug build, which is
// done in a third of the time: .ci/run sets it.
// Uses nothing but Node's own modules, because it runs before any package is installed.

const { existsSync, readFileSync } = require("node:fs");
const path = require("node:path");
const { ensureBrowser } = require("./browser.js");
const { build } = require("./build.js");
const { ensureFirefox } = require("./firefox.js");
const { run, CommandError } = require("./run.js");

const ROOT = path.join(__dirname, "..");

const { BOOMTOWN_BUILD = "release" } = process.env;

/** Each step returns what it did. */
const STEPS = {
  "npm packages": ensureNpmPackages,
  "browser, driver, fonts": ensureBrowser,
  [`addon, built for ${BOOMTOWN_BUILD}`]: ensureAddon,
};
const FIREFOX_STEPS = { "Firefox and geckodriver": ensureFirefox };

async function main() {
  const steps = process.argv.includes("--firefox") ? { ...STEPS, ...FIREFOX_STEPS } : STEPS;
  for (const [name, ensure] of Object.entries(steps)) {
    process.stdout.write(`setup: ${name}: `);
    const start = performance.now();
    const outcome = await ensure();
    const seconds = (performance.now() - start) / 1000;
    process.stdout.write(seconds < 2 ? `${outcome}\n` : `${outcome} (${seconds.toFixed(0)} s)\n`);
  }
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
  const { changed } = await build({ debug: BOOMTOWN_BUILD === "debug" });
  return changed ? "built" : "up to date";
}

const unknown = process.argv.slice(2).filter((arg) => arg !== "--firefox");
if (unknown.length > 0) {
  console.error(`setup: unknown option ${unknown.join(" ")}; the only one is --firefox`);
  process.exit(2);
}
if (!["debug", "release"].includes(BOOMTOWN_BUILD)) {
  console.error(`setup: BOOMTOWN_BUILD is "${BOOMTOWN_BUILD}"; it can be "debug" or "release"`);
  process.exit(2);
}
main().catch((error) => {
  process.stdout.write("failed\n");
  if (error instanceof CommandError && error.log) console.error(error.log.trimEnd());
  console.error(`setup: ${error.message}`);
  process.exitCode = 1;
});
