// The dashboard: its files, which anybody may read, and what it shows, for which a token is needed.

const { readFileSync } = require("node:fs");
const path = require("node:path");
const { PassThrough } = require("node:stream");
const { HttpError } = require("../errors.js");
const { Watch } = require("./watch.js");

const FOLDER = path.join(__dirname, "../../dashboard");
/** By the path of its route, a file and its type. */
const FILES = {
  "/": ["index.html", "text/html; charset=utf-8"],
  "/docs": ["docs.html", "text/html; charset=utf-8"],
  "/dashboard/style.css": ["style.css", "text/css; charset=utf-8"],
  "/dashboard/theme.js": ["theme.js", "text/javascript; charset=utf-8"],
  "/dashboard/app.js": ["app.js", "text/javascript; charset=utf-8"],
  "/dashboard/docs.js": ["docs.js", "text/javascript; charset=utf-8"],
};
/** Nothing inline, nothing of others; what has been rendered is shown from memory. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
const HEADERS = {
  "Content-Security-Policy": POLICY,
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-cache",
};
/** Milliseconds between two events. */
const EACH = 1000;
/** Who looks at a time, and the bytes that one may be behind. */
const VIEWERS = 20;
const BEHIND = 2 ** 20;

/** @returns {import("fastify").FastifyPluginAsync} */
function dashboardFiles() {
  return async (app) => {
    for (const [route, [file, type]] of Object.entries(FILES)) {
      const body = readFileSync(path.join(FOLDER, file));
      app.get(route, async (_request, reply) => reply.headers(HEADERS).type(type).send(body));
    }
  };
}

/**
 * @param {import("../town.js").ServiceTown} town
 * @returns {import("fastify").FastifyPluginAsync}
 */
function dashboardRoutes(town) {
  return async (app) => {
    const watch = new Watch(town);
    /** @type {Set<PassThrough>} */
    const viewers = new Set();
    /** @type {NodeJS.Timeout | undefined} */
    let timer;

    const tell = () => {
      const event = eventOf(watch);
      for (const viewer of viewers) {
        if (viewer.writableLength > BEHIND) viewer.destroy();
        else viewer.write(event);
      }
    };
    // Before the server waits for the requests under way, of which these would never end.
    app.addHook("preClose", async () => {
      watch.close();
      clearInterval(timer);
      for (const viewer of viewers) viewer.end();
    });

    app.get("/dashboard/events", async (_request, reply) => {
      if (viewers.size >= VIEWERS) throw new HttpError(429, `${VIEWERS} dashboards are open, which is the most`);
      const viewer = new PassThrough();
      viewers.add(viewer);
      timer ??= setInterval(tell, EACH).unref();
      reply.raw.once("close", () => {
        viewers.delete(viewer);
        viewer.destroy();
        if (viewers.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      });
      viewer.write(eventOf(watch));
      return reply
        .headers({ "Cache-Control": "no-store", "X-Accel-Buffering": "no" })
        .type("text/event-stream")
        .send(viewer);
    });

    app.get("/dashboard/results/:id", async (request, reply) => {
      const { id } = /** @type {{ id: string }} */ (request.params);
      const found = watch.thumbnail(id);
      if (!found) throw new HttpError(404, "That result is not kept any more");
      return reply
        .headers({ ...HEADERS, "Cache-Control": "no-store" })
        .type(found.type)
        .send(found.body);
    });
  };
}

/** @param {InstanceType<typeof Watch>} watch */
const eventOf = (watch) => `event: state\ndata: ${JSON.stringify(watch.picture)}\n\n`;

module.exports = { dashboardFiles, dashboardRoutes };
