// Firefox and its driver, the second browser of the page's tests: where they are, and how to get them.

const path = require("node:path");
const { aptPrivilege, installByApt } = require("./apt.js");
const { findFirst } = require("./find.js");
const { run } = require("./run.js");

const BROWSERS = [
  "firefox",
  "firefox-esr",
  "/Applications/Firefox.app/Contents/MacOS/firefox",
  "C:\\Program Files\\Mozilla Firefox\\firefox.exe",
];

const GECKODRIVER_VERSION = "0.37.1";
/** Debian has no geckodriver, so cargo builds it; in here, where it changes nothing for the rest of the machine. */
const GECKODRIVER_ROOT = path.join(__dirname, "..", "target", "geckodriver");
const DRIVERS = [path.join(GECKODRIVER_ROOT, "bin", "geckodriver"), "geckodriver"];

/**
 * @returns {{ name: "firefox", path: string, driver: string }} as the option `browser` takes it
 * @throws an Error that says how to get what is missing
 */
function firefox() {
  const browser = findFirst(BROWSERS);
  const driver = findFirst(DRIVERS);
  if (browser && driver) return { name: "firefox", path: browser, driver };
  const missing = [!browser && "Firefox", !driver && "geckodriver"].filter(Boolean).join(" and ");
  throw new Error(`${missing} not found; \`npm run setup -- --firefox\` installs both`);
}

/**
 * Leaves both on this machine, or throws an Error that says how to get them.
 * @returns {Promise<string>} what was done
 */
async function ensureFirefox() {
  const done = [];
  if (!findFirst(BROWSERS)) {
    const privilege = await aptPrivilege();
    const installed = privilege ? await installByApt([["firefox-esr"]], privilege) : [];
    if (!findFirst(BROWSERS))
      throw new Error(
        "Firefox was not found, and could not be installed by apt: install it (https://www.mozilla.org/firefox), then try again",
      );
    done.push(`installed ${installed.join(", ")}`);
  }
  if (!findFirst(DRIVERS)) {
    // For the tests alone it is fast enough, and built in half the time.
    const args = ["install", "--debug", "geckodriver", "--version", GECKODRIVER_VERSION, "--locked"];
    await run("cargo", [...args, "--root", GECKODRIVER_ROOT], {
      env: { ...process.env, CARGO_PROFILE_DEV_DEBUG: "false" },
    });
    done.push(`built geckodriver ${GECKODRIVER_VERSION}`);
  }
  return done.join(", ") || "up to date";
}

module.exports = { firefox, ensureFirefox };
