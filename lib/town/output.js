// The lines that browsers print, for `browser.stdio`.

class Output {
  #stdio;

  /** @param {"ignore" | "inherit" | ((line: string, stream: string, worker: number | undefined) => void)} stdio */
  constructor(stdio) {
    this.#stdio = stdio;
  }

  get isWanted() {
    return this.#stdio !== "ignore";
  }

  /**
   * @param {Pick<Extract<import("../native.js").CoreEvent, { kind: "output" }>, "stream" | "line">} printed
   * @param {number | undefined} worker the number by which the program knows it
   */
  write({ stream, line }, worker) {
    if (typeof this.#stdio === "function") this.#stdio(line, stream, worker);
    else process[stream].write(`[worker ${worker}] ${line}\n`);
  }
}

module.exports = { Output };
