// The native JSON API: each field of the bodies does what it says, in a real browser.

const { once } = require("node:events");
const net = require("node:net");
const { before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { decode, readPdf } = require("../../__test__/helpers/formats.js");
const { serve } = require("../../__test__/helpers/server.js");
const { bytes, open } = require("./service.js");

const RED = "<!doctype html><body style='margin: 0; background: #f00'>";

/** @type {Awaited<ReturnType<typeof open>>} */
let service;
/** @type {string} */
let site;
before(async () => {
  service = await open();
  site = await serve({
    "/": "<title>site</title><p>hello</p>",
    "/headers": (request, response) => {
      response.setHeader("Content-Type", "text/html");
      response.end(`<pre>${JSON.stringify(request.headers)}</pre>`);
    },
    "/private": (request, response) => {
      const isKnown = request.headers.authorization === `Basic ${Buffer.from("me:secret").toString("base64")}`;
      response.writeHead(isKnown ? 200 : 401, { "WWW-Authenticate": "Basic" });
      response.end(isKnown ? "welcome" : "who are you?");
    },
    "/teapot": (_request, response) => response.writeHead(418).end("short and stout"),
    "/asking": "<script src='/script.js'></script><script>document.write(window.answer ?? 'nothing')</script>",
    "/script.js": "window.answer = 'of the network'",
    "/style.css": (_request, response) => {
      response.setHeader("Content-Type", "text/css");
      response.end("p { color: rgb(1, 2, 3) }");
    },
    "/silent": () => {},
  });
});

/** @param {object} body */
const content = async (body) => String(await bytes(service.post("/content", body)));

describe("screenshot", () => {
  /** @param {object} body */
  const shot = async (body) => decode(await bytes(service.post("/screenshot", { html: RED, ...body })));

  test("is a PNG of the default viewport, 800 by 600", async () => {
    const response = await service.post("/screenshot", { html: RED });
    assert.equal(response.headers.get("content-type"), "image/png");
    const { width, height, at } = decode(await bytes(response));
    assert.deepEqual([width, height, at(1, 1)], [800, 600, [255, 0, 0, 255]]);
  });

  for (const [type, start] of /** @type {const} */ ([
    ["jpeg", "ffd8ff"],
    ["webp", "52494646"],
  ])) {
    test(`of type ${type} says so`, async () => {
      const response = await service.post("/screenshot", { html: RED, options: { type, quality: 50 } });
      assert.equal(response.headers.get("content-type"), `image/${type}`);
      assert.ok((await bytes(response)).toString("hex").startsWith(start));
    });
  }

  test("with encoding base64 is text", async () => {
    const options = { encoding: "base64", optimizeForSpeed: true, fromSurface: true };
    const response = await service.post("/screenshot", { html: RED, options });
    assert.match(String(response.headers.get("content-type")), /^text\/plain/);
    assert.equal(decode(Buffer.from(await response.text(), "base64")).width, 800);
  });

  test("has the viewport with its scale", async () => {
    const { width, height } = await shot({ viewport: { width: 40, height: 30, deviceScaleFactor: 2 } });
    assert.deepEqual([width, height], [80, 60]);
  });

  test("with fullPage is the whole document, with clip a part, with selector an element", async () => {
    const html = `${RED}<div style="width: 50px; height: 900px"></div>`;
    const shots = [
      await shot({ html, options: { fullPage: true } }),
      await shot({ html, options: { clip: { x: 1, y: 700, width: 20, height: 10 }, captureBeyondViewport: true } }),
      await shot({ html, selector: "div" }),
    ];
    assert.deepEqual(
      shots.map(({ width, height }) => [width, height]),
      [
        [800, 900],
        [20, 10],
        [50, 900],
      ],
    );
  });

  test("with omitBackground is transparent where nothing is painted", async () => {
    assert.deepEqual((await shot({ html: "<p>", options: { omitBackground: true } })).at(700, 500), [0, 0, 0, 0]);
  });

  test("of an element that is not there is refused", async () => {
    const response = await service.post("/screenshot", { html: RED, selector: "#missing" });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /^Element not found on page!/);
  });

  test("with scrollPage has been scrolled through, and is at the top again", async () => {
    const script = "addEventListener('scroll', () => { if (scrollY > 1000) document.body.style.background = '#0f0' })";
    const { at } = await shot({
      html: `${RED}<div style="height: 3000px"></div><script>${script}</script>`,
      scrollPage: true,
    });
    assert.deepEqual(at(1, 1), [0, 255, 0, 255]);
  });
});

