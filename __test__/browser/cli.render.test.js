// `npx boomtown render` and `npx boomtown serve`, run as a person runs them.

const { after, test } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { decode, readPdf } = require("../helpers/formats.js");
const { serve } = require("../helpers/server.js");
const { deferred, leftovers, scratch, until } = require("../helpers/town.js");

const COMMAND = path.join(__dirname, "../../bin/boomtown.js");
const RED = "<!doctype html><body style='margin: 0; background: #f00'>";

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
after(() => {
  for (const child of running) child.kill("SIGKILL");
});

/** @param {string[]} args @param {{ cwd?: string, input?: string, env?: Record<string, string> }} [how] */
function start(args, { cwd = scratch(), input, env } = {}) {
  const child = spawn(process.execPath, [COMMAND, ...args], { cwd, env: { ...process.env, ...env } });
  running.add(child);
  child.stdin.end(input);
  /** @type {Buffer[]} */
  const out = [];
  let stderr = "";
  child.stdout.on("data", (chunk) => out.push(chunk));
  child.stderr.on("data", (chunk) => {
    stderr += chunk;
  });
  const ended = once(child, "close").then(([code]) => {
    running.delete(child);
    return { code, stderr, stdout: Buffer.concat(out), pid: Number(child.pid), cwd };
  });
  return { child, ended };
}

/** @param {string[]} args @param {Parameters<typeof start>[1]} [how] */
const boomtown = (args, how) => start(args, how).ended;

/** @param {Record<string, string>} files */
function folderWith(files) {
  const folder = scratch();
  for (const [name, text] of Object.entries(files)) fs.writeFileSync(path.join(folder, name), text);
  return folder;
}

