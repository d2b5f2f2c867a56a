// Turns the core's events into the objects that listeners of Puppeteer's names get, and keeps each request until its end, so that
// its response or failure comes with the same object.

const { uncaught } = require("../emit.js");
const { isOver, twinOf } = require("../errors.js");
const { ConsoleMessage } = require("./console-message.js");
const { Decision } = require("./decision.js");
const { Dialog } = require("./dialog.js");
const { Download } = require("./download.js");
const { FileChooser } = require("./file-chooser.js");
const { told } = require("./metrics.js");
const { HTTPRequest } = require("./request.js");
const { HTTPResponse } = require("./response.js");
const v = require("../validate.js");

/** @typedef {import("../native.js").CoreEventKind} EventKind */

/** They tell of each other; and without the ends of requests, these would be remembered for ever. */
/** @type {readonly EventKind[]} */
const EXCHANGE = ["request", "response", "requestfinished", "requestfailed"];

/**
 * What the core has to send for a listener of each name.
 * @type {Record<string, readonly EventKind[]>}
 */
const NEEDS = {
  close: [],
  console: ["console"],
  pageerror: ["pageerror"],
  dialog: ["dialog"],
  request: EXCHANGE,
  response: EXCHANGE,
  requestfinished: EXCHANGE,
  requestfailed: EXCHANGE,
  requestservedfromcache: EXCHANGE,
  // Without the ends of workers, these would be remembered for ever.
  workercreated: ["workercreated", "workerdestroyed"],
  workerdestroyed: ["workerdestroyed"],
  domcontentloaded: ["domcontentloaded"],
  load: ["load"],
  // Without the ends of frames, these would be remembered for ever.
  frameattached: ["frameattached", "framedetached"],
  framenavigated: ["framenavigated", "framedetached"],
  framedetached: ["framedetached"],
  popup: ["popup"],
  download: ["download"],
  crash: ["crash"],
  filechooser: ["filechooser"],
  metrics: ["metrics"],
  // Puppeteer's name of a crash.
  error: ["crash"],
};

/** A frame at the moment of its event. */
class FrameInfo {
  #frame;

  /** @param {{ url: string, name: string, main: boolean, sameDocument: boolean }} frame */
  constructor(frame) {
    this.#frame = frame;
  }

  url() {
    return this.#frame.url;
  }

  name() {
    return this.#frame.name;
  }

  isMainFrame() {
    return this.#frame.main;
  }

  /** Whether it has kept its document. */
  get isSameDocument() {
    return this.#frame.sameDocument;
  }
}

/** How many documents' requests are remembered for the navigations that may have led to them. */
const DOCUMENTS = 16;

/** Remembers the requests under way, so that a response or a failure tells of the very request that was told of. */
class PageEvents {
  /** @type {Map<string, InstanceType<typeof HTTPRequest>>} */
  #requests = new Map();
  /** The latest requests for documents, be they over. @type {Map<string, InstanceType<typeof HTTPRequest>>} */
  #documents = new Map();
  /** Whether listeners of "request" decide what becomes of each. */
  #deciding = false;
  /** Requests that will be told of when interception holds them, by their id. @type {Map<string, any>} */
  #sent = new Map();
  /** Requests that interception holds before the network has told of them. @type {Map<string, InstanceType<typeof import("./intercepted.js").InterceptedRequest>>} */
  #held = new Map();
  #owner;
  #emit;

  /**
   * @param {import("./request.js").Owner} owner
   * @param {(event: string, ...args: unknown[]) => boolean} emit gives back whether somebody listened
   */
  constructor(owner, emit) {
    this.#owner = owner;
    this.#emit = emit;
  }

