// The service under load, when its clients leave, when it is told to end, and when it has no browser.

const { after, test } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const path = require("node:path");
const { leftovers, until } = require("../../__test__/helpers/processes.js");
const { serve } = require("../../__test__/helpers/server.js");
const { open } = require("./service.js");

const COMMAND = path.join(__dirname, "../../bin/boomtown.js");
const LIMIT = { timeout: 120_000 };

/** @type {Set<import("node:child_process").ChildProcess>} */
const running = new Set();
after(() => {
  for (const child of running) child.kill("SIGKILL");
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

/** A site whose page comes when it is let go, and that tells when it is asked and when the browser leaves. */
async function heldSite() {
  const [asked, left, release] = [deferred(), deferred(), deferred()];
  const url = await serve({
    "/": async (request, response) => {
      response.once("close", () => left.resolve());
      asked.resolve(request.url);
      await release.promise;
      response.end("released");
    },
  });
  return { url: `${url}/`, asked: asked.promise, left: left.promise, release: release.resolve };
}

/** The service as a process. @param {string[]} args @param {Record<string, string>} [env] */
async function start(args, env) {
  const child = spawn(process.execPath, [COMMAND, "serve", "--port", "0", "--workers", "1", ...args], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  running.add(child);
  let log = "";
  /** @type {(() => void)[]} */
  const readers = [];
  child.stdout.on("data", (chunk) => {
    log += chunk;
    for (const look of readers) look();
  });
  const exited = once(child, "close").then(([code]) => {
    running.delete(child);
    return code;
  });
  /** @param {RegExp} pattern @returns {Promise<string>} what the log says */
  const logged = (pattern) =>
    new Promise((resolve, reject) => {
      const look = () => pattern.test(log) && resolve(String(pattern.exec(log)?.[0]));
      readers.push(look);
      look();
      exited.then(() => reject(new Error(`ended without logging ${pattern}: ${log}`)));
    });
  const url = await logged(/http:\/\/127\.0\.0\.1:\d+/);
  /** @param {object} body */
  const content = (body) =>
    fetch(`${url}/content`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
  return { child, pid: Number(child.pid), exited, logged, url, content, log: () => log };
}

test("one request more than may wait is 429, with when to come again", LIMIT, async () => {
  const { post, get } = await open({ queueLimit: 1 });
  const site = await heldSite();
  const first = post("/content", { url: site.url });
  await site.asked;
  // One of them waits for the first.
  const others = [post("/content", { html: "x" }), post("/content", { html: "x" })];
  const refused = await Promise.race(others);
  assert.equal(refused.status, 429);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  assert.equal((await refused.json()).code, "ERR_QUEUE_FULL");
  const { pressure } = await (await get("/pressure")).json();
  assert.deepEqual(
    [pressure.isAvailable, pressure.reason, pressure.recentlyRejected, pressure.running],
    [false, "full", 1, 1],
  );
  assert.equal((await get("/pressure", { headers: { Accept: "text/plain" } })).status, 503);
  site.release();
  assert.equal((await first).status, 200);
  assert.deepEqual((await Promise.all(others)).map(({ status }) => status).sort(), [200, 429]);
});

test("of many requests at once each is answered, by what it asked for or by 429", LIMIT, async () => {
  const { post } = await open({ queueLimit: 10 });
  const answers = await Promise.all(
    Array.from({ length: 100 }, async (_, number) => {
      const response = await post("/content", { html: `number ${number}.` });
      return { number, status: response.status, text: await response.text() };
    }),
  );
  const served = answers.filter(({ status }) => status === 200);
  assert.ok(served.length > 0);
  for (const { number, text } of served) assert.ok(text.includes(`number ${number}.`), text);
  for (const { status } of answers.filter((answer) => !served.includes(answer))) assert.equal(status, 429);
});

test("a request that takes too long is 504, with its item's id; ?timeout= is its own limit", LIMIT, async () => {
  const { post } = await open();
  const site = await heldSite();
  const response = await post("/content?timeout=500", { url: site.url });
  assert.equal(response.status, 504);
  const { id, code } = await response.json();
  assert.deepEqual([id, code], [response.headers.get("x-request-id"), "ERR_ITEM_TIMEOUT"]);
  await site.left;
});

test("what a client has asked for that leaves is given up, and the next one is served", LIMIT, async () => {
  const { post } = await open();
  const site = await heldSite();
  const leaving = new AbortController();
  const first = post("/content", { url: site.url }, { signal: leaving.signal });
  await site.asked;
  leaving.abort();
  await assert.rejects(first);
  // The browser has left the site, which it would else wait for.
  await site.left;
  assert.equal((await post("/content", { html: "x" })).status, 200);
});

test("SIGTERM turns readiness, refuses what comes, answers what is under way, and leaves nothing", LIMIT, async () => {
  const service = await start([]);
  const site = await heldSite();
  const first = service.content({ url: site.url });
  await site.asked;
  assert.equal((await fetch(`${service.url}/health/ready`)).status, 200);
  service.child.kill("SIGTERM");
  await service.logged(/draining/);
  const ready = await fetch(`${service.url}/health/ready`);
  assert.deepEqual([ready.status, (await ready.json()).reason], [503, "draining"]);
  assert.equal((await fetch(`${service.url}/health/live`)).status, 200);
  const refused = await service.content({ html: "x" });
  assert.equal(refused.status, 503);
  assert.ok(Number(refused.headers.get("retry-after")) >= 1);
  site.release();
  const answered = await first;
  assert.equal(answered.status, 200);
  assert.match(await answered.text(), /released/);
  assert.equal(await service.exited, 0);
  if (process.platform === "linux") await until(() => leftovers(service.pid).length === 0);
});

test("a second SIGTERM ends it at once, and leaves nothing", LIMIT, async () => {
  const service = await start([]);
  const site = await heldSite();
  const first = service.content({ url: site.url }).catch(() => undefined);
  await site.asked;
  service.child.kill("SIGTERM");
  await service.logged(/draining/);
  service.child.kill("SIGTERM");
  assert.equal(await service.exited, 1);
  await first;
  if (process.platform === "linux") await until(() => leftovers(service.pid).length === 0);
});

test("without a browser it lives, is not ready, and says why it renders nothing", LIMIT, async () => {
  const service = await start([], { BOOMTOWN_BROWSER: "/nowhere/chromium" });
  const response = await service.content({ html: "x" });
  assert.equal(response.status, 503);
  assert.equal((await response.json()).code, "ERR_BROWSER_NOT_FOUND");
  assert.equal((await fetch(`${service.url}/health/live`)).status, 200);
  const ready = await fetch(`${service.url}/health/ready`);
  assert.deepEqual([ready.status, (await ready.json()).reason], [503, "no browser is ready"]);
});

test("the log has requests by their ids, and no token and no address", LIMIT, async () => {
  const service = await start(["--token", "secret-token"]);
  const address = encodeURIComponent("data:text/html,private-address");
  const response = await fetch(`${service.url}/content?token=secret-token&url=${address}`);
  assert.equal(response.status, 200);
  await service.logged(new RegExp(`"reqId":"${response.headers.get("x-request-id")}".*request completed`));
  assert.doesNotMatch(service.log(), /secret-token|private-address/);
});

test("wrong options are told of with the usage, and exit with 2", async () => {
  const child = spawn(process.execPath, [COMMAND, "serve", "--port", "x"], { stdio: ["ignore", "ignore", "pipe"] });
  let errors = "";
  child.stderr.on("data", (chunk) => {
    errors += chunk;
  });
  const [code] = await once(child, "close");
  assert.equal(code, 2);
  assert.match(errors, /^boomtown-service: --port is a whole number.*\n\nUsage: npx boomtown serve/);
});