describe("pdf", () => {
  test("has letter's size by default, and as it is told otherwise", async () => {
    /** @param {object} [options] */
    const size = async (options) => {
      const { pages, width, height } = readPdf(await bytes(service.post("/pdf", { html: RED, options })));
      return [pages, Math.round(width), Math.round(height)];
    };
    assert.deepEqual(await size(), [1, 612, 792]);
    assert.deepEqual(await size({ format: "Letter", landscape: true }), [1, 792, 612]);
    assert.deepEqual(
      await size({ width: "4in", height: "288px", printBackground: true, margin: { top: "1cm" } }),
      [1, 288, 216],
    );
  });

  test("has the pages that are asked for", async () => {
    const html = "<p style='break-after: page'>1<p style='break-after: page'>2<p>3";
    const pdf = await bytes(
      service.post("/pdf", { html, options: { pageRanges: "1-2", scale: 0.5, outline: true, tagged: true } }),
    );
    assert.equal(readPdf(pdf).pages, 2);
  });

  test("with fullPage is one page of the document's height", async () => {
    for (const pixels of [3000, 200]) {
      const html = `<!doctype html><body style='margin: 0'><div style='height: ${pixels}px'>`;
      const options = { fullPage: true, margin: { top: "1in" } };
      const { pages, height } = readPdf(await bytes(service.post("/pdf", { html, options })));
      assert.equal(pages, 1);
      assert.ok(Math.abs(height - (pixels + 96) * 0.75) < 3, `${height} points for ${pixels} pixels`);
    }
  });

  test("with fullPage and a format is refused", async () => {
    const response = await service.post("/pdf", { html: RED, options: { fullPage: true, format: "a4" } });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /fullPage/);
  });
});

