// Tries a request to another server again where that may help: when it cannot be reached, is overloaded or broken.

const { setTimeout: pause } = require("node:timers/promises");

const RETRIES = 4;
/** Milliseconds before the first retry, which double, and the most. */
const FIRST_PAUSE = 1000;
const LONGEST_PAUSE = 30_000;

/**
 * @template {{ status: number, retryAfter?: string | null }} Answer
 * @param {() => Promise<Answer>} ask throws where the server cannot be reached
 * @param {AbortSignal} [signal]
 * @returns {Promise<Answer>} the last one, be it good or bad
 */
async function withRetries(ask, signal) {
  for (let retry = 0; ; retry += 1) {
    const last = retry === RETRIES;
    let wait = Math.min(FIRST_PAUSE * 2 ** retry, LONGEST_PAUSE);
    try {
      const answer = await ask();
      if (last || !mayHelp(answer.status)) return answer;
      const wished = Number(answer.retryAfter) * 1000;
      if (wished > 0) wait = Math.min(wished, LONGEST_PAUSE);
    } catch (error) {
      if (last || signal?.aborted) throw error;
    }
    await pause(wait, undefined, { signal });
  }
}

/** @param {number} status */
const mayHelp = (status) => status === 429 || (status >= 500 && status !== 501);

module.exports = { withRetries };
