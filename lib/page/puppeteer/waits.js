// Waiting in a frame until a script finds something, within a time and until a signal.

const { fail } = require("../../errors.js");
const { abortable } = require("../limits.js");

/** @typedef {InstanceType<typeof import("../core.js").PageCore>} PageCore */
/** @typedef {{ id: string, frame: string }[]} Handles */

/**
 * @typedef {object} Limits
 * @property {number} [timeout] ms; 0 is none, and without one the page's own default counts
 * @property {AbortSignal} [signal]
 * @property {string} what what a message of its failure begins with
 * @property {string} [call] what is called, as an item that runs out of time names it
 */

/** How a script that waits is compiled: what it finds stays in the page, where an engine has handles. @param {PageCore} page */
function keeping(page) {
  const handles = /** @type {Handles} */ ([]);
  return { handles, keep: page._engine === "cdp" && /** @type {const} */ ("boxed") };
}

/**
 * @param {PageCore} page
 * @param {string} operation
 * @param {{ script: string, polling: "raf" | "mutation" | number, handles: Handles, frame?: string, world?: string }} params
 * @param {Limits} limits
 * @returns {Promise<any>} a remote object, or the value from an engine that has no handles
 */
async function wait(page, operation, { handles, ...params }, { call, ...limits }) {
  const kept = page._engine === "cdp" ? { handles, keep: true } : {};
  const { timeout = page._limits.any, signal } = limits;
  const number = signal && ++lastWait;
  const command = { ...params, ...kept, timeout, what: call, wait: number };
  /** @type {Promise<any> | undefined} */
  let answer;
  try {
    return await limited({ ...limits, timeout }, async () => {
      answer = page._call("waitFor", command, operation);
      return page._decode(await answer, operation);
    });
  } finally {
    if (signal?.aborted) {
      page._first([["giveUp", { wait: number }]]);
      // Nobody gets what was found at the same time.
      answer?.then(
        ({ objectId: id, frame }) => id && page._first([["release", { handles: [{ id, frame }] }]]),
        () => {},
      );
    }
  }
}

/** The number of the last wait that could be given up. */
let lastWait = 0;

/**
 * Looks again and again until something is found. Whoever looks waits for what may have changed; the page may not answer at all
 * meanwhile.
 * @param {PageCore} page
 * @param {Limits} limits
 * @param {(left: number) => Promise<{ found: any } | undefined>} look `left`: ms
 * @returns {Promise<any>}
 */
async function until(page, limits, look) {
  const { timeout = page._limits.any } = limits;
  const end = timeout === 0 ? Number.POSITIVE_INFINITY : performance.now() + timeout;
  let isWaited = true;
  const looks = async () => {
    while (isWaited) {
      const seen = await look(Math.max(0, end - performance.now()));
      if (seen && isWaited) return seen.found;
      // Nobody gets what is found too late.
      seen?.found?.[Symbol.dispose]();
    }
  };
  try {
    return await limited({ ...limits, timeout }, () => inTime(timeout, looks));
  } finally {
    isWaited = false;
  }
}

/**
 * What work comes to, unless its time is over before.
 * @template T
 * @param {number} timeout ms; 0 is none
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
async function inTime(timeout, work) {
  if (timeout === 0) return await work();
  /** @type {NodeJS.Timeout | undefined} */
  let timer;
  const late = new Promise((resolve) => {
    timer = setTimeout(resolve, timeout, LATE);
  });
  try {
    const done = await Promise.race([work(), late]);
    if (done === LATE) throw fail("ERR_TIMEOUT", exceeded(timeout));
    return /** @type {T} */ (done);
  } finally {
    clearTimeout(timer);
  }
}

const LATE = Symbol("late");

/** @param {number} timeout */
const exceeded = (timeout) => `Waiting failed: ${timeout}ms exceeded`;

/**
 * What a wait finds, unless the signal comes first. Its failure says what was waited for.
 * @param {Limits & { timeout: number }} limits
 * @param {() => Promise<any>} begin
 */
async function limited({ timeout, signal, what }, begin) {
  try {
    return await abortable(signal, begin);
  } catch (error) {
    if (error instanceof Error && !signal?.aborted) retell(/** @type {any} */ (error), timeout, what);
    throw error;
  }
}

/** @param {Error & { code?: string }} error @param {number} timeout @param {string} what */
function retell(error, timeout, what) {
  const { message } = error;
  if (error.code === "ERR_TIMEOUT") error.message = `${what}${exceeded(timeout)}`;
  else if (error.code !== "ERR_EVALUATION") return;
  else if (/detached Frame/.test(message)) error.message = `${what}waitForFunction failed: frame got detached.`;
  else error.message = `${what}${message}`;
  error.stack = error.stack?.replace(message, () => error.message);
}

module.exports = { keeping, until, wait };
