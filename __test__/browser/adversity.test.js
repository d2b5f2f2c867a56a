// Pages that crash, loop, flood and lie: the item ends as it should and long before its time is over, the next one finds
// everything in order, and no window is left.

const { after, before, test } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter, once } = require("node:events");
const { setTimeout: pause } = require("node:timers/promises");
const { has } = require("../helpers/capabilities.js");
const { selfSigned } = require("../helpers/certificate.js");
const { BROWSER, HERE, town } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");
const { PAGE_DEATH } = require("../helpers/pair.js");
const { leftovers, openTown } = require("../helpers/town.js");

/** @typedef {import("../..").Page} Page */

/** Less than PAGE_DEATH, so that an item that is ended only by that fails. */
const LIMIT = PAGE_DEATH - 10_000;
/** What becomes of an item whose page's process dies: with a driver, its session is lost, and so the browser. */
const CRASHED = HERE.startsWith("cdp") ? "ERR_PAGE_CLOSED" : "ERR_ITEM_CRASHED";
const MEGABYTE = "x".repeat(1 << 20);

/** Tells when a download has been given up. */
const downloads = new EventEmitter();

/** @type {string} */
let site;
/** @type {string} */
let selfSignedSite;
before(async () => {
  site = await serve({
    "/": "<title>site</title><p>text</p>",
    "/other": "<title>other</title>",
    "/redirects": (_request, response) => response.writeHead(302, { Location: "/redirects" }).end(),
    "/hops": "<script>location.replace('/hops?' + Math.random())</script>",
    "/hangs": () => {},
    "/half": (_request, response) =>
      response.writeHead(200, { "Content-Type": "text/html" }).write("<title>half</title>"),
    "/hanging-picture": "<title>waits</title><img src='/hangs'>",
    "/loops-while-parsed": "<script>for (;;);</script>",
    "/loops-while-loading": "<body onload='for (;;);'>",
    "/loops-once-loaded": "<script>onload = () => setTimeout(() => { for (;;); })</script>",
    "/private": (_request, response) => {
      response.writeHead(401, { "WWW-Authenticate": 'Basic realm="mine"', "Content-Type": "text/html" });
      response.end("<title>who?</title>");
    },
    "/streams": async (_request, response) => {
      response.writeHead(200, { "Content-Type": "text/html" });
      response.write("<title>streamed</title><!--");
      for (let i = 0; i < 100; i += 1) if (!response.write(MEGABYTE)) await once(response, "drain");
      response.end("--><p>end</p>");
    },
    "/file": (_request, response) => {
      response.writeHead(200, { "Content-Type": "application/octet-stream", "Content-Disposition": "attachment" });
      response.write(MEGABYTE);
      response.once("close", () => downloads.emit("close"));
    },
    "/prints": "<title>prints</title><body onload='print()'>",
    "/lies": `<title>lies</title><input oninput="document.title = value"><button onclick="document.title = 'clicked'">b</button>
      <script>
        const refuse = () => { throw new Error("mine") };
        document.querySelector = document.querySelectorAll = refuse;
        window.JSON = window.Promise = undefined;
        window.alert = window.confirm = window.prompt = refuse;
        Object.prototype.toJSON = Array.prototype.toJSON = String.prototype.toJSON = () => "mine";
        Array.prototype.map = Array.prototype.join = refuse;
      </script>`,
  });
  selfSignedSite = await serve({ "/": "<title>secret</title>" }, selfSigned("127.0.0.1"));
});

/**
 * @typedef {object} Adversity
 * @property {import("../helpers/capabilities.js").Feature} [needs] where the engine has no such feature, there is no test
 * @property {string} [code] with which the item is rejected
 * @property {number} [timeout] of the item, milliseconds
 */

/**
 * @param {string} name
 * @param {(page: Page) => Promise<unknown>} use
 * @param {Adversity} [options]
 */
function adversity(name, use, { needs, code, timeout } = {}) {
  if (needs && !has(needs, HERE)) return;
  test(`${name}; the next item is unharmed`, { timeout: LIMIT + (timeout ?? 0) }, async ({ signal }) => {
    const item = town.queue(async (/** @type {Page} */ page) => void (await use(page)), {
      signal,
      ...(timeout && { timeout }),
    });
    await (code ? assert.rejects(item, { code }) : item);
    await town.queue(isUnharmed, { signal });
  });
}

/** Windows that a test has found left behind; the next ones need not fail for them. @type {Set<string>} */
const reported = new Set();

