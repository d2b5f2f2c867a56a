// Waits until the page is as it is wanted: an expression, a selector, a while.

const { setTimeout: pause } = require("node:timers/promises");
const { HttpError } = require("../../errors.js");

/** Milliseconds between two looks at an expression, as Gotenberg has it. */
const INTERVAL = 100;
/** The longest that timers take, about 24 days. */
const LONGEST = 2 ** 31 - 1;

/**
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").Conversion} wanted
 */
async function settle(page, { waitForExpression, waitForSelector, waitDelay }) {
  if (waitForExpression) await untilTrue(page, waitForExpression);
  if (waitForSelector) await untilVisible(page, waitForSelector);
  if (waitDelay > 0) await pause(Math.min(waitDelay, LONGEST));
}

/** @param {import("boomtown").Page} page @param {string} expression */
async function untilTrue(page, expression) {
  for (;;) {
    const value = await page.evaluate(expression).catch((error) => {
      // The page's script may throw anything; ours says that the page is no more.
      if (isOurs(error)) throw error;
      return undefined;
    });
    if (value === true) return;
    if (value !== false && value !== null) {
      throw new HttpError(400, `The expression '${expression}' (waitForExpression) returned an exception or undefined`);
    }
    await pause(INTERVAL);
  }
}

/** @param {any} error */
const isOurs = (error) => typeof error?.code === "string" && error.code !== "ERR_EVALUATION";

/** @param {import("boomtown").Page} page @param {string} selector */
async function untilVisible(page, selector) {
  if (!(await page.evaluate(isSelector, selector))) {
    throw new HttpError(400, `The selector '${selector}' (waitForSelector) returned an exception or undefined`);
  }
  await page.waitForSelector(selector, { visible: true, timeout: 0 });
}

/** Runs in the page. @param {string} selector */
function isSelector(selector) {
  try {
    document.createDocumentFragment().querySelector(selector);
    return true;
  } catch {
    return false;
  }
}

module.exports = { settle };
