// A Thrift service that turns HTML into JPEGs, built as ghost-town's users build it: this file is the primary, which serves and
// queues, and each of the workers that it forks, which render.
// Usage: node server.js [port]

// @ts-expect-error: thrift declares no types
const thrift = require("thrift");
const Renderer = require("./gen-nodejs/Renderer");
const { RenderFailed } = require("./gen-nodejs/renderer_types");
// In a project of your own: require("boomtown/ghost-town")
const town = require("../../ghost-town")({ workerCount: 2, pageTries: 2 });

/** Some servers send their pictures only to pages that they know. */
const HEADERS = { Referer: "https://www.example.com/" };

if (town.isMaster) serve(Number(process.argv[2] ?? 1337));
else town.on("queue", render);

/** @param {number} port */
function serve(port) {
  const server = thrift.createServer(Renderer, {
    /**
     * @param {string} html
     * @param {number} width
     * @param {number} height
     * @param {(error: Error | null, picture?: Buffer) => void} next
     */
    render(html, width, height, next) {
      // PhantomJS ignores a size that it cannot have, and so does boomtown/ghost-town.
      if (!(width > 0 && height > 0)) {
        return next(
          new RenderFailed({ code: "ERR_SIZE", message: `there is no picture of ${width} x ${height} pixels` }),
        );
      }
      town.queue({ html, width, height }, (error, base64) => {
        if (error) next(new RenderFailed({ code: "code" in error ? error.code : "", message: error.message }));
        else next(null, Buffer.from(base64, "base64"));
      });
    },
  });
  server.listen(port, "127.0.0.1", () => console.log(`listening on port ${server.address().port}`));
  for (const signal of ["SIGINT", "SIGTERM"]) process.once(signal, () => leave(server));
}

/** Finishes what is queued, and ends. @param {import("node:net").Server} server */
async function leave(server) {
  server.close();
  await town.close({ drain: true });
  process.exit();
}

/**
 * @param {import("../..").Page} page
 * @param {{ html: string, width: number, height: number }} data
 * @param {import("../..").Next} next
 */
function render(page, { html, width, height }, next) {
  page
    .property("viewportSize", { width, height })
    .then(() => page.property("clipRect", { top: 0, left: 0, width, height }))
    .then(() => page.property("customHeaders", HEADERS))
    .then(() => page.property("content", html))
    .then(() => page.renderBase64("jpeg"))
    .then((base64) => next(null, base64))
    .catch(next);
}
