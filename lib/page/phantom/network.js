// What PhantomJS tells of each request, and in which order: that it is asked for, that an answer starts, what is wrong with it, and
// its end, which every request has.

const {
  NO_ANSWER,
  SCHEMES,
  answerOf,
  canceled,
  connectionError,
  errorOf,
  isError,
  isRedirect,
  requested,
  resource,
  statusError,
  timedOut,
} = require("./resources.js");

/** Requests that are remembered: more than a page has under way. */
const MOST = 2000;

/** What answers without a body. */
const WITHOUT_BODY = [204, 205, 304];

/** Failures of which PhantomJS tells nothing but the end, for each of the answers has been told of. */
const TOLD_ALREADY = /TOO_MANY_REDIRECTS/;

/**
 * A request as the program has been told of it.
 * @typedef {object} Seen
 * @property {number} id in the order of requests; one that follows a redirect has an id of its own
 * @property {string} url what it has become by a callback; nothing where that has aborted it
 * @property {"open" | "failed" | "over"} state what has been told: also its error, or its end
 */

/** @typedef {import("./loads.js").Told} Told */

class Network {
  /** @type {Map<string, Seen>} */
  #seen = new Map();
  #last = 0;
  /** Ids of requests that nobody but we have made. @type {Set<string>} */
  #own = new Set();

  /** @param {string} id the browser's @param {string} url @returns {Seen} */
  #of(id, url) {
    const key = `${id} ${url}`;
    const known = this.#seen.get(key);
    if (known) return known;
    if (this.#seen.size >= MOST) this.#seen.delete(/** @type {string} */ (this.#seen.keys().next().value));
    this.#last += 1;
    /** @type {Seen} */
    const seen = { id: this.#last, url, state: "open" };
    this.#seen.set(key, seen);
    return seen;
  }

  /** Has nobody hear of a request. @param {string} id */
  hide(id) {
    this.#own.add(id);
  }

  /** @param {string} id */
  #isOver(id, url = "") {
    return this.#own.has(id) || this.#seen.get(`${id} ${url}`)?.state === "over";
  }

