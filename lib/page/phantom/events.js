// phantom's events: made of the core's, or asked of the program's listeners, whose answers the page gets.

const { randomUUID } = require("node:crypto");
const { types } = require("node:util");
const { uncaught, unhandled } = require("../../emit.js");
const { statement } = require("../evaluate.js");
const { requested } = require("./resources.js");
const { MADE_FROM, detached } = require("./sources.js");
const v = require("../../validate.js");

class Events {
  #page;
  #state;
  /** Those that are set as properties. @type {Map<string, Function>} */
  #callbacks = new Map();
  #watchesRequests = false;
  /** By which a dialog is known as a call of `window.callPhantom`. */
  #callMark = `boomtown:${randomUUID()}:`;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {InstanceType<typeof import("./state.js").State>} state */
  constructor(page, state) {
    this.#page = page;
    this.#state = state;
  }

  /**
   * What Node's emitter gets for a listener.
   * @param {any[]} given `[runOnPhantom], listener, ...args`
   * @returns {(...args: any[]) => void}
   */
  listener(given) {
    const [onPhantom, listener, ...args] = typeof given[0] === "boolean" ? given : [false, ...given];
    v.argument("page.on", "listener", v.func({ required: true }), listener);
    const run = onPhantom ? detached(listener) : listener;
    // Node finds the wrapped listener by this property when it is to be removed.
    const original = listener.listener ?? listener;
    return Object.assign((/** @type {any[]} */ ...told) => run.call(this.#page, ...told, ...args), {
      listener: original,
    });
  }

  /**
   * Has the page do what listeners of these events need.
   * @param {readonly (string | symbol)[]} events
   * @param {string} [added] the one that is new
   */
  follow(events, added) {
    if (added === "onCallback" && this.#page.listenerCount(added) === 0) this.#page._first(this.#callPhantom());
    const watches = events.includes("onResourceRequested");
    if (watches === this.#watchesRequests) return;
    this.#watchesRequests = watches;
    this.#page._first([
      this.#page._intercept("watches", watches ? (request) => this.#askOfRequest(request) : undefined),
    ]);
  }

  /**
   * Tells what an event of the core means to phantom's listeners.
   * @param {string} name
   * @param {unknown[]} args
   * @param {boolean} heard whether somebody has heard it by the core's name
   * @returns {boolean} whether somebody has heard it here
   */
  deliver(name, args, heard) {
    if (name === "requestfailed" && /** @type {any} */ (args[0]).isNavigationRequest())
      this.#state.aborted?.push(args[0]);
    const place = { page: this.#page, navigationLocked: this.#state.properties.navigationLocked };
    let told = false;
    for (const event of this.#page.eventNames().map(String)) {
      for (const [source, make] of Object.hasOwn(MADE_FROM, event) ? MADE_FROM[event] : []) {
        const made = source === name ? make(args[0], place) : undefined;
        if (made) told = this.#page._deliver(event, made) || told;
      }
    }
    if (name === "dialog" && !heard) return this.#answerDialog(/** @type {any} */ (args[0]));
    if (name === "filechooser") this.#pickFiles();
    return told;
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
        given = listener.apply(this.#page, args);
        // One that answers later is heard out by whoever asked, and failed for the program.
        if (types.isPromise(given)) given.then(undefined, (error) => this.#page._overlooks(error) || unhandled(error));
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
    // The page waits in the dialog, so a listener may take its time.
    if (typeof given?.then !== "function") answered(given);
    else
      given.then(answered, (/** @type {unknown} */ error) => {
        if (!types.isPromise(given) && !this.#page._overlooks(error)) unhandled(error);
        answered(undefined);
      });
    return true;
  }

  /** `window.callPhantom` gives back what the listener does, at once: a dialog is the one thing that a script waits for. */
  #callPhantom() {
    /** @param {string} mark */
    const install = (mark) => {
      const ask = window.prompt.bind(window);
      Object.assign(window, {
        callPhantom: (/** @type {unknown} */ data) => {
          const answer = ask(mark + (JSON.stringify(data) ?? "null"));
          return answer ? JSON.parse(answer) : undefined;
        },
      });
    };
    const source = statement(install, [this.#callMark]);
    /** @type {[string, object][]} */
    const commands = [
      ["addInitScript", { source }],
      ["evaluate", { script: source }],
    ];
    return commands;
  }

  /** @param {InstanceType<typeof import("../request.js").InterceptedRequest>} request */
  async #askOfRequest(request) {
    /** @type {{ url?: string, headers?: Record<string, string> }} */
    const overrides = {};
    let aborted = false;
    this.#ask("onResourceRequested", requested(request), {
      abort: () => {
        aborted = true;
      },
      changeUrl: (/** @type {string} */ url) => {
        overrides.url = url;
      },
      setHeader: (/** @type {string} */ name, /** @type {string} */ value) => {
        overrides.headers = { ...(overrides.headers ?? request.headers), [name.toLowerCase()]: value };
      },
    });
    if (aborted) await request.abort("blockedbyclient");
    else request.change(overrides);
  }

  #pickFiles() {
    const given = this.#ask("onFilePicker", "");
    const paths = [given ?? []].flat().map(String);
    // A page that is over has no choosers.
    this.#page._call("chooseFiles", { paths }, "on").catch(() => {});
  }

  /**
   * A property has one value, so the callback that was set before goes; what listens by `on` stays.
   * @param {string} event
   * @param {any[]} value nothing to read it
   */
  callback(event, ...value) {
    const callbacks = this.#callbacks;
    const before = callbacks.get(event);
    if (value.length === 0) return before;
    const [callback, ...args] = value;
    v.argument("page.property", event, v.func(), callback ?? undefined);
    if (before) this.#page.off(event, /** @type {any} */ (before));
    callbacks.delete(event);
    if (!callback) return;
    this.#page.on(event, this.listener([true, callback, ...args]));
    callbacks.set(event, callback);
  }
}

module.exports = { Events };
