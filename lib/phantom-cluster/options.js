// phantom-cluster's options, as a town's.

const os = require("node:os");

/** Work done before a worker is replaced. */
const ITERATIONS = 100;
/** Milliseconds. */
const MESSAGE_TIMEOUT = 60_000;

/**
 * Zero, null and the like are as if they were not given. A worker's pages have no time limit but that of its messages.
 * @param {any} options
 * @param {boolean} queued
 */
function townOptions(options, queued) {
  const { workers, workerIterations, workerParallelism, messageTimeout, phantomBinary } = options;
  return {
    mode: /** @type {const} */ ("cluster"),
    workerCount: workers || os.cpus().length,
    workerDeath: workerIterations || ITERATIONS,
    pageCount: workerParallelism || 1,
    pageDeath: queued ? messageTimeout || MESSAGE_TIMEOUT : -1,
    pageTries: 0,
    phantomBinary: phantomBinary || undefined,
    phantomFlags: flags(options.phantomArguments || []),
    browser: { stdio: output(options) },
  };
}

/** @param {readonly string[]} list such as `["--load-images=no"]` */
function flags(list) {
  const pairs = list.map((argument) => /^--([^=]+)(?:=(.*))?$/.exec(argument) ?? [argument, argument, undefined]);
  return Object.fromEntries(pairs.map(([, name, value]) => [name, value ?? true]));
}

/** @param {any} options */
function output({ onStdout, onStderr }) {
  if (!onStdout && !onStderr) return undefined;
  return (/** @type {string} */ line, /** @type {string} */ stream) =>
    stream === "stdout" ? onStdout?.(line) : onStderr?.(line);
}

module.exports = { ITERATIONS, MESSAGE_TIMEOUT, townOptions };
