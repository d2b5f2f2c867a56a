// The local web server whose pages the soak visits: the gallery's documents by their number.

const { once } = require("node:events");
const http = require("node:http");
const { documents } = require("./kinds.js");

/** @returns {Promise<{ url: string, close: () => Promise<unknown> }>} */
async function serve() {
  const server = http.createServer((request, response) => {
    const document = documents[Number(request.url?.slice(1))];
    // Idle connections would come and go in the count of file descriptors.
    response.writeHead(document ? 200 : 404, { "Content-Type": "text/html; charset=utf-8", Connection: "close" });
    response.end(document?.html);
  });
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

module.exports = { serve };
