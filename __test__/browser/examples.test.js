// The servers of examples/, run as their README says: each is asked for pictures, and leaves nothing when it is told to end.

const { after, before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const jpeg = require("jpeg-js");
const { leftovers, until } = require("../helpers/processes.js");
const { serve } = require("../helpers/server.js");
const { scratch } = require("../helpers/town.js");

const EXAMPLES = path.join(__dirname, "../../examples");
const LIMIT = { timeout: 120_000 };
/** Red above, blue below. */
const HTML = `<body style="margin: 0; background: linear-gradient(#f00 50%, #00f 50%)"><div style="height: 200px">`;

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/**
 * Starts a program of an example.
 * @param {string} file
 * @param {string[]} args
 * @param {"inherit" | "pipe"} [errors] where its standard error goes
 */
function start(file, args, errors = "inherit") {
  const child = spawn(process.execPath, [path.join(EXAMPLES, file), ...args], { stdio: ["ignore", "pipe", errors] });
  running.add(child);
  const exited = once(child, "close").then(([code, signal]) => {
    running.delete(child);
    return { code, signal };
  });
  return { child, exited };
}

/**
 * A server on a free port. What it prints first has to tell where it listens.
 * @param {string} file
 */
async function startServer(file) {
  const { child, exited } = start(file, ["0"]);
  const [told] = await Promise.race([
    once(/** @type {import("node:stream").Readable} */ (child.stdout), "data"),
    exited.then(() => ["it ended"]),
  ]);
  const [, port] = /^listening on .*?(\d+)\n/.exec(String(told)) ?? assert.fail(String(told));
  /** Ends it as a service manager does. */
  const end = async () => {
    child.kill("SIGTERM");
    assert.deepEqual(await exited, { code: 0, signal: null });
    await until(() => leftovers(Number(child.pid)).length === 0);
  };
  return { port: Number(port), end };
}

/** @param {Buffer} picture */
function assertPicture(picture) {
  const { width, height, data } = jpeg.decode(picture);
  const at = (/** @type {number} */ y) => [...data.subarray(4 * (width * y + 60), 4 * (width * y + 60) + 3)];
  /** @param {number[]} color @param {number[]} expected */
  const near = (color, expected) => color.every((part, index) => Math.abs(part - expected[index]) < 12);
  assert.deepEqual([width, height], [120, 200]);
  assert.ok(near(at(50), [255, 0, 0]), `above it is ${at(50)}`);
  assert.ok(near(at(150), [0, 0, 255]), `below it is ${at(150)}`);
}

describe("the Thrift server", LIMIT, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    server = await startServer("thrift-renderer/server.js");
  });
  after(() => server.end());

  /** @param {string} html @param {string} [width] */
  async function ask(html, width = "120") {
    const file = path.join(scratch(), "picture.jpeg");
    const args = [html, width, "200", file, String(server.port)];
    const { child, exited } = start("thrift-renderer/client.js", args, "pipe");
    let errors = "";
    child.stderr?.on("data", (chunk) => {
      errors += chunk;
    });
    return { ...(await exited), file, errors };
  }

  test("answers five clients at once with a JPEG each", async () => {
    for (const { code, file, errors } of await Promise.all(Array.from("12345", () => ask(HTML)))) {
      assert.equal(code, 0, errors);
      assertPicture(fs.readFileSync(file));
    }
  });

  test("answers with what went wrong", async () => {
    const { code, errors } = await ask(HTML, "0");
    assert.equal(code, 1);
    assert.match(errors, /^ERR_SIZE: there is no picture of 0 x 200 pixels/);
  });

  test("sends its headers with what the HTML asks for", async () => {
    /** @type {(string | undefined)[]} */
    const referers = [];
    const site = await serve({
      "/picture.png": (request, response) => {
        referers.push(request.headers.referer);
        response.end();
      },
    });
    await ask(`<img src="${site}/picture.png">`);
    assert.deepEqual(referers, ["https://www.example.com/"]);
  });
});

describe("the HTTP server", LIMIT, () => {
  /** @type {Awaited<ReturnType<typeof startServer>>} */
  let server;
  before(async () => {
    server = await startServer("http-renderer/server.js");
  });
  after(() => server.end());

  /** @param {object} body */
  const post = (body) =>
    fetch(`http://127.0.0.1:${server.port}/render`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });

  test("answers with a JPEG", async () => {
    const response = await post({ html: HTML, width: 120, height: 200 });
    assert.equal(response.headers.get("content-type"), "image/jpeg");
    assertPicture(Buffer.from(await response.arrayBuffer()));
  });

  test("answers with a PDF", async () => {
    const response = await post({ html: HTML, width: 120, height: 200, type: "pdf" });
    assert.equal(response.headers.get("content-type"), "application/pdf");
    assert.equal(Buffer.from(await response.arrayBuffer()).toString("latin1", 0, 5), "%PDF-");
  });

  test("refuses what it cannot make, and says why", async () => {
    const response = await post({ html: HTML, width: 0 });
    assert.equal(response.status, 400);
    assert.match(/** @type {any} */ (await response.json()).message, /width must be >= 1/);
  });

  test("has metrics", async () => {
    const response = await fetch(`http://127.0.0.1:${server.port}/metrics`);
    assert.match(await response.text(), /^# HELP boomtown_/m);
  });
});
