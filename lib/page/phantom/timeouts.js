// PhantomJS's resourceTimeout: a resource that has no end by then is given up, and the page goes on without it.

/** Watches the requests of one load. */
class Timeouts {
  #limit;
  #late;
  #stalled;
  /** Requests under way, and what waits for their time to be over. @type {Map<string, NodeJS.Timeout>} */
  #timers = new Map();
  /** Those whose time is over. @type {Set<string>} */
  #given = new Set();
  #hasDocument = false;

  /**
   * @param {number} limit ms
   * @param {(request: any) => void} late hears of each request whose time is over
   * @param {(hasDocument: boolean) => void} stalled is called when nothing but such requests is under way
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
    if (name === "response" && request.request().isNavigationRequest() && request.request().isMainFrame())
      this.#hasDocument = true;
  }

  /** @param {any} request */
  #begin(request) {
    clearTimeout(this.#timers.get(request.id));
    const timer = setTimeout(() => {
      this.#given.add(request.id);
      this.#late(request);
      if (this.#given.size === this.#timers.size) this.#stalled(this.#hasDocument);
    }, this.#limit);
    this.#timers.set(request.id, timer);
  }

  /** @param {any} request */
  #end(request) {
    clearTimeout(this.#timers.get(request.id));
    this.#timers.delete(request.id);
    this.#given.delete(request.id);
    if (this.#given.size > 0 && this.#given.size === this.#timers.size) this.#stalled(this.#hasDocument);
  }

  stop() {
    for (const timer of this.#timers.values()) clearTimeout(timer);
  }
}

module.exports = { Timeouts };
