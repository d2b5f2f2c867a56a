// The doctor on the addon, the browsers on this machine, the driver, and which of them a town would choose.

const { execFile } = require("node:child_process");
const { promisify } = require("node:util");
const { loadNative } = require("../load-native.js");
const { ok, problem, warning } = require("./check.js");

const execute = promisify(execFile);

/** A browser that takes longer to tell its version does not run. */
const VERSION_TIMEOUT = 10_000;
const HEADLESS_SHELL = /headless[-_]shell[^/\\]*$/;

/** @typedef {import("../native.js").CoreCandidate} Found */
/** @typedef {import("../native.js").CoreFailure} Failed */

/** The core's class, and what to say of it. */
function addon() {
  try {
    const core = loadNative().Core;
    const file = Object.keys(require.cache).find((name) => name.endsWith(".node"));
    return { core, check: ok("addon", file ?? "loaded") };
  } catch (error) {
    return { check: problem("addon", /** @type {Error} */ (error).message) };
  }
}

/**
 * @param {Pick<typeof import("../native.js").Core, "survey">} core
 * @returns {AsyncGenerator<import("./check.js").Check>}
 */
async function* browsers(core) {
  const { engine, browser, driver, found } = core.survey(true);
  if ("code" in browser) {
    yield problem("browser", browser.message, mendOf(browser));
    return;
  }
  const others = found.filter(({ path }) => path !== browser.path);
  const version = await versionOf(browser.path);
  yield chosen(browser, version);
  for (const other of others) yield notChosen(other, await versionOf(other.path));
  yield await driverCheck(driver, engine, version.text);
  yield ok("engine", `"auto" is ${JSON.stringify(engine)} here`);
}

/** A variable that names no browser hides those that there are. @param {Failed} failed */
function mendOf({ message }) {
  const variable = /the environment variable (\w+) is/.exec(message)?.[1];
  if (variable)
    return `set ${variable} to the path of a browser that is there, or unset it: then the browsers installed here are looked for`;
  return "install one (see Install in the README), or set BOOMTOWN_BROWSER to its path";
}

/** @param {Found} browser @param {Version} version */
function chosen({ path, source }, { text, failure }) {
  const isNamed = source.startsWith("the environment");
  const isShell = HEADLESS_SHELL.test(path);
  const why = isNamed ? `${source} names it` : `${isShell ? "a headless shell" : "the first found"} (${source})`;
  const message = `${path}, ${text ?? failure}, chosen: ${why}`;
  if (failure) return warning("browser", message, "see the page at the end; if that fails too, install it again");
  if (isNamed || isShell) return ok("browser", message);
  return warning("browser", message, "a headless shell renders several times faster: see Install in README.md");
}

/** @param {Found} browser @param {Version} version */
function notChosen({ path, source }, { text, failure }) {
  const message = `${path}, ${text ?? failure} (${source})`;
  return failure
    ? warning("browser", message, "nothing, or remove it: it is not the one chosen")
    : ok("browser", message);
}

/** @param {string | Failed} driver @param {string} engine @param {string | undefined} browser its version */
async function driverCheck(driver, engine, browser) {
  if (typeof driver !== "string") {
    if (engine === "webdriver") return problem("driver", driver.message);
    return ok("driver", 'none; only engine "webdriver" needs one');
  }
  const { text, failure } = await versionOf(driver);
  const message = `${driver}, ${text ?? failure}`;
  const [drives, driven] = [text, browser].map(major);
  if (failure) return warning("driver", message, "install it again");
  if (drives === driven || !drives || !driven) return ok("driver", message);
  return warning("driver", `${message}, for a browser of version ${driven}`, "install both in one version");
}

/** @param {string | undefined} version */
function major(version) {
  return /\d+/.exec(version ?? "")?.[0];
}

/** @typedef {{ text?: string, failure?: string }} Version */

/**
 * @param {string} file
 * @returns {Promise<Version>}
 */
async function versionOf(file) {
  // There Chrome opens a window instead of telling its version.
  if (process.platform === "win32") return { text: "version not asked for" };
  try {
    const { stdout } = await execute(file, ["--version"], { timeout: VERSION_TIMEOUT });
    const version = /\d+(\.\d+)+/.exec(stdout);
    return version ? { text: version[0] } : { failure: `tells no version: ${JSON.stringify(stdout)}` };
  } catch (error) {
    const { code, signal, stderr } = /** @type {any} */ (error);
    const end = signal ? `ended by ${signal}` : `exit code ${code}`;
    const lastWords = stderr?.trim().split("\n").at(-1);
    return { failure: `does not run (${lastWords ? `${end}: ${lastWords}` : end})` };
  }
}

module.exports = { addon, browsers };
