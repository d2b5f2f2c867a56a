// What a program hears when no browser can be started: the same reason everywhere, with the path tried and the mend.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs");
const path = require("node:path");
const { bareTown, deferred, openTown, scratch, executable, wrapped } = require("../helpers/town.js");

/**
 * `ready()` and a waiting item reject alike.
 * @param {import("../..").TownOptions} options
 * @param {{ code: string, message: RegExp }} expected
 */
async function cannotStart(options, expected) {
  const town = openTown(options);
  const item = town.queue(() => assert.fail("ran without a browser"));
  await Promise.all([assert.rejects(town.ready(), expected), assert.rejects(item, { ...expected, id: item.id })]);
  assert.equal(item.state, "rejected");
  assert.equal(item.attempts, 0);
  return town;
}

test("no browser at the path is ERR_BROWSER_NOT_FOUND with the path", async () => {
  await cannotStart(
    { browser: { path: "/nowhere/chromium" } },
    { code: "ERR_BROWSER_NOT_FOUND", message: /browser\.path is \/nowhere\/chromium/ },
  );
});

test("no driver at the path is ERR_BROWSER_NOT_FOUND with the path", async () => {
  await cannotStart(
    { engine: "webdriver", browser: { driver: "/nowhere/chromedriver" } },
    { code: "ERR_BROWSER_NOT_FOUND", message: /browser\.driver is \/nowhere\/chromedriver/ },
  );
});

