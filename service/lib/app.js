// The HTTP server: who is let in, how errors look, what is logged; the routes are those of the dialects.

const { randomUUID } = require("node:crypto");
const { fastify } = require("fastify");
const { Admission } = require("./admission.js");
const { guard } = require("./auth.js");
const { dashboardFiles, dashboardRoutes } = require("./dashboard/routes.js");
const { answerOf } = require("./errors.js");
const { gotenbergHealth } = require("./gotenberg/health.js");
const { gotenbergRoutes } = require("./gotenberg/routes.js");
const { health } = require("./health.js");
const { nativeRoutes } = require("./native/routes.js");
const { openApiRoute } = require("./openapi.js");
const { nested } = require("./query.js");

/** Bytes of a request's body, as browserless has it. */
const BODY_LIMIT = 10 * 2 ** 20;
/** Milliseconds that a client may take to send a request. */
const REQUEST_TIMEOUT = 60_000;

/**
 * @param {import("./options.js").ServiceOptions} options
 * @param {import("./town.js").ServiceTown} town
 */
function makeApp(options, town) {
  const admission = new Admission(town, options);
  const app = fastify({
    bodyLimit: BODY_LIMIT,
    requestTimeout: REQUEST_TIMEOUT,
    // An item has its request's id.
    genReqId: () => randomUUID(),
    routerOptions: { ignoreTrailingSlash: true, querystringParser: nested },
    logger: options.log && { serializers: { req: logged } },
  });
  app.addHook("onRequest", async (request, reply) => {
    reply.header("X-Request-Id", request.id);
  });
  app.setErrorHandler((error, request, reply) => {
    const { status, body } = answerOf(/** @type {import("./errors.js").Failure} */ (error));
    if (status === 500 || status === 503) request.log.error(error);
    // Messages of the others have addresses of pages.
    else if (status > 429) request.log.warn({ status, code: body.code });
    if (status === 429) reply.header("Retry-After", admission.retryAfter);
    if (status === 503) reply.header("Retry-After", 1).header("Connection", "close");
    return answer(request, reply.code(status), body);
  });
  app.setNotFoundHandler((request, reply) => {
    const [path] = request.url.split("?");
    return answer(request, reply.code(404), { error: `There is no route ${request.method} ${path}` });
  });
  app.register(health(admission));
  app.register(gotenbergHealth(admission));
  app.register(dashboardFiles());
  app.register(openApiRoute());
  app.register(async (guarded) => {
    const check = guard(options.tokens);
    guarded.addHook("onRequest", async (request) => check(request));
    await guarded.register(dashboardRoutes(town));
    await guarded.register(nativeRoutes(town, admission, options));
    await guarded.register(gotenbergRoutes(town, admission, options));
  });
  return { app, admission };
}

/**
 * As the client speaks: JSON to JSON, text to anything else.
 * @param {import("fastify").FastifyRequest} request
 * @param {import("fastify").FastifyReply} reply
 * @param {{ error: string }} body
 */
function answer(request, reply, body) {
  if (request.headers["content-type"]?.includes("json")) return reply.send(body);
  return reply.type("text/plain; charset=utf-8").send(`${body.error}\n`);
}

/** Without the query, which may have a token and addresses that are nobody's business. @param {import("fastify").FastifyRequest} request */
const logged = ({ method, url, ip }) => ({ method, path: url.split("?")[0], ip });

module.exports = { makeApp };
