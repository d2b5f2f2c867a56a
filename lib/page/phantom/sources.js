// PhantomJS's events, made from Puppeteer's: what each needs of the core, and what its listeners get.
//
// A listener that runs "on phantom" runs in PhantomJS's own process there. Here its text runs without its closure in a
// context of its own, beside the page, where it can answer at once.

const vm = require("node:vm");
const { NEEDS } = require("../events.js");
const { resource, resourceError } = require("./resources.js");

/** @typedef {{ page: unknown, navigationLocked: boolean }} Place */
/** @typedef {(object: any, place: Place) => unknown[] | undefined} Arguments */

/**
 * From which event each one is made (the core's own where Puppeteer has none), and its listeners' arguments; undefined where
 * it is not this event's occasion.
 * @type {Record<string, [string, Arguments][]>}
 */
const MADE_FROM = {
  onLoadStarted: [
    ["loadstarted", () => []],
    ["contentstarted", () => []],
  ],
  onLoadFinished: [
    ["loadfinished", ({ ok }) => [ok ? "success" : "fail"]],
    ["contentfinished", () => ["success"]],
  ],
  onInitialized: [["initialized", () => []]],
  onUrlChanged: [["framenavigated", (frame) => (frame.isMainFrame() ? [frame.url()] : undefined)]],
  onNavigationRequested: [
    [
      "request",
      (request, { navigationLocked }) =>
        request.isNavigationRequest() ? [request.url(), "Other", !navigationLocked, request.isMainFrame()] : undefined,
    ],
  ],
  onResourceReceived: [
    ["response", (response) => [resource(response, "start")]],
    ["requestfinished", (request) => (request.response() ? [resource(request.response(), "end")] : undefined)],
  ],
  onResourceError: [["requestfailed", (request) => [resourceError(request)]]],
  onConsoleMessage: [
    [
      "console",
      (message) =>
        message.isOfScript ? [message.text(), message.location().lineNumber, message.location().url] : undefined,
    ],
  ],
  onError: [["pageerror", (error) => [`${error.name}: ${error.message}`, trace(error)]]],
  onClosing: [["closing", (_, { page }) => [page]]],
  onPageCreated: [["popup", (popup) => [popup]]],
  onRepaintRequested: [["repaint", ({ x, y, width, height }) => [x, y, width, height]]],
};

/** What the page tells by itself. */
const OWN = ["contentstarted", "contentfinished"];

/** Those whose listeners' answers count; events.js asks them. @type {Record<string, readonly string[]>} */
const ANSWERED = {
  onAlert: ["dialog"],
  onConfirm: ["dialog"],
  onPrompt: ["dialog"],
  onCallback: ["dialog"],
  onFilePicker: ["filechooser"],
  onResourceTimeout: ["request", "response", "requestfinished", "requestfailed"],
  // The requests themselves come by interception.
  onResourceRequested: [],
};

const NAMES = [...Object.keys(MADE_FROM), ...Object.keys(ANSWERED)];

/** @param {string} event */
const isPhantomEvent = (event) => NAMES.includes(event);

/**
 * What the core has to send for the listeners of an event; undefined for one that is not phantom's.
 * @param {string} event
 * @returns {readonly string[] | undefined}
 */
function needsOf(event) {
  if (Object.hasOwn(ANSWERED, event)) return ANSWERED[event];
  if (!Object.hasOwn(MADE_FROM, event)) return undefined;
  const sources = MADE_FROM[event].map(([source]) => source).filter((source) => !OWN.includes(source));
  return sources.flatMap((source) => (Object.hasOwn(NEEDS, source) ? NEEDS[source] : [source]));
}

/** The places that a stack names, innermost first. @param {Error} error */
function trace({ stack = "" }) {
  const places = [...stack.matchAll(/^\s+at (?:(.*?) \()?(.*?):(\d+)(?::\d+)?\)?$/gm)];
  return places.map(([, name = "", file, line]) => ({ file, line: Number(line), function: name }));
}

/** The listener's text without its closure. @param {Function} listener @returns {Function} */
function detached(listener) {
  return vm.runInNewContext(`(${listener})`, { console });
}

module.exports = { MADE_FROM, NAMES, detached, isPhantomEvent, needsOf };
