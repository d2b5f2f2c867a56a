// phantom's events: made of the core's, or asked of the program's listeners, whose answers the page gets.
//
// A listener that runs "on phantom" runs in PhantomJS's own process there. Here its text runs without its closure in a
// context of its own, beside the page; what it does with the page, it does later, in its order.

const { randomUUID } = require("node:crypto");
const { types } = require("node:util");
const vm = require("node:vm");
const { uncaught, unhandled } = require("../../emit.js");
const { statement } = require("../evaluate.js");
const { textOf, warn } = require("./lenient.js");
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
const { EVENTS } = require("./sources.js");
const v = require("../../validate.js");

/** The core tells of a thrown value that is no error by a sentence. */
const NO_ERROR = " was thrown, which is not an Error";

class Events {
  #page;
  #state;
  #strict;
  loads = new Loads();
  #numbers = new Numbers();
  /** Those that are set as properties: by their events, the callback and what the emitter has for it. @type {Map<string, { callback: unknown, listener: any }>} */
  #callbacks = new Map();
  /** What listens to requests beside the program. @type {Set<(name: string, request: any) => void>} */
  #watchers = new Set();
  #watchesRequests = false;
  #hasCallPhantom = false;
  #hasConsole = false;
  /** By which a dialog is known as a call of `window.callPhantom`. */
  #callMark = `boomtown:${randomUUID()}:`;
  /** What a callback that runs on phantom has for its page. @type {object} */
  #onPhantom;

