// The lines that browsers print, for `browser.stdio`.

/** @typedef {"ignore" | "inherit" | ((line: string, stream: string, worker: number | undefined) => void)} Stdio */

class Output {
  /** Of every worker; undefined if each has its own. @type {Stdio | undefined} */
  #stdio;
  /** Of workers that have their own, by their numbers in this process. @type {Map<number, Stdio>} */
  #own = new Map();

  /** @param {any} browser the town's option */
  constructor(browser) {
    this.#stdio = typeof browser === "function" ? undefined : browser.stdio;
  }

  get isWanted() {
    return this.#stdio !== "ignore";
  }

  /** What a worker prints goes here. @param {number} worker @param {Stdio} stdio */
  lead(worker, stdio) {
    this.#own.set(worker, stdio);
  }

  /** A worker prints no more. @param {number} worker */
  end(worker) {
    this.#own.delete(worker);
  }

  /**
   * @param {Extract<import("../native.js").CoreEvent, { kind: "output" }>} printed
   * @param {number | undefined} worker the number by which the program knows it
   */
  write({ stream, line, worker: here }, worker) {
    const stdio = this.#stdio ?? this.#own.get(here) ?? "ignore";
    if (typeof stdio === "function") stdio(line, stream, worker);
    else if (stdio === "inherit") process[stream].write(`[worker ${worker}] ${line}\n`);
  }
}

module.exports = { Output };
