// Web servers that go when the file is done.

const { after } = require("node:test");
const { once } = require("node:events");
const http = require("node:http");
const https = require("node:https");

/** @type {(http.Server | https.Server)[]} */
const servers = [];
after(() => {
  for (const server of servers) {
    server.closeAllConnections();
    server.close();
  }
});

/**
 * A web server of fixed answers: text is HTML, a function answers itself.
 * @param {Record<string, string | http.RequestListener>} routes by path
 * @param {import("node:tls").TlsOptions} [tls] makes it an https server
 * @returns {Promise<string>} its URL, without a slash at the end
 */
async function serve(routes, tls) {
  /** @type {http.RequestListener} */
  const listener = (request, response) => {
    const route = routes[new URL(/** @type {string} */ (request.url), "http://localhost").pathname];
    if (typeof route === "function") return route(request, response);
    response.writeHead(route === undefined ? 404 : 200, { "Content-Type": "text/html; charset=utf-8" });
    response.end(route ?? "not found");
  };
  const server = tls ? https.createServer(tls, listener) : http.createServer(listener);
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return `${tls ? "https" : "http"}://127.0.0.1:${port}`;
}

module.exports = { serve };