  /** The program is asked about it. @param {{ id: string, url: string, method: string, headers: Record<string, string>, body?: string }} request */
  asked({ id, url, method, headers, body }) {
    return requested(this.#of(id, url), { method, headers, postData: body });
  }

  /** The program has changed where it goes; nowhere is that it has aborted it. @param {{ id: string, url: string }} request @param {string} to */
  changed({ id, url }, to) {
    this.#of(id, url).url = to;
  }

  /** Whether the browser lets nobody ask about such a request. @param {any} request of Puppeteer's shape */
  isUnasked(request) {
    const url = request.url();
    return url.startsWith("data:") || (request.isNavigationRequest() && !SCHEMES.test(url));
  }

  /** @param {any} request of Puppeteer's shape */
  unasked(request) {
    return requested(this.#of(request.id, request.url()), shownOf(request));
  }

  /** @param {any} response of Puppeteer's shape @returns {Told[]} */
  received(response) {
    const request = response.request();
    const answer = answerOf(response);
    // Of a redirect there is the end alone.
    if (this.#isOver(request.id, request.url()) || isRedirect(answer.status, answer.headers)) return [];
    const seen = this.#of(request.id, request.url());
    return this.#begun(seen, answer, request.method());
  }

  /** @param {Seen} seen @param {import("./resources.js").Answer} answer @param {string} method @returns {Told[]} */
  #begun(seen, answer, method) {
    /** @type {Told[]} */
    const told = [];
    if (!isEmpty(answer, method)) told.push(["onResourceReceived", [resource(seen, answer, "start")]]);
    if (isError(Number(answer.status))) {
      seen.state = "failed";
      told.push(["onResourceError", [statusError(seen, answer)]]);
    }
    return told;
  }

  /** @param {any} request of Puppeteer's shape @returns {Told[]} */
  finished(request) {
    const response = request.response();
    if (!response || this.#isOver(request.id, request.url())) return [];
    return this.#end(this.#of(request.id, request.url()), answerOf(response));
  }

  /** @param {any} request of Puppeteer's shape @returns {Told[]} */
  failed(request) {
    const text = request.failure()?.errorText ?? "";
    if (this.#isUnbegun(request, text) || this.#isOver(request.id, request.url())) return [];
    const seen = this.#of(request.id, request.url());
    const { _kept: kept } = request;
    const answer = kept ?? (request.response() ? answerOf(request.response()) : NO_ANSWER);
    const begun = kept ? this.#begun(seen, kept, request.method()) : [];
    return [...begun, ...this.#error(seen, answer, text, Boolean(kept)), ...this.#end(seen, answer)];
  }

  /** What the browser refuses without asking anybody, and pictures that it is not to load, PhantomJS does not begin. @param {any} request @param {string} text */
  #isUnbegun(request, text) {
    if (text === "") return true;
    if (this.#seen.has(`${request.id} ${request.url()}`)) return false;
    return text.includes("UNSAFE_PORT") || (request.resourceType() === "image" && text.includes("BLOCKED_BY_CLIENT"));
  }

  /** @param {Seen} seen @param {import("./resources.js").Answer} answer @param {string} text @param {boolean} isKept @returns {Told[]} */
  #error(seen, answer, text, isKept) {
    // A document without a body, and what is of no use to the page, which Chromium gives up in the middle.
    const isWhole = WITHOUT_BODY.includes(Number(answer.status)) || (isKept && text.includes("BLOCKED_BY"));
    if (seen.state === "failed" || isWhole || TOLD_ALREADY.test(text)) return [];
    return [["onResourceError", [connectionError(seen, answer, text)]]];
  }

  /** Its time is over. Whatever comes of it yet, nobody hears. @param {any} request of Puppeteer's shape @returns {Told[]} */
  late(request) {
    if (this.#isOver(request.id, request.url())) return [];
    const seen = this.#of(request.id, request.url());
    const answer = request.response() ? answerOf(request.response()) : NO_ANSWER;
    return [
      ["onResourceTimeout", [timedOut(seen, shownOf(request))]],
      ["onResourceError", [canceled(seen, answer)]],
      ...this.#end(seen, answer),
    ];
  }

  /** Of a request that the browser has not told of. @param {{ url: string, method?: string, postData?: string }} request @returns {Told[]} */
  lateUnseen({ url, method = "GET", postData }) {
    this.#last += 1;
    /** @type {Seen} */
    const seen = { id: this.#last, url, state: "open" };
    return [["onResourceTimeout", [timedOut(seen, { method, headers: {}, postData })]]];
  }

  /**
   * A request that is not made, for nothing can come of it.
   * @param {string} url
   * @param {number} code
   * @param {string} words
   * @returns {{ asked: unknown, ended: Told[] }}
   */
  refused(url, code, words) {
    this.#last += 1;
    /** @type {Seen} */
    const seen = { id: this.#last, url, state: "open" };
    const ended = /** @type {Told[]} */ ([
      ["onResourceError", [errorOf(seen, NO_ANSWER, code, words)]],
      ...this.#end(seen, NO_ANSWER),
    ]);
    return { asked: requested(seen, { method: "GET", headers: {} }), ended };
  }

  /** @param {Seen} seen @param {import("./resources.js").Answer} answer @returns {Told[]} */
  #end(seen, answer) {
    seen.state = "over";
    return [["onResourceReceived", [resource(seen, answer, "end")]]];
  }
}

/** @param {import("./resources.js").Answer} answer @param {string} method */
function isEmpty({ status, headers }, method) {
  return method === "HEAD" || WITHOUT_BODY.includes(Number(status)) || headers["content-length"] === "0";
}

/** @param {any} request of Puppeteer's shape */
function shownOf(request) {
  return { method: request.method(), headers: request.headers(), postData: request.postData() };
}

module.exports = { Network };