  /**
   * @param {any} page
   * @param {InstanceType<typeof import("./state.js").State>} state
   * @param {boolean} strict only callbacks that are set as properties answer the page, as with phantom
   * @param {(name: string) => Function | undefined} own phantom's method of a name
   */
  constructor(page, state, strict, own) {
    this.#page = page;
    this.#state = state;
    this.#strict = strict;
    this.#onPhantom = new Proxy(page, {
      get: (target, name) => {
        const member = own(String(name)) ?? Reflect.get(target, name);
        return typeof member === "function"
          ? (/** @type {any[]} */ ...args) => quietly(member.apply(target, args))
          : member;
      },
    });
  }

  /**
   * What Node's emitter gets for a listener.
   * @param {string} event
   * @param {any[]} given `[runOnPhantom], listener, ...args`
   * @param {boolean} [answers] whether the page gets its answer
   * @returns {(...args: any[]) => void}
   */
  listener(event, given, answers = !this.#strict) {
    const hasFlag = typeof given[0] !== "function";
    const [onPhantom, listener, ...args] = hasFlag ? given : [false, ...given];
    v.argument("page.on", "listener", v.func({ required: true }), listener);
    if (!EVENTS.includes(event)) {
      const near = v.nearest(event, EVENTS);
      warn(`page.on: PhantomJS has no event "${event}"${near ? `; did you mean "${near}"?` : ""}`);
    }
    const run = onPhantom ? detached(listener) : listener;
    const self = onPhantom ? this.#onPhantom : this.#page;
    return Object.assign((/** @type {any[]} */ ...told) => run.call(self, ...told, ...args), {
      // Node finds the wrapped listener by this property when it is to be removed.
      listener: listener.listener ?? listener,
      answers,
    });
  }

  /**
   * A property has one value, so the callback that was set before goes; what listens by `on` stays.
   * @param {string} event
   * @param {any[]} value nothing to read it
   */
  callback(event, ...value) {
    const before = this.#callbacks.get(event);
    if (value.length === 0) return before?.callback;
    const [callback, ...args] = value;
    if (before) this.#page.removeListener(event, before.listener);
    this.#callbacks.delete(event);
    const run = functionOf(callback);
    if (!run) return;
    const listener = this.listener(event, [true, run, ...args], true);
    this.#callbacks.set(event, { callback, listener });
    this.#page.addListener(event, listener);
  }

  /**
   * Has the page do what listeners of these events need.
   * @param {readonly (string | symbol)[]} events
   */
  follow(events) {
    if (events.includes("onCallback")) this.installCallPhantom();
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
    if (name === "dialog") return !heard && this.#answerDialog(subject);
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

  /**
   * Calls the listeners of an event whose answer counts.
   * @param {string} event
   * @param {unknown[]} args
   * @returns {any} the last listener's answer
   */
  #ask(event, ...args) {
    let given;
    for (const listener of this.#page.rawListeners(event)) {
      try {
        const answer = listener.apply(this.#page, args);
        // One that answers later is heard out by whoever asked, and failed for the program.
        if (types.isPromise(answer))
          answer.then(undefined, (error) => this.#page._overlooks(error) || unhandled(error));
        if (listener.answers !== false) given = answer;
      } catch (error) {
        uncaught(error);
      }
    }
    return given;
  }

  /**
   * @param {InstanceType<typeof import("../dialog.js").Dialog>} dialog
   * @returns {boolean} whether somebody has answered it
   */
  #answerDialog(dialog) {
    const message = dialog.message();
    const isCall = dialog.type() === "prompt" && message.startsWith(this.#callMark);
    const event = isCall ? "onCallback" : `on${dialog.type()[0].toUpperCase()}${dialog.type().slice(1)}`;
    if (this.#page.listenerCount(event) === 0) return false;
    let args = [message, ...(event === "onPrompt" ? [dialog.defaultValue()] : [])];
    try {
      if (isCall) args = [JSON.parse(message.slice(this.#callMark.length))];
    } catch {
      // A page that has found out the mark may send anything.
      return false;
    }
    const given = this.#ask(event, ...args);
    /** @param {any} answer */
    const answered = (answer) => {
      const accepted =
        isCall || event === "onAlert" || (event === "onPrompt" ? typeof answer === "string" : Boolean(answer));
      const text = isCall ? (JSON.stringify(answer) ?? "") : event === "onPrompt" ? answer : undefined;
      // A page that is over has no dialogs.
      (accepted ? dialog.accept(text) : dialog.dismiss()).catch(() => {});
    };
    this.#hearOut(given, answered);
    return true;
  }

  /**
   * What the page waits in, it waits in for a listener that takes its time.
   * @param {any} given by a listener, or a promise of that
   * @param {(answer: any) => void} answered is called with nothing where the listener has failed
   */
  #hearOut(given, answered) {
    if (typeof given?.then !== "function") return answered(given);
    given.then(answered, (/** @type {unknown} */ error) => {
      if (!types.isPromise(given) && !this.#page._overlooks(error)) unhandled(error);
      answered(undefined);
    });
  }

  /** `window.callPhantom` gives back what the listener does, at once: a dialog is the one thing that a script waits for. */
  installCallPhantom() {
    if (this.#hasCallPhantom) return;
    this.#hasCallPhantom = true;
    /** @param {string} mark */
    const install = (mark) => {
      const ask = window.prompt.bind(window);
      Object.assign(window, {
        callPhantom: (/** @type {unknown} */ data) => {
          const answer = ask(mark + (JSON.stringify(data) ?? "null"));
          return answer ? JSON.parse(answer) : null;
        },
      });
    };
    this.#everywhere(statement(install, [this.#callMark]));
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
    this.#everywhere(statement(install));
  }

  /** Has a script run in the document that is there, and in each that comes. @param {string} source */
  #everywhere(source) {
    this.#page._first([
      ["addInitScript", { source }],
      ["evaluate", { script: source }],
    ]);
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
    this.#ask("onResourceRequested", requested({ ...seen, postData: request.body }, this.#numbers), network);
    if (aborted) await request.abort("blockedbyclient");
    else request.change(overrides);
  }

  #pickFiles() {
    this.#hearOut(this.#ask("onFilePicker", ""), (answer) => {
      const paths = [answer ?? []].flat().map(String);
      // A page that is over has no choosers.
      this.#page._call("chooseFiles", { paths }, "on").catch(() => {});
    });
  }
}

/** A callback that runs on phantom awaits nothing, so that nobody hears of what fails. @param {any} given */
function quietly(given) {
  if (types.isPromise(given)) given.catch(() => {});
  return given;
}

/** phantom sends functions as their texts, so that a text is one too. @param {unknown} given @returns {Function | undefined} */
function functionOf(given) {
  if (typeof given === "function") return given;
  if (typeof given !== "string" || !given.startsWith("function")) return undefined;
  try {
    return vm.runInNewContext(`(${given})`, { console });
  } catch {
    return undefined;
  }
}

/** The listener's text without its closure; one whose text is none of a function is called as it is. @param {Function} listener @returns {Function} */
function detached(listener) {
  try {
    return vm.runInNewContext(`(${listener})`, { console });
  } catch {
    return listener;
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
