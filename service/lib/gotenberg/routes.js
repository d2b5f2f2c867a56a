// Gotenberg's routes: forms with files come in, PDFs and pictures go out, at once or to a webhook.

const { randomUUID } = require("node:crypto");
const { createReadStream } = require("node:fs");
const fs = require("node:fs/promises");
const path = require("node:path");
const { finished } = require("node:stream/promises");
const multipart = require("@fastify/multipart");
const { version } = require("../../package.json");
const { HttpError } = require("../errors.js");
const { leaving, run } = require("../run.js");
const { toPdf, toPicture } = require("./chromium.js");
const { download } = require("./download.js");
const { answerOf } = require("./errors.js");
const { Folders } = require("./folders.js");
const { Form } = require("./form.js");
const { baseName } = require("./names.js");
const { asOne, disposition } = require("./output.js");
const { Editor } = require("./pdf/editor.js");
const { PDF_ROUTES } = require("./pdf-routes.js");
const { Inbox } = require("./upload.js");
const { webhookOf } = require("./webhook.js");

/** @typedef {import("./output.js").NamedFile} NamedFile */
/**
 * What a route has to make its files of.
 * @typedef {object} Desk
 * @property {InstanceType<typeof Form>} form
 * @property {string} folder the request's own
 * @property {string} stem of the names of files that have none
 * @property {(wanted: import("./page/index.js").Conversion) => Promise<string>} render gives a file's path
 * @property {(files: NamedFile[], steps: import("./pdf/worker.js").Step[]) => Promise<NamedFile[]>} edit
 */
/** @typedef {(desk: Desk) => Promise<NamedFile[]>} Route */

const SOURCES = /** @type {const} */ (["url", "html", "markdown"]);

/** @type {Record<string, Route>} */
const CHROMIUM_ROUTES = Object.fromEntries(
  SOURCES.flatMap((source) => [
    [
      `/forms/chromium/convert/${source}`,
      async ({ form, folder, stem, render, edit }) => {
        const { wanted, steps } = await toPdf(form, source, folder);
        const files = [{ name: `${stem}.pdf`, path: await render(wanted) }];
        return steps.length > 0 ? await edit(files, steps) : files;
      },
    ],
    [
      `/forms/chromium/screenshot/${source}`,
      async ({ form, folder, stem, render }) => {
        const wanted = await toPicture(form, source, folder);
        return [{ name: `${stem}.${wanted.picture.format}`, path: await render(wanted) }];
      },
    ],
  ]),
);

/** What is not here, and what it would need. */
const MISSING = {
  "/forms/libreoffice/convert": "LibreOffice",
  "/forms/pdfengines/convert": "PDF/A and PDF/UA",
  "/forms/pdfengines/encrypt": "encryption",
  "/forms/pdfengines/embed": "embedding files",
  "/forms/pdfengines/watermark": "watermarks",
  "/forms/pdfengines/stamp": "stamps",
  "/forms/pdfengines/optimize": "optimizing images",
  "/forms/pdfengines/factur-x": "Factur-X",
};

/** Fields and files of one form. */
const LIMITS = { fields: 1000, files: 1000, parts: 2000, fieldSize: 2 ** 20 };

/**
 * @param {import("../town.js").ServiceTown} town
 * @param {InstanceType<typeof import("../admission.js").Admission>} admission
 * @param {import("../options.js").ServiceOptions} options
 * @returns {import("fastify").FastifyPluginAsync}
 */
