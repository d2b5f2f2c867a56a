// Turns the core's events into the objects that listeners of Puppeteer's names get, and keeps each request until its end, so that
// its response or failure comes with the same object.

const { revive } = require("./evaluate.js");
const { twinOf } = require("../errors.js");
const { Dialog } = require("./dialog.js");
const { Download } = require("./download.js");
const { FileChooser } = require("./file-chooser.js");
const { told } = require("./metrics.js");
const { Request, Response } = require("./request.js");

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
  domcontentloaded: ["domcontentloaded"],
  load: ["load"],
  framenavigated: ["framenavigated"],
  popup: ["popup"],
  download: ["download"],
  crash: ["crash"],
  filechooser: ["filechooser"],
  metrics: ["metrics"],
  // Puppeteer's name of a crash.
  error: ["crash"],
};

/** Where in which script something happened. @typedef {{ url?: string, lineNumber?: number, columnNumber?: number }} Location */

/** A line of the page's console, written by a script or by the browser. */
class ConsoleMessage {
  #type;
  #text;
  #args;
  #location;
  #source;

  /** @param {{ type: string, text: string, args: unknown[], location: Location, source?: string }} message */
  constructor({ type, text, args, location, source }) {
    this.#type = type;
    this.#text = text;
    this.#args = args.map(revive);
    this.#location = location;
    this.#source = source;
  }

  /** Whether a script has written it, and not the browser. */
  get isOfScript() {
    return this.#source === undefined;
  }

  /** As in the DevTools protocol: "log", "debug", "info", "error", "warning", "dir", ...; of the browser's also "verbose" */
  type() {
    return this.#type;
  }

  text() {
    return this.#text;
  }

  /** Primitive values as they are; objects, functions and symbols as the text that a console shows. */
  args() {
    return this.#args;
  }

  location() {
    return this.#location;
  }
}

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

/** Remembers the requests under way, so that a response or a failure tells of the very request that was told of. */
class PageEvents {
  /** @type {Map<string, InstanceType<typeof Request>>} */
  #requests = new Map();
  #call;
  #emit;

  /**
   * @param {import("./request.js").Call} call a command to the page
   * @param {(event: string, ...args: unknown[]) => boolean} emit gives back whether somebody listened
   */
  constructor(call, emit) {
    this.#call = call;
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
        this.#emit(name, new ConsoleMessage(data));
        break;
      case "pageerror":
        this.#emit(name, twinOf(data));
        break;
      case "dialog":
        this.#dialog(new Dialog(data, this.#call));
        break;
      case "request":
        this.#request(data);
        break;
      case "response": {
        const request = this.#requests.get(data.id);
        if (request) this.#emit(name, request.answered(new Response(request, data, this.#call)));
        break;
      }
      case "sentheaders":
        this.#requests.get(data.id)?.sent(data.headers);
        break;
      case "servedfromcache":
        this.#requests.get(data.id)?.servedFromCache();
        break;
      case "requestfinished":
      case "requestfailed":
        this.#ended(name, data);
        break;
      case "framenavigated":
        this.#emit(name, new FrameInfo(data));
        break;
      case "popup":
        this.#emit(name, page);
        break;
      case "download":
        this.#emit(name, new Download(data, this.#call));
        break;
      case "metrics":
        this.#emit(name, { title: data.title, metrics: told(data.metrics) });
        break;
      case "filechooser":
        this.#emit(name, new FileChooser(data, this.#call));
        break;
      case "crash":
        this.#crashed(new Error(`the page crashed (${data.reason})`));
        break;
      default:
        this.#emit(name, data);
    }
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

  /** @param {any} data */
  #request(data) {
    const before = data.redirect && this.#requests.get(data.id);
    const request = new Request(data, before ? before.redirected() : []);
    this.#requests.set(data.id, request);
    if (before) {
      this.#emit("response", before.answered(new Response(before, data.redirect, this.#call)));
      this.#emit("requestfinished", before);
    }
    this.#emit("request", request);
  }

  /** @param {string} name @param {any} data */
  #ended(name, data) {
    const request = this.#requests.get(data.id);
    if (!request) return;
    this.#requests.delete(data.id);
    if (data.errorText) request.failed(data.errorText, data.kept);
    this.#emit(name, request);
  }
}

module.exports = { EXCHANGE, NEEDS, PageEvents };
