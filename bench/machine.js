// What is measured on: the browsers that are found, and the machine in words.

const { execFile } = require("node:child_process");
const { readFileSync } = require("node:fs");
const os = require("node:os");
const { promisify } = require("node:util");
const { loadNative } = require("../lib/load-native.js");
const { versions } = require("./peers.js");

/** @typedef {import("./contestants").Browser} Browser */

const execute = promisify(execFile);
const HEADLESS_SHELL = /headless[-_]shell[^/\\]*$/;
const GB = 1e9;

/** The headless shell and the whole browser that towns would choose; what is not here is left out. @returns {Promise<Browser[]>} */
async function findBrowsers() {
  const paths = [...new Set([true, false].flatMap(pathOfBrowser))];
  return Promise.all(paths.map(describeBrowser));
}

/** @param {boolean} headless @returns {string[]} */
function pathOfBrowser(headless) {
  const { browser } = loadNative().Core.survey(headless);
  return "path" in browser ? [browser.path] : [];
}

/** @param {string} path @returns {Promise<Browser>} */
async function describeBrowser(path) {
  const { stdout } = await execute(path, ["--version"]);
  return {
    name: HEADLESS_SHELL.test(path) ? "headless-shell" : "chromium",
    path,
    version: /\d+(\.\d+)+/.exec(stdout)?.[0] ?? stdout.trim(),
  };
}

/** @param {Browser[]} browsers @returns {Record<string, string>} */
function describeMachine(browsers) {
  const cpus = os.cpus();
  return {
    processor: `${cpus[0]?.model ?? os.arch()}, ${cpus.length} cores`,
    memory: `${(os.totalmem() / GB).toFixed(1)} GB`,
    system: `${os.type()} ${os.release()} ${os.arch()}`,
    load: `${os.loadavg()[0].toFixed(1)} at the start`,
    Node: process.version,
    ...Object.fromEntries(browsers.map(({ name, version }) => [name, version])),
    boomtown: require("../package.json").version + (isDebugBuild() ? ", a DEBUG build" : ""),
    ...Object.fromEntries(
      ["puppeteer-cluster", "puppeteer-core", "playwright-core", "p-queue", "piscina"].map((name) => [
        name,
        versions[name],
      ]),
    ),
  };
}

/** A release of the addon is stripped, so it names no section of debug information. */
function isDebugBuild() {
  const addon = Object.keys(require.cache).find((file) => file.endsWith(".node"));
  return addon !== undefined && readFileSync(addon).includes("\0.debug_line\0");
}

module.exports = { describeMachine, findBrowsers };
