// What the town's tests share: towns that are closed when the file is done, programs to launch, and a look at processes.

const { after } = require("node:test");
const { once } = require("node:events");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { loadNative } = require("../../lib/load-native.js");
const { makeTown } = require("../../lib/town/make.js");
const { ENGINE, PAGE_DEATH, browserOptions } = require("./pair.js");
const { isAlive, isWatchdog, leftovers, nothingOutlives, processes, until } = require("./processes.js");

const ROOT = path.join(__dirname, "../..");

/** Milliseconds: a file that has not ended by then after its tests never would. */
const LEFT_ALONE = 30_000;

/** @type {(() => unknown)[]} */
const cleanups = [];
// An idle town lets Node exit, even while a test waits for one of its events.
const hold = setInterval(() => {}, 2 ** 30);
after(async () => {
  clearInterval(hold);
  for (const cleanup of cleanups.reverse()) await cleanup();
  setTimeout(() => {
    console.error(`what keeps this file's process alive: ${process.getActiveResourcesInfo().join(", ")}`);
    process.exit(1);
  }, LEFT_ALONE).unref();
});

/**
 * A town of one worker without a handler.
 * @param {import("../..").TownOptions} [options]
 * @param {import("../../lib/contract.js").Contract} [contract]
 */
function bareTown(options, contract) {
  const browser = browserOptions(options?.browser);
  const made = makeTown(
    {
      ...{ mode: "inline", workerCount: 1, workerDeath: Infinity, pageDeath: PAGE_DEATH, engine: ENGINE },
      ...{ ...options, browser },
    },
    contract,
  );
  const town = /** @type {import("../..").Town} */ (/** @type {unknown} */ (made));
  cleanups.push(() => town.close());
  return town;
}

/** @typedef {(page: import("../..").Page, next: import("../..").Next<any>) => any} Use */

/**
 * A town whose items are functions, which it calls with the page and `next`.
 * @param {import("../..").TownOptions} [options]
 * @param {import("../../lib/contract.js").Contract} [contract]
 * @returns {import("../..").Town<Use, any>}
 */
function openTown(options, contract) {
  return bareTown(options, contract).on("queue", (page, use, next) => use(page, next));
}

/** A promise with its ends. */
function deferred() {
  /** @type {(value?: any) => void} */
  let resolve = () => {};
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/**
 * The program's next uncaught exception, which then ends nothing.
 * @param {() => unknown} cause
 * @returns {Promise<unknown>}
 */
async function uncaughtBy(cause) {
  const listeners = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  const { promise, resolve } = deferred();
  process.on("uncaughtException", resolve);
  try {
    await cause();
    return await promise;
  } finally {
    process.removeAllListeners("uncaughtException");
    for (const listener of listeners) process.on("uncaughtException", listener);
  }
}

/** A directory that goes when the file is done. */
function scratch() {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), "town-test-"));
  cleanups.push(() => fs.rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/**
 * Writes a script that can be started as a program.
 * @param {string} text
 * @returns {string} its path
 */
function executable(text) {
  const file = path.join(scratch(), "program");
  fs.writeFileSync(file, text, { mode: 0o755 });
  return file;
}

/**
 * The Chromium that a town would choose, behind a script that does something first.
 * @param {string} command of the shell
 * @returns {string} the script's path
 */
function wrapped(command) {
  const { browser } = loadNative().Core.survey(true);
  if ("code" in browser) throw new Error(browser.message);
  return executable(`#!/bin/sh\n${command}\nexec '${browser.path}' "$@"\n`);
}

/**
 * Runs a Node program with `boomtown` and `options` in scope; the lines that it prints arrive one by one.
 * @param {string} text
 */
function runNode(text) {
  const head = `const boomtown = require(${JSON.stringify(ROOT)});
const options = { workerCount: 1, engine: ${JSON.stringify(ENGINE)} };
`;
  const child = spawn(process.execPath, ["--no-warnings", "-e", head + text], { stdio: ["pipe", "pipe", "pipe"] });
  cleanups.push(() => child.kill("SIGKILL"));
  let printed = "";
  let errors = "";
  /** @type {(() => void)[]} */
  const readers = [];
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  child.stdout.on("data", (chunk) => {
    printed += chunk;
    for (const look of readers) look();
  });
  const exited = once(child, "close").then(([code, signal]) => ({ code, signal, printed, errors }));
  return {
    child,
    pid: /** @type {number} */ (child.pid),
    exited,
    /** Resolves when it has printed this. @param {string} word */
    prints: (word) =>
      new Promise((resolve, reject) => {
        const look = () => printed.includes(word) && resolve(printed);
        readers.push(look);
        look();
        exited.then((end) => reject(new Error(`ended without printing ${word}: ${JSON.stringify(end)}`)));
      }),
  };
}

/** The pid of the worker that an item runs on. @param {import("../..").Town<any, any>} town */
function busyPid(town) {
  const busy = town.stats().workers.find(({ inFlight }) => inFlight > 0);
  return /** @type {number} */ (busy?.pid);
}

module.exports = {
  uncaughtBy,
  ENGINE,
  ROOT,
  bareTown,
  openTown,
  deferred,
  scratch,
  executable,
  wrapped,
  runNode,
  processes,
  isWatchdog,
  leftovers,
  until,
  nothingOutlives,
  isAlive,
  busyPid,
};
