// What one item can see of the item that had its slot before: every row of the table in docs/isolation.md, in every mode.

const { after, before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter, once } = require("node:events");
const { has } = require("../helpers/capabilities.js");
const { serve } = require("../helpers/server.js");
const { ENGINE, deferred, openTown, processes } = require("../helpers/town.js");

/** @typedef {import("../..").Page} Page */
/** @typedef {NonNullable<import("../..").TownOptions["isolation"]>} Mode */

/** @type {string} */
let site;
const clock = new EventEmitter();
/** Who is to tick, and how often it has: a timer or worker of an earlier test may tick once more as it ends. */
const ticker = { name: 0, ticks: 0 };
let kept = 0;
before(async () => {
  site = await serve({
    "/": "<title>site</title><body>",
    "/tick": ({ url }, response) => {
      response.writeHead(204).end();
      if (url !== `/tick?${ticker.name}`) return;
      ticker.ticks += 1;
      clock.emit("tick");
    },
    "/ticking.js": (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/javascript" });
      response.end(ticking());
    },
    "/quiet": (_request, response) => response.writeHead(204).end(),
    "/headers": ({ headers }, response) => response.end(JSON.stringify(headers)),
    "/kept": (_request, response) => response.writeHead(200, { "Cache-Control": "max-age=600" }).end(String(++kept)),
    "/private": ({ headers }, response) => {
      response.writeHead(headers.authorization ? 200 : 401, {
        "WWW-Authenticate": 'Basic realm="trace"',
        "Content-Type": "text/html",
      });
      response.end(headers.authorization ? "<title>welcome</title>" : "<title>who?</title>");
    },
    "/scripted": "<title>off</title><script>document.title = 'on'</script>",
    "/worker.js": (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/javascript" });
      response.end("");
    },
  });
});

/**
 * Asks the server for the ticker's `/tick` again and again, one request at a time: Chromium fails the requests of a page that has
 * hundreds under way (ERR_INSUFFICIENT_RESOURCES), which a slow server soon has with a request a millisecond.
 */
const ticking = () => `(function tick() { fetch('/tick?${ticker.name}').then(() => setTimeout(tick, 1)); })()`;

/** At the site, starts a ticker of its own by a script, and waits for what it does first. @param {Page} page @param {() => string} script */
async function startTicker(page, script) {
  await atSite(page);
  ticker.name += 1;
  const first = once(clock, "tick");
  await page.evaluate(script());
  await first;
}

/**
 * Whether something ticks at the server while the page asks for other things: what is alive does so again and again, and what
 * ends a few times more at most.
 * @param {Page} page
 */
async function ticksOn(page) {
  for (let heard = 0; heard < 10; heard += 1) {
    ticker.ticks = 0;
    for (let asked = 0; ticker.ticks === 0; asked += 1) {
      if (asked === 20) return false;
      await page.evaluate(async (url) => {
        for (let i = 0; i < 10; i += 1) await fetch(url, { mode: "no-cors" });
      }, `${site}/quiet`);
    }
  }
  return true;
}

/** @param {Page} page */
const atSite = async (page) => void (await page.goto(`${site}/`));

/**
 * One thing that an item can leave behind, and how the next item would see it.
 * @typedef {object} Row
 * @property {string} row
 * @property {import("../helpers/capabilities.js").Feature} [needs] the feature without which it cannot be left
 * @property {(page: Page) => Promise<unknown>} leave
 * @property {(page: Page) => Promise<boolean>} seen also the proof that it was left, by the item that leaves it
 * @property {typeof ENGINE} [goesWith] the engine with which it goes with the page, whatever the table says
 * @property {boolean} [once] looking would change or block it, so only the next item looks
 */

