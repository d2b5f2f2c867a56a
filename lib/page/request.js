// A request of the page, in Puppeteer's shape.

const { fail } = require("../errors.js");
const { publish } = require("./calls.js");
const v = require("../validate.js");

/** @typedef {InstanceType<typeof import("./response.js").HTTPResponse>} HTTPResponse */

/**
 * What requests and responses need of their page.
 * @typedef {object} Owner
 * @property {import("./intercepted.js").Call} call
 * @property {(name: string) => boolean} hears whether somebody listens to an event of the page
 * @property {(id: string) => any} frame the frame with this id; null if there is none
 * @property {(told: { id: string, parent?: string, url?: string, name?: string }, main: boolean) => any} frameTold the frame that
 *   an event tells of
 * @property {(id: string) => void} forget that frame, which is no more
 * @property {(event: string, state: import("../native.js").CoreWorker) => any} worker the worker that an event tells of
 * @property {(id: string, event: string, subject: unknown) => void} ofWorker hears what the worker with this id has written to its
 *   console, or thrown
 * @property {(frame?: string) => any} client a session of the DevTools protocol with a frame, or with the main one
 * @property {(object: any) => any} wrap the handle of a remote object
 */

class HTTPRequest {
  #data;
  #owner;
  #chain;
  #decision;
  /** @type {HTTPResponse | null} */
  #response = null;
  /** @type {string | null} */
  #failure = null;
  #isServedFromCache = false;
  /** A response that the browser has kept from the page. @type {{ status: number, statusText: string, headers: Record<string, string> } | undefined} */
  #kept;

  /**
   * @param {any} data see the event "request" in src/engine/event.rs
   * @param {Owner} owner
   * @param {HTTPRequest[]} chain the requests that were redirected to this one; all of a chain have the same
   * @param {InstanceType<typeof import("./decision.js").Decision>} [decision] where listeners decide what becomes of it
   */
  constructor(data, owner, chain, decision) {
    this.#data = data;
    this.#owner = owner;
    this.#chain = chain;
    this.#decision = decision;
  }

  get id() {
    return this.#data.id;
  }

  /** A session of the DevTools protocol with the frame that asks for it. */
  get client() {
    return this.#owner.client(this.#data.frame ?? undefined);
  }

  /** With its fragment. */
  url() {
    return this.#data.url;
  }

  method() {
    return this.#data.method;
  }

  /** Names in lower case. @returns {Record<string, string>} */
  headers() {
    return { ...this.#data.headers };
  }

  /** @returns {string | undefined} */
  postData() {
    return this.#data.postData ?? undefined;
  }

  hasPostData() {
    return this.#data.hasPostData ?? false;
  }

  /** The body, be it one that `postData` does not have. @returns {Promise<string | undefined>} */
  async fetchPostData() {
    return (await this.#owner.call("postData", { id: this.id }, "request.fetchPostData")) ?? undefined;
  }

  /** "document", "stylesheet", "image", "media", "font", "script", "xhr", "fetch", "websocket", "other", ... */
  resourceType() {
    return this.#data.resourceType;
  }

  /** What has caused it, as the DevTools protocol tells it. */
  initiator() {
    return this.#data.initiator ?? undefined;
  }

  /** The frame that asks for it; null where it is gone, or there is none. */
  frame() {
    return this.#data.frame ? this.#owner.frame(this.#data.frame) : null;
  }

  isNavigationRequest() {
    return this.#data.navigation;
  }

  /** Whether the frame that asks for it is the main one. */
  isMainFrame() {
    return this.#data.main;
  }

  redirectChain() {
    return [...this.#chain];
  }

  response() {
    return this.#response;
  }

  failure() {
    return this.#failure === null ? null : { errorText: this.#failure };
  }

  /** @param {object} [overrides] @param {number} [priority] */
  async continue(overrides, priority) {
    await this.#deciding("continue").decide("continue", overrides, priority);
  }

  /** @param {object} response @param {number} [priority] */
  async respond(response, priority) {
    await this.#deciding("respond").decide("respond", response, priority);
  }

  /** @param {string} [reason] @param {number} [priority] */
  async abort(reason, priority) {
    await this.#deciding("abort").decide("abort", reason, priority);
  }

  /** Has a function run, and its promise awaited, before the decision counts. @param {() => unknown} handler */
  enqueueInterceptAction(handler) {
    v.argument("request.enqueueInterceptAction", "handler", v.func({ required: true }), handler);
    this.#decision?.enqueue(handler);
  }

  async finalizeInterceptions() {
    await this.#decision?.finish();
  }

  interceptResolutionState() {
    return this.#decision?.state ?? { action: "disabled" };
  }

  isInterceptResolutionHandled() {
    return this.#decision?.isHandled ?? false;
  }

  /** What a listener has last wanted it to go on with. */
  continueRequestOverrides() {
    return this.#decision?.said("continue") ?? {};
  }

  /** What a listener has last wanted it to be answered with. */
  responseForRequest() {
    return this.#decision?.said("respond") ?? null;
  }

  /** What a listener has last wanted it to fail with, as the DevTools protocol has it: "Failed", "TimedOut", ... */
  abortErrorReason() {
    return this.#decision?.said("abort") ?? null;
  }

  /** @param {string} method */
  #deciding(method) {
    if (this.#decision) return this.#decision;
    throw fail(
      "ERR_INVALID_OPTION",
      `request.${method}: Request Interception is not enabled! Call page.setRequestInterception(true) before the request to ${v.brief(this.url())} is made`,
    );
  }

  /** What went over the wire, cookies among it. @param {Record<string, string>} headers */
  _sent(headers) {
    Object.assign(this.#data.headers, headers);
  }

  /** The renderer's own cache had its answer. */
  _servedFromCache() {
    this.#isServedFromCache = true;
  }

  get _isServedFromCache() {
    return this.#isServedFromCache;
  }

  /** The response, which has come in two ways where a navigation gave it. @param {() => HTTPResponse} make */
  _answered(make) {
    this.#response ??= make();
    return this.#response;
  }

  /** @param {string} errorText @param {{ status: number, statusText: string, headers: Record<string, string> }} [kept] */
  _failed(errorText, kept) {
    this.#failure = errorText;
    this.#kept = kept;
  }

  get _kept() {
    return this.#kept;
  }

  /** The same, begun anew. @param {InstanceType<typeof import("./decision.js").Decision>} [decision] */
  _again(decision) {
    return new HTTPRequest(this.#data, this.#owner, this.#chain, decision);
  }

  /** It was redirected: the chain for the request that follows. */
  _redirected() {
    this.#chain.push(this);
    return this.#chain;
  }
}

publish(HTTPRequest);

module.exports = { HTTPRequest };
