// PhantomJS's view of requests and responses.

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

module.exports = { resource, resourceError, requested, seenOf, timedOut };