/** What belongs to the window, and stays with it. @type {Row[]} */
const WINDOW = [
  {
    row: "a JS global",
    leave: (page) => page.evaluate("window.trace = 1"),
    seen: (page) => page.evaluate("'trace' in window"),
  },
  {
    row: "a changed built-in function",
    leave: (page) => page.evaluate("void (Array.prototype.trace = () => 1)"),
    seen: (page) => page.evaluate("'trace' in []"),
  },
  {
    row: "window.name",
    leave: (page) => page.evaluate("window.name = 'trace'"),
    seen: (page) => page.evaluate("window.name === 'trace'"),
  },
  {
    row: "a timer",
    leave: (page) => startTicker(page, ticking),
    seen: ticksOn,
  },
  {
    row: "a worker",
    leave: (page) => startTicker(page, () => `void (window.worker = new Worker('/ticking.js?${ticker.name}'))`),
    seen: ticksOn,
  },
  {
    row: "a shared worker that asks to outlive its page",
    leave: (page) =>
      startTicker(page, () => {
        const url = `/ticking.js?${ticker.name}`;
        return `void (window.shared = new SharedWorker('${url}', { extendedLifetime: true }))`;
      }),
    seen: ticksOn,
  },
];

/** What belongs to the document. @type {Row[]} */
const DOCUMENT = [
  {
    row: "an element",
    leave: (page) => page.evaluate("document.body.append(document.createElement('trace'))"),
    seen: (page) => page.evaluate("document.querySelector('trace') !== null"),
  },
  {
    row: "elements whose names hide what empties a document",
    leave: (page) => page.setContent('<img name="open"><img name="close"><img name="write">'),
    seen: (page) => page.$$eval("img", (found) => found.length > 0),
  },
  {
    row: "the title",
    leave: (page) => page.evaluate("document.title = 'trace'"),
    seen: async (page) => (await page.title()) === "trace",
  },
  {
    row: "a listener of the document",
    leave: (page) => page.evaluate("document.addEventListener('trace', ({ detail }) => { detail.heard = true })"),
    seen: (page) => page.evaluate(dispatched, "document"),
  },
  {
    row: "a listener of the window",
    leave: (page) => page.evaluate("window.addEventListener('trace', ({ detail }) => { detail.heard = true })"),
    seen: (page) => page.evaluate(dispatched, "window"),
  },
  {
    row: "a popup",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate(() => void Object.assign(/** @type {Window} */ (window.open("/", "popup")), { trace: 1 }));
    },
    // By its name, a page reaches the window whose opener it is.
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate(() => "trace" in /** @type {Window} */ (window.open("", "popup")));
    },
  },
  {
    row: "an opener",
    leave: async (page) => {
      await atSite(page);
      // Who opens a window that is open already becomes its opener.
      await page.evaluate(() => {
        window.name = "opened";
        /** @type {Window} */ (window.open("about:blank")).open("", "opened");
      });
    },
    seen: (page) => page.evaluate("opener !== null"),
  },
];

/** Runs in the page. @param {"document" | "window"} target */
function dispatched(target) {
  const event = new CustomEvent("trace", { detail: { heard: false } });
  (target === "document" ? document : window).dispatchEvent(event);
  return event.detail.heard;
}

/** PhantomJS's code of the key. */
const SHIFT = 0x01000020;

