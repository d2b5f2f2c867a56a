// The service's own JSON API: the bodies that browserless and Cloudflare share, the same as queries, and what operators ask.

const { version } = require("../../package.json");
const { HttpError } = require("../errors.js");
const { leaving, run } = require("../run.js");
const { machine } = require("../town.js");
const { BODIES, QUERIES, QUERY, compile } = require("./schemas.js");

/** @typedef {import("../render/index.js").Kind} Kind */
/** @typedef {import("../render/index.js").Rendered} Rendered */

const PREFIXES = ["", "/chromium", "/chrome"];
const KINDS = /** @type {Kind[]} */ (Object.keys(BODIES));
/** What a page may be opened at; above all no file of this machine. */
const SCHEMES = new Set(["http:", "https:", "data:", "about:"]);
/** Characters of a header. */
const LONGEST_URL = 1000;

/**
 * @param {import("../town.js").ServiceTown} town
 * @param {InstanceType<typeof import("../admission.js").Admission>} admission
 * @param {import("../options.js").ServiceOptions} options
 * @returns {import("fastify").FastifyPluginAsync}
 */
function nativeRoutes(town, admission, options) {
  return async (app) => {
    app.setValidatorCompiler(compile);
    for (const prefix of PREFIXES) {
      for (const kind of KINDS) {
        const path = `${prefix}/${kind}`;
        app.post(path, { schema: { body: BODIES[kind], querystring: QUERY } }, (request, reply) =>
          serve(request, reply, { kind, ...fields(request.body) }, queryOf(request).timeout),
        );
        app.get(path, { schema: { querystring: QUERIES[kind] } }, (request, reply) => {
          const { token: _, timeout, ...wanted } = queryOf(request);
          return serve(request, reply, { kind, ...wanted }, timeout);
        });
      }
    }
    app.get("/active", { schema: { querystring: QUERY } }, async (_request, reply) => reply.code(204).send());
    app.get("/pressure", { schema: { querystring: QUERY } }, async (request, reply) => {
      const pressure = pressureOf();
      if (!request.headers.accept?.includes("text/plain")) return { pressure };
      return reply
        .code(pressure.isAvailable ? 200 : 503)
        .type("text/plain")
        .send(`${pressure.message}\n`);
    });
    app.get("/meta", { schema: { querystring: QUERY } }, async () => ({
      version,
      browsers: [...new Set(town.stats().workers.map(({ browser }) => browser))].filter(Boolean),
      node: process.versions.node,
    }));
    app.get("/metrics", { schema: { querystring: QUERY } }, async (_request, reply) =>
      reply.type("text/plain; version=0.0.4; charset=utf-8").send(town.metrics()),
    );
  };

  /**
   * @param {import("fastify").FastifyRequest} request
   * @param {import("fastify").FastifyReply} reply
   * @param {any} wanted
   * @param {number | undefined} timeout
   */
  async function serve(request, reply, wanted, timeout) {
    refuseUnopenable(wanted);
    const signal = leaving(reply);
    return await admission.admit(async () =>
      send(reply, await run(town, admission, wanted, { id: request.id, signal, timeout })),
    );
  }

  function pressureOf() {
    const { waiting, inFlight } = town.stats();
    const isFull = waiting >= options.queueLimit && inFlight >= admission.slots;
    const missing = admission.unready;
    const isAvailable = !isFull && missing === undefined;
    return {
      ...machine(),
      date: Date.now(),
      isAvailable,
      maxConcurrent: admission.slots,
      maxQueued: options.queueLimit,
      message: missing ?? (isFull ? "the queue is full" : ""),
      queued: waiting,
      reason: isFull ? "full" : "",
      recentlyRejected: admission.recentlyRefused,
      running: inFlight,
    };
  }
}

/** @param {unknown} body @returns {object} */
const fields = (body) => /** @type {object} */ (body);

/** @param {import("fastify").FastifyRequest} request @returns {Record<string, any> & { timeout?: number }} */
const queryOf = ({ query }) => /** @type {any} */ (query);

/** @param {{ url?: string, html?: string }} wanted */
function refuseUnopenable({ url, html }) {
  if (!url && !html) throw new HttpError(400, 'One of "url" or "html" properties are required.');
  if (!url) return;
  if (!URL.canParse(url))
    throw new HttpError(400, `"url" has to be a whole URL, as https://example.com/, not ${JSON.stringify(url)}`);
  const { protocol } = new URL(url);
  if (!SCHEMES.has(protocol)) throw new HttpError(403, `Navigation to ${protocol} URLs is not allowed`);
}

/**
 * @param {import("fastify").FastifyReply} reply
 * @param {Rendered} rendered
 */
function send(reply, { type, body, response }) {
  if (response) {
    const { status, statusText, url, ip, port } = response;
    reply.header("X-Response-Code", status).header("X-Response-Status", printable(statusText));
    reply.header("X-Response-URL", printable(url).slice(0, LONGEST_URL));
    // What has no server, such as a data: URL, has none.
    if (ip) reply.header("X-Response-IP", ip).header("X-Response-Port", port);
  }
  return reply.type(type).send(body);
}

/** What a foreign server has written may be no text of a header. @param {string} text */
const printable = (text) => text.replaceAll(/[^\x20-\x7e]/g, "?");

module.exports = { nativeRoutes };
