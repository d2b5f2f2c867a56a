// The town's options: what is allowed, the defaults, and the form in which the core wants them.

const v = require("./validate.js");
const { canFork } = require("./can-fork.js");
const { fail } = require("./errors.js");
const { browserArguments } = require("./phantom-flags.js");
const { temporaryFolder } = require("./temporary.js");
const { workerCount } = require("./worker-count.js");

/** The longest time that Node's and the core's timers share, about 24 days. */
const LONGEST = 2 ** 31 - 1;
const MOST_RETRIES = 2 ** 32 - 1;
/** What the core counts to. */
const MOST_CRASHES = 2 ** 16 - 1;
/** More pages in one browser are never faster than more browsers. */
const MOST_PAGES = 1000;

const MS = { min: 0, max: LONGEST };

const BROWSER = {
  name: v.oneOf(["chromium", "firefox"], { default: "chromium" }),
  path: v.string({ empty: false }),
  driver: v.string({ empty: false }),
  url: v.string({ empty: false }),
  args: v.arrayOf(v.string(), { default: [] }),
  env: v.recordOf(v.string(), { default: {} }),
  headless: v.boolean({ default: true }),
  sandbox: v.boolean(),
  driveFrames: v.boolean({ default: false }),
  capabilities: v.recordOf(v.anything(), { default: {} }),
  stdio: v.anyOf([v.oneOf(["ignore", "inherit"]), v.func()], { default: "ignore" }),
};

const TOWN = {
  workerCount: v.integer({ min: 1, max: 10_000, default: workerCount() }),
  workerDeath: v.integer({ min: 1, infinity: true, never: true, default: 1000 }),
  workerShift: v.integer({ ...MS, min: 1, infinity: true, never: true, default: -1 }),
  pageCount: v.integer({ min: 1, max: MOST_PAGES, default: 1 }),
  pageDeath: v.integer({ ...MS, infinity: true, never: true, default: 30_000 }),
  pageTries: v.integer({ min: 0, max: MOST_RETRIES, infinity: true, never: true, default: -1 }),
  phantomBinary: v.string({ empty: false }),
  phantomFlags: v.recordOf(v.anyOf([v.string(), v.boolean(), v.number()]), { default: {} }),
  mode: v.oneOf(["auto", "inline", "cluster"], { default: "auto" }),
  engine: v.oneOf(["auto", "cdp", "webdriver"], { default: "auto" }),
  browser: v.anyOf([v.func(), v.shape(BROWSER)], { default: {} }),
  isolation: v.oneOf(["page", "context", "browser", "reuse"], { default: "page" }),
  queueLimit: v.integer({ min: 0, infinity: true, default: Infinity }),
  errorTries: v.integer({ min: 0, max: MOST_RETRIES, default: 0 }),
  crashTries: v.integer({ min: 1, max: MOST_CRASHES, default: 3 }),
  retryDelay: v.anyOf(
    [v.integer(MS), v.shape({ min: v.integer({ ...MS, required: true }), max: v.integer({ ...MS, required: true }) })],
    { default: 0 },
  ),
  workerMemory: v.integer({ min: 1, infinity: true, default: Infinity }),
  launchTimeout: v.integer({ ...MS, min: 1, default: 30_000 }),
  closeTimeout: v.integer({ ...MS, min: 1, default: 5000 }),
  handleSignals: v.boolean({ default: false }),
};

/** ghost-town's, which it took as they came, and its default where it is not the same. */
const LENIENT = {
  workerCount: 4,
  workerDeath: 25,
  workerShift: undefined,
  pageCount: undefined,
  pageDeath: undefined,
  pageTries: undefined,
  phantomBinary: undefined,
  phantomFlags: undefined,
};

const ITEM = {
  asap: v.boolean(),
  priority: v.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
  timeout: v.integer({ ...MS, infinity: true, never: true }),
  tries: v.integer({ min: 0, max: MOST_RETRIES, infinity: true, never: true }),
  signal: v.abortSignal(),
  id: v.string({ empty: false }),
  deadline: v.integer({ ...MS }),
};

/**
 * @param {unknown} options
 * @param {(message: string, code: string) => void} warn
 * @param {import("./contract.js").Contract} contract
 * @returns {any} the options with their defaults
 */
