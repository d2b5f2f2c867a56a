// Waiting for an event of a page.

const { fail } = require("../errors.js");
const { abortable } = require("./limits.js");
const v = require("../validate.js");

/** What accepts an event's subject, be it by a promise. @typedef {(subject: any) => unknown} Wanted */

/** @type {import("../validate.js").Type} */
const WANTED = {
  ...v.anyOf([v.string(), v.func(), { allowed: "a URL", is: (value) => value instanceof URL }]),
  required: true,
};

/**
 * @typedef {object} Wish
 * @property {string} operation the page's method
 * @property {readonly string[]} events any of which it may be
 * @property {() => readonly any[]} [first] subjects that there are already
 * @property {(subject: any) => unknown} is whether the event's subject is wanted, or a promise of that
 * @property {string} what is wanted, in words
 * @property {number} [timeout] ms, by default the page's own limit; 0 is none
 * @property {AbortSignal} [signal]
 */

/**
 * A wish for something that has a URL.
 * @param {string} noun
 * @param {string | URL | Wanted} wanted its URL, or what accepts it
 * @returns {Pick<Wish, "is" | "what">}
 */
function wish(noun, wanted) {
  if (typeof wanted === "function") return { is: wanted, what: `a ${noun} that its predicate accepts` };
  const url = String(wanted);
  return { is: (subject) => subject.url() === url, what: `a ${noun} of ${v.shortened(url)}` };
}

/**
 * @param {InstanceType<typeof import("./core.js").PageCore>} page
 * @param {Wish} wish
 * @param {import("node:events").EventEmitter} [emitter] whose events they are, by default the page
 * @returns {Promise<any>} the first subject that is wanted
 */
async function nextEvent(
  page,
  { operation, events, first, is, what, timeout = page._limits.any, signal },
  emitter = page,
) {
  page._refuseOver(operation);
  signal?.throwIfAborted();
  return await page._during(operation, { what: `${operation}, ${what}` }, async () => {
    /** @type {() => void} */
    let forget = () => {};
    const next = new Promise((resolve, reject) => {
      const hear = async (/** @type {unknown} */ subject) => {
        try {
          if (await is(subject)) resolve(subject);
        } catch (error) {
          reject(error);
        }
      };
      const ended = () => reject(page._overUnder(operation));
      const late = () => {
        const call = operation.includes(".") ? operation : `page.${operation}`;
        reject(fail("ERR_TIMEOUT", `${call}: Timed out after waiting ${timeout}ms for ${what}`));
      };
      const timer = timeout > 0 ? setTimeout(late, timeout) : undefined;
      forget = () => {
        clearTimeout(timer);
        page.off("close", ended);
        for (const event of events) emitter.off(event, hear);
      };
      page.on("close", ended);
      for (const event of events) emitter.on(event, hear);
      // Those that come while these are looked at are heard of.
      for (const subject of first?.() ?? []) hear(subject);
    });
    try {
      return await abortable(signal, () => next);
    } finally {
      forget();
    }
  });
}

module.exports = { WANTED, nextEvent, wish };