describe("content", () => {
  test("is the HTML after its scripts", async () => {
    const response = await service.post("/content", { html: "<p>a<script>document.body.append('b')</script>" });
    assert.equal(response.headers.get("content-type"), "text/html; charset=utf-8");
    assert.match(await response.text(), /b<\/body><\/html>\n$/);
  });

  test("of a URL tells of the answer in headers", async () => {
    const { headers } = await service.post("/content", { url: `${site}/teapot` });
    assert.deepEqual(
      ["code", "status", "url", "ip", "port"].map((name) => headers.get(`x-response-${name}`)),
      ["418", "I'm a Teapot", `${site}/teapot`, "127.0.0.1", new URL(site).port],
    );
  });

  test("of a URL without a server has no header of an address", async () => {
    const { headers } = await service.post("/content", { url: "data:text/html,hello" });
    assert.deepEqual(
      ["code", "ip", "port"].map((name) => headers.get(`x-response-${name}`)),
      ["200", null, null],
    );
  });

  test("of a server whose reason is no text of a header is answered all the same", async () => {
    const server = net.createServer((socket) => {
      socket.once("data", () =>
        socket.end("HTTP/1.1 200 Größe ✓\r\nContent-Type: text/html\r\nContent-Length: 5\r\n\r\nhello"),
      );
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    try {
      const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
      const response = await service.post("/content", { url: `http://127.0.0.1:${port}/` });
      assert.equal(response.status, 200);
      assert.match(String(response.headers.get("x-response-status")), /^Gr.*e/);
    } finally {
      server.close();
    }
  });

  test("of both a URL and HTML is the URL's", async () => {
    assert.match(await content({ url: `${site}/`, html: "no" }), /hello/);
  });

  test("gotoOptions are those of the navigation", async () => {
    const gotoOptions = { waitUntil: ["load", "networkidle0"], referer: "http://example.com/", timeout: 50_000 };
    assert.match(await content({ url: `${site}/headers`, gotoOptions }), /"referer":"http:\/\/example\.com\/"/);
    assert.match(await content({ html: "x", gotoOptions: { waitUntil: "networkidle2" } }), /x/);
  });

  test("cookies, userAgent and setExtraHTTPHeaders are sent", async () => {
    const cookies = [{ name: "a", value: "b", url: site }];
    const html = await content({
      url: `${site}/headers`,
      cookies,
      userAgent: "Tester",
      setExtraHTTPHeaders: { "X-One": "1" },
    });
    assert.match(html, /"cookie":"a=b"/);
    assert.match(html, /"user-agent":"Tester"/);
    assert.match(html, /"x-one":"1"/);
    assert.match(await content({ url: `${site}/headers`, userAgent: { userAgent: "Other" } }), /"user-agent":"Other"/);
  });

  test("authenticate answers a site that asks for a password", async () => {
    assert.match(
      await content({ url: `${site}/private`, authenticate: { username: "me", password: "secret" } }),
      /welcome/,
    );
  });

  test("emulateMediaType chooses the styles", async () => {
    const html = "<script>document.write(matchMedia('print').matches)</script>";
    assert.match(await content({ html, emulateMediaType: "print" }), /true<\/body>/);
  });

  test("setJavaScriptEnabled: false is honoured", async () => {
    const html = "<script>document.write('ran')</script>";
    assert.doesNotMatch(await content({ html, setJavaScriptEnabled: false }), /ran<\/body>/);
    assert.match(await content({ html, setJavaScriptEnabled: true }), /ran<\/body>/);
  });

  test("rejectResourceTypes and rejectRequestPattern refuse requests", async () => {
    const url = `${site}/asking`;
    assert.match(await content({ url }), /of the network/);
    assert.match(await content({ url, rejectResourceTypes: ["script"] }), /nothing<\/body>/);
    assert.match(await content({ url, rejectRequestPattern: ["\\.js$"] }), /nothing<\/body>/);
  });

  test("requestInterceptors answer in place of the network, with text or what is base64", async () => {
    for (const body of ["window.answer = 'mine';", Buffer.from("window.answer = 'mine';").toString("base64")]) {
      const response = { status: 200, contentType: "text/javascript", headers: { "X-Mine": "1" }, body };
      const requestInterceptors = [{ pattern: "script\\.js$", response }];
      assert.match(await content({ url: `${site}/asking`, requestInterceptors }), /mine<\/body>/);
    }
  });

  test("a pattern that takes too long is refused, and holds nobody up", async () => {
    const response = await service.post("/content", {
      url: `${site}/${"a".repeat(50)}`,
      rejectRequestPattern: ["(a+)+x$"],
      gotoOptions: { timeout: 5000 },
    });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /takes too long/);
  });

  test("a pattern that is none is refused", async () => {
    const response = await service.post("/content", { html: "x", rejectRequestPattern: ["("] });
    assert.equal(response.status, 400);
    assert.match((await response.json()).error, /"\(" is none/);
  });

  test("addStyleTag and addScriptTag add by text and by URL", async () => {
    const body = {
      url: `${site}/`,
      addStyleTag: [{ url: `${site}/style.css` }, { content: "p { width: 7px }" }],
      addScriptTag: [
        {
          content:
            "const { color, width } = getComputedStyle(document.querySelector('p')); document.title = color + width",
        },
      ],
    };
    assert.match(await content(body), /<title>rgb\(1, 2, 3\)7px<\/title>/);
  });

  const LATER =
    "<script>setTimeout(() => { document.body.id = 'done'; dispatchEvent(new Event('ready-now')) }, 300)</script>";
  /** @type {[string, object][]} */
  const WAITS = [
    ["waitForTimeout", { waitForTimeout: 1500 }],
    [
      "waitForFunction with a function",
      { waitForFunction: { fn: "() => document.body.id === 'done'", polling: 50, timeout: 50_000 } },
    ],
    ["waitForFunction with an expression", { waitForFunction: { fn: "document.body.id;", polling: "raf" } }],
    ["waitForSelector", { waitForSelector: { selector: "#done", timeout: 50_000 } }],
  ];
  for (const [name, wait] of WAITS) {
    test(`${name} is waited for`, async () =>
      assert.match(await content({ html: `<body>${LATER}`, ...wait }), /id="done"/));
  }

  test("waitForEvent is waited for", async () => {
    const html =
      "<body><script>setInterval(() => { document.body.id = 'done'; dispatchEvent(new Event('tick')) }, 300)</script>";
    assert.match(await content({ html, waitForEvent: { event: "tick" } }), /id="done"/);
  });

  /** @type {[string, object][]} */
  const NEVER = [
    ["goto", { url: "/silent", gotoOptions: { timeout: 300 } }],
    ["waitForFunction", { html: "x", waitForFunction: { fn: "() => false", timeout: 300 } }],
    ["waitForSelector", { html: "x", waitForSelector: { selector: "#never", visible: true, timeout: 300 } }],
    ["waitForEvent", { html: "x", waitForEvent: { event: "never", timeout: 300 } }],
  ];
  for (const [name, body] of NEVER) {
    test(`${name} that does not come is 408, and with bestAttempt no error`, async () => {
      const wanted = "url" in body ? { ...body, url: site + body.url } : body;
      assert.equal((await service.post("/content", wanted)).status, 408);
      assert.equal((await service.post("/content", { ...wanted, bestAttempt: true })).status, 200);
    });
  }
});

describe("scrape", () => {
  test("tells text, HTML, attributes and place of each element", async () => {
    const html =
      "<!doctype html><body style='margin: 0'><p class='x' style='margin: 0; width: 70px; height: 20px'><b>one</b></p>";
    const response = await service.post("/scrape", {
      html,
      elements: [{ selector: "p" }, { selector: "b", timeout: 50_000 }],
    });
    const { data, debug } = await response.json();
    assert.equal(debug, null);
    assert.deepEqual(data[0], {
      selector: "p",
      results: [
        {
          text: "one",
          html: "<b>one</b>",
          attributes: [
            { name: "class", value: "x" },
            { name: "style", value: "margin: 0; width: 70px; height: 20px" },
          ],
          top: 0,
          left: 0,
          width: 70,
          height: 20,
        },
      ],
    });
    assert.equal(data[1].results.length, 1);
  });

  test("an element that does not come is 408", async () => {
    const response = await service.post("/scrape", { html: "x", elements: [{ selector: "p", timeout: 300 }] });
    assert.equal(response.status, 408);
    assert.match((await response.json()).error, /"p"|p/);
  });

  test("debugOpts tell of console, cookies, HTML, network and picture", async () => {
    const debugOpts = { console: true, cookies: true, html: true, network: true, screenshot: true };
    const cookies = [{ name: "a", value: "b", url: site }];
    const addScriptTag = [{ content: "console.log('said')" }];
    const body = { url: `${site}/`, elements: [{ selector: "p" }], debugOpts, cookies, addScriptTag };
    const { debug } = await (await service.post("/scrape", body)).json();
    assert.deepEqual(debug.console, ["said"]);
    assert.equal(debug.cookies[0].name, "a");
    assert.match(debug.html, /hello/);
    assert.deepEqual([debug.network.outbound[0].url, debug.network.inbound[0].status], [`${site}/`, 200]);
    assert.equal(decode(Buffer.from(debug.screenshot, "base64")).width, 800);
  });
});

describe("addresses", () => {
  for (const path of ["/chromium/content", "/chrome/content", "/content/"]) {
    test(`${path} is the same route`, async () => {
      assert.equal((await service.post(path, { html: "x" })).status, 200);
    });
  }

  test("a GET with ?url= and dotted names is a picture for an img", async () => {
    const query = `url=${encodeURIComponent(`${site}/`)}&viewport.width=40&viewport.height=30&options.type=jpeg`;
    const response = await service.get(`/screenshot?${query}`);
    assert.equal(response.headers.get("content-type"), "image/jpeg");
    const { width, height } = decode(await bytes(response));
    assert.deepEqual([width, height], [40, 30]);
  });

  test("a GET takes a name several times for a list", async () => {
    const query = `url=${encodeURIComponent(`${site}/asking`)}&rejectResourceTypes=script&rejectResourceTypes=font`;
    assert.match(String(await bytes(service.get(`/content?${query}`))), /nothing<\/body>/);
  });

  test("/active, /meta and /pressure tell of the service", async () => {
    assert.equal((await service.get("/active")).status, 204);
    const meta = await (await service.get("/meta")).json();
    assert.equal(meta.version, require("../package.json").version);
    assert.match(meta.browsers[0], /\d/);
    const { pressure } = await (await service.get("/pressure")).json();
    assert.deepEqual(
      [
        pressure.isAvailable,
        pressure.maxConcurrent,
        pressure.maxQueued,
        pressure.running,
        pressure.queued,
        pressure.reason,
      ],
      [true, 1, 100, 0, 0, ""],
    );
    assert.equal((await service.get("/pressure", { headers: { Accept: "text/plain" } })).status, 200);
  });

  test("/metrics is Prometheus' text", async () => {
    const response = await service.get("/metrics");
    assert.match(String(response.headers.get("content-type")), /^text\/plain; version=0\.0\.4/);
    assert.match(await response.text(), /^# HELP boomtown_/m);
  });
});
