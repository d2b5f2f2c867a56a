// The page that a task gets: boomtown's own, which has Puppeteer's names, or the same one as Puppeteer's.

const { fail } = require("../errors.js");
const { connectOptions } = require("./launch-options.js");
const v = require("../validate.js");

/** What Puppeteer gives the pages of a browser that it launches. */
const VIEWPORT = { width: 800, height: 600 };

/** @typedef {InstanceType<typeof import("../page/index.js").Page>} Page */

/** Those of puppeteer-extra. @param {any} puppeteer @returns {any[]} */
const pluginsOf = (puppeteer) => puppeteer?.plugins ?? [];

/**
 * Whether tasks get boomtown's page. Plugins know no other than Puppeteer's.
 * @param {{ page?: "own" | "puppeteer", puppeteer?: any }} options
 */
function isOwn({ page, puppeteer }) {
  return page === "own" || (page === undefined && pluginsOf(puppeteer).length === 0);
}

/**
 * @param {{ page?: "own" | "puppeteer", puppeteer?: any }} options
 * @param {any} launch checked options of the browser: its pages get their `defaultViewport`, of which null is none
 * @returns {(page: Page) => Promise<any>}
 */
function pagesBy(options, launch) {
  const { defaultViewport: viewport } = launch;
  if (isOwn(options)) return (page) => ownPage(page, viewport);
  const { puppeteer } = options;
  if (puppeteer && typeof puppeteer.connect !== "function") {
    const what = `must have a function connect, got ${v.brief(puppeteer)}`;
    throw fail("ERR_INVALID_OPTION", `Cluster.launch: option "puppeteer" ${what}`);
  }
  const defaultViewport = viewport === undefined ? VIEWPORT : viewport;
  const given = v.defined({ puppeteer, defaultViewport, ...connectOptions(launch) });
  return (page) => puppeteersPage(page, given);
}

/** @param {any} page @param {object | null | undefined} viewport */
async function ownPage(page, viewport) {
  if (viewport) await page.setViewport(viewport);
  return page;
}

/** @param {any} page @param {any} options */
async function puppeteersPage(page, options) {
  const theirs = await page.puppeteer(options);
  // The page was there before Puppeteer, which tells plugins of new ones alone.
  for (const plugin of pluginsOf(options.puppeteer)) {
    await plugin.onTargetCreated?.(theirs.target());
    await plugin.onPageCreated?.(theirs);
  }
  return theirs;
}

/**
 * A cluster's options with what the plugins make of those for its browsers, as they do when one is launched.
 * @param {any} options
 */
async function pluggedIn(options) {
  const { puppeteer, puppeteerOptions, perBrowserOptions } = options ?? {};
  if (pluginsOf(puppeteer).length === 0) return options;
  puppeteer.resolvePluginDependencies?.();
  puppeteer.orderPlugins?.();
  const plug = (/** @type {any} */ launch) => plugged(pluginsOf(puppeteer), launch);
  return {
    ...options,
    puppeteerOptions: await plug(puppeteerOptions),
    ...(Array.isArray(perBrowserOptions) && {
      perBrowserOptions: await Promise.all(perBrowserOptions.map((own) => plug(own ?? puppeteerOptions))),
    }),
  };
}

/** @param {any[]} plugins @param {any} given */
async function plugged(plugins, given) {
  let launch = { ...given, args: [...(given?.args ?? [])] };
  for (const plugin of plugins) launch = (await plugin.beforeLaunch?.(launch)) ?? launch;
  // The profile is boomtown's, and so is the command line, which has nothing of what plugins leave out of Puppeteer's own.
  const { ignoreDefaultArgs, userDataDir } = given ?? {};
  return { ...launch, ignoreDefaultArgs, userDataDir };
}

module.exports = { isOwn, pagesBy, pluggedIn };
