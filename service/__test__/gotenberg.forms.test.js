// How Gotenberg's forms come in, where their files are meanwhile, and how what is made of them goes out.

const { before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { existsSync, mkdtempSync, readdirSync, rmSync } = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");
const { until } = require("../../__test__/helpers/processes.js");
const { serve } = require("../../__test__/helpers/server.js");
const { ask, pdfOf, sizesOf } = require("./gotenberg.js");
const { bytes, open, ready } = require("./service.js");

const LIMIT = { timeout: 120_000 };

/** @type {Awaited<ReturnType<typeof open>>} */
let service;
before(async () => {
  service = await open({ uploadLimit: 2 ** 20 });
});

/** @param {Record<string, string | Buffer>} files @param {Record<string, string>} [headers] */
const flatten = (files, headers) => ask(service, "/forms/pdfengines/flatten", { files, headers });
/** @param {Promise<Response>} answer @returns {Promise<[number, string]>} */
const refusal = async (answer) => [(await answer).status, await (await answer).text()];

/** What the folders of the requests have, of this process' services. */
function folders() {
  return readdirSync(os.tmpdir())
    .filter((name) => name.startsWith(`boomtown-service-${process.pid}-`))
    .flatMap((name) => readdirSync(path.join(os.tmpdir(), name)));
}

/**
 * A server that keeps the requests it gets, and answers them with these statuses, then with 200.
 * @param {number[]} [statuses]
 */
async function receiver(statuses = []) {
  /** @type {{ method?: string, url?: string, headers: import("node:http").IncomingHttpHeaders, body: Buffer }[]} */
  const got = [];
  /** @type {http.RequestListener} */
  const take = async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    got.push({ method: request.method, url: request.url, headers: request.headers, body: Buffer.concat(chunks) });
    response.writeHead(statuses.shift() ?? 200).end();
  };
  const url = await serve({ "/file": take, "/error": take, "/events": take });
  return { url, got, first: (/** @type {number} */ count) => until(() => got.length >= count) };
}

describe("a form", () => {
  test("leaves nothing of its files behind, be it served or refused", async () => {
    assert.equal((await flatten({ "a.pdf": await pdfOf([[100, 100]]) })).status, 200);
    assert.equal((await flatten({ "a.pdf": "no PDF" })).status, 400);
    await until(() => folders().length === 0);
  });

  for (const name of ["../a.pdf", "x/../../a.pdf", "..\\a.pdf", "..", "files/", "/"]) {
    test(`refuses ${name} as a name`, async () => {
      // By hand, since FormData would not change it, but tells nothing of what it sends.
      const body = `--x\r\nContent-Disposition: form-data; name="files"; filename="${name}"\r\n\r\n%PDF\r\n--x--\r\n`;
      const headers = { "Content-Type": "multipart/form-data; boundary=x" };
      const response = await service.get("/forms/pdfengines/flatten", { method: "POST", body, headers });
      const [status, message] = [response.status, await response.text()];
      assert.equal(status, 400, message);
      assert.match(message, /^Invalid form data: ".*" is no name of a file$/);
    });
  }

  test("takes names that are longer than names of files can be", async () => {
    const name = `${"long ".repeat(100)}.pdf`;
    const response = await flatten({ [name]: await pdfOf([[100, 100]]) });
    assert.equal(response.status, 200);
    assert.ok(response.headers.get("content-disposition")?.includes(name));
  });

  test("of another type is 415", async () => {
    const response = await service.post("/forms/chromium/convert/html", { html: "x" });
    assert.deepEqual(
      [response.status, await response.text()],
      [415, "Invalid 'Content-Type' header value: want 'multipart/form-data'"],
    );
  });

  test("that is more than the limit is 413, in one file, in several or in fields", async () => {
    const big = Buffer.alloc(700_000);
    for (const what of /** @type {NonNullable<Parameters<typeof ask>[2]>[]} */ ([
      { files: { "a.pdf": Buffer.alloc(2_000_000) } },
      { files: { "a.pdf": big, "b.pdf": big } },
      { files: { "a.pdf": big }, fields: { metadata: "x".repeat(700_000) } },
    ])) {
      // A server that has heard enough may close the connection before the client has sent all of it.
      const answer = await ask(service, "/forms/pdfengines/flatten", what).catch(() => undefined);
      if (answer) assert.equal(answer.status, 413);
    }
    await until(() => folders().length === 0);
  });

  test("that ends before its end is 400", async () => {
    const body = '--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF';
    const headers = { "Content-Type": "multipart/form-data; boundary=x" };
    const response = await service.get("/forms/pdfengines/flatten", { method: "POST", body, headers });
    assert.deepEqual(
      [response.status, await response.text()],
      [400, "Malformed body: it does not match the 'Content-Type' header boundaries"],
    );
    await until(() => folders().length === 0);
  });

  test("without a boundary is 415", async () => {
    const headers = { "Content-Type": "multipart/form-data" };
    const response = await service.get("/forms/pdfengines/flatten", { method: "POST", body: "x", headers });
    assert.deepEqual(
      [response.status, await response.text()],
      [415, "Invalid 'Content-Type' header value: no boundary"],
    );
  });

  test("of a client that leaves while it sends is forgotten", async () => {
    const { hostname, port } = new URL(service.url);
    const request = http.request({ hostname, port, path: "/forms/pdfengines/flatten", method: "POST" });
    request.setHeader("Content-Type", "multipart/form-data; boundary=x");
    request.on("error", () => {});
    request.write('--x\r\nContent-Disposition: form-data; name="files"; filename="a.pdf"\r\n\r\n%PDF');
    await until(() => folders().length === 1);
    request.destroy();
    await until(() => folders().length === 0);
  });

  test("needs a token where there are some", async () => {
    const guarded = await open({ tokens: ["secret"] });
    assert.equal((await ask(guarded, "/forms/pdfengines/flatten")).status, 401);
    const headers = { Authorization: `Basic ${Buffer.from("secret:").toString("base64")}` };
    assert.equal((await ask(guarded, "/forms/pdfengines/flatten", { headers })).status, 400);
    assert.equal((await guarded.get("/version")).status, 401);
    assert.notEqual((await guarded.get("/health")).status, 401);
  });
});

