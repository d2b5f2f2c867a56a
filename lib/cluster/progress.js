// Progress on its way to the primary: in order, and no more of it than the channel can carry. A handler that tells more than that
// has the values in between left out; the latest always arrives before the result.

/** So many messages may be under way, */
const MESSAGES = 64;
/** or so many bytes and one message. */
const BYTES = 16 << 20;

class ProgressChannel {
  #send;
  #messages = 0;
  #bytes = 0;
  /** The latest value of each attempt that had to wait. @type {Map<number, Buffer>} */
  #latest = new Map();

  /** @param {(message: object, sent: () => void) => void} send */
  constructor(send) {
    this.#send = send;
  }

  get #full() {
    return this.#messages >= MESSAGES || this.#bytes >= BYTES;
  }

  /** @param {number} attempt @param {Buffer} value packed */
  put(attempt, value) {
    if (this.#full || this.#latest.has(attempt)) this.#latest.set(attempt, value);
    else this.#tell(attempt, value);
  }

  /** Sends what has waited, for nothing more comes. @param {number} attempt */
  end(attempt) {
    const value = this.#latest.get(attempt);
    this.#latest.delete(attempt);
    if (value) this.#tell(attempt, value);
  }

  /** @param {number} attempt @param {Buffer} value */
  #tell(attempt, value) {
    this.#messages += 1;
    this.#bytes += value.length;
    this.#send({ kind: "progress", attempt, value }, () => {
      this.#messages -= 1;
      this.#bytes -= value.length;
      for (const [waiting, latest] of this.#latest) {
        if (this.#full) break;
        this.#latest.delete(waiting);
        this.#tell(waiting, latest);
      }
    });
  }
}

module.exports = { ProgressChannel };
