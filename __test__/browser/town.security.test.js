// What a page cannot get at: the machine's files, the program's secrets, other users' sockets.

const { before, test } = require("node:test");
const assert = require("node:assert/strict");
const { spawnSync } = require("node:child_process");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { pathToFileURL } = require("node:url");
const { family } = require("../helpers/faults.js");
const { serve } = require("../helpers/server.js");
const { ENGINE, ROOT, openTown, processes, runNode, scratch, until } = require("../helpers/town.js");

const town = openTown();
const secret = path.join(scratch(), "secret.html");
const FILE = pathToFileURL(secret).href;

/** @type {string} */
let site;
/** Which of the documents that tell of themselves were shown, in whatever window. @type {Set<string>} */
const shown = new Set();
before(async () => {
  site = await serve({
    "/": "<title>site</title>",
    "/document": "<title>document</title><img src='/shown?document'>",
    "/shown": (request, response) => {
      shown.add(new URL(`${site}${request.url}`).search.slice(1));
      response.end();
    },
    "/redirect": (request, response) => {
      const location = decodeURIComponent(new URL(`${site}${request.url}`).search.slice(1));
      response.writeHead(302, { Location: location }).end();
    },
  });
  const tell = `<img src="${site}/shown?secret">`;
  fs.writeFileSync(secret, `<title>secret</title><script>window.secret = 1</script>${tell}`);
});

/** @type {[string, (page: import("../..").Page) => Promise<unknown>][]} */
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

/** How a page may try to show a document. @type {[string, (url: string, site: string) => void][]} */
const WAYS = [
  ["location.assign", (url) => location.assign(url)],
  ["window.open", (url) => void window.open(url)],
  [
    "a link to another window",
    (url) => {
      const link = Object.assign(document.createElement("a"), { href: url, target: "_blank" });
      document.body.append(link);
      link.click();
    },
  ],
  [
    "a refresh",
    (url) => {
      const meta = Object.assign(document.createElement("meta"), { httpEquiv: "refresh", content: `0;url=${url}` });
      document.head.append(meta);
    },
  ],
  [
    "a form",
    (url) => {
      const form = Object.assign(document.createElement("form"), { action: url });
      document.body.append(form);
      form.submit();
    },
  ],
  ["a redirect", (url, site) => location.assign(`${site}/redirect?${encodeURIComponent(url)}`)],
];

for (const [origin, start] of ORIGINS) {
  for (const [what, attempt] of ATTEMPTS) {
    test(`${what} of a page of ${origin} cannot load a file`, async () => {
      const loaded = await town.queue(async (page) => {
        await start(page);
        return await page.evaluate(attempt, FILE);
      });
      assert.equal(loaded, false);
    });
  }

  test(`a frame of a page of ${origin} cannot show a file`, async () => {
    const text = await town.queue(async (page) => {
      await start(page);
      const frame = (/** @type {string} */ url) =>
        void Object.assign(document.body.appendChild(document.createElement("iframe")), { src: url });
      await page.evaluate(frame, FILE);
      await page.waitForFunction(() => document.readyState === "complete");
      await page.switchToFrame(0).catch(() => false);
      return await page.evaluate("String(window.secret) + document.title");
    });
    assert.doesNotMatch(text, /1|secret/);
  });

  for (const [what, go] of WAYS) {
    test(`${what} leads a page of ${origin} to a site, and to no file`, async () => {
      shown.clear();
      await town.queue(async (page) => {
        await start(page);
        await page.evaluate(go, `${site}/document`, site);
        await until(() => shown.has("document"));
      });
      const url = await town.queue(async (page) => {
        await start(page);
        await page.evaluate(go, FILE, site);
        // What comes of it has come by the time that something else has been loaded.
        await page
          .evaluate((address) => fetch(address, { mode: "no-cors" }).catch(() => {}), `${site}/`)
          .catch(() => {});
        return await page.url();
      });
      assert.doesNotMatch(url, /^file:/);
      assert.deepEqual([...shown], ["document"]);
    });
  }
}

test("a site that a program goes to cannot redirect it to a file", async () => {
  shown.clear();
  await assert.rejects(
    town.queue((page) => page.goto(`${site}/redirect?${encodeURIComponent(FILE)}`)),
    { code: "ERR_NAVIGATION" },
  );
  assert.equal(shown.size, 0);
});

test("a program can go to a file itself", async () => {
  shown.clear();
  assert.equal(await town.queue((page) => page.goto(FILE).then(() => page.title())), "secret");
  await until(() => shown.has("secret"));
});

/** What is read of a process that may end, or close a file, meanwhile. @template T @param {() => T} read */
function unlessGone(read) {
  try {
    return read();
  } catch (error) {
    if (!["ENOENT", "ESRCH"].includes(String(/** @type {NodeJS.ErrnoException} */ (error).code))) throw error;
    return undefined;
  }
}

/** The addresses that these processes listen on. @param {number[]} pids */
function listening(pids) {
  const inodes = new Set();
  for (const pid of pids) {
    const descriptors = unlessGone(() => fs.readdirSync(`/proc/${pid}/fd`)) ?? [];
    for (const descriptor of descriptors) {
      const target = unlessGone(() => fs.readlinkSync(`/proc/${pid}/fd/${descriptor}`)) ?? "";
      const [, inode] = /^socket:\[(\d+)\]$/.exec(target) ?? [];
      if (inode) inodes.add(inode);
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

/** Who has few rights, where root may not have a sandbox. */
const NOBODY = 65534;
const [uid, gid] = process.getuid?.() === 0 ? [NOBODY, NOBODY] : [process.getuid?.(), process.getgid?.()];
/** @param {string} command @param {string[]} args */
const mayRun = (command, ...args) => spawnSync(command, args, { uid, gid }).status === 0;
const forbidden =
  (!mayRun("unshare", "--user", "true") && "user namespaces, which the sandbox is made of, are forbidden here") ||
  (!mayRun("test", "-x", os.tmpdir()) && "the temporary folder is closed to others");

test("a renderer of a program that is not root can make few system calls", {
  skip: forbidden,
}, async () => {
  const folder = scratch();
  fs.chownSync(folder, Number(uid), Number(gid));
  const { child, exited, pid, prints } = runNode(`
    // What that user may not read is read first.
    require(${JSON.stringify(`${ROOT}/lib/load-native.js`)}).loadNative();
    if (process.getuid() === 0) process.setgroups([]);
    process.setgid(${gid});
    process.setuid(${uid});
    Object.assign(process.env, { HOME: ${JSON.stringify(folder)}, TMPDIR: ${JSON.stringify(folder)} });
    const town = boomtown(options);
    town.on("queue", async (page) => {
      await page.setContent("<title>content</title>");
      console.log("shown");
      await new Promise((resolve) => process.stdin.once("data", resolve));
    });
    town.queue("data").then(() => town.close()).then(() => process.stdin.destroy());
  `);
  await prints("shown");
  const renderers = family(pid).filter(({ role }) => role === "renderer");
  const statuses = renderers.map((renderer) => fs.readFileSync(`/proc/${renderer.pid}/status`, "utf8"));
  assert.notEqual(statuses.length, 0);
  for (const status of statuses) assert.match(status, /^Seccomp:\s+2$/m);
  child.stdin.write("go\n");
  assert.equal((await exited).code, 0);
  assert.deepEqual(fs.readdirSync(folder), []);
});