  /**
   * @param {string} name
   * @param {any} data see src/engine/event.rs
   * @param {unknown} page that the event brings
   */
  deliver(name, data, page) {
    switch (name) {
      case "console":
        this.#ofScript(name, data.worker, new ConsoleMessage(data, this.#owner.wrap));
        break;
      case "pageerror":
        this.#ofScript(name, data.worker, twinOf(data));
        break;
      case "dialog":
        this.#dialog(new Dialog(data, this.#owner.call));
        break;
      case "request":
        this.#request(data);
        break;
      case "response": {
        const request = this.#known(data.id);
        if (request) this.#emit(name, this.#answered(request, data));
        break;
      }
      case "sentheaders":
        this.#requests.get(data.id)?._sent(data.headers);
        break;
      case "servedfromcache": {
        const request = this.#known(data.id);
        request?._servedFromCache();
        if (request) this.#emit("requestservedfromcache", request);
        break;
      }
      case "requestfinished":
      case "requestfailed":
        this.#ended(name, data);
        break;
      case "frameattached":
        this.#emit(name, this.#frame(name, data));
        break;
      case "framedetached":
        this.#emit(name, this.#frame(name, data));
        this.#owner.forget(data.id);
        break;
      case "workercreated":
      case "workerdestroyed":
        this.#emit(name, this.#owner.worker(name, data));
        break;
      case "framenavigated":
        this.#emit(name, this.#frame(name, data), new FrameInfo(data));
        break;
      case "popup":
        this.#emit(name, page);
        break;
      case "download":
        this.#emit(name, new Download(data, this.#owner.call));
        break;
      case "metrics":
        this.#emit(name, { title: data.title, metrics: told(data.metrics) });
        break;
      case "filechooser":
        this.#emit(name, new FileChooser(data, this.#owner.call));
        break;
      case "crash":
        this.#crashed(new Error("Page crashed!", { cause: new Error(data.reason) }));
        break;
      default:
        this.#emit(name, data);
    }
  }

