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
   * @param {{ text: string, form: "stdout" | "stderr" }} line and its stream
   * @param {number | undefined} worker the number by which the program knows it
   */
  write({ text, form }, worker) {
    if (typeof this.#stdio === "function") this.#stdio(text, form, worker);
    else process[form].write(`[worker ${worker}] ${text}\n`);
  }
}

module.exports = { Output };
