// What the service refuses, with what status and words; and whom it lets in.

const { before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { open } = require("./service.js");
const { WrongOption, optionsOf } = require("../lib/options.js");

/** @type {Awaited<ReturnType<typeof open>>} */
let service;
before(async () => {
  service = await open();
});

describe("a body", () => {
  /** @type {[string, string, unknown, number, RegExp][]} */
  const REFUSED = [
    ["with neither a URL nor HTML", "/content", {}, 400, /^One of "url" or "html" properties are required\.$/],
    [
      "with an unknown field",
      "/pdf",
      { html: "x", colour: 1 },
      400,
      /^POST Body validation failed: .*does not know "colour"/,
    ],
    [
      "with an unknown option",
      "/screenshot",
      { html: "x", options: { path: "/tmp/x" } },
      400,
      /options does not know "path"/,
    ],
    ["with a field of another kind", "/content", { html: "x", scrollPage: true }, 400, /does not know "scrollPage"/],
    [
      "with a field of a wrong type",
      "/screenshot",
      { html: "x", viewport: { width: "8", height: 9 } },
      400,
      /width must be integer/,
    ],
    [
      "with a type of picture that is none",
      "/screenshot",
      { html: "x", options: { type: "gif" } },
      400,
      /png, jpeg, webp/,
    ],
    ["without the elements to scrape", "/scrape", { html: "x" }, 400, /elements/],
    [
      "with a script of this machine",
      "/content",
      { html: "x", addScriptTag: [{ path: "/etc/passwd" }] },
      400,
      /"path"/,
    ],
    ["with a file's URL", "/content", { url: "file:///etc/passwd" }, 403, /^Navigation to file: URLs is not allowed$/],
    ["with a URL of the browser's own", "/content", { url: "chrome://version" }, 403, /not allowed/],
    ["with a URL that is none", "/content", { url: "example.com" }, 400, /whole URL/],
    ["that is no JSON", "/content", "{", 400, /^Couldn't parse JSON body$/],
    ["that is empty", "/content", "", 400, /^Couldn't parse JSON body$/],
    ["that is no object", "/content", "[]", 400, /must be object/],
    ["whose HTML is too much", "/content", { html: "x".repeat(11e6) }, 413, /too large/],
    ["with quality for a PNG", "/screenshot", { html: "x", options: { quality: 5 } }, 400, /quality/],
    ["with a server that is not there", "/content", { url: "http://127.0.0.1:9/" }, 502, /ERR_|refused/],
    ["with pages that the document has not", "/pdf", { html: "x", options: { pageRanges: "x" } }, 400, /[Pp]age/],
  ];
  for (const [what, path, body, status, error] of REFUSED) {
    test(`${what} is ${status}`, async () => {
      const response = await service.post(path, body);
      const answer = await response.text();
      assert.equal(response.status, status, answer);
      assert.match(JSON.parse(answer).error, error);
    });
  }

  test("with HTML that goes to a file of this machine sees nothing of it", async () => {
    const file = `file://${__filename}`;
    for (const html of [`<iframe src="${file}"></iframe>`, `<script>location = ${JSON.stringify(file)}</script>`]) {
      const response = await service.post("/scrape", {
        html,
        elements: [],
        waitForTimeout: 500,
        debugOpts: { html: true, network: true },
      });
      const { debug } = await response.json();
      assert.doesNotMatch(debug.html, /What the service refuses/);
      assert.deepEqual(
        debug.network.inbound.filter((/** @type {any} */ { url }) => url.startsWith("file:")),
        [],
      );
    }
  });

  test("of another type than JSON is 415", async () => {
    const response = await service.post("/content", "a=b", {
      headers: { "Content-Type": "application/x-www-form-urlencoded" },
    });
    assert.equal(response.status, 415);
  });
});

describe("a query", () => {
  /** @type {[string, number, RegExp][]} */
  const REFUSED = [
    ["/content?url=about:blank&colour=1", 400, /^Query-parameter validation failed: .*"colour"/],
    ["/content?url=about:blank&__proto__.x=1", 400, /"__proto__"/],
    ["/screenshot?url=about:blank&viewport.width=wide&viewport.height=1", 400, /width must be integer/],
    ["/content?timeout=-1&url=about:blank", 400, /timeout must be >= 0/],
    ["/content", 400, /^One of "url" or "html"/],
    ["/nothing?token=secret", 404, /^There is no route GET \/nothing$/m],
  ];
  for (const [path, status, text] of REFUSED) {
    test(`${path} is ${status}, as text`, async () => {
      const response = await service.get(path);
      assert.equal(response.status, status);
      assert.match(String(response.headers.get("content-type")), /^text\/plain/);
      assert.match(await response.text(), text);
    });
  }

  test("of a POST that is unknown is 400", async () => {
    const response = await service.post("/content?blockAds=true", { html: "x" });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /^Query-parameter validation failed: .*"blockAds"/);
  });
});

describe("with tokens", () => {
  /** @type {Awaited<ReturnType<typeof open>>} */
  let guarded;
  before(async () => {
    guarded = await open({ tokens: ["one", "two"] });
  });

  /** @param {string} text */
  const base64 = (text) => Buffer.from(text).toString("base64");
  /** @type {[string, string, Record<string, string>, number][]} */
  const CASES = [
    ["none", "", {}, 401],
    ["a wrong one", "?token=three", {}, 401],
    ["one in the query", "?token=one", {}, 204],
    ["another as bearer", "", { Authorization: "Bearer two" }, 204],
    ["one as user", "", { Authorization: `Basic ${base64("one:")}` }, 204],
    ["a wrong one as user", "", { Authorization: `Basic ${base64("three:one")}` }, 401],
    ["a wrong one in the query and one as bearer", "?token=three", { Authorization: "Bearer one" }, 401],
  ];
  for (const [what, query, headers, status] of CASES) {
    test(`${what} is ${status}`, async () => {
      const response = await guarded.get(`/active${query}`, { headers });
      assert.equal(response.status, status);
      if (status === 401) assert.equal(await response.text(), "Bad or missing authentication.\n");
    });
  }

  test("every route but those of health needs one", async () => {
    for (const path of ["/screenshot", "/pdf", "/content", "/scrape", "/active", "/pressure", "/meta", "/metrics"]) {
      assert.equal((await guarded.get(path)).status, 401, path);
    }
    assert.equal((await guarded.get("/health/live")).status, 200);
    assert.ok([200, 503].includes((await guarded.get("/health/ready")).status));
  });

  test("the query's token is no part of what is rendered", async () => {
    const response = await guarded.get("/content?token=one&url=data:text/html,hello");
    assert.match(await response.text(), /hello/);
  });
});

describe("options", () => {
  test("come from flags and from the environment, and flags win", () => {
    const env = { BOOMTOWN_PORT: "1", BOOMTOWN_QUEUE_LIMIT: "7", BOOMTOWN_TOKEN: "a,b", BOOMTOWN_HOST: "0.0.0.0" };
    const { port, queueLimit, tokens, host } = optionsOf(["--port", "2"], env);
    assert.deepEqual([port, queueLimit, tokens, host], [2, 7, ["a", "b"], "0.0.0.0"]);
  });

  test("have the documented defaults", () => {
    const { host, port, pages, isolation, tokens, queueLimit, timeout } = optionsOf([], {});
    assert.deepEqual(
      [host, port, pages, isolation, tokens, queueLimit, timeout],
      ["127.0.0.1", 3000, 1, "context", [], 100, 30_000],
    );
  });

  /** @type {[string[], RegExp][]} */
  const WRONG = [
    [["--host", "0.0.0.0"], /--token, or --open/],
    [["--port", "http"], /--port is a whole number from 0 to 65535, not "http"/],
    [["--workers", "0"], /--workers is a whole number from 1/],
    [["--isolation", "none"], /--isolation is page, context, browser, reuse/],
    [["--token", ""], /--token is empty/],
    [["--token", "a b"], /--token has a space/],
    [["--deny-private"], /--deny-private/],
  ];
  for (const [args, why] of WRONG) {
    test(`${args.join(" ")} is refused`, () => {
      assert.throws(
        () => optionsOf(args, {}),
        (error) => error instanceof WrongOption && why.test(error.message),
      );
    });
  }

  test("--open serves everybody on any host", () => assert.equal(optionsOf(["--host", "::", "--open"], {}).host, "::"));
});