test("what a service that was killed has left goes with the next one", async () => {
  // No process has this id.
  const left = mkdtempSync(path.join(os.tmpdir(), `boomtown-service-${2 ** 30}-`));
  const other = mkdtempSync(path.join(os.tmpdir(), `boomtown-service-${process.ppid}-`));
  try {
    await open();
    assert.deepEqual([existsSync(left), existsSync(other)], [false, true]);
  } finally {
    rmSync(other, { recursive: true });
  }
});

test("a name for what is made may have any letters, and no folder", async () => {
  const files = { "a.pdf": await pdfOf([[100, 100]]) };
  const named = async (/** @type {string} */ name) =>
    (await flatten(files, { "Gotenberg-Output-Filename": Buffer.from(name).toString("latin1") })).headers.get(
      "content-disposition",
    );
  assert.equal(await named("/tmp/foo"), 'attachment; filename="foo.pdf"');
  assert.equal(await named('a "b"'), 'attachment; filename="a \\"b\\".pdf"');
  assert.equal(await named("Übung"), "attachment; filename=\"_bung.pdf\"; filename*=UTF-8''%C3%9Cbung.pdf");
});

test("what is up says so, with HEAD too, and which version it is", async () => {
  await ready(service);
  const health = await service.get("/health");
  const { status, details } = await health.json();
  assert.deepEqual([health.status, status, details.chromium.status], [200, "up", "up"]);
  assert.equal((await service.get("/health", { method: "HEAD" })).status, 200);
  assert.equal(await (await service.get("/version")).text(), require("../package.json").version);
});

test("a conversion that takes too long is 503", LIMIT, async () => {
  const { url } = await open({ timeout: 500 });
  const site = await serve({ "/": () => {} });
  const [status, message] = await refusal(ask({ url }, "/forms/chromium/convert/url", { fields: { url: site } }));
  assert.equal(status, 503);
  assert.match(message, /^The request exceeded the time limit\./);
});

