// Where a town's handlers run: in this process ("inline"), or in forked ones ("cluster"). With mode "auto" the program shows
// which it means: by a "queue" listener, or by asking for its role or queueing an item and not listening in that turn.

// Node's own, whatever a program's tests put in its place.
const { setImmediate } = require("node:timers");

/** @typedef {"inline" | "cluster"} Decided */

class Mode {
  #option;
  #hasItems;
  #decided;
  /** @type {Decided | undefined} */
  #mode;
  /** The program is given this turn of the event loop to show its mode. */
  #deciding = false;
  #askedForMaster = false;
  #over = false;

  /**
   * @param {"auto" | Decided} option
   * @param {object} town
   * @param {() => boolean} town.hasItems
   * @param {(mode: Decided) => void} town.decided is told once
   */
  constructor(option, { hasItems, decided }) {
    this.#option = option;
    this.#hasItems = hasItems;
    this.#decided = decided;
  }

  get isInline() {
    return this.#mode === "inline";
  }

  get isCluster() {
    return this.#mode === "cluster";
  }

  get isKnown() {
    return this.#mode !== undefined;
  }

  /** Why handlers run in worker processes, after "because". */
  get why() {
    if (this.#option === "cluster") return 'of mode "cluster", which is also that of boomtown/ghost-town';
    return `the program ${this.#askedForMaster ? "read town.isMaster" : "queued an item"} before it listened to "queue"`;
  }

  /** @param {Decided} mode counts if it is the first */
  decide(mode) {
    if (this.#mode) return;
    this.#mode = mode;
    this.#decided(mode);
  }

  /** The program branches on its role. */
  askedForMaster() {
    this.#askedForMaster = true;
    this.decideSoon();
  }

  /** Decides when this turn of the event loop is over. */
  decideSoon() {
    if (this.#mode || this.#deciding) return;
    this.#deciding = true;
    setImmediate(() => {
      this.#deciding = false;
      if (!this.#over) this.decide(this.#askedForMaster || this.#hasItems() ? "cluster" : "inline");
    });
  }

  /** Resolves when the mode is known. */
  async known() {
    this.decideSoon();
    if (!this.#mode) await new Promise(setImmediate);
  }

  /** The town is closed: what is undecided stays so. */
  end() {
    this.#over = true;
  }
}

module.exports = { Mode };
