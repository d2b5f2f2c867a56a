// The browser, driver and fonts that the tests and the gallery need: what is here, and how to get the rest.
// Installs by apt where that takes no password; anywhere else it says which commands to run.

const { accessSync, constants } = require("node:fs");
const path = require("node:path");
const { run } = require("./run.js");

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
  const missing = find("apt-get") ? await installable(packages) : [];
  if (isFound() && missing.length === 0) return "up to date";

  const commands = find("apt-get")
    ? aptCommands(missing.length > 0 ? missing : packages.map(([name]) => name))
    : otherCommands();
  const privilege = find("apt-get") && (await rootPrivilege());
  if (!privilege) {
    if (isFound()) return `found, but some of it is missing; pages will look better after\n${indent(commands)}`;
    throw new Error(`no browser or no driver was found. Install them, then try again:\n${indent(commands)}`);
  }
  return installByApt(packages, privilege);
}

/**
 * @param {string[][]} packages
 * @param {string[]} privilege
 */
async function installByApt(packages, privilege) {
  const apt = (/** @type {string[]} */ ...args) => {
    const [command, ...rest] = [...privilege, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", ...args];
    return run(command, rest);
  };
  await apt("update");
  const missing = await installable(packages);
  await apt("install", "--yes", "--no-install-recommends", ...missing);
  if (!isFound()) {
    throw new Error(`apt-get installed ${missing.join(", ")}, but there is still no browser or no driver on PATH`);
  }
  return `installed ${missing.join(", ")}`;
}

/** The command prefix that gives root's rights, or undefined when only a password would. */
async function rootPrivilege() {
  if (process.getuid?.() === 0) return [];
  return run("sudo", ["-n", "true"]).then(
    () => ["sudo", "-n"],
    () => undefined,
  );
}

/**
 * One package for each group of which none is installed, if the distribution has one.
 * @param {string[][]} groups
 */
async function installable(groups) {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: these are dpkg's own placeholders
  const { stdout: states } = await run("dpkg-query", ["--show", "--showformat=${db:Status-Status} ${Package}\n"]);
  const known = new Set(states.split("\n"));
  const missing = groups.filter((group) => !group.some((name) => known.has(`installed ${name}`)));
  if (missing.length === 0) return [];
  const { stdout: policy } = await run("apt-cache", ["policy", ...missing.flat()], {
    env: { ...process.env, LC_ALL: "C" },
  });
  const available = new Set([...policy.matchAll(/^(\S+):\n.*\n {2}Candidate: (?!\(none\))/gm)].map(([, name]) => name));
  return missing.flatMap((group) => group.find((name) => available.has(name)) ?? []);
}

function isFound() {
  return BROWSERS.some(find) && DRIVERS.some(find);
}

function hasDistributionBrowser() {
  return path.basename(BROWSERS.map(find).find(Boolean) ?? "").startsWith("chromium");
}

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

/** @param {string[]} packages */
function aptCommands(packages) {
  return ["sudo apt-get update", `sudo apt-get install ${packages.join(" ")}`];
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
