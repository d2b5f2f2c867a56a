// phantom's events: made of the core's, or asked of the program's listeners, whose answers the page gets.

const { statement } = require("../evaluate.js");
const { Dialogs } = require("./dialogs.js");
const { everywhere } = require("./everywhere.js");
const { textOf } = require("./lenient.js");
const { Loads } = require("./loads.js");
const {
  Numbers,
  isRedirect,
  requested,
  resource,
  resourceError,
  seenOf,
  statusError,
  timedOut,
} = require("./resources.js");

/** The core tells of a thrown value that is no error by a sentence. */
const NO_ERROR = " was thrown, which is not an Error";

class Events {
  #page;
  #state;
  #strict;
  #callbacks;
  loads = new Loads();
  #numbers = new Numbers();
  /** What listens to requests beside the program. @type {Set<(name: string, request: any) => void>} */
  #watchers = new Set();
  #watchesRequests = false;
  #hasConsole = false;

  /**
   * @param {any} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {boolean} strict the page's scripts write to the console as in PhantomJS
   * @param {InstanceType<typeof import("./callbacks.js").Callbacks>} callbacks
   */
  constructor(page, state, strict, callbacks) {
    this.#page = page;
    this.#state = state;
    this.#strict = strict;
    this.#callbacks = callbacks;
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
    if (name === "filechooser") this.#pickFiles();
    return this.tell(this.#made(name, subject));
  }

  /** @param {import("./loads.js").Told[]} events */
  tell(events) {
    let heard = false;
    for (const [event, args] of events) heard = this.#page._deliver(event, args) || heard;
    return heard;
  }

  /** @param {any} request of Puppeteer's shape */
  tellTimeout(request) {
    this.tell([["onResourceTimeout", [timedOut(seenOf(request), this.#numbers)]]]);
  }

  /** Of a request that nobody has told of yet. @param {{ url: string, method?: string, postData?: string }} request */
  tellTimeoutOf({ url, method = "GET", postData }) {
    const seen = { id: "", url, method, headers: {}, postData };
    this.tell([["onResourceTimeout", [timedOut(seen, this.#numbers)]]]);
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
      case "initialized":
        return this.loads.initialized();
      case "framenavigated":
        return this.loads.navigated(subject, navigationLocked);
      case "loadfinished":
        return this.loads.finished(subject.ok);
      case "contentstarted":
        return [
          ["onUrlChanged", [""]],
          ["onLoadStarted", []],
        ];
      case "contentfinished":
        return [
          ["onLoadFinished", ["success"]],
          ["onInitialized", []],
        ];
      case "request":
        return this.loads.requested(subject, navigationLocked);
      case "response":
        return this.#received(subject);
      case "requestfinished":
        return subject.response() ? [["onResourceReceived", [resource(subject.response(), "end", this.#numbers)]]] : [];
      case "requestfailed":
        return [["onResourceError", [resourceError(subject, this.#numbers)]]];
      case "console":
        return subject.isOfScript ? [["onConsoleMessage", consoleLine(subject)]] : [];
      case "pageerror":
        return [["onError", [errorText(subject), trace(subject.stack)]]];
      case "closing":
        return [["onClosing", [this.#page]]];
      case "popup":
        return [["onPageCreated", [subject]]];
      case "repaint":
        return [["onRepaintRequested", [subject.x, subject.y, subject.width, subject.height]]];
      default:
        return [];
    }
  }

  /** Of a redirect PhantomJS tells the end alone. @param {any} response @returns {import("./loads.js").Told[]} */
  #received(response) {
    if (isRedirect(response)) return [];
    /** @type {import("./loads.js").Told} */
    const start = ["onResourceReceived", [resource(response, "start", this.#numbers)]];
    if (response.status() < 400) return [start];
    return [start, ["onResourceError", [statusError(response, this.#numbers)]]];
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
      for (const name of ["log", "info", "warn", "error", "debug"]) {
        const write = /** @type {any} */ (console)[name].bind(console);
        const texts = (/** @type {unknown[]} */ ...args) => write(args.map(textOf).join(" "));
        /** @type {any} */ (console)[name] = texts;
      }
    };
    everywhere(this.#page, statement(install));
  }

  /** @param {InstanceType<typeof import("../request.js").InterceptedRequest>} request */
  async #askOfRequest(request) {
    /** @type {{ url?: string, headers?: Record<string, string> }} */
    const overrides = {};
    let aborted = false;
    const decisions = {
      abort: () => {
        aborted = true;
      },
      changeUrl: (/** @type {string} */ url) => {
        overrides.url = textOf(url);
      },
      setHeader: (/** @type {string} */ name, /** @type {string} */ value) => {
        overrides.headers = {
          ...(overrides.headers ?? request.headers),
          [textOf(name).toLowerCase()]: textOf(value),
        };
      },
    };
    const seen = { id: request.id, url: request.url, method: request.method, headers: request.headers };
    // PhantomJS's own object shows nothing but a name.
    const network = Object.assign(Object.create(decisions), { objectName: "" });
    this.#callbacks.ask("onResourceRequested", requested({ ...seen, postData: request.body }, this.#numbers), network);
    if (aborted) await request.abort("blockedbyclient");
    else request.change(overrides);
  }

  #pickFiles() {
    this.#callbacks.hearOut(this.#callbacks.ask("onFilePicker", ""), (answer) => {
      const paths = [answer ?? []].flat().map(String);
      // A page that is over has no choosers.
      this.#page._call("chooseFiles", { paths }, "on").catch(() => {});
    });
  }
}

/** @param {any} message */
function consoleLine(message) {
  return [message.text(), message.location().lineNumber, message.location().url];
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
