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
 * @property {number} [limit] milliseconds: an attempt's, or those to the deadline
 * @property {readonly string[]} [pending] what the last attempt waited for
 * @property {unknown} [lastError] what the handler failed with in an earlier attempt; the cause of what ended the retries
 * @property {number} [queueLimit]
 * @property {string} [fault] what the core broke by
 * @property {boolean} [acquired] the item is a page acquired without the queue
 */

/** @param {number | undefined} count @param {string} what */
const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Of a longer list only so many are named. */
const NAMED = 5;

/** @param {readonly string[]} pending */
function waited(pending) {
  const more = pending.length > NAMED ? ` and ${pending.length - NAMED} more` : "";
  return pending.length === 0 ? "" : `; it waited for ${pending.slice(0, NAMED).join(", ")}${more}`;
}

/** `subject` is what the message is about. @type {Record<string, (item: string, details: Details, subject: string) => unknown>} */
const ERRORS = {
  failed: (_item, { thrown }) => thrown,
  aborted: (item, { abortReason: cause }, subject) => {
    const why = cause instanceof Error ? `: ${cause.message}` : cause === undefined ? "" : `: ${v.brief(cause)}`;
    return fail("ERR_ITEM_ABORTED", `${subject} was aborted${why}`, { item, cause });
  },
  timedOut: (item, { number, limit, pending = [], lastError: cause }, subject) => {
    const each = limit === undefined ? "" : ` of ${limit} ms${number === 1 ? "" : " each"}`;
    const message = `max pageTries: ${subject} timed out, after ${counted(number, "attempt")}${each}${waited(pending)}`;
    return fail("ERR_ITEM_TIMEOUT", message, { item, cause });
  },
  expired: (item, { number, limit, lastError: cause }, subject) => {
    const again = number ? ` again, after ${counted(number, "attempt")},` : "";
    const within = limit === undefined ? "before its deadline" : `within its deadline of ${limit} ms`;
    return fail("ERR_ITEM_TIMEOUT", `${subject} was not started${again} ${within}`, { item, cause });
  },
  crashed: (item, { number, failure }, subject) => {
    const cause = failure && fromNative(failure);
    const why = failure ? `: ${failure.message}` : "";
    const message = `${subject} took down its worker ${counted(number, "time")}, as often as crashTries allows${why}`;
    return fail("ERR_ITEM_CRASHED", message, { item, cause });
  },
  lost: (item) => fail("ERR_BROWSER_GONE", "the browser of the acquired page died", { item }),
  full: (item, { queueLimit }, subject) => {
    const message = `${subject} was not accepted: ${counted(queueLimit, "item")} ${queueLimit === 1 ? "waits" : "wait"}, as many as queueLimit allows`;
    return fail("ERR_QUEUE_FULL", message, { item });
  },
  closed: (item, { lastError: cause }, subject) =>
    fail("ERR_TOWN_CLOSED", `${subject} has no result: the town was closed first`, { item, cause }),
  unsendable: (_item, { lastError }) => lastError,
  broken: (item, { fault }) => broken(fault, item),
  unserved: (item, { failure }, subject) =>
    failure
      ? fromNative(failure, item)
      : fail("ERR_BROWSER_LAUNCH", `${subject}: no browser could be started`, { item }),
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
  return ERRORS[outcome](item, details, details.acquired ? "town.acquire()" : `item ${item}`);
}

module.exports = { broken, outcomeError };