  /** What a script has done: of a worker's the worker's listeners hear too. @param {string} name @param {string | null} worker @param {unknown} subject */
  #ofScript(name, worker, subject) {
    if (worker) this.#owner.ofWorker(worker, name === "console" ? "console" : "error", subject);
    this.#emit(name, subject);
  }

  /** The frame that an event tells of, which nobody needs who does not listen to that. @param {string} name @param {any} data */
  #frame(name, { id, parent, url, name: own, main = false }) {
    if (!this.#owner.hears(name)) return undefined;
    return this.#owner.frameTold(v.defined({ id, parent, url, name: own }), main);
  }

  /** @param {Error} error */
  #crashed(error) {
    this.#emit("crash", error);
    this.#emit("error", error);
  }

  /** The requests that have neither been answered in full nor failed. */
  pending() {
    return [...this.#requests.values()];
  }

  /** The last listener may be gone; the page must go on all the same. @param {InstanceType<typeof Dialog>} dialog */
  #dialog(dialog) {
    if (this.#emit("dialog", dialog)) return;
    // As a person who lets the page be left. A page that is over has no dialogs.
    (dialog.type() === "beforeunload" ? dialog.accept() : dialog.dismiss()).catch(() => {});
  }

  /** From now on listeners of "request" decide what becomes of each, or no more. @param {boolean} deciding */
  decide(deciding) {
    this.#deciding = deciding;
    if (deciding) return;
    // The core has let those go that it held.
    for (const data of this.#sent.values()) this.#tell(data);
    this.#sent.clear();
    this.#held.clear();
  }

  /**
   * Interception holds a request, of which listeners hear once the network has told of it too.
   * @param {InstanceType<typeof import("./intercepted.js").InterceptedRequest>} held
   */
  hold(held) {
    const { _data: data } = held;
    if (!data.watched) return this.#tell(data, held);
    const sent = this.#sent.get(data.id);
    this.#sent.delete(data.id);
    if (sent) return this.#tell(sent, held);
    const told = this.#requests.get(data.id);
    // The browser has begun it anew, as it does with fonts of another origin: of that the network does not tell.
    if (told && told.url() === data.url && !data.redirected)
      return this.#announce(told._again(this.#decision(data.url, held)));
    this.#held.set(data.id, held);
  }

  /** @param {string} url @param {InstanceType<typeof import("./intercepted.js").InterceptedRequest>} [held] */
  #decision(url, held) {
    return this.#deciding ? new Decision(url, held, () => this.#deciding) : undefined;
  }

  /** @param {any} data */
  #request(data) {
    // The browser answers these by itself.
    if (!this.#deciding || data.url.startsWith("data:")) return this.#tell(data);
    const held = this.#held.get(data.id);
    if (held === undefined) return void this.#sent.set(data.id, data);
    this.#held.delete(data.id);
    this.#tell(data, held);
  }

  /** @param {any} data @param {InstanceType<typeof import("./intercepted.js").InterceptedRequest>} [held] */
  #tell(data, held) {
    if (held) Object.assign(data.headers, held.headers);
    const before = data.redirect && this.#requests.get(data.id);
    if (before) {
      const response = this.#answered(before, { ...data.redirect, redirects: true });
      this.#emit("response", response);
      this.#emit("requestfinished", before);
    }
    const chain = before?._redirected() ?? [];
    this.#announce(new HTTPRequest(data, this.#owner, chain, this.#decision(data.url, held)), data.watched !== false);
  }

  /** @param {InstanceType<typeof HTTPRequest>} request @param {boolean} [ends] whether the network tells of its end */
  #announce(request, ends = true) {
    if (ends) this.#requests.set(request.id, request);
    if (request.isNavigationRequest()) this.#remember(request);
    this.#emit("request", request);
    if (this.#deciding) finish(request);
  }

  /** @param {InstanceType<typeof HTTPRequest>} request */
  #remember(request) {
    this.#documents.delete(request.id);
    if (this.#documents.size >= DOCUMENTS) {
      this.#documents.delete(/** @type {string} */ (this.#documents.keys().next().value));
    }
    this.#documents.set(request.id, request);
  }

  /**
   * A request that has been told of; one that interception was to hold and has not is told of now.
   * @param {string} id
   */
  #known(id) {
    const sent = this.#sent.get(id);
    if (sent !== undefined) {
      this.#sent.delete(id);
      this.#tell(sent);
    }
    return this.#requests.get(id);
  }

  /** @param {InstanceType<typeof HTTPRequest>} request @param {any} data */
  #answered(request, data) {
    return request._answered(() => new HTTPResponse(request, data, this.#owner.call));
  }

  /**
   * What a navigation has led to: the response that listeners have got, if any did.
   * @param {any} arrival see `Goto` in src/engine/command.rs
   * @returns {InstanceType<typeof HTTPResponse> | null}
   */
  arrived({ requests, response }) {
    if (!response) return null;
    const known = this.#documents.get(response.id);
    const request = known && known.url() === response.url ? known : this.#rebuilt(requests, response);
    return this.#answered(request, response);
  }

  /** @param {any[]} requests @param {any} response */
  #rebuilt(requests, { id, url }) {
    /** @type {InstanceType<typeof HTTPRequest>[]} */
    const chain = [];
    // One that was sent before anybody watched the network.
    const unseen = { id, url, method: "GET", headers: {}, resourceType: "document", navigation: true, main: true };
    const [last = unseen] = requests.slice(-1);
    for (const [at, data] of requests.slice(0, -1).entries()) {
      const request = new HTTPRequest(data, this.#owner, chain);
      this.#answered(request, { ...requests[at + 1].redirect, redirects: true });
      chain.push(request);
    }
    return new HTTPRequest(last, this.#owner, chain);
  }

  /** @param {string} name @param {any} data */
  #ended(name, data) {
    const request = this.#known(data.id);
    if (!request) return;
    this.#requests.delete(data.id);
    if (data.errorText) request._failed(data.errorText, data.kept);
    this.#emit(name, request);
  }
}

/** All listeners have been told of a request. @param {InstanceType<typeof HTTPRequest>} request */
function finish(request) {
  request.finalizeInterceptions().catch((/** @type {unknown} */ error) => {
    if (!isOver(error)) uncaught(error);
  });
}

module.exports = { EXCHANGE, NEEDS, PageEvents };