/** What an item sets. @type {Row[]} */
const SETTINGS = [
  {
    row: "the viewport",
    leave: (page) => page.setViewport({ width: 555, height: 444 }),
    seen: (page) => page.evaluate("innerWidth !== 800 || innerHeight !== 600"),
  },
  {
    row: "the pixels of the device",
    needs: "setViewport deviceScaleFactor",
    leave: (page) => page.setViewport({ width: 800, height: 600, deviceScaleFactor: 3 }),
    seen: (page) => page.evaluate("devicePixelRatio !== 1"),
  },
  {
    row: "the screen's orientation",
    needs: "setViewport isLandscape",
    leave: (page) => page.setViewport({ width: 800, height: 600, isLandscape: true }),
    seen: (page) => page.evaluate("screen.orientation.angle !== 0"),
  },
  {
    row: "the touch screen",
    needs: "setViewport isMobile and hasTouch",
    leave: (page) => page.setViewport({ width: 800, height: 600, isMobile: true, hasTouch: true }),
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("navigator.maxTouchPoints > 0 || 'ontouchstart' in window");
    },
  },
  {
    row: "the user agent",
    needs: "setUserAgent",
    leave: (page) => page.setUserAgent("trace"),
    seen: async (page) =>
      (await page.evaluate("navigator.userAgent")) === "trace" || (await sent(page, "user-agent")) === "trace",
  },
  {
    row: "the headers",
    needs: "setExtraHTTPHeaders",
    leave: (page) => page.setExtraHTTPHeaders({ "X-Trace": "1" }),
    seen: async (page) => (await sent(page, "x-trace")) !== undefined,
  },
  {
    row: "the emulated media",
    needs: "emulateMedia",
    leave: (page) => page.emulateMedia({ media: "print", colorScheme: "dark", reducedMotion: "reduce" }),
    seen: (page) =>
      page.evaluate("matchMedia('print, (prefers-color-scheme: dark), (prefers-reduced-motion: reduce)').matches"),
  },
  {
    row: "the time zone",
    needs: "emulateTimezone",
    leave: (page) => page.emulateTimezone("Pacific/Kiritimati"),
    seen: (page) => page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone === 'Pacific/Kiritimati'"),
  },
  {
    row: "the position",
    needs: "setGeolocation",
    leave: (page) => page.setGeolocation({ latitude: 12.5, longitude: 77.5 }),
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate(
        () =>
          new Promise((resolve) => {
            const options = { timeout: 500 };
            navigator.geolocation.getCurrentPosition(
              ({ coords }) => resolve(coords.latitude === 12.5),
              () => resolve(false),
              options,
            );
          }),
      );
    },
  },
  {
    row: "a refusal of what was not asked for",
    needs: "setGeolocation",
    leave: (page) => page.setGeolocation({ latitude: 0, longitude: 0 }),
    once: true,
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate(async () => {
        const names = /** @type {PermissionName[]} */ (["clipboard-write", "midi"]);
        const found = await Promise.all(names.map((name) => navigator.permissions.query({ name })));
        return found.some(({ state }) => state === "denied");
      });
    },
  },
  {
    row: "the end of scripts",
    needs: "setJavaScriptEnabled",
    leave: (page) => page.setJavaScriptEnabled(false),
    seen: async (page) => {
      await page.goto(`${site}/scripted`);
      return (await page.title()) === "off";
    },
  },
  {
    row: "a script for new documents",
    needs: "evaluateOnNewDocument",
    leave: (page) => page.evaluateOnNewDocument("window.fromNewDocument = 1"),
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("'fromNewDocument' in window");
    },
  },
  {
    row: "the end of the cache",
    needs: "setCacheEnabled",
    leave: (page) => page.setCacheEnabled(false),
    seen: async (page) => {
      await atSite(page);
      await page.evaluate("fetch('/kept').then((response) => response.text())");
      const before = kept;
      await page.evaluate("fetch('/kept').then((response) => response.text())");
      return kept > before;
    },
  },
  {
    row: "the interception",
    needs: "setRequestInterception",
    leave: (page) => page.setRequestInterception((request) => void request.respond({ body: "mine" })),
    seen: async (page) => {
      await atSite(page);
      return (await page.title()) !== "site";
    },
  },
  {
    row: "a request that the interception holds",
    needs: "setRequestInterception",
    leave: async (page) => {
      await atSite(page);
      const { promise, resolve } = deferred();
      await page.setRequestInterception(resolve);
      await page.evaluate("void fetch('/')");
      await promise;
    },
    once: true,
    seen: async (page) => {
      await atSite(page);
      return (await page.title()) !== "site";
    },
  },
  {
    row: "an exposed function",
    needs: "exposeFunction",
    leave: (page) => page.exposeFunction("exposedTrace", () => 1),
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("'exposedTrace' in window");
    },
  },
  {
    row: "an open dialog",
    needs: "on dialog",
    leave: async (page) => {
      const opened = once(page, "dialog");
      await page.evaluate("void setTimeout(() => alert('trace'))");
      await opened;
    },
    once: true,
    seen: async (page) => {
      await atSite(page);
      return (await page.evaluate("1")) !== 1;
    },
  },
  {
    row: "a listener of dialogs",
    needs: "on dialog",
    leave: async (page) => page.on("dialog", (dialog) => dialog.accept()),
    seen: (page) => page.evaluate("confirm('trace?')"),
  },
  {
    row: "the offline mode",
    needs: "setOfflineMode",
    leave: (page) => page.setOfflineMode(true),
    seen: (page) =>
      page.goto(`${site}/`).then(
        () => false,
        () => true,
      ),
  },
  {
    row: "credentials that no server has asked for",
    needs: "authenticate",
    leave: (page) => page.authenticate({ username: "me", password: "secret" }),
    seen: isKnown,
    once: true,
  },
  {
    row: "a key that is held",
    leave: (page) => page.sendEvent("keydown", SHIFT),
    seen: async (page) => {
      await page.setContent("<input onkeydown='document.title = event.shiftKey'>");
      await page.focus("input");
      await page.press("a");
      return (await page.title()) === "true";
    },
  },
  {
    row: "the frame that was switched to",
    leave: async (page) => {
      await page.setContent("<iframe name=trace srcdoc='<title>trace</title>'></iframe>");
      assert.ok(await page.switchToFrame("trace"));
    },
    seen: async (page) => (await page.evaluate("window !== top")) === true,
  },
];

