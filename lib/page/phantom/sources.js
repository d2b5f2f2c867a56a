// What each of phantom's events is made of, and what the core has to send for it.

const { EXCHANGE, NEEDS } = require("../events.js");

/** @typedef {import("../../native.js").CoreEventKind} EventKind */

/** A load is told of in PhantomJS's order, for which all of its news are needed. @type {readonly EventKind[]} */
const LOAD = ["loadstarted", "framenavigated", "loadfinished"];

/** The kinds of the core's events that each one needs. @type {Record<string, readonly EventKind[]>} */
const KINDS = {
  onAlert: ["dialog"],
  onCallback: ["dialog"],
  onClosing: ["closing"],
  onConfirm: ["dialog"],
  onConsoleMessage: NEEDS.console,
  onError: NEEDS.pageerror,
  onFilePicker: ["filechooser"],
  onInitialized: LOAD,
  onLoadFinished: LOAD,
  onLoadStarted: LOAD,
  onNavigationRequested: [...LOAD, ...EXCHANGE],
  onPageCreated: NEEDS.popup,
  onPrompt: ["dialog"],
  onRepaintRequested: ["repaint"],
  onResourceError: EXCHANGE,
  onResourceReceived: EXCHANGE,
  // Most come by interception; of those that do not, and of the page's own, these tell.
  onResourceRequested: EXCHANGE,
  onResourceTimeout: EXCHANGE,
  onUrlChanged: LOAD,
};

const EVENTS = Object.keys(KINDS);

/** PhantomJS lets a program listen to whatever begins so. @param {string} event */
const isPhantomEvent = (event) => /^on[A-Z]/.test(event);

/**
 * What the core has to send for the listeners of an event; undefined for one that is not phantom's.
 * @param {string} event
 * @returns {readonly EventKind[] | undefined}
 */
function needsOf(event) {
  if (!isPhantomEvent(event)) return undefined;
  return Object.hasOwn(KINDS, event) ? KINDS[event] : [];
}

module.exports = { EVENTS, LOAD, isPhantomEvent, needsOf };
