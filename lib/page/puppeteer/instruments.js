// What a program measures of the page, and how the page stands to others.

const fs = require("node:fs/promises");
const { Accessibility } = require("./accessibility.js");
const { Coverage } = require("./coverage.js");
const { Tracing } = require("./tracing.js");
const { told } = require("../metrics.js");
const v = require("./checks.js");

const HEAP_SNAPSHOT = { path: v.string({ empty: false, required: true }) };

class Instruments {
  #page;
  #world;
  /** @type {InstanceType<typeof Accessibility> | undefined} */
  #accessibility;
  /** @type {InstanceType<typeof Coverage> | undefined} */
  #coverage;
  /** @type {InstanceType<typeof Tracing> | undefined} */
  #tracing;
  /** Opens a session of the DevTools protocol. */
  #open;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, { world }) {
    this.#page = page;
    this.#world = world;
    this.#open = () => world.part("devtools").createCDPSession();
  }

  get accessibility() {
    this.#accessibility ??= new Accessibility(this.#page, this.#world);
    return this.#accessibility;
  }

  get coverage() {
    this.#coverage ??= new Coverage(this.#open);
    return this.#coverage;
  }

  get tracing() {
    this.#tracing ??= new Tracing(this.#open);
    return this.#tracing;
  }

  /** Durations are in seconds, from the first call on; sizes in bytes. @returns {Promise<Record<string, number>>} */
  async metrics() {
    return told(await this.#page._call("metrics"));
  }

  /** @param {{ path: string }} options */
  async captureHeapSnapshot(options) {
    const { path } = v.check("page.captureHeapSnapshot", HEAP_SNAPSHOT, options);
    const session = await this.#open();
    const file = await fs.open(path, "w");
    try {
      /** @type {Promise<unknown>} */
      let written = Promise.resolve();
      session.on("HeapProfiler.addHeapSnapshotChunk", (/** @type {{ chunk: string }} */ { chunk }) => {
        written = written.then(() => file.write(chunk));
        written.catch(() => {});
      });
      await session.send("HeapProfiler.takeHeapSnapshot", { reportProgress: false });
      await written;
    } finally {
      await Promise.all([file.close(), session.detach()]);
    }
  }

  async bringToFront() {
    await this.#page._call("bringToFront");
  }
}

module.exports = { Instruments };