/** @param {Page} page */
async function isUnharmed(page) {
  await page.setContent("<title>next</title><p>text</p>");
  assert.equal(await page.title(), "next");
  if (!has("cdp", HERE)) return;
  // No event tells one page of another's end.
  let left = await strangers(page);
  for (let looks = 0; looks < 100 && left.length > 0; looks += 1) {
    await pause(50);
    left = await strangers(page);
  }
  for (const { targetId } of left) reported.add(targetId);
  assert.deepEqual(left, []);
}

/** The windows beside the page's own and the one that is kept ready for the next item. @param {Page} page */
async function strangers(page) {
  const { targetInfos } = await page.cdp("Target.getTargets");
  const { targetInfo } = await page.cdp("Target.getTargetInfo");
  /** @type {{ type: string, targetId: string, url: string }[]} */
  const all = targetInfos;
  const others = all.filter(
    ({ type, targetId }) => type === "page" && targetId !== targetInfo.targetId && !reported.has(targetId),
  );
  const spare = others.findIndex(({ url }) => url === "about:blank");
  return others.filter((_, index) => index !== spare);
}

/** @param {Buffer} picture */
const isPng = (picture) => assert.equal(picture.subarray(1, 4).toString(), "PNG");

// Crashes

if (BROWSER === "chromium") {
  adversity(
    `a page that has crashed is ${CRASHED}`,
    async (page) => {
      await page.goto("chrome://crash").catch(() => {});
      await page.title();
    },
    { code: CRASHED },
  );

  adversity(
    `a page that crashes while a script waits is ${CRASHED}`,
    (page) => Promise.all([page.evaluate("new Promise(() => {})"), page.cdp("Page.crash")]),
    { code: CRASHED, needs: "on dialog" },
  );

  test(`a page that uses up its memory is ${CRASHED}; the next item is unharmed`, { timeout: 60_000 }, async ({
    signal,
  }) => {
    const small = openTown({ pageTries: 0, browser: { args: ["--js-flags=--max-old-space-size=64"] } });
    const item = small.queue(
      async (page) =>
        page.evaluate(() => {
          for (const hoard = []; ; ) hoard.push(new Array(10_000).fill(hoard.length + 0.5));
        }),
      { signal, timeout: 50_000 },
    );
    await assert.rejects(item, { code: CRASHED });
    await small.queue(isUnharmed, { signal });
    await small.close();
  });
}

// Loops

for (const moment of ["while-parsed", "while-loading"]) {
  adversity(`goto of a page that loops for ever ${moment.replace("-", " it is ")} is ERR_TIMEOUT`, async (page) => {
    await assert.rejects(page.goto(`${site}/loops-${moment}`, { timeout: 500 }), { code: "ERR_TIMEOUT" });
  });
}

adversity(
  "a page that loops for ever once it is loaded is ERR_ITEM_TIMEOUT",
  async (page) => {
    await page.goto(`${site}/loops-once-loaded`);
    for (;;) await page.evaluate("new Promise((resolve) => setTimeout(resolve))");
  },
  { code: "ERR_ITEM_TIMEOUT", timeout: 1000 },
);

adversity(
  "a page that asks for ever is ERR_ITEM_TIMEOUT",
  (page) =>
    page.evaluate(() => {
      for (;;) alert(confirm(prompt("again?") ?? "again?"));
    }),
  { code: "ERR_ITEM_TIMEOUT", timeout: 1000 },
);

adversity("a page that asks a hundred times gets a hundred answers", async (page) => {
  await page.goto(`${site}/`);
  await page.evaluate(() => {
    setTimeout(() => {
      const answers = new Set();
      for (let i = 0; i < 100; i += 1)
        for (const answer of [alert("a"), confirm("b"), prompt("c")]) answers.add(answer);
      Object.assign(window, { answers: [...answers] });
    });
  });
  const answers = await page.waitForFunction("window.answers");
  assert.deepEqual(await answers.jsonValue(), [undefined, false, null]);
});

adversity(
  "a page that asks a hundred times is answered by its listener",
  async (page) => {
    page.on("dialog", (dialog) => dialog.accept("mine"));
    const answers = await page.evaluate(() => {
      const given = [];
      for (let i = 0; i < 100; i += 1) given.push(prompt("name?"));
      return given;
    });
    assert.deepEqual(answers, Array(100).fill("mine"));
  },
  { needs: "on dialog" },
);

// Chromium needs the longer for a window the more there are: for a hundred half a minute, on a busy machine.
adversity("thirty popups end with their page", (page) =>
  page.evaluate(() => {
    for (let i = 0; i < 30; i += 1) window.open("about:blank");
  }),
);

