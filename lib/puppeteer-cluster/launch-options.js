// Options of Puppeteer's `launch`, as a town's: for the browser, for its launch, and for the pages.

const { fail } = require("../errors.js");
const { MS } = require("../options.js");
const v = require("../validate.js");

/** Those that mean something here. */
const KNOWN = {
  executablePath: v.string(),
  args: v.arrayOf(v.string(), { default: [] }),
  env: v.recordOf(v.string(), { sparse: true, default: {} }),
  headless: v.anyOf([v.boolean(), v.oneOf(["new", "shell"])], { default: true }),
  browser: v.oneOf(["chrome", "firefox"]),
  product: v.oneOf(["chrome", "firefox"]),
  timeout: v.milliseconds({ max: Infinity, infinity: true }),
  dumpio: v.boolean({ default: false }),
  devtools: v.boolean({ default: false }),
  acceptInsecureCerts: v.boolean({ default: false }),
  ignoreHTTPSErrors: v.boolean({ default: false }),
  defaultViewport: v.anyOf([v.oneOf([null]), v.recordOf(v.anything(), { sparse: true })]),
  slowMo: v.number({ min: 0, infinity: true }),
  protocolTimeout: v.number({ min: 0, infinity: true }),
  targetFilter: v.func(),
};

/** Those without which all is as it would be with them. */
const NEEDLESS = [
  ...["pipe", "handleSIGINT", "handleSIGTERM", "handleSIGHUP", "waitForInitialPage", "networkEnabled", "issuesEnabled"],
  ...["protocol", "handleDevToolsAsPage", "userDataDir", "debuggingPort"],
];

/** Those that a program may miss, and what it has in their place. @type {Record<string, string>} */
const WITHOUT_EFFECT = {
  channel: "name the browser by executablePath",
  ignoreDefaultArgs: "the command line is boomtown's, and args are added to it",
  enableExtensions: "browsers have no extensions",
  extraPrefsFirefox: "set them in a profile of your own",
  downloadBehavior: 'the page tells of downloads by its event "download"',
  capabilities: "they are for WebDriver",
  blocklist: "use page.setRequestInterception()",
  allowlist: "use page.setRequestInterception()",
  signal: "call cluster.close()",
};

/** Those that only Puppeteer's own page has. */
const PUPPETEERS = /** @type {const} */ (["slowMo", "protocolTimeout", "targetFilter"]);

/** Those that contradict what boomtown does. @type {Record<string, string>} */
const REFUSED = {
  userDataDir: "every browser gets a profile of its own, which goes with it; log in by page.setCookie()",
  debuggingPort: "no port is open",
};

/** For `check`, of one object of them. */
const LAUNCH = v.shape({
  ...KNOWN,
  ...Object.fromEntries([...NEEDLESS, ...Object.keys(WITHOUT_EFFECT)].map((name) => [name, v.anything()])),
});

/** Null is as if it were not given, as it is for Puppeteer, except where it says that there is none. @param {any} options */
function given(options) {
  if (typeof options !== "object" || options === null || Array.isArray(options)) return options;
  const entries = Object.entries(options);
  return Object.fromEntries(entries.filter(([name, value]) => value !== null || name === "defaultViewport"));
}

/**
 * @param {string} name of the option that they are
 * @param {any} options checked ones
 * @param {boolean} isOwn whether the pages are boomtown's
 * @param {(message: string) => void} warn
 */
function refuseOrWarn(name, options, isOwn, warn) {
  for (const [option, why] of Object.entries(REFUSED)) {
    if (options[option] === undefined) continue;
    throw fail("ERR_UNSUPPORTED", `Cluster.launch: option "${name}.${option}" cannot be had: ${why}`);
  }
  const mends = isOwn
    ? { ...WITHOUT_EFFECT, ...Object.fromEntries(PUPPETEERS.map((option) => [option, 'use page: "puppeteer"'])) }
    : WITHOUT_EFFECT;
  for (const [option, mend] of Object.entries(mends)) {
    if (options[option] === undefined) continue;
    warn(`Cluster.launch: option "${name}.${option}" has no effect; ${mend}`);
  }
}

/** A town's option `browser`. @param {any} options checked ones */
function browserOptions(options) {
  const { executablePath, args, env, headless, devtools, dumpio } = options;
  const isFirefox = (options.browser ?? options.product) === "firefox";
  const added = [
    ...(options.acceptInsecureCerts || options.ignoreHTTPSErrors ? ["--ignore-certificate-errors"] : []),
    ...(devtools ? ["--auto-open-devtools-for-tabs"] : []),
  ];
  const isOpen = !isFirefox && args.includes("--no-sandbox");
  return v.defined({
    name: isFirefox ? "firefox" : "chromium",
    path: executablePath || undefined,
    args: [...args.filter((/** @type {string} */ arg) => !isOpen || arg !== "--no-sandbox"), ...added],
    env: v.defined(env),
    headless: headless !== false && !devtools,
    sandbox: isOpen ? false : undefined,
    stdio: dumpio ? "inherit" : undefined,
  });
}

/** A town's `launchTimeout`, which is that of all browsers: no limit is the longest that there is. @param {any[]} all checked ones */
function launchTimeout(all) {
  const given = all.map(({ timeout }) => timeout).filter((timeout) => timeout !== undefined);
  if (given.length === 0) return undefined;
  return Math.max(...given.map((timeout) => (timeout === 0 ? MS.max : Math.min(timeout, MS.max))));
}

/** What the connect of Puppeteer's own page is given of them. @param {any} options checked ones */
function connectOptions(options) {
  return v.defined(Object.fromEntries(PUPPETEERS.map((option) => [option, options[option]])));
}

module.exports = { LAUNCH, browserOptions, connectOptions, given, launchTimeout, refuseOrWarn };
