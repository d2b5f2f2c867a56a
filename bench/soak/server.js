// The local web server whose pages the soak visits: the gallery's documents by their number.

const { listen } = require("../listen.js");
const { documents } = require("./kinds.js");

const serve = () =>
  listen((request, response) => {
    const document = documents[Number(request.url?.slice(1))];
    // Idle connections would come and go in the count of file descriptors.
    response.writeHead(document ? 200 : 404, { "Content-Type": "text/html; charset=utf-8", Connection: "close" });
    response.end(document?.html);
  });

module.exports = { serve };