/** @param {Page} page */
async function isKnown(page) {
  await page.goto(`${site}/private`);
  return (await page.title()) === "welcome";
}

/** @param {Page} page @param {string} header that its requests carry */
async function sent(page, header) {
  await page.goto(`${site}/headers`);
  return JSON.parse(await page.evaluate("document.body.innerText"))[header];
}

/** What belongs to the tab. @type {Row[]} */
const TAB = [
  {
    row: "sessionStorage",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate("sessionStorage.setItem('trace', '1')");
    },
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("sessionStorage.getItem('trace') !== null");
    },
  },
  {
    row: "the history",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate("for (const hash of ['#a', '#b', '#c']) history.pushState(null, '', hash)");
    },
    seen: (page) => page.evaluate("history.length > 3"),
  },
];

/** What belongs to the profile. @type {Row[]} */
const PROFILE = [
  {
    row: "a cookie",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate("void (document.cookie = 'trace=1; max-age=600')");
    },
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("document.cookie.includes('trace')");
    },
  },
  {
    row: "localStorage",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate("localStorage.setItem('trace', '1')");
    },
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("localStorage.getItem('trace') !== null");
    },
  },
  {
    row: "IndexedDB",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate(
        () =>
          new Promise((resolve) => {
            const opening = indexedDB.open("trace");
            opening.onsuccess = () => resolve(opening.result.close());
          }),
      );
    },
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("indexedDB.databases().then((all) => all.some(({ name }) => name === 'trace'))");
    },
  },
  {
    row: "Cache Storage",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate("caches.open('trace').then((cache) => cache.put('/', new Response('trace')))");
    },
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("caches.has('trace')");
    },
  },
  {
    row: "a service worker",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate(
        "navigator.serviceWorker.register('/worker.js').then(() => navigator.serviceWorker.ready).then(() => {})",
      );
    },
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate("navigator.serviceWorker.getRegistration().then((found) => found !== undefined)");
    },
  },
  {
    row: "the HTTP cache",
    leave: async (page) => {
      await atSite(page);
      await page.evaluate("fetch('/kept').then((response) => response.text())");
    },
    seen: async (page) => {
      await atSite(page);
      const before = kept;
      await page.evaluate("fetch('/kept').then((response) => response.text())");
      return kept === before;
    },
  },
  {
    row: "credentials that a server has accepted",
    needs: "authenticate",
    leave: (page) => page.authenticate({ username: "me", password: "secret" }),
    seen: isKnown,
  },
  {
    row: "a permission",
    needs: "setGeolocation",
    // Chromedriver's own connection gives it, and takes it along.
    goesWith: "webdriver",
    leave: (page) => page.setGeolocation({ latitude: 0, longitude: 0 }),
    seen: async (page) => {
      await atSite(page);
      return await page.evaluate(
        "navigator.permissions.query({ name: 'geolocation' }).then(({ state }) => state === 'granted')",
      );
    },
  },
];

