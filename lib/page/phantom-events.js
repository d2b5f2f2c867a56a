// PhantomJS's events, made from Puppeteer's: what each needs of the core, and what its listeners get.
//
// A listener that runs "on phantom" runs in PhantomJS's own process there. Here its text runs without its closure in a
// context of its own, beside the page, where it can answer at once.

const vm = require("node:vm");

/** @typedef {{ page: unknown, navigationLocked: boolean }} Place */
/** @typedef {(object: any, place: Place) => unknown[] | undefined} Arguments */

/**
 * From which event each one is made (the core's own where Puppeteer has none), and its listeners' arguments; undefined where
 * it is not this event's occasion.
 * @type {Record<string, [string, Arguments][]>}
 */
const MADE_FROM = {
  onLoadStarted: [["loadstarted", () => []]],
  onLoadFinished: [["loadfinished", ({ ok }) => [ok ? "success" : "fail"]]],
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

/** Those whose listeners' answers count; page/phantom.js asks them. @type {Record<string, readonly string[]>} */
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

/** @param {string} event */
const isPhantomEvent = (event) => Object.hasOwn(MADE_FROM, event) || Object.hasOwn(ANSWERED, event);

/** @param {Record<string, string>} headers */
const pairs = (headers) => Object.entries(headers).map(([name, value]) => ({ name, value }));

/**
 * PhantomJS's view of a response.
 * @param {any} response
 * @param {"start" | "end"} stage
 */
function resource(response, stage) {
  const headers = response.headers();
  const redirect = response.status() >= 300 && response.status() < 400 ? headers.location : null;
  return {
    id: response.request().id,
    url: response.url(),
    time: new Date(),
    headers: pairs(headers),
    bodySize: Number(headers["content-length"] ?? 0),
    contentType: headers["content-type"] ?? null,
    redirectURL: redirect ?? null,
    stage,
    status: response.status(),
    statusText: response.statusText(),
  };
}

/** @param {any} request */
function resourceError(request) {
  return {
    id: request.id,
    url: request.url(),
    errorCode: 1,
    errorString: request.failure()?.errorText ?? "",
    status: request.response()?.status() ?? null,
    statusText: request.response()?.statusText() ?? null,
  };
}

/**
 * PhantomJS's view of a request.
 * @param {{ id: string, url: string, method: string, headers: Record<string, string> }} request
 */
function requested({ id, url, method, headers }) {
  return {
    id,
    method,
    url,
    time: new Date(),
    headers: pairs(headers),
  };
}

/** @param {Parameters<typeof requested>[0]} seen */
function timedOut(seen) {
  return { ...requested(seen), errorCode: 408, errorString: "Network timeout on resource." };
}

/** What is seen of a request. @param {any} request one of Puppeteer's shape */
function seenOf(request) {
  return { id: request.id, url: request.url(), method: request.method(), headers: request.headers() };
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

module.exports = { MADE_FROM, ANSWERED, isPhantomEvent, requested, seenOf, timedOut, detached };
