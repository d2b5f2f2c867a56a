// What becomes of a request that the listeners of "request" decide on. One that gives no priority decides at once; those that
// give one propose, and when all have been heard, the proposal of the highest priority counts: of one priority an abort before
// an answer, and an answer before going on.

const { fail } = require("../errors.js");
const { paramsOf } = require("./intercepted.js");
const v = require("../validate.js");

/** @typedef {import("./intercepted.js").Kind} Kind */

/** @type {Kind[]} */
const BY_WEIGHT = ["continue", "respond", "abort"];

const PRIORITY = v.number();

class Decision {
  #held;
  #url;
  #isWanted;
  #handled = false;
  /** What the listeners have proposed last, as they said it; of an abort the protocol's reason. @type {{ [Said in Kind]?: unknown }} */
  #said = {};
  /** @type {{ kind: Kind, priority: number, params: Record<string, unknown> } | undefined} */
  #proposed;
  /** @type {(() => unknown)[]} */
  #handlers = [];

  /**
   * @param {string} url
   * @param {InstanceType<typeof import("./intercepted.js").InterceptedRequest> | undefined} held none where nothing can be done
   *   to it, such as one that the browser answers by itself
   * @param {() => boolean} isWanted whether listeners still decide: where they do not, the request has been let go
   */
  constructor(url, held, isWanted) {
    this.#url = url;
    this.#held = held;
    this.#isWanted = isWanted;
  }

  get isHandled() {
    return this.#handled;
  }

  /** @param {Kind} kind */
  said(kind) {
    return this.#said[kind];
  }

  get state() {
    if (this.#handled) return { action: "already-handled" };
    if (!this.#proposed) return { action: "none" };
    return { action: this.#proposed.kind, priority: this.#proposed.priority };
  }

  /**
   * @param {Kind} kind
   * @param {unknown} argument
   * @param {unknown} priority
   */
  async decide(kind, argument, priority) {
    if (this.#handled) {
      throw fail(
        "ERR_INVALID_OPTION",
        `request.${kind}: Request is already handled! The request to ${v.brief(this.#url)} has had its decision; give priorities where several listeners decide`,
      );
    }
    if (!this.#held) return;
    const params = paramsOf(kind, argument);
    v.argument(`request.${kind}`, "priority", PRIORITY, priority);
    if (priority === undefined) return await this.#carryOut(kind, params);
    this.#said[kind] = kind === "abort" ? params.reason : argument;
    this.#propose({ kind, priority: /** @type {number} */ (priority), params });
  }

  /** @param {{ kind: Kind, priority: number, params: Record<string, unknown> }} proposal */
  #propose(proposal) {
    const before = this.#proposed;
    const isHigher = before === undefined || proposal.priority > before.priority;
    const isHeavier =
      proposal.priority === before?.priority && BY_WEIGHT.indexOf(proposal.kind) >= BY_WEIGHT.indexOf(before.kind);
    if (isHigher || isHeavier) this.#proposed = proposal;
  }

  /** Has a function run after all listeners and before the decision. @param {() => unknown} handler */
  enqueue(handler) {
    this.#handlers.push(handler);
  }

  /** All listeners have been heard. What they have enqueued keeps no decision from counting, whatever it throws. */
  async finish() {
    /** @type {unknown[]} */
    const thrown = [];
    for (const handler of this.#handlers.splice(0)) {
      try {
        await handler();
      } catch (error) {
        thrown.push(error);
      }
    }
    if (this.#proposed && !this.#handled) await this.#carryOut(this.#proposed.kind, this.#proposed.params);
    if (thrown.length > 0) throw thrown[0];
  }

  /** @param {Kind} kind @param {Record<string, unknown>} params */
  async #carryOut(kind, params) {
    this.#handled = true;
    try {
      await this.#held?._carryOut(kind, params);
    } catch (error) {
      if (!this.#isWanted()) return;
      this.#handled = false;
      throw error;
    }
  }
}

module.exports = { Decision };
