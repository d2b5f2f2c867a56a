// What an item that was not fulfilled rejects with, by what the core says of its end.

const { fail, fromNative } = require("../errors.js");
const v = require("../validate.js");

/** @typedef {Extract<import("../native.js").CoreEvent, { item: number }>} ItemEvent */

/** Of an item that goes on, or has a result. @typedef {"start" | "attemptTimedOut" | "retry" | "backlog" | "pageEnded" | "fulfilled"} Otherwise */

/**
 * How an item ends that has no result: as the core says it, or with the core, which is then broken.
 * @typedef {Itemless<Exclude<ItemEvent, { kind: Otherwise }>> | { kind: "broken" }} Failing
 */

/**
 * The item is known already.
 * @template E
 * @typedef {E extends { item: number } ? Omit<E, "item"> : never} Itemless
 */

/**
 * What else is known of the item; each end looks at its own part.
 * @typedef {object} Details
 * @property {number} [attempts] that were started
 * @property {unknown} [thrown] what the handler failed with
 * @property {unknown} [abortReason]
 * @property {number} [timeout] milliseconds for an attempt
 * @property {number} [deadline] milliseconds from its queueing
 * @property {readonly string[]} [pending] what the last attempt waited for
 * @property {unknown} [lastError] what the handler failed with in an earlier attempt; the cause of what ended the retries
 * @property {number} [queueLimit]
 * @property {string} [fault] what the core broke by
 * @property {boolean} [acquired] the item is a page acquired without the queue
 */

/** @typedef {Details & { item: string, subject: string }} About the item's id, and what the message is about */

/** @param {number | undefined} count @param {string} what */
const counted = (count, what) => `${count} ${what}${count === 1 ? "" : "s"}`;

/** Of a longer list only so many are named. */
const NAMED = 5;

/** @param {readonly string[]} pending */
function waited(pending) {
  const more = pending.length > NAMED ? ` and ${pending.length - NAMED} more` : "";
  return pending.length === 0 ? "" : `; it waited for ${pending.slice(0, NAMED).join(", ")}${more}`;
}

/** @type {{ [K in Failing["kind"]]: (about: About, end: Extract<Failing, { kind: K }>) => unknown }} */
const ERRORS = {
  failed: ({ thrown }) => thrown,
  aborted: ({ item, subject, abortReason: cause }) => {
    const why = cause instanceof Error ? `: ${cause.message}` : cause === undefined ? "" : `: ${v.brief(cause)}`;
    return fail("ERR_ITEM_ABORTED", `${subject} was aborted${why}`, { item, cause });
  },
  timedOut: ({ item, subject, timeout, pending = [], lastError: cause }, { attempts }) => {
    const each = timeout === undefined ? "" : ` of ${timeout} ms${attempts === 1 ? "" : " each"}`;
    const message = `max pageTries: ${subject} timed out, after ${counted(attempts, "attempt")}${each}${waited(pending)}`;
    return fail("ERR_ITEM_TIMEOUT", message, { item, cause });
  },
  expired: ({ item, subject, attempts, deadline, lastError: cause }) => {
    const again = attempts ? ` again, after ${counted(attempts, "attempt")},` : "";
    const within = deadline === undefined ? "before its deadline" : `within its deadline of ${deadline} ms`;
    return fail("ERR_ITEM_TIMEOUT", `${subject} was not started${again} ${within}`, { item, cause });
  },
  crashed: ({ item, subject }, { browsers, failure }) => {
    const cause = failure && fromNative(failure);
    const why = failure ? `: ${failure.message}` : "";
    const message = `${subject} took down its worker ${counted(browsers, "time")}, as often as crashTries allows${why}`;
    return fail("ERR_ITEM_CRASHED", message, { item, cause });
  },
  lost: ({ item }) => fail("ERR_BROWSER_GONE", "the browser of the acquired page died", { item }),
  full: ({ item, subject, queueLimit }) => {
    const message = `${subject} was not accepted: ${counted(queueLimit, "item")} ${queueLimit === 1 ? "waits" : "wait"}, as many as queueLimit allows`;
    return fail("ERR_QUEUE_FULL", message, { item });
  },
  closed: ({ item, subject, lastError: cause }) =>
    fail("ERR_TOWN_CLOSED", `${subject} has no result: the town was closed first`, { item, cause }),
  unsendable: ({ lastError }) => lastError,
  broken: ({ item, fault }) => broken(fault, item),
  unserved: ({ item, subject }, { failure }) =>
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
 * @param {Failing} end
 * @param {string} item its id
 * @param {Details} details
 * @returns {unknown} an Error of boomtown's, or whatever the handler failed with
 */
function outcomeError(end, item, details) {
  const about = { ...details, item, subject: details.acquired ? "town.acquire()" : `item ${item}` };
  // Each gets its own kind of end, which TypeScript cannot follow through the table.
  const errorOf = /** @type {(about: About, end: Failing) => unknown} */ (ERRORS[end.kind]);
  return errorOf(about, end);
}

module.exports = { broken, outcomeError };
