// The OpenAPI document of the service's JSON routes, made of the schemas by which their requests are checked.

const { version } = require("../package.json");
const { BODIES, QUERIES } = require("./native/schemas.js");

/** What each answers. */
const ANSWERS = {
  screenshot: ["A picture of the page", ["image/png", "image/jpeg", "image/webp", "text/plain"]],
  pdf: ["The page as a PDF", ["application/pdf"]],
  content: ["The page's HTML after its scripts", ["text/html"]],
  scrape: ["Text, HTML, attributes and place of elements", ["application/json"]],
};
/** Routes without a body. @type {Record<string, [string, string, boolean]>} */
const OTHERS = {
  "/pressure": ["How busy the service is", "application/json", true],
  "/meta": ["Versions of the service and its browsers", "application/json", true],
  "/metrics": ["Metrics in Prometheus' text format", "text/plain", true],
  "/health/live": ["Whether the service lives", "application/json", false],
  "/health/ready": ["Whether it should be given requests", "application/json", false],
};
const STATUSES = {
  400: "The request is wrong, or a script of it threw",
  401: "No token that is known",
  408: "A wait of the request's own took too long",
  429: "The queue is full; Retry-After says when to come again",
  502: "The page's server could not be reached",
  503: "No browser can be started, or the service ends",
  504: "The time limit",
};
const FAILURE = {
  type: "object",
  properties: { error: { type: "string" }, code: { type: "string" }, id: { type: "string" } },
  required: ["error"],
};
const TIMEOUT = { name: "timeout", in: "query", schema: { type: "integer", minimum: 0 }, description: "Milliseconds" };

function openApi() {
  /** @type {Record<string, object>} */
  const paths = {};
  for (const [kind, body] of Object.entries(BODIES)) {
    const [summary, types] = ANSWERS[/** @type {keyof typeof ANSWERS} */ (kind)];
    const responses = {
      200: { description: summary, content: contents(/** @type {string[]} */ (types)) },
      ...refusals(),
    };
    paths[`/${kind}`] = {
      post: {
        operationId: kind,
        summary,
        parameters: [TIMEOUT],
        requestBody: { required: true, content: { "application/json": { schema: body } } },
        responses,
      },
      get: {
        operationId: `${kind}ByQuery`,
        summary: `${summary}; fields of objects with dots: options.type=jpeg`,
        parameters: parametersOf(QUERIES[/** @type {keyof typeof QUERIES} */ (kind)]),
        responses,
      },
    };
  }
  for (const [path, [summary, type, isGuarded]] of Object.entries(OTHERS)) {
    const responses = { 200: { description: summary, content: contents([type]) } };
    paths[path] = { get: { summary, responses, ...(isGuarded ? {} : { security: [] }) } };
  }
  return {
    openapi: "3.1.0",
    info: { title: "boomtown-service", version, description: "Pictures, PDFs, HTML and data of pages over HTTP." },
    security: [{ bearer: [] }, { query: [] }, {}],
    paths,
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        query: { type: "apiKey", in: "query", name: "token" },
      },
      schemas: { Failure: FAILURE },
    },
  };
}

/** @param {string[]} types */
const contents = (types) => Object.fromEntries(types.map((type) => [type, {}]));

function refusals() {
  const content = { "application/json": { schema: { $ref: "#/components/schemas/Failure" } } };
  return Object.fromEntries(
    Object.entries(STATUSES).map(([status, description]) => [status, { description, content }]),
  );
}

/** The token is a security scheme. @param {any} schema */
function parametersOf({ properties }) {
  return Object.entries(properties)
    .filter(([name]) => name !== "token")
    .map(([name, schema]) => ({ name, in: "query", schema }));
}

/** @returns {import("fastify").FastifyPluginAsync} */
function openApiRoute() {
  return async (app) => {
    const document = openApi();
    app.get("/openapi.json", async () => document);
  };
}

module.exports = { openApiRoute };
