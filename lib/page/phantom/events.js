// phantom's events: made of the core's, or asked of the program's listeners, whose answers the page gets.

const { statement } = require("../evaluate.js");
const { Dialogs } = require("./dialogs.js");
const { everywhere } = require("./everywhere.js");
const { textOf } = require("./lenient.js");
const { Loads } = require("./loads.js");
const { Network } = require("./network.js");

/** The core tells of a thrown value that is no error by a sentence. */
const NO_ERROR = " was thrown, which is not an Error";

class Events {
  #page;
  #state;
  #strict;
  #callbacks;
  #windows;
  loads = new Loads(() => this.#watchesRequests);
  network = new Network();
  /** What listens to requests beside the program. @type {Set<(name: string, request: any) => void>} */
  #watchers = new Set();
  #watchesRequests = false;
  #hasConsole = false;

  /**
   * @param {any} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {boolean} strict the page's scripts write to the console as in PhantomJS
   * @param {InstanceType<typeof import("./callbacks.js").Callbacks>} callbacks
   * @param {InstanceType<typeof import("./windows.js").Windows>} windows
   */
  constructor(page, state, strict, callbacks, windows) {
    this.#page = page;
    this.#state = state;
    this.#strict = strict;
    this.#callbacks = callbacks;
    this.#windows = windows;
    this.dialogs = new Dialogs(page, callbacks);
  }

  /**
   * Has the page do what listeners of these events need.
   * @param {readonly (string | symbol)[]} events
   */
  follow(events) {
    if (events.includes("onCallback")) this.dialogs.installCallPhantom();
    if (events.includes("onConsoleMessage") && this.#strict) this.#installConsole();
    const watches = events.includes("onResourceRequested");
    if (watches === this.#watchesRequests) return;
    this.#watchesRequests = watches;
    /** @param {any} request */
    const ask = (request) => this.#askOfRequest(request);
    this.#page._first([this.#page._intercept("watches", watches ? ask : undefined)]);
  }

  /**
   * Has somebody of ours see every request and its end.
   * @param {(name: string, request: any) => void} watcher
   * @returns {() => void} ends that
   */
  watch(watcher) {
    this.#watchers.add(watcher);
    return () => void this.#watchers.delete(watcher);
  }

  /**
   * Tells what an event of the core means to phantom's listeners.
   * @param {string} name
   * @param {any} subject
   * @param {boolean} heard whether somebody has heard it by the core's name
   * @returns {boolean} whether somebody has heard it here
   */
  deliver(name, subject, heard) {
    for (const watcher of this.#watchers) watcher(name, subject);
    if (name === "dialog") return !heard && this.dialogs.answer(subject);
    if (name === "filechooser") this.#pickFiles(subject);
    return this.tell(this.#made(name, subject));
  }

  /** @param {import("./loads.js").Told[]} events */
  tell(events) {
    let heard = false;
    for (const [event, args] of events) heard = this.#page._deliver(event, args) || heard;
    return heard;
  }

  /** Nothing can come of opening it. @param {string} url @param {number} code Qt's @param {string} words */
  tellRefused(url, code, words) {
    const { asked, ended } = this.network.refused(url, code, words);
    this.loads.kept();
    this.tell([["onNavigationRequested", [url, "Other", !this.#state.navigationLocked, true]]]);
    this.#callbacks.ask("onResourceRequested", asked, networkRequest({}));
    this.tell([["onLoadStarted", []], ...ended, ["onLoadFinished", ["fail"]]]);
  }

  /** @param {{ message: string, stack: string }} thrown */
  tellError({ message, stack }) {
    // Below the program's own function is what carries its result.
    const frames = trace(stack);
    const end = frames.findIndex(({ function: name }) => name === "program");
    this.tell([["onError", [message, end < 0 ? frames : frames.slice(0, end)]]]);
  }

  /**
   * @param {string} name
   * @param {any} subject
   * @returns {import("./loads.js").Told[]}
   */
  #made(name, subject) {
    const { navigationLocked } = this.#state;
    switch (name) {
      case "loadstarted":
        return this.loads.started();
      case "navigating":
        return this.loads.asked(subject);
      case "framenavigated":
        return this.loads.navigated(subject, navigationLocked);
      case "loadfinished":
        return this.loads.finished(subject.ok);
      case "contentstarted":
        return this.loads.writing();
      case "contentfinished":
        return this.loads.written();
      case "request":
        return this.#requested(subject);
      case "response":
        return this.network.received(subject);
      case "requestfinished":
        return this.network.finished(subject);
      case "requestfailed":
        return this.network.failed(subject);
      case "console":
        return subject.isOfScript ? [["onConsoleMessage", consoleLine(subject)]] : [];
      case "pageerror":
        return [["onError", [errorText(subject), trace(subject.stack)]]];
      case "closing":
        return [["onClosing", [this.#page]]];
      case "popup":
        this.#windows.add(subject);
        return [["onPageCreated", [subject]]];
      case "repaint":
        return [["onRepaintRequested", [subject.x, subject.y, subject.width, subject.height]]];
      default:
        return [];
    }
  }

  /** @param {any} request of Puppeteer's shape @returns {import("./loads.js").Told[]} */
  #requested(request) {
    const told = this.loads.requested(request, this.#state.navigationLocked);
    if (!this.#watchesRequests || !this.network.isUnasked(request)) return told;
    this.tell(told);
    this.#callbacks.ask("onResourceRequested", this.network.unasked(request), networkRequest({}));
    return request.isNavigationRequest() ? this.loads.decided() : [];
  }

  /** Has the page's scripts write to the console as in PhantomJS: each argument as the text that it is. */
  #installConsole() {
    if (this.#hasConsole) return;
    this.#hasConsole = true;
    const install = () => {
      const textOf = (/** @type {unknown} */ value) => {
        try {
          return String(value);
        } catch {
          return "[object Object]";
        }
      };
      const page = /** @type {any} */ (console);
      const write = page.log.bind(page);
      // Those that browsers show in a way of their own are lines like others, or none.
      for (const name of ["dir", "dirxml", "table", "trace"]) {
        page[name] = (/** @type {unknown} */ value) => write(textOf(value));
      }
      for (const name of ["assert", "clear", "count", "group", "groupCollapsed", "groupEnd", "time", "timeEnd"]) {
        page[name] = () => {};
      }
      for (const name of ["log", "info", "warn", "error", "debug"]) {
        const write = page[name].bind(page);
        page[name] = (/** @type {unknown[]} */ ...args) => {
          if (args.length > 0) write(args.map(textOf).join(" "));
        };
      }
    };
    everywhere(this.#page, statement(install));
  }

  /** @param {InstanceType<typeof import("../intercepted.js").InterceptedRequest>} request */
  async #askOfRequest(request) {
    const asked = { ...request };
    /** @type {{ url?: string, headers?: Record<string, string> }} */
    const overrides = {};
    let aborted = false;
    const network = networkRequest({
      abort: () => {
        aborted = true;
        this.network.changed(asked, "");
      },
      changeUrl: (/** @type {unknown} */ url) => {
        overrides.url = textOf(url);
        this.network.changed(asked, overrides.url);
      },
      setHeader: (/** @type {unknown} */ name, /** @type {unknown} */ value) => {
        overrides.headers = {
          ...(overrides.headers ?? request.headers),
          [textOf(name).toLowerCase()]: textOf(value),
        };
      },
    });
    this.#callbacks.ask("onResourceRequested", this.network.asked(asked), network);
    if (request.isNavigation) this.tell(this.loads.decided());
    if (aborted) await request.abort("blockedbyclient");
    else request.change(overrides);
  }

  /** @param {InstanceType<typeof import("../file-chooser.js").FileChooser>} chooser */
  #pickFiles(chooser) {
    this.#callbacks.hearOut(this.#callbacks.ask("onFilePicker", ""), (answer) => {
      const paths = [answer ?? []].flat().map(String);
      // A page that is over has no choosers.
      chooser._choose("on", { paths }).catch(() => {});
    });
  }
}

/** What a callback decides a request by. PhantomJS's own object shows nothing but a name. @param {Record<string, Function>} decisions */
function networkRequest(decisions) {
  const nothing = { abort() {}, changeUrl() {}, setHeader() {} };
  return Object.assign(Object.create({ ...nothing, ...decisions }), { objectName: "" });
}

/** @param {any} message */
function consoleLine(message) {
  return [message.shown, message.location().lineNumber, message.location().url];
}

/** @param {Error} error */
function errorText({ name, message }) {
  return message.endsWith(NO_ERROR) ? message.slice(0, -NO_ERROR.length) : `${name}: ${message}`;
}

/** The places that a stack names, innermost first. @param {string} [stack] */
function trace(stack = "") {
  const places = [...stack.matchAll(/^\s+at (?:(.*?) \()?(.*?):(\d+)(?::\d+)?\)?$/gm)];
  return places.map(([, name = "global code", file, line]) => ({ file, line: Number(line), function: name }));
}

module.exports = { Events };