test("a conversion that finds the queue full is 429, with when to come again", LIMIT, async () => {
  const { url } = await open({ queueLimit: 1 });
  const [asked, release] = [deferred(), deferred()];
  const site = await serve({
    "/": async (_request, response) => {
      asked.resolve();
      await release.promise;
      response.end("released");
    },
  });
  const convert = () => ask({ url }, "/forms/chromium/convert/url", { fields: { url: site } });
  const first = convert();
  await asked.promise;
  // One of them waits for the first.
  const others = [convert(), convert()];
  const refused = await Promise.race(others);
  assert.deepEqual([refused.status, Number(refused.headers.get("retry-after")) >= 1], [429, true]);
  assert.match(await refused.text(), /^The request queue is full\./);
  release.resolve();
  assert.equal((await first).status, 200);
  assert.deepEqual((await Promise.all(others)).map(({ status }) => status).sort(), [200, 429]);
});

/** A promise with its end. */
function deferred() {
  /** @type {(value?: any) => void} */
  let resolve = () => {};
  const promise = new Promise((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

describe("a webhook", () => {
  test("gets what is made, after 204, and an event", async () => {
    const { url, got, first } = await receiver();
    const response = await flatten(
      { "a.pdf": await pdfOf([[123, 100]]) },
      {
        "Gotenberg-Trace": "the-trace",
        "Gotenberg-Webhook-Url": `${url}/file`,
        "Gotenberg-Webhook-Method": "put",
        "Gotenberg-Webhook-Events-Url": `${url}/events`,
        "Gotenberg-Webhook-Extra-Http-Headers": '{"X-Foo":"bar"}',
        Traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
      },
    );
    assert.deepEqual([response.status, await response.text()], [204, ""]);
    await first(2);
    const [file, event] = got;
    assert.deepEqual([file.method, file.url], ["PUT", "/file"]);
    const { "x-foo": foo, "gotenberg-trace": trace, "content-type": type, "content-length": length } = file.headers;
    assert.deepEqual([foo, trace, type, length], ["bar", "the-trace", "application/pdf", String(file.body.length)]);
    assert.equal(file.headers["content-disposition"], 'attachment; filename="a.pdf"');
    assert.match(String(file.headers.traceparent), /^00-0af7651916cd43dd8448eb211c80319c-/);
    assert.deepEqual(await sizesOf(file.body), [[123, 100]]);
    const { timestamp, ...told } = JSON.parse(String(event.body));
    assert.deepEqual([event.method, told], ["POST", { event: "webhook.success", correlationId: "the-trace" }]);
    assert.ok(Date.parse(timestamp) > 0);
    await until(() => folders().length === 0);
  });

  test("gets the error in its place", async () => {
    const { url, got, first } = await receiver();
    const headers = {
      "Gotenberg-Webhook-Url": `${url}/file`,
      "Gotenberg-Webhook-Error-Url": `${url}/error`,
      "Gotenberg-Webhook-Error-Method": "PATCH",
      "Gotenberg-Webhook-Events-Url": `${url}/events`,
    };
    assert.equal((await flatten({ "a.pdf": "no PDF" }, headers)).status, 204);
    await first(2);
    const error = { status: 400, message: "The file 'a.pdf' is no PDF that can be read" };
    assert.deepEqual([got[0].method, got[0].url, JSON.parse(String(got[0].body))], ["PATCH", "/error", error]);
    assert.deepEqual([got[1].url, JSON.parse(String(got[1].body)).error], ["/events", error]);
  });

  test("that fails is called again", LIMIT, async () => {
    const { url, got, first } = await receiver([503, 500]);
    const headers = { "Gotenberg-Webhook-Url": `${url}/file`, "Gotenberg-Webhook-Error-Url": `${url}/error` };
    assert.equal((await flatten({ "a.pdf": await pdfOf([[100, 100]]) }, headers)).status, 204);
    await first(3);
    assert.deepEqual(
      got.map((one) => [one.url, one.body.length > 0]),
      Array(3).fill(["/file", true]),
    );
  });

  test("that refuses what it gets gets the error", async () => {
    const { url, got, first } = await receiver([403]);
    const headers = { "Gotenberg-Webhook-Url": `${url}/file`, "Gotenberg-Webhook-Error-Url": `${url}/error` };
    assert.equal((await flatten({ "a.pdf": await pdfOf([[100, 100]]) }, headers)).status, 204);
    await first(2);
    assert.deepEqual([got[1].url, JSON.parse(String(got[1].body)).status], ["/error", 500]);
  });

  for (const [what, headers, message] of /** @type {[string, Record<string, string>, RegExp][]} */ ([
    ["without a place for errors", {}, /^At least one of 'Gotenberg-Webhook-Error-Url' or/],
    ["with another method", { "Gotenberg-Webhook-Method": "GET" }, /^Invalid 'Gotenberg-Webhook-Method' header value/],
    [
      "with headers that are none",
      { "Gotenberg-Webhook-Extra-Http-Headers": "x" },
      /^Invalid 'Gotenberg-Webhook-Extra/,
    ],
    ["at no URL", { "Gotenberg-Webhook-Url": "file:///etc/passwd" }, /expected an http or https URL/],
  ])) {
    test(`${what} is refused at once`, async () => {
      /** @type {Record<string, string>} */
      const others = what.startsWith("without") ? {} : { "Gotenberg-Webhook-Error-Url": "http://127.0.0.1:1/" };
      const [status, text] = await refusal(
        flatten({ "a.pdf": "x" }, { "Gotenberg-Webhook-Url": "http://127.0.0.1:1/", ...others, ...headers }),
      );
      assert.equal(status, 400);
      assert.match(text, message);
    });
  }

  test("is waited for by a service that ends", LIMIT, async () => {
    const ending = await open();
    const release = deferred();
    const called = deferred();
    const url = await serve({
      "/file": async (request, response) => {
        request.resume();
        await once(request, "end");
        called.resolve();
        await release.promise;
        response.end();
      },
      "/events": (request, response) => {
        request.resume();
        response.end();
      },
    });
    const headers = { "Gotenberg-Webhook-Url": `${url}/file`, "Gotenberg-Webhook-Events-Url": `${url}/events` };
    const files = { "a.pdf": await pdfOf([[100, 100]]) };
    assert.equal((await ask(ending, "/forms/pdfengines/flatten", { files, headers })).status, 204);
    await called.promise;
    let drained = false;
    const drain = ending.drain().then(() => {
      drained = true;
    });
    assert.equal((await ending.get("/health")).status, 503);
    assert.equal(drained, false);
    release.resolve();
    await drain;
  });
});

describe("downloadFrom", () => {
  /** @param {object[]} downloadFrom */
  const downloaded = (downloadFrom) =>
    ask(service, "/forms/pdfengines/merge", { fields: { downloadFrom: JSON.stringify(downloadFrom) } });

  test("brings files with the names that their servers give, and has its headers", async () => {
    const pdf = await pdfOf([[100, 100]]);
    const answers = [503];
    const url = await serve({
      "/1": (request, response) => {
        if (request.headers["x-key"] !== "secret") return response.writeHead(403).end();
        response
          .writeHead(answers.shift() ?? 200, { "Content-Disposition": "attachment; filename*=UTF-8''1%20%C3%A4.pdf" })
          .end(pdf);
      },
      "/2": (_request, response) => response.writeHead(302, { Location: "/moved" }).end(),
      "/moved": (_request, response) => response.setHeader("Content-Disposition", 'inline; filename="2.pdf"').end(pdf),
    });
    const extraHttpHeaders = { "X-Key": "secret" };
    const merged = await bytes(downloaded([{ url: `${url}/1`, extraHttpHeaders }, { url: `${url}/2` }]));
    assert.equal((await sizesOf(merged)).length, 2);
  });

  test("that cannot be had is refused with the reason", async () => {
    const url = await serve({
      "/nameless": "x",
      "/climbing": (_request, response) =>
        response.setHeader("Content-Disposition", 'attachment; filename="../a.pdf"').end("x"),
    });
    for (const [entry, message] of /** @type {[object, RegExp][]} */ ([
      [{ url: `${url}/lost` }, /^Unable to download file from '.*\/lost': got status: '404 Not Found'$/],
      [{ url: `${url}/nameless` }, /^No 'Content-Disposition' header from /],
      [{ url: `${url}/climbing` }, /is no name of a file$/],
      [{ url: "" }, /entry 0: URL must be set$/],
      [{ url: "file:///etc/passwd" }, /^Unable to download file from 'file:/],
      [{ url, field: "watermark" }, /^boomtown has no watermarks/],
    ])) {
      const [status, text] = await refusal(downloaded([entry]));
      assert.equal(status, 400);
      assert.match(text, message);
    }
  });
});