// Navigation

adversity("a redirect without end is ERR_NAVIGATION", async (page) => {
  await assert.rejects(page.goto(`${site}/redirects`), { code: "ERR_NAVIGATION" });
});

/** No event tells chromedriver's side that such a page has forgotten to close; it is asked again with each later item. */
const NOT_AT_ONCE = !HERE.startsWith("cdp") && "with a driver, with one of the next items";
test("pages that lead to others without end go with their items", { timeout: 60_000, skip: NOT_AT_ONCE }, async ({
  signal,
}) => {
  const busy = openTown({ pageTries: 0 });
  for (let i = 0; i < 10; i += 1) {
    // Whether one of its documents is loaded before it leads on is chance.
    const item = busy.queue((page) => page.goto(`${site}/hops`, { timeout: 200 }), { signal });
    await item.catch(({ code }) => assert.equal(code, "ERR_TIMEOUT"));
  }
  await busy.queue(isUnharmed, { signal }).finally(() => busy.close());
});

for (const path of ["half", "hanging-picture"]) {
  adversity(`a document that never ends (/${path}) is ERR_TIMEOUT`, async (page) => {
    await assert.rejects(page.goto(`${site}/${path}`, { timeout: 500 }), { code: "ERR_TIMEOUT" });
  });
}

adversity("a document whose picture never comes can be used all the same", async (page) => {
  await page.goto(`${site}/hanging-picture`, { waitUntil: "domcontentloaded" });
  assert.equal(await page.title(), "waits");
});

adversity("an item whose page never answers is ERR_ITEM_TIMEOUT", (page) => page.goto(`${site}/hangs`), {
  code: "ERR_ITEM_TIMEOUT",
  timeout: 1000,
});

adversity("a page that navigates away under a screenshot is pictured", async (page) => {
  // Which of the two is faster is chance.
  for (let i = 0; i < 5; i += 1) {
    await page.goto(`${site}/`);
    const [picture] = await Promise.all([page.screenshot(), page.evaluate("void (location.href = '/other')")]);
    isPng(picture);
    // Of two navigations at once the browser may abort either.
    await page.waitForFunction("location.pathname === '/other' && document.readyState === 'complete'");
  }
});

adversity("a document that streams 100 MB is loaded", async (page) => {
  await page.goto(`${site}/streams`, { timeout: 0 });
  assert.deepEqual([await page.title(), await page.evaluate("document.body.innerText")], ["streamed", "end"]);
});

adversity("a response of 100 MB is read by the page", async (page) => {
  await page.goto(`${site}/`);
  const read = "fetch('/streams').then((response) => response.arrayBuffer()).then(({ byteLength }) => byteLength)";
  assert.ok((await page.evaluate(read)) > 100 << 20);
});

adversity("a certificate that nobody has signed is ERR_NAVIGATION", async (page) => {
  await assert.rejects(page.goto(`${selfSignedSite}/`), { code: "ERR_NAVIGATION", message: /cert/i });
});

adversity("a server that asks who it is gets no answer, and its page is shown", async (page) => {
  await page.goto(`${site}/private`);
  assert.equal(await page.title(), "who?");
});

// What a person would be asked

adversity("a page that prints is no different", async (page) => {
  await page.goto(`${site}/prints`);
  await page.evaluate("print()");
  assert.equal(await page.title(), "prints");
});

adversity("a download that nobody asked for is given up", async (page) => {
  await page.goto(`${site}/`);
  const closed = once(downloads, "close");
  await page.evaluate("void Object.assign(document.createElement('a'), { href: '/file', download: '' }).click()");
  await closed;
});

adversity("a URL that is a download is ERR_NAVIGATION, and is given up", async (page) => {
  const closed = once(downloads, "close");
  await assert.rejects(page.goto(`${site}/file`), { code: "ERR_NAVIGATION" });
  await closed;
});

for (const [wish, script] of [
  ["the camera", "navigator.mediaDevices.getUserMedia({ video: true })"],
  ["the clipboard", "navigator.clipboard.readText()"],
  ["notifications", "Notification.requestPermission().then((state) => { if (state !== 'granted') throw state })"],
  ["the position", "new Promise((...ends) => navigator.geolocation.getCurrentPosition(...ends))"],
]) {
  adversity(`a page that asks for ${wish} is refused`, async (page) => {
    await page.goto(`${site}/`);
    assert.equal(await page.evaluate(`${script}.then(() => "allowed", () => "refused")`), "refused");
  });
}

// Selectors and frames

