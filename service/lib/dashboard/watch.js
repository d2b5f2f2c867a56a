// What the dashboard shows of the town: samples of an hour, the last results and the last failures. All of it has bounds.

/** Milliseconds between two samples, and how many of them are an hour. */
const EACH = 10_000;
const SAMPLES = 360;
/** Of the items of one sample, so many durations. */
const DURATIONS = 1000;
const RESULTS = 12;
const FAILURES = 12;
/** Bytes of a picture that is kept. */
const LARGEST = 2 ** 20;
/** Characters of an address or of an error's message. */
const LONGEST = 300;

/** @typedef {{ at: number, waiting: number, running: number, done: number, failed: number, p50: number | null, p99: number | null }} Sample */
/** @typedef {{ id: string, kind: string, what: string, at: number, took: number, bytes: number, type: string, picture: boolean }} Result */
/** @typedef {{ id: string, kind: string, what: string, at: number, code: string, message: string }} Failure */

class Watch {
  #town;
  /** @type {WeakMap<object, number>} */
  #starts = new WeakMap();
  /** @type {number[]} */
  #durations = [];
  #done = 0;
  #failed = 0;
  /** @type {Sample[]} */
  #samples = [];
  /** The last one first. @type {(Result & { body?: Buffer })[]} */
  #results = [];
  /** The last one first. @type {Failure[]} */
  #failures = [];
  #timer;

  /** @param {import("../town.js").ServiceTown} town */
  constructor(town) {
    this.#town = town;
    town.on("itemStart", (item) => this.#starts.set(item, performance.now()));
    town.on("itemDone", (item) => this.#hear(item));
    this.#timer = setInterval(() => this.#sample(), EACH).unref();
  }

  close() {
    clearInterval(this.#timer);
  }

  /** All that is known, but for the pictures. */
  get picture() {
    const { waiting, inFlight, fulfilled, rejected, workers } = this.#town.stats();
    return {
      now: { at: Date.now(), waiting, running: inFlight, fulfilled, rejected },
      workers: workers.map(({ id, state, items, inFlight: running, memory, uptime }) => ({
        id,
        state,
        items,
        running,
        memory,
        uptime,
      })),
      samples: this.#samples,
      results: this.#results.map(({ body: _, ...result }) => result),
      failures: this.#failures,
    };
  }

  /** @param {string} id @returns {{ type: string, body: Buffer } | undefined} */
  thumbnail(id) {
    const found = this.#results.find((result) => result.id === id);
    return found?.body && { type: found.type, body: found.body };
  }

  /** @param {import("boomtown").Item<import("../town.js").Wanted, import("../render/index.js").Rendered>} item */
  #hear(item) {
    const start = this.#starts.get(item);
    const took = start === undefined ? 0 : performance.now() - start;
    if (start !== undefined && this.#durations.length < DURATIONS) this.#durations.push(took);
    const about = { id: item.id, kind: item.data.kind, what: nameOf(item.data), at: Date.now() };
    item.then(
      (rendered) => this.#keepResult(about, took, rendered),
      (error) => this.#keepFailure(about, error),
    );
  }

  /**
   * @param {Pick<Result, "id" | "kind" | "what" | "at">} about
   * @param {number} took
   * @param {Partial<import("../render/index.js").Rendered> | undefined} rendered a form's has no type
   */
  #keepResult(about, took, rendered) {
    this.#done += 1;
    const { type = "", body } = rendered ?? {};
    const isPicture = Buffer.isBuffer(body) && type.startsWith("image/") && body.length <= LARGEST;
    const bytes = body === undefined ? 0 : Buffer.byteLength(body);
    this.#results.unshift({
      ...about,
      took,
      bytes,
      type,
      picture: isPicture,
      body: isPicture ? body : undefined,
    });
    this.#results.length = Math.min(this.#results.length, RESULTS);
  }

  /** @param {Pick<Failure, "id" | "kind" | "what" | "at">} about @param {{ code?: string, message?: string }} error */
  #keepFailure(about, { code = "", message = "" }) {
    this.#failed += 1;
    this.#failures.unshift({ ...about, code, message: String(message).slice(0, LONGEST) });
    this.#failures.length = Math.min(this.#failures.length, FAILURES);
  }

  #sample() {
    const { waiting, inFlight } = this.#town.stats();
    const sorted = this.#durations.sort((one, other) => one - other);
    this.#samples.push({
      at: Date.now(),
      waiting,
      running: inFlight,
      done: this.#done,
      failed: this.#failed,
      p50: percentile(sorted, 0.5),
      p99: percentile(sorted, 0.99),
    });
    if (this.#samples.length > SAMPLES) this.#samples.shift();
    this.#durations = [];
    this.#done = 0;
    this.#failed = 0;
  }
}

/** @param {number[]} sorted @param {number} share */
function percentile(sorted, share) {
  if (sorted.length === 0) return null;
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]);
}

/** An address without its query, which may have secrets. @param {any} wanted */
function nameOf({ url }) {
  if (typeof url !== "string") return "HTML";
  if (!URL.canParse(url)) return "";
  const { protocol, host, pathname } = new URL(url);
  return (host ? `${protocol}//${host}${pathname}` : `${protocol}…`).slice(0, LONGEST);
}

module.exports = { Watch };
