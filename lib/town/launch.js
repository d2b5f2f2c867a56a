// What the core launches a worker's browser with, where the program decides that for each worker by a function as option `browser`.

const { coreBrowser, workerOptions } = require("../options.js");
const v = require("../validate.js");

/**
 * @typedef {object} Launch
 * @property {any} options the town's, checked
 * @property {number} asked the worker's number in this process's core
 * @property {{ id: number, place: number }} worker as the program knows it
 * @property {(stdio: import("./output.js").Stdio) => void} lead has the worker's output go there
 * @property {(message: string, code?: string) => void} warn
 * @property {(message: string) => void} warnHere of what is so with every worker
 * @property {Record<string, string>} [env] of boomtown's own
 */

/**
 * Asks the program, and answers the core: a function that throws, or gives what is no use, is a launch that has failed.
 * @param {Pick<import("../native.js").Core, "launchWith" | "launchWithNothing">} core
 * @param {Launch} launch
 */
async function answer(core, { options, asked, worker, lead, warn, warnHere, env }) {
  const { id, place } = worker;
  const failed = (/** @type {string} */ how, /** @type {unknown} */ why, /** @type {boolean} */ wrong) => {
    const message = why instanceof Error ? why.message : v.brief(why);
    core.launchWithNothing(asked, `worker ${id}: option "browser", a function, ${how}: ${message}`, wrong);
  };
  let given;
  try {
    given = await options.browser(id, place);
  } catch (error) {
    return failed("failed", error, false);
  }
  try {
    const all = workerOptions(options, given, warn);
    lead(all.browser.stdio);
    const browser = coreBrowser(all, warnHere);
    if (browser.url === undefined) browser.env = { ...browser.env, ...env };
    core.launchWith(asked, id, JSON.stringify(browser));
  } catch (error) {
    failed("gave what is no use", error, true);
  }
}

module.exports = { answer };
