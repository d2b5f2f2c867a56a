// A web server on a free port of this machine, for as long as a measurement takes.

const { once } = require("node:events");
const http = require("node:http");

/**
 * @param {http.RequestListener} answer
 * @returns {Promise<{ url: string, close: () => Promise<unknown> }>}
 */
async function listen(answer) {
  const server = http.createServer(answer);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const close = () => {
    const closed = once(server, "close");
    server.close();
    server.closeAllConnections();
    return closed;
  };
  return { url: `http://127.0.0.1:${port}`, close };
}

module.exports = { listen };
