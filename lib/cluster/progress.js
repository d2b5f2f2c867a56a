// Progress on its way to the primary: in order, and no more of it than the channel can carry. A handler that tells more than that
// has the values in between left out; the latest always arrives before the result.

/** So many messages may be under way. */
const UNDER_WAY = 64;

class ProgressChannel {
  #send;
  #underWay = 0;
  /** The latest value of each attempt that had to wait. @type {Map<number, Buffer>} */
  #latest = new Map();

  /** @param {(message: object, sent: () => void) => void} send */
  constructor(send) {
    this.#send = send;
  }

  /** @param {number} attempt @param {Buffer} value packed */
  put(attempt, value) {
    if (this.#underWay < UNDER_WAY && !this.#latest.has(attempt)) this.#tell(attempt, value);
    else this.#latest.set(attempt, value);
  }

  /** Sends what has waited, for nothing more comes. @param {number} attempt */
  end(attempt) {
    const value = this.#latest.get(attempt);
    this.#latest.delete(attempt);
    if (value) this.#tell(attempt, value);
  }

  /** @param {number} attempt @param {Buffer} value */
  #tell(attempt, value) {
    this.#underWay += 1;
    this.#send({ kind: "progress", attempt, value }, () => {
      this.#underWay -= 1;
      for (const [waiting, latest] of this.#latest) {
        if (this.#underWay >= UNDER_WAY) break;
        this.#latest.delete(waiting);
        this.#tell(waiting, latest);
      }
    });
  }
}

module.exports = { ProgressChannel };