function townOptions(options, warn, contract) {
  const given = contract.lenient ? lenientOptions(options, warn) : options;
  const checked = v.check("boomtown", TOWN, given, (message) => warn(message, "BOOMTOWN_UNKNOWN_OPTION"));
  const { min, max } = checked.retryDelay;
  if (min > max) {
    throw fail(
      "ERR_INVALID_OPTION",
      `boomtown: option "retryDelay.min" must be at most "retryDelay.max", got { min: ${min}, max: ${max} }`,
    );
  }
  if (min === 0 && max > 0) {
    throw fail(
      "ERR_INVALID_OPTION",
      `boomtown: option "retryDelay.min" must be at least 1, since the delay doubles from there, got { min: 0, max: ${max} }`,
    );
  }
  if (checked.workerMemory !== Infinity && process.platform !== "linux") {
    throw fail("ERR_UNSUPPORTED", 'boomtown: option "workerMemory" works on Linux only, where memory can be measured');
  }
  if (typeof checked.browser !== "function") refuseBrowser(checked);
  if (checked.mode === "cluster" && !canFork()) {
    throw fail(
      "ERR_UNSUPPORTED",
      'boomtown: mode "cluster" cannot fork here: the program has no script file, or this process was forked by cluster for the program itself; make the town in the primary process of a script, or use mode "inline"',
    );
  }
  return checked;
}

/**
 * What ghost-town would have made of them: what is of a wrong type or null is left out.
 * @param {any} options
 * @param {(message: string, code: string) => void} warn
 */
function lenientOptions(options, warn) {
  /** @type {Record<string, unknown>} */
  const given = typeof options === "object" && options !== null ? { ...options } : {};
  if (typeof given.phantomFlags === "object" && !Array.isArray(given.phantomFlags))
    given.phantomFlags = texts(given.phantomFlags ?? {});
  for (const [name, value] of Object.entries(LENIENT)) {
    const type = TOWN[/** @type {keyof typeof TOWN} */ (name)];
    try {
      v.check("boomtown", { [name]: type }, given[name] === null ? {} : { [name]: given[name] });
      given[name] ??= value;
    } catch (error) {
      warn(`${/** @type {Error} */ (error).message}; its default is taken`, "BOOMTOWN_WRONG_OPTION");
      given[name] = value;
    }
    if (given[name] === undefined) delete given[name];
  }
  return given;
}

/** As they stood on PhantomJS' command line. @param {object} flags */
function texts(flags) {
  const given = Object.entries(flags).filter(([, value]) => value !== undefined && value !== null);
  return Object.fromEntries(given.map(([name, value]) => [name, typeof value === "object" ? String(value) : value]));
}

/** Refuses what cannot be had of a browser. @param {any} options checked ones */
function refuseBrowser(options) {
  refuseWithoutEffect(options);
  refuseOwnArguments(options.browser);
  refuseUnsendable(options.browser.capabilities);
}

/**
 * Refuses options that another one makes meaningless.
 * @param {any} options checked ones
 */
function refuseWithoutEffect({ browser, phantomBinary, workerMemory }) {
  const { name, url, path, driver, env, sandbox, stdio } = browser;
  /** @param {string} option @param {string} why */
  const refuse = (option, why) => {
    throw fail("ERR_INVALID_OPTION", `boomtown: option "${option}" has no effect ${why}; leave one of them out`);
  };
  if (sandbox !== undefined && name !== "chromium") {
    refuse("browser.sandbox", `with browser.name ${JSON.stringify(name)}, because only Chromium's can be switched`);
  }
  if (phantomBinary !== undefined && path !== undefined)
    refuse("phantomBinary", 'beside "browser.path", its newer name');
  if (url === undefined) return;
  const given = {
    "browser.path": path !== undefined,
    "browser.driver": driver !== undefined,
    "browser.env": Object.keys(env).length > 0,
    "browser.stdio": stdio !== "ignore",
    phantomBinary: phantomBinary !== undefined,
    workerMemory: workerMemory !== Infinity,
  };
  for (const [option, isGiven] of Object.entries(given)) {
    if (isGiven) refuse(option, 'beside "browser.url", because the browsers are started elsewhere');
  }
}

/** Arguments that boomtown gives every browser itself. */
const OWN_ARGUMENT = /^--(user-data-dir|remote-debugging-(port|pipe|address))\b/;

/** @param {{ args: string[], url?: string, name: string }} browser */
function refuseOwnArguments({ args, url, name }) {
  const own = args.find((arg) => OWN_ARGUMENT.test(arg));
  if (own && name === "chromium" && url === undefined) {
    throw fail(
      "ERR_INVALID_OPTION",
      `boomtown: option "browser.args" must not have ${own}: every worker gets a profile and a connection of its own`,
    );
  }
}

