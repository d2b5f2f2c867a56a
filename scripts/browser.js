// The browser, driver and fonts that the tests and the gallery need: what is here, and how to get the rest.
// Installs by apt where that takes no password; anywhere else it says which commands to run.

const path = require("node:path");
const { aptCommands, aptPrivilege, hasApt, installable, installByApt } = require("./apt.js");
const { find, findFirst } = require("./find.js");

/** Where a browser and its driver may be, best first: a bare name is looked for on PATH. */
const BROWSERS = [
  process.env.BOOMTOWN_BROWSER,
  process.env.CHROME_PATH,
  process.env.PUPPETEER_EXECUTABLE_PATH,
  "/usr/lib/chromium/chromium-headless-shell",
  "chrome-headless-shell",
  "chromium",
  "chromium-browser",
  "google-chrome",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
  "C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe",
];
const DRIVERS = ["chromedriver", path.join(process.env.CHROMEWEBDRIVER ?? "", "chromedriver")];

/** One of each group is wanted: the first that is installed, or that the distribution has. */
const CHROMIUM_PACKAGES = [
  ["chromium", "chromium-browser"],
  ["chromium-driver", "chromium-chromedriver"],
  ["chromium-headless-shell"],
];
const FONT_PACKAGES = [["fonts-dejavu-core"], ["fonts-noto-core"], ["fonts-noto-cjk"], ["fonts-noto-color-emoji"]];

/** For package managers other than apt. */
const INSTALL_COMMANDS = {
  dnf: [
    "sudo dnf install chromium-headless chromedriver dejavu-sans-fonts google-noto-sans-fonts google-noto-serif-fonts google-noto-sans-arabic-fonts google-noto-sans-hebrew-fonts google-noto-sans-cjk-fonts google-noto-color-emoji-fonts",
  ],
  pacman: ["sudo pacman -S chromium ttf-dejavu noto-fonts noto-fonts-cjk noto-fonts-emoji"],
  apk: [
    "apk add chromium chromium-chromedriver font-dejavu font-noto font-noto-arabic font-noto-hebrew font-noto-cjk font-noto-emoji",
  ],
};
const PORTABLE_COMMANDS = [
  "npx @puppeteer/browsers install chrome-headless-shell@stable",
  "npx @puppeteer/browsers install chromedriver@stable",
  "(then set BOOMTOWN_BROWSER to the first path printed, and put the folder of the second on PATH)",
];

/**
 * Leaves a browser and its driver on this machine, or throws an Error that says how to get them.
 * @returns {Promise<string>} what was done
 */
async function ensureBrowser() {
  const packages = isFound() && !hasDistributionBrowser() ? FONT_PACKAGES : [...CHROMIUM_PACKAGES, ...FONT_PACKAGES];
  const missing = hasApt() ? await installable(packages) : [];
  if (isFound() && missing.length === 0) return "up to date";

  const privilege = await aptPrivilege();
  if (!privilege) {
    const names = missing.length > 0 ? missing : packages.map(([name]) => name);
    const commands = indent(hasApt() ? aptCommands(names) : otherCommands());
    if (isFound()) return `found, but some of it is missing; pages will look better after\n${commands}`;
    throw new Error(`no browser or no driver was found. Install them, then try again:\n${commands}`);
  }
  const installed = (await installByApt(packages, privilege)).join(", ");
  if (!isFound()) {
    throw new Error(`apt-get installed ${installed}, but there is still no browser or no driver on PATH`);
  }
  return `installed ${installed}`;
}

function isFound() {
  return Boolean(findFirst(BROWSERS) && findFirst(DRIVERS));
}

function hasDistributionBrowser() {
  return path.basename(findFirst(BROWSERS) ?? "").startsWith("chromium");
}

function otherCommands() {
  const manager = Object.entries(INSTALL_COMMANDS).find(([name]) => find(name));
  return manager ? manager[1] : PORTABLE_COMMANDS;
}

/** @param {string[]} lines */
function indent(lines) {
  return lines.map((line) => `    ${line}`).join("\n");
}

module.exports = { ensureBrowser };
