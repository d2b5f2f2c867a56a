// PhantomJS's resourceTimeout: a resource that has no end by then is given up, and the page goes on without it.

/** How a load ends when nothing but such resources is under way. */
const STALLED = Symbol("the document is there, and the rest is given up");
const FAILED = Symbol("the document itself is given up");

/** Watches the requests of a page from one load to the next. */
class Timeouts {
  #limit;
  #late;
  #stalled;
  /** Requests under way, and what waits for their time to be over. @type {Map<string, NodeJS.Timeout>} */
  #timers = new Map();
  /** Those whose time is over. @type {Map<string, any>} */
  #given = new Map();

  /**
   * @param {number} limit ms
   * @param {(request: any) => void} late hears of each request whose time is over
   * @param {(outcome: typeof STALLED | typeof FAILED) => void} stalled is called when nothing but such requests is under way
   */
  constructor(limit, late, stalled) {
    this.#limit = limit;
    this.#late = late;
    this.#stalled = stalled;
  }

  /** @param {string} name @param {any} request of Puppeteer's shape, or its response */
  hear(name, request) {
    if (name === "request") this.#begin(request);
    if (name === "requestfinished" || name === "requestfailed") this.#end(request);
  }

  /** @param {any} request */
  #begin(request) {
    clearTimeout(this.#timers.get(request.id));
    const timer = setTimeout(() => {
      this.#given.set(request.id, request);
      this.#late(request);
      this.#look();
    }, this.#limit);
    // Nobody waits for it but a load, which the page waits for.
    timer.unref();
    this.#timers.set(request.id, timer);
  }

  /** @param {any} request */
  #end(request) {
    clearTimeout(this.#timers.get(request.id));
    this.#timers.delete(request.id);
    this.#given.delete(request.id);
    if (this.#given.size > 0) this.#look();
  }

  #look() {
    if (this.#given.size < this.#timers.size) return;
    const requests = [...this.#given.values()];
    const isDocument = requests.some((request) => request.isNavigationRequest() && request.isMainFrame());
    this.#stalled(isDocument ? FAILED : STALLED);
  }

  stop() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}

module.exports = { FAILED, STALLED, Timeouts };
