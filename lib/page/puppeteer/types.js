// The types of arguments that several of Puppeteer's methods share.

const v = require("./checks.js");

/**
 * Where methods act.
 * @typedef {object} Place
 * @property {"page" | "frame" | "worker"} owner whose methods they are, for messages
 * @property {string | undefined} frame the frame's id, or a worker's; without one it is the chosen frame, or the main one
 * @property {InstanceType<typeof import("./world.js").World>} world
 */

/** ms; without one, the page's own default counts: see ../limits.js. */
const TIMEOUT = v.milliseconds();
const WAIT = { timeout: TIMEOUT, signal: v.abortSignal() };
const SIGNAL = v.abortSignal();
const MOMENT = v.oneOf(["load", "domcontentloaded", "networkidle0", "networkidle2"]);
const WAIT_UNTIL = v.anyOf([MOMENT, v.arrayOf(MOMENT)], { default: "load" });
const TEXT = v.string({ required: true });
const SELECTOR = v.string({ empty: false, required: true });
const SCRIPT = v.anyOf([v.func(), v.string()], { required: true });
const BOOLEAN = v.boolean({ required: true });
const DELAY = v.milliseconds({ default: 0 });
const KEY = SELECTOR;
const BUTTON = v.oneOf(["left", "right", "middle", "back", "forward"], { default: "left" });
const POINT = v.shape({ x: v.number({ required: true }), y: v.number({ required: true }) }, { required: true });
const NAVIGATION = { waitUntil: WAIT_UNTIL, ...WAIT };

const CLICK = {
  button: BUTTON,
  count: v.integer({ min: 1, max: 100 }),
  clickCount: v.integer({ min: 1, max: 100, default: 1 }),
  delay: DELAY,
  offset: v.shape({ x: v.number({ required: true }), y: v.number({ required: true }) }),
};

/** The options of a click, as its command has them. @param {string} owner @param {object} [options] */
function clickOptions(owner, options) {
  const { count, clickCount, ...checked } = v.check(owner, CLICK, options);
  return { ...checked, clickCount: count ?? clickCount };
}

module.exports = {
  clickOptions,
  TIMEOUT,
  SIGNAL,
  WAIT,
  WAIT_UNTIL,
  TEXT,
  SELECTOR,
  SCRIPT,
  BOOLEAN,
  NAVIGATION,
  DELAY,
  KEY,
  BUTTON,
  POINT,
};
