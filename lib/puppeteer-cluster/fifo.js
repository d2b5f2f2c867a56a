// First in, first out, for as many as there may be: an array's own `shift` moves all that are left.

/** So many places may be empty in front, at least. */
const KEPT = 1024;

/** @template T */
class Fifo {
  /** @type {(T | undefined)[]} */
  #list = [];
  /** Places in front that are empty. */
  #gone = 0;

  get size() {
    return this.#list.length - this.#gone;
  }

  /** @param {T} value */
  push(value) {
    this.#list.push(value);
  }

  /** @returns {T | undefined} */
  shift() {
    if (this.size === 0) return undefined;
    const value = this.#list[this.#gone];
    this.#list[this.#gone] = undefined;
    this.#gone += 1;
    if (this.#gone > KEPT && this.#gone * 2 > this.#list.length) {
      this.#list = this.#list.slice(this.#gone);
      this.#gone = 0;
    }
    return value;
  }

  /** @returns {T[]} all of them */
  clear() {
    const all = /** @type {T[]} */ (this.#list.slice(this.#gone));
    [this.#list, this.#gone] = [[], 0];
    return all;
  }
}

module.exports = { Fifo };
