// PhantomJS's view of requests and responses: numbers for ids, text for times, headers as they are written, and Qt's errors.

/** Numbers that are remembered of requests: more than a page has under way. */
const MOST = 2000;

/** Qt's numbers of HTTP errors; others of a hundred have one together. @type {Record<number, number>} */
const OF_STATUS = {
  401: 204,
  403: 201,
  404: 203,
  405: 202,
  409: 206,
  410: 207,
  418: 205,
  500: 401,
  501: 402,
  503: 403,
};

/** Qt's numbers of a connection's errors, and its words for them. @type {[RegExp, number, (url: string) => string][]} */
const OF_CONNECTION = [
  [/CONNECTION_REFUSED|UNSAFE_PORT|ADDRESS_UNREACHABLE/, 1, () => "Connection refused"],
  [/CONNECTION_(?:CLOSED|RESET|ABORTED)|EMPTY_RESPONSE/, 2, () => "Connection closed"],
  [/NAME_NOT_RESOLVED/, 3, (url) => `Host ${hostOf(url)} not found`],
  [/TIMED_OUT/, 4, () => "Socket operation timed out"],
  [/ERR_ABORTED|BLOCKED_BY|INTERNET_DISCONNECTED/, 5, () => "Operation canceled"],
  [/SSL|CERT/, 6, () => "SSL handshake failed"],
  [/UNKNOWN_URL_SCHEME/, 301, (url) => `Protocol "${url.split(":")[0]}" is unknown`],
];

/** @param {string} url */
function hostOf(url) {
  return URL.canParse(url) ? new URL(url).hostname : url;
}

/** Requests have numbers in their order; one that follows a redirect has a number of its own. */
class Numbers {
  /** @type {Map<string, number>} */
  #known = new Map();
  #last = 0;

  /** @param {string} id @param {string} url @returns {number} */
  of(id, url) {
    const key = `${id} ${url}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    if (this.#known.size >= MOST) this.#known.delete(/** @type {string} */ (this.#known.keys().next().value));
    this.#last += 1;
    this.#known.set(key, this.#last);
    return this.#last;
  }
}

const now = () => new Date().toISOString();

/** As they are written: browsers tell them in lower case. @param {Record<string, string>} headers */
const pairs = (headers) => Object.entries(headers).map(([name, value]) => ({ name: written(name), value }));

/** @param {string} name */
function written(name) {
  return name.startsWith("sec-") || name.startsWith(":")
    ? name
    : name.replaceAll(/(?:^|-)[a-z]/g, (start) => start.toUpperCase());
}

/**
 * @param {any} response
 * @param {"start" | "end"} stage
 * @param {InstanceType<typeof Numbers>} numbers
 */
function resource(response, stage, numbers) {
  const headers = response.headers();
  return {
    ...(stage === "start" ? { body: "", bodySize: Number(headers["content-length"] ?? 0) } : {}),
    contentType: headers["content-type"] ?? null,
    headers: pairs(headers),
    id: numbers.of(response.request().id, response.url()),
    redirectURL: isRedirect(response) ? absolute(headers.location, response.url()) : null,
    stage,
    status: response.status(),
    statusText: response.statusText(),
    time: now(),
    url: response.url(),
  };
}

/** @param {any} response @returns {boolean} */
const isRedirect = (response) =>
  response.status() >= 300 && response.status() < 400 && response.headers().location !== undefined;

/** @param {string} url @param {string} base */
const absolute = (url, base) => (URL.canParse(url, base) ? new URL(url, base).href : url);

/** Of an answer that is an error. @param {any} response @param {InstanceType<typeof Numbers>} numbers */
function statusError(response, numbers) {
  const [url, status] = [response.url(), response.status()];
  return {
    errorCode: OF_STATUS[status] ?? (status < 500 ? 299 : 499),
    errorString: `Error downloading ${url} - server replied: ${response.statusText()}`,
    id: numbers.of(response.request().id, url),
    status,
    statusText: response.statusText(),
    url,
  };
}

/** @param {any} request @param {InstanceType<typeof Numbers>} numbers */
function resourceError(request, numbers) {
  const [url, text] = [request.url(), request.failure()?.errorText ?? ""];
  const [, code, words] = OF_CONNECTION.find(([pattern]) => pattern.test(text)) ?? [undefined, 99, () => text];
  return {
    errorCode: code,
    errorString: words(url),
    id: numbers.of(request.id, url),
    status: request.response()?.status() ?? null,
    statusText: request.response()?.statusText() ?? null,
    url,
  };
}

/**
 * @param {{ id: string, url: string, method: string, headers: Record<string, string>, postData?: string }} request
 * @param {InstanceType<typeof Numbers>} numbers
 */
function requested({ id, url, method, headers, postData }, numbers) {
  const sent = { headers: pairs(headers), id: numbers.of(id, url), method, time: now(), url };
  return postData === undefined ? sent : { ...sent, postData };
}

/** @param {Parameters<typeof requested>[0]} seen @param {InstanceType<typeof Numbers>} numbers */
function timedOut(seen, numbers) {
  return { ...requested(seen, numbers), errorCode: 408, errorString: "Network timeout on resource." };
}

/** What is seen of a request. @param {any} request one of Puppeteer's shape */
function seenOf(request) {
  const [url, method, headers, postData] = [request.url(), request.method(), request.headers(), request.postData()];
  return { id: request.id, url, method, headers, postData };
}

module.exports = { Numbers, isRedirect, requested, resource, resourceError, seenOf, statusError, timedOut };
