// An HTTP service that turns HTML into pictures and PDFs, with Fastify: POST { html, width, height, type } to /render.
// Usage: node server.js [port]

const { fastify } = require("fastify");
// In a project of your own: require("boomtown")
const boomtown = require("../..");

const TYPES = { jpeg: "image/jpeg", png: "image/png", webp: "image/webp", pdf: "application/pdf" };

/** What a client hears of an item that did not end well; any other error is 500. @type {Record<string, number>} */
const STATUS = { ERR_QUEUE_FULL: 503, ERR_TOWN_CLOSED: 503, ERR_ITEM_TIMEOUT: 504 };

const SIZE = { type: "integer", minimum: 1, maximum: 4000 };
const BODY = {
  type: "object",
  required: ["html"],
  additionalProperties: false,
  properties: {
    html: { type: "string" },
    width: { ...SIZE, default: 800 },
    height: { ...SIZE, default: 600 },
    type: { enum: Object.keys(TYPES), default: "jpeg" },
  },
};

/** @typedef {{ html: string, width: number, height: number, type: keyof typeof TYPES }} Wanted */

/** @type {import("../..").Town<Wanted, Buffer>} */
const town = boomtown({ workerCount: 2, pageCount: 2, pageDeath: 15_000, pageTries: 1, queueLimit: 100 });

town.on("queue", async (page, { html, width, height, type }) => {
  await page.setViewport({ width, height });
  await page.setContent(html);
  return type === "pdf" ? page.pdf({ width, height, printBackground: true }) : page.screenshot({ type });
});

const app = fastify();

app.post("/render", { schema: { body: BODY } }, async (request, reply) => {
  const wanted = /** @type {Wanted} */ (request.body);
  const gone = new AbortController();
  // Nobody waits for the picture of a client that has left.
  reply.raw.once("close", () => gone.abort());
  return reply.type(TYPES[wanted.type]).send(await town.queue(wanted, { signal: gone.signal }));
});

app.get("/metrics", async (_request, reply) => reply.type("text/plain; version=0.0.4").send(town.metrics()));

app.setErrorHandler((/** @type {import("fastify").FastifyError} */ error, _request, reply) => {
  reply.code(STATUS[error.code] ?? error.statusCode ?? 500).send({ code: error.code, message: error.message });
});

app
  .listen({ port: Number(process.argv[2] ?? 8080), host: "127.0.0.1" })
  .then((url) => console.log(`listening on ${url}`));

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await app.close();
    await town.close({ drain: true });
  });
}