function gotenbergRoutes(town, admission, options) {
  return async (app) => {
    await app.register(multipart, {
      limits: { ...LIMITS, fileSize: options.uploadLimit },
      // What the inbox has to judge.
      preservePath: true,
    });
    const folders = await Folders.make();
    const editor = new Editor(options);
    app.addHook("onClose", async () => {
      await editor.close();
      await folders.close();
    });
    app.addHook("onRequest", async (request, reply) => {
      reply.header("Gotenberg-Trace", traceOf(request));
    });
    app.setErrorHandler((error, request, reply) => {
      const { status, message } = answerOf(error);
      if (status >= 500) request.log.error(error);
      if (status === 429) reply.header("Retry-After", admission.retryAfter);
      if (status === 503) reply.header("Retry-After", 1);
      // What has not been read of the body is not read any more.
      if (status === 413 || status === 503) reply.header("Connection", "close");
      return reply.code(status).type("text/plain; charset=UTF-8").send(message);
    });
    for (const [route, make] of Object.entries({ ...CHROMIUM_ROUTES, ...PDF_ROUTES })) {
      app.post(route, { bodyLimit: options.uploadLimit }, (request, reply) =>
        admission.admit(() => serve(request, reply, make)),
      );
    }
    for (const [route, what] of Object.entries(MISSING)) {
      app.post(route, () => {
        throw new HttpError(404, `boomtown has no ${what}, which ${route} needs`);
      });
    }
    app.get("/version", async (_request, reply) => reply.type("text/plain; charset=UTF-8").send(version));

    /**
     * @param {import("fastify").FastifyRequest} request
     * @param {import("fastify").FastifyReply} reply
     * @param {Route} make
     */
    async function serve(request, reply, make) {
      if (!request.isMultipart()) {
        throw new HttpError(415, "Invalid 'Content-Type' header value: want 'multipart/form-data'");
      }
      const stem = stemOf(request);
      const webhook = webhookOf(request, traceOf(request), app.log);
      const gone = leaving(reply);
      const folder = await folders.open();
      try {
        const inbox = new Inbox(folder, options.uploadLimit);
        const upload = await inbox.receive(request.parts());
        await download(upload, inbox, { timeout: options.timeout, trace: traceOf(request), signal: gone });
        const produce = async (/** @type {AbortSignal | undefined} */ signal) => {
          const desk = deskOf(upload, folder, stem, { id: request.id, signal });
          return await asOne(await make(desk), folder, stem);
        };
        if (!webhook) await send(reply, await produce(gone));
        else {
          reply.code(204).send();
          // The client has its answer; the request has not ended until the webhook has been called.
          await webhook.deliver(() => produce(undefined));
        }
        return reply;
      } finally {
        await folders.remove(folder);
      }
    }

    /**
     * @param {import("./upload.js").Upload} upload
     * @param {string} folder
     * @param {string | undefined} stem
     * @param {{ id: string, signal?: AbortSignal }} how
     * @returns {Desk}
     */
    function deskOf(upload, folder, stem, how) {
      return {
        form: new Form(upload),
        folder,
        stem: stem ?? randomUUID(),
        async render(wanted) {
          const { body } = await run(town, admission, wanted, how);
          const file = path.join(folder, randomUUID());
          await fs.writeFile(file, body, { mode: 0o600 });
          return file;
        },
        edit: (files, steps) => editor.edit({ files, steps, folder }, how.signal),
      };
    }
  };
}

/**
 * Resolves when the client has all of it, or has left.
 * @param {import("fastify").FastifyReply} reply
 * @param {import("./output.js").Output} output
 */
async function send(reply, { path: file, name, type, size }) {
  reply.type(type).header("Content-Length", size);
  // What has only been read is no file to be kept.
  if (type !== "application/json") reply.header("Content-Disposition", disposition(name));
  const sent = finished(reply.raw).catch(() => {});
  reply.send(createReadStream(file));
  await sent;
}

/** Gotenberg's name of a request's id, which the client may give. @param {import("fastify").FastifyRequest} request */
const traceOf = ({ headers, id }) => String(headers["gotenberg-trace"] || id);

/** The name that the client wants for what is made, which may have any letters. @param {import("fastify").FastifyRequest} request */
function stemOf({ headers }) {
  const given = headers["gotenberg-output-filename"];
  if (typeof given !== "string" || given === "") return undefined;
  // Bytes of headers arrive as Latin-1, and clients send UTF-8.
  const text = Buffer.from(given, "latin1").toString("utf8");
  return baseName(text.includes("\ufffd") ? given : text);
}

module.exports = { gotenbergRoutes };
