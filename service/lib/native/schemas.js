// The shapes of the requests, as JSON schemas: of bodies, and of the same as a query.

const { Ajv } = require("ajv");

/** The longest that timers and the core take, about 24 days. */
const TIME = { type: "integer", minimum: 0, maximum: 2 ** 31 - 1 };
const TEXT = { type: "string" };
const TRUTH = { type: "boolean" };
const NUMBER = { type: "number" };
const LENGTH = { type: ["number", "string"] };
const HEADERS = { type: "object", additionalProperties: TEXT };
const MOMENT = { enum: ["load", "domcontentloaded", "networkidle0", "networkidle2"] };

/** @param {Record<string, object>} properties @param {string[]} [required] */
const shape = (properties, required = []) => ({ type: "object", additionalProperties: false, properties, required });

/** @param {object} items */
const list = (items) => ({ type: "array", items });

const COOKIE = shape(
  {
    name: TEXT,
    value: TEXT,
    url: TEXT,
    domain: TEXT,
    path: TEXT,
    secure: TRUTH,
    httpOnly: TRUTH,
    sameSite: { enum: ["Strict", "Lax", "None"] },
    expires: NUMBER,
    priority: { enum: ["Low", "Medium", "High"] },
    sourceScheme: { enum: ["Unset", "NonSecure", "Secure"] },
    partitionKey: {
      anyOf: [TEXT, shape({ sourceOrigin: TEXT, hasCrossSiteAncestor: TRUTH }, ["sourceOrigin"])],
    },
  },
  ["name", "value"],
);

/** Without `path`, which would be a file of this machine. @param {Record<string, object>} more */
const tag = (more) => shape({ url: TEXT, content: TEXT, id: TEXT, timeout: TIME, ...more });

/** What all four have; the order in which it is applied is that of render/prepare.js. */
const COMMON = {
  url: TEXT,
  html: TEXT,
  emulateMediaType: TEXT,
  cookies: list(COOKIE),
  viewport: shape(
    {
      width: { type: "integer", minimum: 1 },
      height: { type: "integer", minimum: 1 },
      deviceScaleFactor: { type: "number", minimum: 0 },
      isMobile: TRUTH,
      hasTouch: TRUTH,
      isLandscape: TRUTH,
    },
    ["width", "height"],
  ),
  userAgent: {
    anyOf: [TEXT, shape({ userAgent: TEXT, userAgentMetadata: { type: "object" }, platform: TEXT })],
  },
  authenticate: shape({ username: TEXT, password: TEXT }, ["username", "password"]),
  setExtraHTTPHeaders: HEADERS,
  setJavaScriptEnabled: TRUTH,
  rejectRequestPattern: list(TEXT),
  rejectResourceTypes: list(TEXT),
  requestInterceptors: list(
    shape(
      {
        pattern: TEXT,
        response: shape({
          status: { type: "integer", minimum: 100, maximum: 599 },
          headers: { type: "object", additionalProperties: { type: ["string", "number", "boolean"] } },
          contentType: TEXT,
          body: TEXT,
        }),
      },
      ["pattern", "response"],
    ),
  ),
  gotoOptions: shape({
    timeout: TIME,
    waitUntil: { anyOf: [MOMENT, list(MOMENT)] },
    referer: TEXT,
    referrerPolicy: TEXT,
  }),
  addStyleTag: list(tag({})),
  addScriptTag: list(tag({ type: TEXT })),
  waitForTimeout: TIME,
  waitForFunction: shape({ fn: TEXT, polling: { anyOf: [{ enum: ["raf", "mutation"] }, TIME] }, timeout: TIME }, [
    "fn",
  ]),
  waitForSelector: shape({ selector: TEXT, visible: TRUTH, hidden: TRUTH, timeout: TIME }, ["selector"]),
  waitForEvent: shape({ event: TEXT, timeout: TIME }, ["event"]),
  bestAttempt: TRUTH,
};

const SCREENSHOT = {
  ...COMMON,
  scrollPage: TRUTH,
  selector: TEXT,
  options: shape({
    type: { enum: ["png", "jpeg", "webp"] },
    quality: { type: "integer", minimum: 0, maximum: 100 },
    fullPage: TRUTH,
    clip: shape({ x: NUMBER, y: NUMBER, width: NUMBER, height: NUMBER, scale: NUMBER }, ["x", "y", "width", "height"]),
    omitBackground: TRUTH,
    encoding: { enum: ["binary", "base64"] },
    optimizeForSpeed: TRUTH,
    captureBeyondViewport: TRUTH,
    fromSurface: TRUTH,
  }),
};

const PDF = {
  ...COMMON,
  options: shape({
    format: TEXT,
    width: LENGTH,
    height: LENGTH,
    landscape: TRUTH,
    scale: { type: "number", minimum: 0.1, maximum: 2 },
    margin: shape({ top: LENGTH, right: LENGTH, bottom: LENGTH, left: LENGTH }),
    printBackground: TRUTH,
    displayHeaderFooter: TRUTH,
    headerTemplate: TEXT,
    footerTemplate: TEXT,
    pageRanges: TEXT,
    preferCSSPageSize: TRUTH,
    omitBackground: TRUTH,
    outline: TRUTH,
    tagged: TRUTH,
    waitForFonts: TRUTH,
    timeout: TIME,
    fullPage: TRUTH,
  }),
};

const SCRAPE = {
  ...COMMON,
  elements: list(shape({ selector: TEXT, timeout: TIME }, ["selector"])),
  debugOpts: shape({ console: TRUTH, cookies: TRUTH, html: TRUTH, network: TRUTH, screenshot: TRUTH }),
};

/** Of every route. */
const QUERY = { token: TEXT, timeout: TIME };

/** By the kind of request, its body. @type {Record<import("../render/index.js").Kind, object>} */
const BODIES = {
  screenshot: shape(SCREENSHOT),
  pdf: shape(PDF),
  content: shape(COMMON),
  scrape: shape(SCRAPE, ["elements"]),
};

/** The same as a query. */
const QUERIES = {
  screenshot: shape({ ...SCREENSHOT, ...QUERY }),
  pdf: shape({ ...PDF, ...QUERY }),
  content: shape({ ...COMMON, ...QUERY }),
  scrape: shape({ ...SCRAPE, ...QUERY }, ["elements"]),
};

const OPTIONS = /** @type {const} */ ({ allowUnionTypes: true, useDefaults: true });
/** JSON says of each value what it is; in a query all are texts. */
const strict = new Ajv(OPTIONS);
const coercing = new Ajv({ ...OPTIONS, coerceTypes: "array" });

/** @type {import("fastify").FastifySchemaCompiler<object>} */
function compile({ schema, httpPart }) {
  const validate = (httpPart === "body" ? strict : coercing).compile(schema);
  return (data) => {
    if (validate(data)) return { value: data };
    return { error: validate.errors?.map(complaint) };
  };
}

/** With the name that is not known, which the message leaves out. @param {import("ajv").ErrorObject} error */
function complaint(error) {
  const { params, message } = error;
  if (error.keyword === "additionalProperties")
    return { ...error, message: `does not know "${params.additionalProperty}"` };
  if (error.keyword === "enum") return { ...error, message: `${message}: ${params.allowedValues.join(", ")}` };
  return error;
}

module.exports = { BODIES, QUERIES, QUERY: shape(QUERY), compile };
