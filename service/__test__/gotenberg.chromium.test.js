// Gotenberg's routes of Chromium: each field of the forms does what Gotenberg says, in a real browser.

const { before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { mkdtempSync, rmSync, writeFileSync } = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { decode, paintings } = require("../../__test__/helpers/formats.js");
const { serve } = require("../../__test__/helpers/server.js");
const { ask, sizesOf } = require("./gotenberg.js");
const { bytes, open } = require("./service.js");

const RED = "<!doctype html><body style='margin: 0; background: #f00'>";
/** A picture of one green pixel. */
const PIXEL =
  "<svg xmlns='http://www.w3.org/2000/svg' width='10' height='10'><rect width='10' height='10' fill='#0f0'/></svg>";

/** @type {Awaited<ReturnType<typeof open>>} */
let service;
/** @type {string} */
let site;
before(async () => {
  service = await open();
  site = await serve({
    "/": "<!doctype html><body style='margin: 0; background: #00f'>",
    "/headers": (request, response) => {
      const { cookie = "", "x-one": one = "", "x-two": two = "", "user-agent": agent = "" } = request.headers;
      response.setHeader("Content-Type", "text/html");
      // As wide as it has been told to be.
      response.end(
        `<!doctype html><body style='margin: 0; background: #${colour(`${cookie}|${one}|${two}|${agent}`)}'>`,
      );
    },
    "/teapot": (_request, response) => response.writeHead(418).end("short and stout"),
    "/broken": (_request, response) =>
      response.writeHead(500, { "Content-Type": "text/html" }).end("<script src='/silent'></script>"),
    "/moved": (_request, response) => response.writeHead(302, { Location: "/" }).end(),
    "/with-lost": "<link rel=stylesheet href='/lost.css'>",
    "/silent": () => {},
    "/late": (request, response) => {
      request.socket.setNoDelay();
      setTimeout(() => response.setHeader("Access-Control-Allow-Origin", "*").end("#0f0"), 300);
    },
  });
});

/** What a text is called as a colour. @param {string} text */
function colour(text) {
  return Buffer.from(text)
    .reduce((sum, byte) => (sum * 31 + byte) % 0xffffff, 7)
    .toString(16)
    .padStart(6, "0");
}

/** @param {string} text */
const pixel = (text) => [...Buffer.from(colour(text), "hex"), 255];

/** @param {string} source @param {Parameters<typeof ask>[2]} [what] */
const convert = (source, what) => ask(service, `/forms/chromium/convert/${source}`, what);
/** @param {string} source @param {Parameters<typeof ask>[2]} [what] */
const screenshot = (source, what) => ask(service, `/forms/chromium/screenshot/${source}`, what);
/** @param {string} html @param {Record<string, string>} [fields] @param {Record<string, string | Buffer>} [files] */
const pdf = async (html, fields, files) => bytes(convert("html", { fields, files: { "index.html": html, ...files } }));
/** @param {string} html @param {Record<string, string>} [fields] @param {Record<string, string | Buffer>} [files] */
const shot = async (html, fields, files) =>
  decode(await bytes(screenshot("html", { fields, files: { "index.html": html, ...files } })));
/** @param {string} path @param {Record<string, string>} [fields] */
const shotOf = async (path, fields) =>
  decode(await bytes(screenshot("url", { fields: { url: site + path, ...fields } })));
/** @param {Promise<Response>} answer @returns {Promise<[number, string]>} */
async function refusal(answer) {
  const response = await answer;
  assert.match(String(response.headers.get("content-type")), /^text\/plain/);
  return [response.status, await response.text()];
}

describe("convert/html", () => {
  test("is a PDF of letter's size with a name and the request's trace", async () => {
    const response = await convert("html", {
      files: { "index.html": "Hello" },
      headers: { "Gotenberg-Trace": "a-trace", "Gotenberg-Output-Filename": "hello" },
    });
    assert.equal(response.status, 200);
    assert.equal(response.headers.get("content-type"), "application/pdf");
    assert.equal(response.headers.get("content-disposition"), 'attachment; filename="hello.pdf"');
    assert.equal(response.headers.get("gotenberg-trace"), "a-trace");
    const body = Buffer.from(await response.arrayBuffer());
    assert.equal(response.headers.get("content-length"), String(body.length));
    assert.deepEqual(await sizesOf(body), [[612, 792]]);
  });

  for (const [paperWidth, points] of /** @type {const} */ ([
    ["5", 360],
    ["5in", 360],
    ["360pt", 360],
    ["480px", 360],
    ["127mm", 360],
    ["12.7cm", 360],
    ["30pc", 360],
  ])) {
    test(`takes ${paperWidth} as a width of ${points} points`, async () => {
      assert.deepEqual(await sizesOf(await pdf("x", { paperWidth, paperHeight: "288pt" })), [[points, 288]]);
    });
  }

  test("turns the paper with landscape", async () => {
    assert.deepEqual(await sizesOf(await pdf("x", { landscape: "true" })), [[792, 612]]);
  });

  test("has the page's own size with preferCssPageSize", async () => {
    const html = "<style>@page { size: 3in 4in }</style>x";
    assert.deepEqual(await sizesOf(await pdf(html, { preferCssPageSize: "true" })), [[216, 288]]);
    assert.deepEqual(await sizesOf(await pdf(html)), [[612, 792]]);
  });

  test("has the pages of nativePageRanges, and refuses those that are none", async () => {
    const html = "<p style='break-after: page'>1<p style='break-after: page'>2<p>3";
    assert.equal((await sizesOf(await pdf(html, { nativePageRanges: "2-3" }))).length, 2);
    const files = { "index.html": html };
    assert.deepEqual(await refusal(convert("html", { fields: { nativePageRanges: "foo" }, files })), [
      400,
      "Chromium does not handle the page ranges 'foo' (nativePageRanges) syntax",
    ]);
    assert.deepEqual(await refusal(convert("html", { fields: { nativePageRanges: "7-8" }, files })), [
      400,
      "The page ranges '7-8' (nativePageRanges) exceeds the page count",
    ]);
  });

  test("with singlePage is one page of the document's height, also in landscape", async () => {
    const html = "<!doctype html><body style='margin: 0'><div style='height: 3000px; width: 1200px'>";
    const [[width, height], ...more] = await sizesOf(await pdf(html, { singlePage: "true" }));
    assert.deepEqual([more.length, width], [0, 612]);
    assert.ok(Math.abs(height - (3000 * 0.75 + 2 * 28)) <= 2, String(height));
    const [[wide]] = await sizesOf(await pdf(html, { singlePage: "true", landscape: "true" }));
    assert.ok(Math.abs(wide - (1200 * 0.75 + 2 * 28)) <= 2, String(wide));
  });

  test("prints header.html and footer.html, in whose margins there is room for them", async () => {
    const plain = await pdf("x", { marginTop: "2", marginBottom: "2" });
    const both = await pdf(
      "x",
      { marginTop: "2", marginBottom: "2" },
      {
        "header.html": "<h1 style='font-size: 20px'>Header <span class=pageNumber></span></h1>",
        "footer.HTML": "<p style='font-size: 20px'>Footer</p>",
      },
    );
    assert.ok(both.length > plain.length + 500, `${both.length} and ${plain.length} bytes`);
  });

  test("has an outline, for which it is tagged, or tags alone", async () => {
    const html = "<h1>One</h1><h2>Two</h2>";
    const [plain, tagged, outlined] = [
      await pdf(html),
      await pdf(html, { generateTaggedPdf: "true" }),
      await pdf(html, { generateDocumentOutline: "true" }),
    ].map((document) => [document.includes("/StructTreeRoot"), document.includes("/Outlines")]);
    assert.deepEqual(
      [plain, tagged, outlined],
      [
        [false, false],
        [true, false],
        [true, true],
      ],
    );
  });

  test("prints backgrounds when it is told to, and refuses omitBackground without them", async () => {
    const files = { "index.html": RED };
    assert.deepEqual(await refusal(convert("html", { fields: { omitBackground: "true" }, files })), [
      400,
      "omitBackground requires printBackground set to true",
    ]);
    assert.ok((await pdf(RED, { printBackground: "true" })).length !== (await pdf(RED)).length);
  });

  test("has metadata, is split and turned, in one request", async () => {
    const html = "<p style='break-after: page'>1<p>2";
    const fields = {
      splitMode: "pages",
      splitSpan: "2",
      splitUnify: "true",
      rotateAngle: "90",
      metadata: '{"Title": "Two"}',
    };
    const document = await pdf(html, fields);
    assert.equal((await sizesOf(document)).length, 1);
    const read = await bytes(ask(service, "/forms/pdfengines/metadata/read", { files: { "two.pdf": document } }));
    assert.equal(JSON.parse(String(read))["two.pdf"].Title, "Two");
  });

  test("without index.html is refused", async () => {
    assert.deepEqual(await refusal(convert("html", { files: { "page.html": "x" } })), [
      400,
      "Invalid form data: form file 'index.html' is required",
    ]);
  });

  test("tells all that is wrong with the form", async () => {
    const fields = {
      landscape: "perhaps",
      marginTop: "2 feet",
      waitDelay: "soon",
      emulatedMediaType: "paper",
      cookies: '[{"name":"choco","value":"chips"}]',
      extraHttpHeaders: '{"X-One":"1;scope"}',
      failOnHttpStatusCodes: "no JSON",
    };
    const [status, message] = await refusal(convert("html", { fields }));
    assert.equal(status, 400);
    const [first, ...more] = message.split("\n");
    assert.match(first, /^Invalid form data: form field '\w+' is invalid \(got '/);
    for (const name of [...Object.keys(fields), "index.html"])
      assert.ok(message.includes(`'${name}'`), `${name}: ${message}`);
    assert.equal(more.length, Object.keys(fields).length);
    assert.match(message, /cookie 0 must have its name, value and domain set/);
  });

  for (const [field, value, what] of [
    ["pdfa", "PDF/A-2b", "PDF/A"],
    ["pdfua", "true", "PDF/UA"],
    ["userPassword", "secret", "encryption"],
    ["watermarkSource", "text", "watermarks"],
    ["stampSource", "text", "stamps"],
    ["optimizeImages", "true", "optimizing images"],
  ]) {
    test(`refuses ${field} by its name`, async () => {
      const [status, message] = await refusal(
        convert("html", { fields: { [field]: value }, files: { "index.html": "x" } }),
      );
      assert.equal(status, 400);
      assert.equal(message, `boomtown has no ${what}: leave out the form field '${field}'`);
    });
  }
});

describe("a page of the form's files", () => {
  test("finds its assets beside it, also by names with spaces and umlauts", async () => {
    const html = `${RED}<img src='a picture ä.svg' style='display: block'>`;
    assert.deepEqual((await shot(html, {}, { "a picture ä.svg": PIXEL })).at(5, 5), [0, 255, 0, 255]);
  });

  test("has assets that are given by a path under the last part of it", async () => {
    const html = `${RED}<img src='deep.svg' style='display: block'>`;
    assert.deepEqual((await shot(html, {}, { "some/where/deep.svg": PIXEL })).at(5, 5), [0, 255, 0, 255]);
  });

  for (const [what, html] of /** @type {[string, (file: string) => string][]} */ ([
    ["a frame", (file) => `<iframe src='${file}' style='border: 0' onload='done = 1'>`],
    ["a picture", (file) => `<img alt='' src='${file}' onerror='done = 1'>`],
    ["a style sheet", (file) => `<link rel=stylesheet href='${file}' onerror='done = 1'>`],
    ["the window", (file) => `<script>location = '${file}'; setTimeout(() => { done = 1 }, 200)</script>`],
  ])) {
    test(`does not open another request's file in ${what}`, async () => {
      const folder = mkdtempSync(path.join(os.tmpdir(), "boomtown-other-"));
      try {
        writeFileSync(path.join(folder, "secret.svg"), PIXEL);
        writeFileSync(path.join(folder, "secret.css"), "body { background: #0f0 !important }");
        const name = what === "a style sheet" ? "secret.css" : "secret.svg";
        const file = pathToFileURL(path.join(folder, name)).href;
        const { at } = await shot(`${RED}<script>done = 0</script>${html(file)}`, { waitForExpression: "done === 1" });
        assert.deepEqual(
          [at(5, 5), at(100, 100)],
          [
            [255, 0, 0, 255],
            [255, 0, 0, 255],
          ],
        );
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  }

  test("does not open files in its header and footer", async () => {
    const folder = mkdtempSync(path.join(os.tmpdir(), "boomtown-other-"));
    try {
      writeFileSync(path.join(folder, "secret.svg"), PIXEL);
      const file = pathToFileURL(path.join(folder, "secret.svg")).href;
      const [isGreen, ...others] = await Promise.all(
        [`data:image/svg+xml,${encodeURIComponent(PIXEL)}`, file].map(async (url) => {
          const header = `<img src="${url}" style="width: 20px; height: 20px"><iframe src="${url}"></iframe>`;
          const document = await pdf("x", { marginTop: "2" }, { "header.html": header, "footer.html": header });
          return paintings(document).some((page) => /\b0 1 0 rg\b/.test(page));
        }),
      );
      assert.deepEqual([isGreen, ...others], [true, false]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  test("does not open files that are not its own from a page of the network", async () => {
    const [status, message] = await refusal(convert("url", { fields: { url: pathToFileURL(__filename).href } }));
    assert.equal(status, 400);
    assert.match(message, /^file:\/\/ URLs are not accepted on this route/);
    assert.deepEqual(await refusal(convert("url", { fields: { url: "chrome://version" } })), [403, "Forbidden"]);
  });
});

describe("convert/url", () => {
  test("prints a page of the network, also where it is redirected to", async () => {
    for (const path of ["/", "/moved"]) {
      assert.equal((await sizesOf(await bytes(convert("url", { fields: { url: site + path } })))).length, 1);
    }
  });

  test("needs a URL, and one that is whole", async () => {
    assert.deepEqual(await refusal(convert("url")), [400, "Invalid form data: form field 'url' is required"]);
    const [status, message] = await refusal(convert("url", { fields: { url: "example.com" } }));
    assert.equal(status, 400);
    assert.match(message, /^Invalid URL: "example.com"/);
  });

  test("of a server that is not there is 400 with Chromium's reason", async () => {
    const gone = await serve({});
    const port = new URL(gone).port;
    const closed = gone.replace(port, port === "65535" ? "65534" : "65535");
    const [status, message] = await refusal(convert("url", { fields: { url: closed } }));
    assert.deepEqual([status, message], [400, "Chromium returned net::ERR_CONNECTION_REFUSED"]);
  });

  test("of a status that it fails on is 409, at once, and of others it is printed", async () => {
    const url = `${site}/teapot`;
    assert.deepEqual(await refusal(convert("url", { fields: { url } })), [
      409,
      "Invalid HTTP status code from the main page: 418: I'm a Teapot",
    ]);
    assert.equal((await convert("url", { fields: { url, failOnHttpStatusCodes: "[599]" } })).status, 200);
    assert.equal((await convert("url", { fields: { url, failOnHttpStatusCodes: "[]" } })).status, 200);
    // Its script never comes, so that only the status can end the wait.
    const [status] = await refusal(convert("url", { fields: { url: `${site}/broken` } }));
    assert.equal(status, 409);
  });

  test("fails on statuses of resources, but not of domains that are left out", async () => {
    const fields = { url: `${site}/with-lost`, failOnResourceHttpStatusCodes: "[499]" };
    assert.deepEqual(await refusal(convert("url", { fields })), [
      409,
      `Invalid HTTP status code from resources:\n${site}/lost.css - 404: Not Found`,
    ]);
    const ignored = { ...fields, ignoreResourceHttpStatusDomains: '["https://127.0.0.1:80/"]' };
    assert.equal((await convert("url", { fields: ignored })).status, 200);
  });
});

describe("a conversion fails when it is told to", () => {
  test("on resources that do not load", async () => {
    const files = { "index.html": "<link rel=stylesheet href='lost.css'>" };
    assert.deepEqual(await refusal(convert("html", { fields: { failOnResourceLoadingFailed: "true" }, files })), [
      409,
      "Chromium failed to load resources: resource Stylesheet: net::ERR_FILE_NOT_FOUND",
    ]);
    assert.equal((await convert("html", { files })).status, 200);
  });

  test("on exceptions of the page's scripts", async () => {
    const files = { "index.html": "<script>throw new Error('Exception 1')</script>" };
    const [status, message] = await refusal(convert("html", { fields: { failOnConsoleExceptions: "true" }, files }));
    assert.equal(status, 409);
    assert.match(message, /^Chromium console exceptions:\n\nError: Exception 1/);
    assert.equal((await convert("html", { files })).status, 200);
  });
});

describe("screenshot", () => {
  test("is a PNG of the whole document, 800 wide", async () => {
    const { width, height, at } = await shot(`${RED}<div style='height: 900px'>`);
    assert.deepEqual([width, height, at(1, 899)], [800, 900, [255, 0, 0, 255]]);
  });

  test("with clip is what the window shows, in its scale", async () => {
    const html = `${RED}<div style='height: 900px'>`;
    const { width, height } = await shot(html, { clip: "true", width: "60", height: "40", deviceScaleFactor: "2" });
    assert.deepEqual([width, height], [120, 80]);
  });

  test("with a selector is its element, which has to be seen", async () => {
    const html = `${RED}<div style='height: 1000px'></div><p style='margin: 0; width: 30px; height: 20px; background: #0f0'></p>`;
    const { width, height, at } = await shot(html, { selector: "p" });
    assert.deepEqual([width, height, at(1, 1)], [30, 20, [0, 255, 0, 255]]);
    for (const selector of ["#missing", "p["]) {
      assert.deepEqual(await refusal(screenshot("html", { fields: { selector }, files: { "index.html": html } })), [
        400,
        `The selector '${selector}' (selector) matched no element with a visible box`,
      ]);
    }
  });

  for (const [format, start] of /** @type {const} */ ([
    ["jpeg", "ffd8ff"],
    ["webp", "52494646"],
  ])) {
    test(`of format ${format} says so`, async () => {
      const response = await screenshot("html", { fields: { format, quality: "50" }, files: { "index.html": RED } });
      assert.equal(response.headers.get("content-type"), `image/${format}`);
      assert.match(String(response.headers.get("content-disposition")), new RegExp(`\\.${format}"$`));
      assert.ok((await bytes(response)).toString("hex").startsWith(start));
    });
  }

  test("with omitBackground is transparent where nothing is painted", async () => {
    assert.deepEqual((await shot("<p>", { omitBackground: "true" })).at(700, 500), [0, 0, 0, 0]);
  });

  test("of a URL is its page", async () => {
    assert.deepEqual((await shotOf("/")).at(1, 1), [0, 0, 255, 255]);
  });
});

describe("a page", () => {
  const GREEN_LATER = `${RED}<script>ready = false; addEventListener("load", () => setTimeout(() => {
    document.body.style.background = "#0f0";
    document.body.append(Object.assign(document.createElement("i"), { textContent: "there" }));
    ready = true;
  }, 300))</script>`;
  const GREEN = [0, 255, 0, 255];

  test("is waited for by an expression, whose promises are awaited", async () => {
    for (const waitForExpression of ["ready", "ready === true", "(async () => ready)()"]) {
      assert.deepEqual((await shot(GREEN_LATER, { waitForExpression })).at(1, 500), GREEN);
    }
  });

  test("is waited for by a selector", async () => {
    assert.deepEqual((await shot(GREEN_LATER, { waitForSelector: "i" })).at(1, 500), GREEN);
  });

  test("is waited for a while", async () => {
    assert.deepEqual((await shot(GREEN_LATER, { waitDelay: "2.5s" })).at(1, 500), GREEN);
  });

  test("whose expression throws or is undefined is refused, and so is what is no selector", async () => {
    const files = { "index.html": RED };
    for (const waitForExpression of ["undefined", "missing.thing", "throw 1"]) {
      assert.deepEqual(await refusal(convert("html", { fields: { waitForExpression }, files })), [
        400,
        `The expression '${waitForExpression}' (waitForExpression) returned an exception or undefined`,
      ]);
    }
    assert.deepEqual(await refusal(convert("html", { fields: { waitForSelector: "p[" }, files })), [
      400,
      "The selector 'p[' (waitForSelector) returned an exception or undefined",
    ]);
  });

  test("is waited for until its network is idle", async () => {
    const html = `${RED}<script>addEventListener("load", async () => {
      document.body.style.background = await (await fetch("${site}/late")).text();
    })</script>`;
    assert.deepEqual((await shot(html, { skipNetworkIdleEvent: "false" })).at(1, 1), GREEN);
  });

  test("has the media that are emulated, with features in both notations", async () => {
    const html = `<style>body { background: #f00 } @media print { body { background: #00f } }
      @media (prefers-color-scheme: dark) and (prefers-reduced-motion: reduce) { body { background: #0f0 } }</style>`;
    assert.deepEqual((await shot(html)).at(1, 1), [255, 0, 0, 255]);
    assert.deepEqual((await shot(html, { emulatedMediaType: "print" })).at(1, 1), [0, 0, 255, 255]);
    const list = '[{"name":"prefers-color-scheme","value":"dark"},{"name":"prefers-reduced-motion","value":"reduce"}]';
    for (const emulatedMediaFeatures of [list, '{"prefers-color-scheme":"dark","prefers-reduced-motion":"reduce"}']) {
      assert.deepEqual((await shot(html, { emulatedMediaFeatures })).at(1, 1), GREEN);
    }
  });

  test("is asked for with cookies, headers and a user agent", async () => {
    const { at } = await shotOf("/headers", {
      cookies: '[{"name":"choco","value":"chips","domain":"127.0.0.1","sameSite":"lax","httpOnly":true}]',
      extraHttpHeaders: '{"X-One":"1","X-Two":"2; b"}',
      userAgent: "an agent",
    });
    assert.deepEqual(at(1, 1), pixel("choco=chips|1|2; b|an agent"));
  });

  test("is asked for with the headers whose scope it is in", async () => {
    const extraHttpHeaders = JSON.stringify({ "X-One": "1;scope=/head.rs$", "X-Two": "2;scope=elsewhere" });
    const { at } = await shotOf("/headers", { extraHttpHeaders, userAgent: "an agent" });
    assert.deepEqual(at(1, 1), pixel("|1||an agent"));
  });
});

describe("markdown", () => {
  const TEMPLATE = `<!doctype html><body style='margin: 0'>{{ toHTML "one.md" }}<div>{{- toHTML \`two.md\` -}} </div>{{/* none */}}`;

  test("comes into its template as HTML, for pictures and PDFs", async () => {
    const files = { "index.html": TEMPLATE, "one.md": "# One", "two.md": "- a\n- b" };
    const expression =
      "document.querySelector('h1').textContent === 'One' && document.querySelectorAll('div > ul > li').length === 2";
    for (const answer of [convert, screenshot]) {
      assert.equal((await answer("markdown", { files, fields: { waitForExpression: expression } })).status, 200);
    }
  });

  test("brings no scripts", async () => {
    const text =
      "<script>window.came = true</script><img src=x onerror='came = true'>[a](javascript:came=true)<b id=kept>b</b>";
    const files = { "index.html": '<body>{{ toHTML "one.md" }}', "one.md": text };
    const expression =
      "window.came === undefined && !document.querySelector('script, [onerror], a[href]') && kept.textContent === 'b'";
    assert.equal((await convert("markdown", { files, fields: { waitForExpression: expression } })).status, 200);
  });

  test("is refused where the template asks for what is not there, or for more than it can have", async () => {
    const files = { "index.html": TEMPLATE, "one.md": "One" };
    assert.deepEqual(await refusal(convert("markdown", { files })), [400, "Markdown file(s) not found: 'two.md'"]);
    assert.deepEqual(await refusal(convert("markdown", { files: { "index.html": TEMPLATE } })), [
      400,
      "Invalid form data: no form file found for extensions: [.md]",
    ]);
    const [status, message] = await refusal(
      convert("markdown", { files: { "index.html": "{{ range . }}", "one.md": "One" } }),
    );
    assert.equal(status, 400);
    assert.match(message, /\{\{ range \. \}\} is not known/);
  });
});
