// What a page does that a conversion may fail on: its status, those of its resources, requests that fail, exceptions.

const { STATUS_CODES } = require("node:http");
const { HttpError } = require("../../errors.js");

/** Faults of the network; others, such as requests that the page gives up itself, are none. */
const FAULTS = new Set(
  `CONNECTION_CLOSED CONNECTION_RESET CONNECTION_REFUSED CONNECTION_ABORTED CONNECTION_FAILED NAME_NOT_RESOLVED
  INTERNET_DISCONNECTED ADDRESS_UNREACHABLE BLOCKED_BY_CLIENT BLOCKED_BY_RESPONSE FILE_NOT_FOUND HTTP2_PROTOCOL_ERROR`
    .split(/\s+/)
    .map((name) => `net::ERR_${name}`),
);
/** Entries of each list: a page may fail without an end. */
const MOST = 1000;

/**
 * Begins to listen, before the page is opened.
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").Conversion} wanted
 */
function watch(page, { failOn }) {
  /** @type {Record<"statuses" | "failures" | "exceptions", string[]>} */
  const seen = { statuses: [], failures: [], exceptions: [] };
  /** @type {(list: string[], entry: string) => void} */
  const keep = (list, entry) => void (list.length < MOST && list.push(entry));
  /** @type {Error | undefined} */
  let failure;
  /** @type {(error: Error) => void} */
  let fail = () => {};
  /** @type {Promise<never>} */
  const failed = new Promise((_, reject) => {
    fail = (error) => {
      failure ??= error;
      reject(error);
    };
  });
  // Whoever races with it hears of it; after that nobody has to.
  failed.catch(() => {});

  page.on("response", (response) => {
    const status = response.status();
    // What it is redirected to has a response of its own.
    if (status >= 300 && status < 400 && response.headers().location !== undefined) return;
    if (isOfPage(page, response.request())) {
      if (failOn.statuses.has(status)) {
        const text = response.statusText() || STATUS_CODES[status];
        fail(new HttpError(409, `Invalid HTTP status code from the main page: ${status}: ${text}`));
      }
    } else if (failOn.resourceStatuses.has(status) && !isIgnored(response.url(), failOn.ignoredDomains)) {
      keep(seen.statuses, `${response.url()} - ${status}: ${STATUS_CODES[status]}`);
    }
  });
  page.on("requestfailed", (request) => {
    const text = request.failure()?.errorText ?? "";
    if (!FAULTS.has(text)) return;
    if (isOfPage(page, request)) fail(new HttpError(400, `Chromium returned ${text}`));
    else if (failOn.resourceFailures) keep(seen.failures, `resource ${named(request.resourceType())}: ${text}`);
  });
  if (failOn.exceptions) {
    page.on("pageerror", (error) => keep(seen.exceptions, String(error?.stack ?? error)));
  }

  return {
    failed,
    get failure() {
      return failure ?? (seen.statuses.length > 0 ? badResources(seen.statuses) : undefined);
    },
    /** Throws what was seen that is no reason to end before all is there. */
    check() {
      const { statuses, failures, exceptions } = seen;
      if (statuses.length > 0) throw badResources(statuses);
      if (exceptions.length > 0) {
        throw new HttpError(409, `Chromium console exceptions:\n\n${exceptions.join("\n\n")}`);
      }
      if (failures.length > 0) {
        throw new HttpError(409, `Chromium failed to load resources: ${failures.join("\n")}`);
      }
    },
  };
}

/** @param {string[]} statuses */
const badResources = (statuses) =>
  new HttpError(409, `Invalid HTTP status code from resources:\n${statuses.join("\n")}`);

/** @param {import("boomtown").Page} page @param {import("boomtown").HTTPRequest} request */
const isOfPage = (page, request) => request.isNavigationRequest() && request.frame() === page.mainFrame();

/** As the DevTools protocol has it. @param {string} type */
const named = (type) => (type === "xhr" ? "XHR" : type.charAt(0).toUpperCase() + type.slice(1));

/** @param {string} url @param {string[]} domains */
function isIgnored(url, domains) {
  if (!URL.canParse(url)) return false;
  const { hostname } = new URL(url);
  return domains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

module.exports = { watch };