test("a path that is not executable is ERR_BROWSER_LAUNCH with the mend", async () => {
  const file = path.join(scratch(), "browser");
  fs.writeFileSync(file, "", { mode: 0o644 });
  await cannotStart(
    { browser: { path: file } },
    { code: "ERR_BROWSER_LAUNCH", message: /not executable \(chmod \+x / },
  );
});

test("a relative path is looked for from where the program runs", async () => {
  const file = path.relative(process.cwd(), executable("#!/bin/sh\necho 'no display for me' >&2\nexit 7\n"));
  await cannotStart({ browser: { path: file } }, { code: "ERR_BROWSER_LAUNCH", message: /no display for me/ });
});

test("a path that is a directory is ERR_BROWSER_LAUNCH", async () => {
  await cannotStart({ browser: { path: scratch() } }, { code: "ERR_BROWSER_LAUNCH", message: /is a directory/ });
});

test("a browser that is no program is ERR_BROWSER_LAUNCH", async () => {
  await cannotStart(
    { browser: { path: executable("this is no program") } },
    { code: "ERR_BROWSER_LAUNCH", message: /session not created|is it a Chromium\?/ },
  );
});

test("a browser that exits at once is ERR_BROWSER_LAUNCH after several launches", { timeout: 60_000 }, async () => {
  const folder = scratch();
  const starts = path.join(folder, "starts");
  const browser = executable(`#!/bin/sh\necho start >> ${starts}\necho 'no display for me' >&2\nexit 7\n`);
  await cannotStart({ browser: { path: browser } }, { code: "ERR_BROWSER_LAUNCH", message: /no display for me/ });
  assert.ok(fs.readFileSync(starts, "utf8").split("\n").length > 2);
});

test("a driver that exits at once is ERR_BROWSER_LAUNCH with the end of its output", { timeout: 60_000 }, async () => {
  const driver = executable("#!/bin/sh\necho 'libnss3.so: cannot open shared object file' >&2\nexit 127\n");
  await cannotStart(
    { engine: "webdriver", browser: { driver } },
    { code: "ERR_BROWSER_LAUNCH", message: /libnss3\.so: cannot open/ },
  );
});

test("a driver that never listens is ERR_BROWSER_LAUNCH naming launchTimeout", { timeout: 60_000 }, async () => {
  const driver = executable("#!/bin/sh\nexec sleep 600\n");
  await cannotStart(
    { engine: "webdriver", launchTimeout: 50, browser: { driver } },
    { code: "ERR_BROWSER_LAUNCH", message: /launchTimeout, 50 ms/ },
  );
});

test("a browser that never answers is ERR_BROWSER_LAUNCH naming launchTimeout", { timeout: 60_000 }, async () => {
  const started = path.join(scratch(), "started");
  const browser = executable(`#!/bin/sh\ntouch ${started}\nexec sleep 600\n`);
  await cannotStart(
    { launchTimeout: 500, browser: { path: browser } },
    { code: "ERR_BROWSER_LAUNCH", message: /launchTimeout, 500 ms/ },
  );
  assert.ok(fs.existsSync(started));
});

test("driver and browser of different versions are ERR_BROWSER_LAUNCH with both versions", async () => {
  const value = {
    error: "session not created",
    message:
      "session not created: This version of ChromeDriver only supports Chrome version 90\nCurrent browser version is 156",
  };
  const driver = executable(`#!/usr/bin/env node
const server = require("node:http").createServer((request, response) => {
  response.writeHead(500, { "Content-Type": "application/json" });
  response.end(${JSON.stringify(JSON.stringify({ value }))});
});
server.listen(0, "127.0.0.1", () => {
  console.log("ChromeDriver was started successfully on port " + server.address().port + ".");
});
`);
  await cannotStart(
    { engine: "webdriver", browser: { driver } },
    { code: "ERR_BROWSER_LAUNCH", message: /only supports Chrome version 90[\s\S]*version is 156/ },
  );
});

test("what ready rejects with is an Error", async () => {
  const town = openTown({ browser: { path: "/nowhere/chromium" } });
  await assert.rejects(town.ready(), { name: "Error", code: "ERR_BROWSER_NOT_FOUND" });
});

test("an item queued after the launch has failed rejects with the same reason", async () => {
  const town = await cannotStart(
    { browser: { path: "/nowhere/chromium" } },
    { code: "ERR_BROWSER_NOT_FOUND", message: /nowhere/ },
  );
  await assert.rejects(
    town.queue(() => {}),
    { code: "ERR_BROWSER_NOT_FOUND", message: /nowhere/ },
  );
});

test("workerExit tells why a launch failed", async () => {
  const town = openTown({ browser: { path: "/nowhere/chromium" } });
  const [worker, reason] = await once(town, "workerExit");
  assert.equal(worker.id, 1);
  assert.match(reason, /\/nowhere\/chromium/);
});

test("a page acquired from a town without a browser rejects with the reason", async () => {
  const town = openTown({ browser: { path: "/nowhere/chromium" } });
  await assert.rejects(town.acquire(), { code: "ERR_BROWSER_NOT_FOUND" });
});

test("the lines that a driver prints reach browser.stdio with stream and worker", async () => {
  const driver = executable("#!/bin/sh\necho out\necho err >&2\nexec sleep 600\n");
  /** @type {Record<string, unknown>} */
  const heard = {};
  await new Promise((resolve) => {
    openTown({
      engine: "webdriver",
      browser: {
        driver,
        stdio: (line, stream, worker) => {
          heard[line] = [stream, worker];
          if (Object.keys(heard).length === 2) resolve(undefined);
        },
      },
    });
  });
  assert.deepEqual(heard, { out: ["stdout", 1], err: ["stderr", 1] });
});

test("the lines that browsers print reach browser.stdio with the number of their worker", async () => {
  /** @type {[string, number][]} */
  const lines = [];
  const { promise, resolve } = deferred();
  const town = bareTown({
    engine: "cdp",
    workerCount: 2,
    browser: {
      path: wrapped("echo mine"),
      stdio: (line, _stream, worker) => {
        if (line === "mine" && lines.push([line, worker]) === 2) resolve();
      },
    },
  });
  await Promise.all([town.ready(), promise]);
  assert.deepEqual(lines.sort(), [
    ["mine", 1],
    ["mine", 2],
  ]);
});
