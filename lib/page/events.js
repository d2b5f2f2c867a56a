// What a page tells: the core's events, turned into the objects that listeners of Puppeteer's names get. Which events the
// core has to send depends on which names have listeners.

const { pageError } = require("../errors.js");
const { Dialog } = require("./dialog.js");
const { Download } = require("./download.js");
const { Request, Response } = require("./request.js");

/**
 * What the core has to send for a listener of each name.
 * @type {Record<string, readonly string[]>}
 */
const NEEDS = {
  console: ["console"],
  pageerror: ["pageerror"],
  dialog: ["dialog"],
  request: ["request"],
  response: ["request", "response"],
  requestfinished: ["request", "response", "requestfinished"],
  requestfailed: ["request", "requestfailed"],
  domcontentloaded: ["domcontentloaded"],
  load: ["load"],
  framenavigated: ["framenavigated"],
  popup: ["popup"],
  download: ["download"],
  crash: ["crash"],
  filechooser: ["filechooser"],
};

/** Where in which script something happened. @typedef {{ url?: string, lineNumber?: number, columnNumber?: number }} Location */

/** A line that the page wrote to its console. */
class ConsoleMessage {
  #type;
  #text;
  #args;
  #location;

  /** @param {{ type: string, text: string, args: unknown[], location: Location }} message */
  constructor({ type, text, args, location }) {
    this.#type = type;
    this.#text = text;
    this.#args = args;
    this.#location = location;
  }

  /** As in the DevTools protocol: "log", "debug", "info", "error", "warning", "dir", ... */
  type() {
    return this.#type;
  }

  text() {
    return this.#text;
  }

  /** The arguments as far as they are data; others as the text that a console shows. */
  args() {
    return this.#args;
  }

  location() {
    return this.#location;
  }
}

/** A frame at the moment of the event. */
class FrameInfo {
  #frame;

  /** @param {{ id: string, url: string, name: string, main: boolean }} frame */
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
}

/**
 * Turns the core's events into calls of `emit`. It remembers the requests that are under way, so that a response and a failure
 * tell of the very request that was told of.
 */
class PageEvents {
  /** @type {Map<string, Request>} */
  #requests = new Map();
  #call;
  #emit;

  /**
   * @param {(method: string, params: object, operation: string) => Promise<any>} call a command to the page
   * @param {(event: string, ...args: unknown[]) => number} emit gives back how many listeners there were
   */
  constructor(call, emit) {
    this.#call = call;
    this.#emit = emit;
  }

  /**
   * @param {string} name
   * @param {any} data see `PageEvent` in src/engine/event.rs
   * @param {unknown} [page] of a popup
   */
  deliver(name, data, page) {
    switch (name) {
      case "console":
        return void this.#emit("console", new ConsoleMessage(data));
      case "pageerror":
        return void this.#emit("pageerror", pageError(data));
      case "dialog":
        return this.#dialog(data);
      case "request":
        return this.#request(data);
      case "response": {
        const request = this.#requests.get(data.id);
        if (request) this.#emit("response", request.answered(new Response(request, data, this.#call)));
        return;
      }
      case "requestfinished":
        return this.#ended(data, "requestfinished");
      case "requestfailed":
        return this.#ended(data, "requestfailed");
      case "framenavigated":
        return void this.#emit("framenavigated", new FrameInfo(data), data.sameDocument);
      case "popup":
        return void this.#emit("popup", page);
      case "download":
        return void this.#emit("download", new Download(data, this.#call));
      case "crash":
        return void this.#emit("crash", new Error(`the page crashed${data.reason ? ` (${data.reason})` : ""}`));
      default:
        this.#emit(name, data);
    }
  }

  /** A dialog that nobody listens for is dismissed, so that the page goes on. @param {any} data */
  #dialog(data) {
    const dialog = new Dialog(data, this.#call);
    if (this.#emit("dialog", dialog) === 0) dialog.dismiss().catch(() => {});
  }

  /** @param {any} data */
  #request(data) {
    const before = this.#requests.get(data.id);
    const request = new Request(data, before && data.redirect ? before.redirected(data.redirect, this.#call) : []);
    this.#requests.set(data.id, request);
    this.#emit("request", request);
  }

  /** @param {any} data @param {string} event */
  #ended(data, event) {
    const request = this.#requests.get(data.id);
    if (!request) return;
    this.#requests.delete(data.id);
    if (data.errorText) request.failed(data.errorText);
    this.#emit(event, request);
  }
}

module.exports = { NEEDS, PageEvents };
