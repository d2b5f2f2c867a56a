// What a page cannot get at: the machine's files, the program's secrets, other users' sockets.

const { before, test } = require("node:test");
const assert = require("node:assert/strict");
const fs = require("node:fs");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { serve } = require("./helpers/server.js");
const { ENGINE, openTown, processes, scratch } = require("./helpers/town.js");

const town = openTown();
const secret = path.join(scratch(), "secret.html");
fs.writeFileSync(secret, "<title>secret</title><script>window.secret = 1</script>");
const FILE = pathToFileURL(secret).href;

/** @type {string} */
let site;
before(async () => {
  site = await serve({ "/": "<title>site</title>" });
});

/** @type {[string, (page: import("..").Page) => Promise<unknown>][]} */
const ORIGINS = [
  ["http", (page) => page.goto(`${site}/`)],
  ["about:blank", (page) => page.setContent("<title>content</title>")],
];

/** How a page may try to read a file, and whether it could. @type {[string, (url: string) => Promise<boolean>][]} */
const ATTEMPTS = [
  [
    "fetch",
    (url) =>
      fetch(url).then(
        () => true,
        () => false,
      ),
  ],
  [
    "an image",
    (url) =>
      new Promise((resolve) => {
        const image = new Image();
        image.onload = () => resolve(true);
        image.onerror = () => resolve(false);
        image.src = url;
      }),
  ],
  [
    "a script",
    (url) =>
      new Promise((resolve) => {
        const script = document.createElement("script");
        script.onload = () => resolve(true);
        script.onerror = () => resolve(false);
        script.src = url;
        document.head.append(script);
      }),
  ],
  [
    "a style sheet",
    (url) =>
      new Promise((resolve) => {
        const link = document.createElement("link");
        link.rel = "stylesheet";
        link.onload = () => resolve(true);
        link.onerror = () => resolve(false);
        link.href = url;
        document.head.append(link);
      }),
  ],
  [
    "XMLHttpRequest",
    (url) =>
      new Promise((resolve) => {
        const request = new XMLHttpRequest();
        request.onload = () => resolve(true);
        request.onerror = () => resolve(false);
        request.open("GET", url);
        request.send();
      }),
  ],
];

for (const [origin, go] of ORIGINS) {
  for (const [what, attempt] of ATTEMPTS) {
    test(`${what} of a page of ${origin} cannot load a file`, async () => {
      const loaded = await town.queue(async (page) => {
        await go(page);
        return await page.evaluate(attempt, FILE);
      });
      assert.equal(loaded, false);
    });
  }

  test(`a frame of a page of ${origin} cannot show a file`, async () => {
    const text = await town.queue(async (page) => {
      await go(page);
      const frame = (/** @type {string} */ url) =>
        void Object.assign(document.body.appendChild(document.createElement("iframe")), { src: url });
      await page.evaluate(frame, FILE);
      await page.waitForFunction(() => document.readyState === "complete");
      await page.switchToFrame(0).catch(() => false);
      return await page.evaluate("String(window.secret) + document.title");
    });
    assert.doesNotMatch(text, /1|secret/);
  });

  test(`a page of ${origin} cannot go to a file`, async () => {
    const url = await town.queue(async (page) => {
      await go(page);
      await page.evaluate((wanted) => location.assign(wanted), FILE);
      // What comes of it has come by the time that something else has been loaded.
      await page.evaluate((address) => fetch(address, { mode: "no-cors" }).then(() => {}), `${site}/`);
      return await page.url();
    });
    assert.doesNotMatch(url, /^file:/);
  });
}

test("a program can go to a file itself", async () => {
  assert.equal(await town.queue((page) => page.goto(FILE).then(() => page.title())), "secret");
});

/** The addresses that these processes listen on. @param {number[]} pids */
function listening(pids) {
  const inodes = new Set();
  for (const pid of pids) {
    for (const descriptor of fs.readdirSync(`/proc/${pid}/fd`)) {
      try {
        const [, inode] = /^socket:\[(\d+)\]$/.exec(fs.readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? [];
        if (inode) inodes.add(inode);
      } catch {
        // It has been closed meanwhile.
      }
    }
  }
  return ["tcp", "tcp6"].flatMap((table) =>
    fs
      .readFileSync(`/proc/net/${table}`, "utf8")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , state, , , , , , inode]) => state === "0A" && inodes.has(inode))
      .map(([, address]) => address),
  );
}

test("the browsers of the cdp engine listen nowhere, and those of webdriver on the loopback address alone", async () => {
  await town.queue((page) => page.goto(`${site}/`));
  const addresses = listening(processes(process.pid).map(({ pid }) => pid));
  if (ENGINE === "cdp") assert.deepEqual(addresses, []);
  for (const address of addresses) assert.match(address, /^(0100007F|0+1000000):/);
});

test("a browser gets the machine's environment and browser.env, and none of the program's secrets", async () => {
  process.env.TEST_TOKEN = "secret";
  const other = openTown({ browser: { env: { ADDED: "yes" } } });
  await other.ready();
  delete process.env.TEST_TOKEN;
  const environment = fs.readFileSync(`/proc/${other.stats().workers[0].pid}/environ`, "utf8").split("\0");
  const names = environment.map((variable) => variable.split("=")[0]);
  assert.ok(environment.includes("ADDED=yes"));
  assert.ok(names.includes("PATH") && names.includes("TMPDIR"));
  assert.ok(!names.includes("TEST_TOKEN"));
  await other.close();
});
