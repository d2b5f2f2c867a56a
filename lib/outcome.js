// What an item that was not fulfilled rejects with, by the outcome that the core reports.

const { fail, fromNative } = require("./errors.js");
const v = require("./validate.js");

/**
 * What else is known of the end; each outcome looks at its own part.
 * @typedef {object} Details
 * @property {number} [number] workers taken down, else attempts
 * @property {import("./errors.js").Failure} [failure] why no browser could be started, or the last one is gone
 * @property {unknown} [thrown] what the handler failed with
 * @property {unknown} [abortReason]
 * @property {unknown} [lastError] what the handler failed with in an earlier attempt; the cause of what ended the retries
 * @property {number} [queueLimit]
 * @property {string} [fault] what the core broke by
 */

/** @type {Record<string, (item: string, details: Details) => unknown>} */
const ERRORS = {
  failed: (_item, { thrown }) => thrown,
  aborted: (item, { abortReason: cause }) => {
    const why = cause instanceof Error ? `: ${cause.message}` : cause === undefined ? "" : `: ${v.brief(cause)}`;
    return fail("ERR_ITEM_ABORTED", `item ${item} was aborted${why}`, { item, cause });
  },
  timedOut: (item, { number, lastError: cause }) =>
    fail("ERR_ITEM_TIMEOUT", `max pageTries: item ${item} timed out, after ${number} attempts`, { item, cause }),
  expired: (item, { number, lastError: cause }) => {
    const again = number ? ` again, after ${number} attempts,` : "";
    return fail("ERR_ITEM_TIMEOUT", `item ${item} was not started${again} before its deadline`, { item, cause });
  },
  crashed: (item, { number, failure }) => {
    const cause = failure && fromNative(failure);
    const why = failure ? `: ${failure.message}` : "";
    const message = `item ${item} took down its worker ${number} times, as often as crashTries allows${why}`;
    return fail("ERR_ITEM_CRASHED", message, { item, cause });
  },
  lost: (item) => fail("ERR_BROWSER_GONE", "the browser of an acquired page died", { item }),
  full: (item, { queueLimit }) => {
    const message = `item ${item} was not accepted: ${queueLimit} items wait, as many as queueLimit allows`;
    return fail("ERR_QUEUE_FULL", message, { item });
  },
  closed: (item, { lastError: cause }) =>
    fail("ERR_TOWN_CLOSED", `item ${item} has no result: the town was closed first`, { item, cause }),
  unsendable: (_item, { lastError }) => lastError,
  broken: (item, { fault }) => broken(fault, item),
  unserved: (item, { failure }) =>
    failure
      ? fromNative(failure, item)
      : fail("ERR_BROWSER_LAUNCH", `item ${item}: no browser could be started`, { item }),
};

/**
 * For everything that a town is asked after its core has broken.
 * @param {string | undefined} fault
 * @param {string} [item]
 */
function broken(fault, item) {
  const message = `the town has failed by a fault of boomtown's own, and a new one has to be made: ${fault}`;
  return fail("ERR_TOWN_CLOSED", message, { item });
}

/**
 * @param {string} outcome
 * @param {string} item its id
 * @param {Details} details
 * @returns {unknown} an Error of boomtown's, or whatever the handler failed with
 */
function outcomeError(outcome, item, details) {
  return ERRORS[outcome](item, details);
}

module.exports = { broken, outcomeError };