for (const [method, use] of /** @type {[string, (page: Page) => Promise<unknown>][]} */ ([
  ["$eval", (page) => page.$eval("p[", () => 1)],
  ["$$eval", (page) => page.$$eval("p[", () => 1)],
  ["click", (page) => page.click("p[")],
  ["type", (page) => page.type("p[", "a")],
  ["select", (page) => page.select("p[", "a")],
  ["waitForSelector", (page) => page.waitForSelector("p[")],
  ["screenshot", (page) => page.screenshot({ selector: "p[" })],
])) {
  adversity(`a selector that is none is ERR_EVALUATION of ${method}`, async (page) => {
    await assert.rejects(use(page), { code: "ERR_EVALUATION", message: /p\[/ });
  });
}

adversity("a frame that goes while its script runs is ERR_EVALUATION", async (page) => {
  await page.setContent("<title>main</title><iframe name=frame srcdoc='<p>text'></iframe>");
  await page.switchToFrame("frame");
  await assert.rejects(
    page.evaluate(() => {
      frameElement?.remove();
      return new Promise(() => {});
    }),
    { code: "ERR_EVALUATION" },
  );
});

adversity("a frame that is gone is ERR_EVALUATION until another one is chosen", async (page) => {
  await page.setContent("<title>main</title><iframe name=frame srcdoc='<p>text'></iframe>");
  await page.switchToFrame("frame");
  await page.evaluate("void setTimeout(() => frameElement.remove())").catch(() => {});
  await assert.rejects(page.waitForFunction("false", { timeout: 5000 }), { code: "ERR_EVALUATION" });
  await assert.rejects(page.evaluate("1"), { code: "ERR_EVALUATION" });
  await page.switchToMainFrame();
  assert.equal(await page.evaluate("document.title"), "main");
});

// Values

for (const [kind, script, given] of /** @type {[string, string, unknown][]} */ ([
  ["an element", "document.body", {}],
  ["the window", "window", undefined],
  ["a function", "() => 1", {}],
  ["a symbol", "Symbol()", undefined],
  ["a cycle", "const a = {}; a.a = a; a", { a: undefined }],
])) {
  adversity(`a script that returns ${kind} gives what of it is data`, async (page) => {
    assert.deepEqual(await page.evaluate(script), given);
  });
}

adversity(
  "a script returns 50 MB",
  async (page) => {
    const text = await page.evaluate("'ü'.repeat(25 << 20)");
    assert.equal(text.length, 25 << 20);
    assert.equal(text.at(-1), "ü");
  },
  { timeout: 60_000 },
);

adversity("a script throws 10 MB, and it is ERR_EVALUATION", async (page) => {
  await assert.rejects(page.evaluate("throw new Error('x'.repeat(10 << 20))"), { code: "ERR_EVALUATION" });
});

// Lone surrogates: half a character, which JavaScript's strings can hold and UTF-8 cannot.

const LONE = "a\ud800b";
/** As it is, or as the replacement character. */
const LONELY = /^a[\ud800\ufffd]b$/;

adversity("a lone surrogate crosses to the page and back", async (page) => {
  assert.equal(await page.evaluate((text) => (text.charCodeAt(1) === 0xd800 ? text : "other"), LONE), LONE);
});

adversity("a lone surrogate is thrown", async (page) => {
  await assert.rejects(page.evaluate("throw new Error('a\\ud800b')"), {
    code: "ERR_EVALUATION",
    message: /a[\ud800\ufffd]b/,
  });
});

adversity("a lone surrogate in the HTML of setContent", async (page) => {
  await page.setContent(`<p>${LONE}</p>`);
  assert.match(await page.evaluate("document.querySelector('p').textContent"), LONELY);
});

adversity("a lone surrogate in the title", async (page) => {
  await page.setContent("<title>main</title>");
  await page.evaluate("document.title = 'a\\ud800b'");
  assert.match(await page.title(), LONELY);
  assert.match(await page.content(), /<title>a[\ud800\ufffd]b</);
});

adversity("a lone surrogate in a frame's name", async (page) => {
  await page.setContent("<title>main</title>");
  await page.evaluate("document.body.append(Object.assign(document.createElement('iframe'), { name: 'a\\ud800b' }))");
  assert.match((await page.property("framesName"))[0], LONELY);
  assert.equal(await page.evaluate("document.title"), "main");
});

adversity("a lone surrogate in a cookie", async (page) => {
  await page.goto(`${site}/`);
  // A document sends a cookie on and does not wait for it to be kept; what it reads comes after that.
  await page.evaluate("document.cookie = 'half=a\\ud800b'; void document.cookie");
  const cookie = (await page.cookies()).find(({ name }) => name === "half");
  assert.match(cookie?.value ?? "none", LONELY);
  await page.deleteCookie("half");
});

adversity("a lone surrogate in the URL of goto is the replacement character", async (page) => {
  const response = await page.goto(`${site}/?${LONE}`);
  assert.equal(response?.url(), `${site}/?a%EF%BF%BDb`);
});

adversity("a lone surrogate in the page's own URL is the replacement character", async (page) => {
  await page.goto(`${site}/`);
  await page.evaluate("history.pushState(null, '', '#a\\ud800b')");
  assert.equal(await page.url(), `${site}/#a%EF%BF%BDb`);
});

adversity("a lone surrogate is typed", async (page) => {
  await page.setContent("<input>");
  await page.type("input", LONE);
  assert.match(await page.$eval("input", (input) => /** @type {HTMLInputElement} */ (input).value), LONELY);
});

adversity(
  "a lone surrogate in the console",
  async (page) => {
    const logged = once(page, "console");
    await page.evaluate("console.log('a\\ud800b')");
    assert.match((await logged)[0].text(), LONELY);
  },
  { needs: "on console" },
);

adversity(
  "a lone surrogate in an error of the page",
  async (page) => {
    const failed = once(page, "pageerror");
    await page.evaluate("void setTimeout(() => { throw new Error('a\\ud800b') })");
    assert.match((await failed)[0].message, LONELY);
  },
  { needs: "on console" },
);

adversity("a lone surrogate in a dialog that nobody hears", async (page) => {
  await page.setContent("<title>main</title>");
  assert.deepEqual(await page.evaluate("[confirm('a\\ud800b'), prompt('c', 'a\\ud800b')]"), [false, null]);
});

adversity(
  "a lone surrogate in a dialog that is heard",
  async (page) => {
    /** @type {string[]} */
    const heard = [];
    page.on("dialog", (dialog) => {
      heard.push(dialog.message(), dialog.defaultValue());
      dialog.dismiss();
    });
    assert.equal(await page.evaluate("prompt('a\\ud800b', 'a\\ud800b')"), null);
    assert.equal(heard.length, 2);
    for (const text of heard) assert.match(text, LONELY);
  },
  { needs: "on dialog" },
);

adversity(
  "a lone surrogate in the answer to a dialog",
  async (page) => {
    page.on("dialog", (dialog) => dialog.accept(LONE));
    assert.match(await page.evaluate("prompt('name?')"), LONELY);
  },
  { needs: "on dialog" },
);

adversity(
  "a lone surrogate in the call of an exposed function",
  async (page) => {
    await page.exposeFunction("echo", (/** @type {string} */ text) => text);
    assert.equal(await page.evaluate("echo('a\\ud800b')"), LONE);
  },
  { needs: "exposeFunction" },
);

// Documents

adversity("elements nested a hundred thousand deep are pictured", async (page) => {
  await page.setContent("<div>".repeat(100_000));
  isPng(await page.screenshot());
});

adversity("elements nested ten thousand deep by a script are read", async (page) => {
  await page.setContent("<style>* { display: contents }</style>");
  await page.evaluate(() => {
    let inner = document.body;
    for (let depth = 0; depth < 10_000; depth += 1) inner = inner.appendChild(document.createElement("div"));
  });
  assert.equal(await page.$$eval("div", (found) => found.length), 10_000);
  assert.ok((await page.content()).length > 100_000);
});

/** @type {[string, (page: Page) => Promise<void>][]} */
const AMONG_LIES = [
  ["evaluate", async (page) => assert.deepEqual(await page.evaluate("({ a: [1, 'b'] })"), { a: [1, "b"] })],
  ["a program", async (page) => assert.deepEqual(await page.evaluate("const a = [1, 'b']; a"), [1, "b"])],
  ["title", async (page) => assert.equal(await page.title(), "lies")],
  ["content", async (page) => assert.match(await page.content(), /<title>lies/)],
  ["waitForFunction", async (page) => assert.ok(await page.waitForFunction("document.title", { timeout: 2000 }))],
  ["setContent", async (page) => page.setContent("<p>new</p>")],
];
for (const [name, use] of AMONG_LIES) {
  adversity(`${name} works in a page that has replaced the functions of the browser`, async (page) => {
    await page.goto(`${site}/lies`);
    await use(page);
  });
}

after(async () => {
  await town.close();
  assert.deepEqual(leftovers(process.pid), []);
});
