// Who looks at a page's requests before they go out, and in which order.

const { uncaught } = require("../emit.js");
const { isOver } = require("../errors.js");
const { InterceptedRequest } = require("./intercepted.js");

/**
 * One that "answers" comes first, and says whether it has. One that "watches" may change a request and then leaves it to the one
 * that "decides", without whom it goes on.
 * @typedef {"answers" | "watches" | "decides"} Rank
 */
/** @typedef {(request: InstanceType<typeof InterceptedRequest>) => unknown} Handle */

class Interceptors {
  #command;
  /** @type {Map<Rank, Handle>} */
  #handles = new Map();

  /** @param {import("./intercepted.js").Call} command what a request sends its commands by */
  constructor(command) {
    this.#command = command;
  }

  get isEmpty() {
    return this.#handles.size === 0;
  }

  /** @param {Rank} rank @param {Handle | undefined} handle nobody any more */
  set(rank, handle) {
    if (handle) this.#handles.set(rank, handle);
    else this.#handles.delete(rank);
  }

  /**
   * What a handler throws is the program's uncaught exception, and the request is aborted: nobody has let it through.
   * @param {any} data the core's
   */
  async hand(data) {
    const request = new InterceptedRequest(data, this.#command);
    let decided = false;
    try {
      if (await this.#handles.get("answers")?.(request)) return;
      await this.#handles.get("watches")?.(request);
      const decide = this.#handles.get("decides");
      decided = decide !== undefined;
      await decide?.(request);
    } catch (error) {
      if (!isOver(error)) uncaught(error);
      // One that has gone meanwhile needs nobody.
      return await request.refuse().catch(() => {});
    }
    // Nobody decides on it any more.
    if (!decided || !this.#handles.has("decides")) await request.letGo().catch(() => {});
  }
}

module.exports = { Interceptors };