test("a file is rendered into a picture of the viewport and the scale", async () => {
  const cwd = folderWith({ "a.html": RED });
  const { code, stderr } = await boomtown(["render", "a.html", "-o", "a.png", "--viewport", "40x30", "--scale", "2"], {
    cwd,
  });
  assert.equal(code, 0, stderr);
  assert.match(stderr, /^ok {6}a\.html -> a\.png \(/m);
  const { width, height, at } = decode(fs.readFileSync(path.join(cwd, "a.png")));
  assert.deepEqual([width, height, at(5, 5)], [80, 60, [255, 0, 0, 255]]);
});

test("a URL is asked with the headers and cookies that are given, and rendered into a PDF", async () => {
  /** @type {import("node:http").IncomingHttpHeaders[]} */
  const seen = [];
  const site = await serve({
    "/": (request, response) => {
      seen.push(request.headers);
      response.end("hello");
    },
  });
  const args = ["render", `${site}/`, "-o", "a.pdf", "--format", "A4", "--landscape", "--margin", "1cm"];
  const { code, stderr, cwd } = await boomtown([...args, "--header", "X-Key: secret", "--cookie", "a=b"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual([seen[0]["x-key"], seen[0].cookie], ["secret", "a=b"]);
  const { pages, width, height } = readPdf(fs.readFileSync(path.join(cwd, "a.pdf")));
  // A4 is 595.3 by 841.9 points, which Chromium rounds to its own pixels.
  assert.ok(
    pages === 1 && Math.abs(width - 841.9) < 1 && Math.abs(height - 595.3) < 1,
    `${pages} of ${width} x ${height}`,
  );
});

test("standard input is rendered to standard output", async () => {
  const { code, stdout, stderr } = await boomtown(["render", "-", "-o", "-", "--type", "jpeg"], { input: RED });
  assert.equal(code, 0, stderr);
  const { width, height } = decode(stdout);
  assert.deepEqual([width, height], [800, 600]);
});

test("a pattern is rendered into a folder that is made, and what fails is named while the rest goes on", async () => {
  const cwd = folderWith({ "1.html": RED, "2.html": RED });
  const site = await serve({});
  const args = ["render", "*.html", "missing.html", `${site}/gone`, "-o", "out/", "--viewport", "10x10", "--json"];
  const { code, stdout, stderr } = await boomtown(args, { cwd });
  assert.equal(code, 1);
  const { ok, results } = JSON.parse(String(stdout));
  assert.equal(ok, false);
  assert.deepEqual(
    results.map((/** @type {any} */ { input, output, error }) => [input, output, error?.message]),
    [
      ["1.html", path.join("out", "1.png"), undefined],
      ["2.html", path.join("out", "2.png"), undefined],
      ["missing.html", undefined, "there is no such file (a URL begins with https://, http://, file:// or data:)"],
      [`${site}/gone`, results[3].output, "the server answered 404 Not Found"],
    ],
  );
  assert.deepEqual(fs.readdirSync(path.join(cwd, "out")), ["1.png", "2.png"]);
  assert.match(stderr, /^failed {2}missing\.html: there is no such file/m);
  assert.match(stderr, /^2 of 4 rendered$/m);
});

test("--full-page is the whole document, and --selector one element", async () => {
  const cwd = folderWith({ "a.html": `${RED}<div style="width: 50px; height: 900px"></div>` });
  const full = await boomtown(["render", "a.html", "-o", "full.png", "--full-page"], { cwd });
  const one = await boomtown(["render", "a.html", "-o", "one.png", "--selector", "div"], { cwd });
  assert.deepEqual([full.code, one.code], [0, 0], full.stderr + one.stderr);
  const sizes = ["full.png", "one.png"].map((file) => decode(fs.readFileSync(path.join(cwd, file))));
  assert.deepEqual(
    sizes.map(({ width, height }) => [width, height]),
    [
      [800, 900],
      [50, 900],
    ],
  );
});

test("--wait with a selector waits until that can be seen", async () => {
  const html = `${RED}<script>setTimeout(() => document.body.innerHTML = "<p style='height: 40px'>", 300)</script>`;
  const cwd = folderWith({ "a.html": html });
  const { code, stderr } = await boomtown(["render", "a.html", "-o", "a.png", "--wait", "p", "--selector", "p"], {
    cwd,
  });
  assert.equal(code, 0, stderr);
});

test("--wait ready brings what is lazy, and tells what did not come", async () => {
  /** @type {string[]} */
  const asked = [];
  const lazy = `<img loading="lazy" src="/lazy.svg" style="display: block; margin-top: 9000px">`;
  const site = await serve({
    "/": `${RED}${lazy}<img src="/missing.png">`,
    "/lazy.svg": (_request, response) => {
      asked.push("lazy");
      response.setHeader("Content-Type", "image/svg+xml");
      response.end(`<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"/>`);
    },
  });
  const { code, stdout, stderr } = await boomtown(["render", `${site}/`, "-o", "a.png", "--wait", "ready", "--json"]);
  assert.equal(code, 0, stderr);
  assert.deepEqual(asked, ["lazy"]);
  assert.deepEqual(JSON.parse(String(stdout)).results[0].notReady, [`a picture is broken: ${site}/missing.png`]);
});

test("a page that never ends is a failure at its time limit", async () => {
  const site = await serve({ "/": () => {} });
  const { code, stderr } = await boomtown(["render", `${site}/`, "-o", "a.png", "--timeout", "1000"]);
  assert.equal(code, 1);
  assert.match(stderr, /^failed {2}http:.*: ERR_ITEM_TIMEOUT: /m);
});

test("an output that cannot be written is a failure that names it", async () => {
  const cwd = folderWith({ "a.html": RED });
  const { code, stderr } = await boomtown(["render", "a.html", "-o", "missing/a.png"], { cwd });
  assert.equal(code, 1);
  assert.match(stderr, /^failed {2}a\.html: ENOENT: .*missing/m);
});

test("without a browser it says so once, and what tells more", async () => {
  const cwd = folderWith({ "1.html": RED, "2.html": RED });
  const env = { BOOMTOWN_BROWSER: "/nowhere/chromium" };
  const { code, stderr } = await boomtown(["render", "*.html", "-o", "out/"], { cwd, env });
  assert.equal(code, 1);
  assert.equal(stderr.match(/\/nowhere\/chromium/g)?.length, 1, stderr);
  assert.match(stderr, /npx boomtown doctor/);
  assert.equal(fs.existsSync(path.join(cwd, "out")), false);
});

test("Ctrl-C ends it with 130, and nothing is left", {
  skip: process.platform === "win32" && "has no SIGINT",
}, async () => {
  const asked = deferred();
  const site = await serve({ "/": () => asked.resolve() });
  const { child, ended } = start(["render", `${site}/`, "-o", "out/"]);
  await asked.promise;
  child.kill("SIGINT");
  const { code, stderr, pid, cwd } = await ended;
  assert.equal(code, 130);
  assert.match(stderr, /^0 of 1 rendered, interrupted$/m);
  assert.deepEqual(fs.readdirSync(cwd), []);
  if (process.platform === "linux") await until(() => leftovers(pid).length === 0);
});

/** @type {[string[], RegExp][]} */
const WRONG = [
  [[], /no INPUT/],
  [["a.html"], /no output/],
  [["a.html", "-o", "a.gif"], /a file ends in \.png/],
  [["a.html", "-o", "a.png", "--colour"], /--colour/],
  [["a.html", "-o", "out/", "--type", "gif"], /--type is png, jpeg, webp, pdf, not "gif"/],
  [["-", "-", "-o", "out/"], /read once only/],
  [["a.html", "-o", "-", "--json"], /both write/],
  [["a.html", "-o", "a.png", "--workers", "0"], /--workers is a whole number from 1/],
];
for (const [args, why] of WRONG) {
  test(`\`boomtown render ${args.join(" ")}\` says what is wrong, prints the usage and exits with 2`, async () => {
    const { code, stdout, stderr } = await boomtown(["render", ...args]);
    assert.equal(code, 2);
    assert.equal(stdout.length, 0);
    assert.match(stderr.split("\n")[0], why);
    assert.match(stderr, /^Usage: npx boomtown render/m);
  });
}

test("render --help prints the usage and exits with 0", async () => {
  const { code, stdout } = await boomtown(["render", "--help"]);
  assert.equal(code, 0);
  assert.match(String(stdout), /^Usage: npx boomtown render INPUT\.\.\. -o OUT/);
});

test("serve runs the command of an installed boomtown-service, with its arguments", async () => {
  const cwd = scratch();
  const folder = path.join(cwd, "node_modules/boomtown-service");
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(
    path.join(folder, "package.json"),
    JSON.stringify({ name: "boomtown-service", bin: { "boomtown-service": "serve.js" } }),
  );
  fs.writeFileSync(path.join(folder, "serve.js"), "console.log(process.argv.slice(2).join(' '))");
  const { code, stdout } = await boomtown(["serve", "--port", "1"], { cwd });
  assert.deepEqual([code, String(stdout)], [0, "--port 1\n"]);
});