/** @param {object} capabilities */
function refuseUnsendable(capabilities) {
  try {
    JSON.stringify(capabilities);
  } catch (cause) {
    const { message } = /** @type {Error} */ (cause);
    throw fail("ERR_INVALID_OPTION", `boomtown: option "browser.capabilities" must be JSON (${message})`, { cause });
  }
}

/**
 * @param {any} options checked ones
 * @param {(message: string) => void} warn
 * @param {import("./contract.js").Contract} contract
 * @returns {{ temporary: string, [option: string]: unknown }} what the core is told
 */
function coreOptions(options, warn, contract) {
  const { workerCount, pageCount, errorTries, crashTries, launchTimeout, closeTimeout, engine, isolation } = options;
  const { retryDelay, browser } = options;
  return {
    workerCount,
    pageCount,
    errorTries,
    crashTries,
    launchTimeout,
    closeTimeout,
    engine,
    isolation,
    workerDeath: limit(options.workerDeath),
    workerShift: limit(options.workerShift),
    workerMemory: limit(options.workerMemory),
    // 0 means no limit, as with every other timeout here, but for ghost-town's.
    pageDeath: contract.instantDeath ? limit(options.pageDeath) : limit(options.pageDeath) || null,
    pageTries: limit(options.pageTries),
    queueLimit: limit(options.queueLimit),
    retryDelay: typeof retryDelay === "number" ? { min: retryDelay, max: retryDelay } : retryDelay,
    temporary: temporaryFolder(),
    // The core asks for those of each worker.
    browser: typeof browser === "function" ? null : coreBrowser(options, warn),
  };
}

/** @param {any} options checked ones @param {(message: string) => void} warn */
function coreBrowser({ browser, phantomBinary: binary, phantomFlags }, warn) {
  const { stdio: _, sandbox = sandboxDefault(browser, warn), ...rest } = browser;
  const path = browser.path ?? phantomBinary(binary, warn);
  return { ...rest, path, sandbox, args: [...browserArguments(phantomFlags, warn), ...browser.args] };
}

/**
 * A town's options with what its option `browser`, a function, has given for one of the workers.
 * @param {any} options checked ones
 * @param {unknown} given
 * @param {(message: string, code: string) => void} warn
 * @returns {any}
 */
function workerOptions(options, given, warn) {
  const checked = v.check(
    "boomtown",
    { browser: v.shape(BROWSER, { required: true }) },
    { browser: given },
    (message) => warn(message, "BOOMTOWN_UNKNOWN_OPTION"),
  );
  const all = { ...options, ...checked };
  refuseBrowser(all);
  return all;
}

/** The core's word for "never" and "no limit" is null. @param {number} value */
function limit(value) {
  return value === -1 || value === Infinity ? null : value;
}

/** @param {any} browser @param {(message: string) => void} warn */
function sandboxDefault(browser, warn) {
  if (browser.name !== "chromium" || browser.url !== undefined || process.getuid?.() !== 0) return true;
  warn(
    "Chromium runs without its sandbox, because it cannot have one as root: run the program as another user to have it; browser.sandbox: false accepts that, and only ends this warning",
  );
  return false;
}

/** @param {string | undefined} binary @param {(message: string) => void} warn */
function phantomBinary(binary, warn) {
  if (binary === undefined || !/phantomjs(\.exe)?$/i.test(binary)) return binary;
  warn(`option "phantomBinary" is ${binary}, a PhantomJS, and is ignored: boomtown drives Chromium`);
  return undefined;
}

/**
 * @param {string} owner
 * @param {unknown} options
 * @returns {any}
 */
function itemOptions(owner, options) {
  if (options === undefined) return PLAIN;
  return v.check(owner, ITEM, options);
}

/** What an item without options of its own has. */
const PLAIN = Object.freeze({});

/**
 * @param {any} options checked ones
 * @returns {object | undefined} what the core is told, if there is anything to tell
 */
function coreItemOptions(options) {
  if (options === PLAIN) return undefined;
  const { asap, priority, timeout, tries, deadline, signal } = options;
  if ((asap ?? priority ?? timeout ?? tries ?? deadline ?? signal) === undefined) return undefined;
  return {
    asap,
    priority,
    deadline,
    aborted: signal?.aborted,
    timeout: timeout === undefined ? undefined : (limit(timeout) ?? -1) || -1,
    tries: tries === undefined ? undefined : (limit(tries) ?? -1),
  };
}

module.exports = { townOptions, coreOptions, coreBrowser, workerOptions, itemOptions, coreItemOptions, MS };