/** @type {number[]} */
let browsers = [];

/** @type {Row[]} */
const PROCESS = [
  {
    row: "the browser process",
    leave: async (page) => {
      // A page that was never touched is the next item's.
      await page.title();
      browsers = browserPids();
    },
    seen: async () => browserPids().some((pid) => browsers.includes(pid)),
  },
  {
    row: "the clipboard",
    needs: "cdp",
    leave: async (page) => {
      await atClipboard(page);
      await page.evaluate("navigator.clipboard.writeText('trace')");
    },
    seen: async (page) => {
      await atClipboard(page);
      return await page.evaluate("navigator.clipboard.readText().then((text) => text === 'trace')");
    },
  },
];

/** At the site, which may use the clipboard without asking. @param {Page} page */
async function atClipboard(page) {
  await atSite(page);
  const { targetInfo } = await page.cdp("Target.getTargetInfo");
  await page.cdp("Browser.grantPermissions", {
    permissions: ["clipboardReadWrite", "clipboardSanitizedWrite"],
    origin: site,
    browserContextId: targetInfo.browserContextId,
  });
}

/** The browsers of this process; those that Chromium starts itself have a type. */
function browserPids() {
  const commands = processes(process.pid).map(({ pid, command }) => ({ pid, command }));
  return commands
    .filter(({ command }) => command.includes("--user-data-dir=") && !command.includes("--type="))
    .map(({ pid }) => pid);
}

/** The table of docs/isolation.md. @type {[Row[], Record<Mode, boolean>][]} */
const TABLE = [
  [WINDOW, { page: false, context: false, browser: false, reuse: true }],
  [DOCUMENT, { page: false, context: false, browser: false, reuse: false }],
  [SETTINGS, { page: false, context: false, browser: false, reuse: false }],
  [TAB, { page: false, context: false, browser: false, reuse: true }],
  [PROFILE, { page: true, context: false, browser: false, reuse: true }],
  [PROCESS, { page: true, context: true, browser: false, reuse: true }],
];

/** @type {Mode[]} */
const MODES = ENGINE === "cdp" ? ["page", "context", "browser", "reuse"] : ["page", "browser", "reuse"];

for (const mode of MODES) {
  describe(`with isolation "${mode}" the next item`, () => {
    /** @type {ReturnType<typeof openTown>} */
    let town;
    before(() => {
      town = openTown({ isolation: mode, pageTries: 0 });
    });
    after(() => town.close());
    for (const [rows, expected] of TABLE) {
      for (const { row, needs, goesWith, leave, seen, once } of rows) {
        if (needs && !has(needs, `${ENGINE} chromium`)) continue;
        const stays = expected[mode] && goesWith !== ENGINE;
        test(`${stays ? "sees" : "does not see"} ${row}`, { timeout: 20_000 }, async ({ signal }) => {
          const left = async (/** @type {Page} */ page) => {
            await leave(page);
            return once || (await seen(page));
          };
          assert.ok(await town.queue(left, { signal }), "it was not left");
          assert.equal(await town.queue(seen, { signal }), stays);
        });
      }
    }
  });
}
