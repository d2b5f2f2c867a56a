// What is recorded of the page over a session of its own, from a start to a stop.

const { fail } = require("../../errors.js");

/** @typedef {InstanceType<typeof import("./session.js").CDPSession>} Session */

class Recording {
  #open;
  #refusals;
  /** The session, once the recording that was started has begun. @type {Promise<Session> | undefined} */
  #begun;
  #isStopping = false;

  /**
   * @param {() => Promise<Session>} open
   * @param {{ runs: string, idle: string }} refusals what a second start is told, and a stop without a start
   */
  constructor(open, refusals) {
    this.#open = open;
    this.#refusals = refusals;
  }

  /** @param {(session: Session) => Promise<unknown>} begin */
  async start(begin) {
    if (this.#begun) throw fail("ERR_INVALID_OPTION", this.#refusals.runs);
    // Noted before anything is waited for: another start may come meanwhile, and so may the stop.
    this.#begun = this.#begin(begin);
    try {
      await this.#begun;
    } catch (error) {
      this.#begun = undefined;
      throw error;
    }
  }

  /** @param {(session: Session) => Promise<unknown>} begin */
  async #begin(begin) {
    const session = await this.#open();
    try {
      await begin(session);
      return session;
    } catch (error) {
      await leave(session);
      throw error;
    }
  }

  /**
   * @template T
   * @param {(session: Session) => Promise<T>} end
   * @returns {Promise<T>} what was recorded
   */
  async stop(end) {
    if (!this.#begun || this.#isStopping) throw fail("ERR_INVALID_OPTION", this.#refusals.idle);
    this.#isStopping = true;
    /** @type {Session | undefined} */
    let session;
    try {
      session = await this.#begun;
      return await end(session);
    } finally {
      this.#begun = undefined;
      this.#isStopping = false;
      if (session) await leave(session);
    }
  }
}

/** @param {Session} session that may be over */
async function leave(session) {
  await session.detach().catch(() => {});
}

module.exports = { Recording };
