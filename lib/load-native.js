// Finds and loads the native addon for the platform that Node runs on: the file that BOOMTOWN_ADDON names, else the one
// beside package.json (a local build, or a tarball packed on this platform), else the npm package published for this platform.

const { readFileSync, readdirSync } = require("node:fs");
const path = require("node:path");
const { fail } = require("./errors.js");

/** The platforms that a release publishes a package for; package.json lists the same ones as Rust targets. */
const PUBLISHED = [
  "darwin-arm64",
  "darwin-x64",
  "linux-arm64-gnu",
  "linux-arm64-musl",
  "linux-x64-gnu",
  "linux-x64-musl",
  "win32-arm64-msvc",
  "win32-x64-msvc",
];

const BUILD_HINT =
  "To build one, run `npm run build` in a clone of the boomtown repository; it needs Rust (https://rustup.rs).";

/**
 * @typedef {object} Host what loading depends on; tests pass their own
 * @property {string} platform
 * @property {string} arch
 * @property {() => boolean} isMusl
 * @property {string | undefined} root the folder of package.json; undefined where the code has lost its own place
 * @property {Record<string, string | undefined>} env
 * @property {(folder: string) => string[]} readdir
 * @property {(file: string) => string} read
 * @property {(id: string) => any} require
 */

/** Where this file is, as far as a bundler that has put it into another one lets it know. */
const place = typeof __dirname === "undefined" ? undefined : __dirname;

/** @type {Host} */
const HOST = {
  platform: process.platform,
  arch: process.arch,
  isMusl,
  root: place && path.join(place, ".."),
  env: process.env,
  readdir: readdirSync,
  read: (file) => readFileSync(file, "utf8"),
  require,
};

/**
 * The name that napi-rs gives a platform, such as `linux-x64-gnu`.
 * @param {Pick<Host, "platform" | "arch" | "isMusl">} [host]
 * @returns {string}
 */
function platformName(host = HOST) {
  const abi = { linux: () => (host.isMusl() ? "musl" : "gnu"), win32: () => "msvc" }[host.platform];
  return [host.platform, host.arch, ...(abi ? [abi()] : [])].join("-");
}

/**
 * @param {Partial<Host>} [overrides]
 * @returns {typeof import("./native.js")} the exports of the addon
 */
function loadNative(overrides) {
  const host = { ...HOST, ...overrides };
  const chosen = host.env.BOOMTOWN_ADDON;
  if (chosen) return load(path.resolve(chosen), host, "BOOMTOWN_ADDON names it; correct or unset that variable.");

  const name = platformName(host);
  const built = builtPlatforms(host);
  if (built.includes(name)) return load(path.join(host.root ?? "", `boomtown.${name}.node`), host, BUILD_HINT);

  const published = `boomtown-${name}`;
  if (isInstalled(published, host)) return load(published, host, "Reinstall boomtown, so that both have one version.");

  if (isBundled(host)) {
    throw fail(
      "ERR_UNSUPPORTED",
      "boomtown has been bundled into another file, and its binary has stayed behind: declare it external, which is `--external:boomtown` for esbuild and `externals` or `external` in the configuration of webpack and rollup, and have node_modules with it beside the bundle; see docs/bundlers.md",
    );
  }
  const missing = PUBLISHED.includes(name)
    ? `The package ${published} holds it: install boomtown again, without --omit=optional and not with a node_modules folder of another platform.`
    : `There are binaries for ${PUBLISHED.join(", ")}.`;
  throw fail(
    "ERR_UNSUPPORTED",
    `boomtown has no binary for this platform, ${name}. In this installation: ${built.join(", ") || "none"}. ${missing} ${BUILD_HINT}`,
  );
}

/**
 * Whether the code is no longer in its package, whose binary it could find.
 * @param {Host} host
 */
function isBundled({ root, read }) {
  if (root === undefined) return true;
  try {
    return JSON.parse(read(path.join(root, "package.json"))).name !== "boomtown";
  } catch {
    return true;
  }
}

/** @param {Host} host */
function builtPlatforms({ root, readdir }) {
  if (root === undefined) return [];
  return readdir(root).flatMap((file) => file.match(/^boomtown\.(.+)\.node$/)?.[1] ?? []);
}

/**
 * @param {string} id
 * @param {Host} host
 */
function isInstalled(id, host) {
  try {
    host.require(`${id}/package.json`);
    return true;
  } catch (error) {
    // What bundlers put in the place of `require` fails in ways of its own.
    if (/** @type {NodeJS.ErrnoException} */ (error).code === "MODULE_NOT_FOUND" || isBundled(host)) return false;
    throw error;
  }
}

/**
 * @param {string} id
 * @param {Host} host
 * @param {string} hint
 */
function load(id, host, hint) {
  try {
    return host.require(id);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw fail("ERR_UNSUPPORTED", `boomtown could not load its binary ${id}: ${reason}. ${hint}`, { cause });
  }
}

/** Node's report names the glibc it runs on; with musl there is none to name. */
function isMusl() {
  const report = /** @type {NodeJS.ProcessReport & { excludeNetwork?: boolean }} */ (process.report);
  const { excludeNetwork } = report;
  // Otherwise the report looks up the names of all connected peers, which can take seconds.
  report.excludeNetwork = true;
  try {
    const { header } = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (report.getReport());
    return !header.glibcVersionRuntime;
  } finally {
    report.excludeNetwork = excludeNetwork;
  }
}

module.exports = { loadNative, platformName, PUBLISHED };
