// Waiting for selectors, functions and the network.

const { test, before } = require("node:test");
const assert = require("node:assert/strict");
const { feature, withPage } = require("../helpers/page.js");
const { serve } = require("../helpers/server.js");

/** How often a page looks that counts it: in some frames from now on. @param {import("../..").Page} page */
async function newLooks(page) {
  return await page.evaluate(async () => {
    const count = () => /** @type {any} */ (window).looks;
    const before = count();
    for (let frames = 0; frames < 5; frames++) await new Promise((resolve) => requestAnimationFrame(resolve));
    return count() - before;
  });
}

/** @type {string} */
let site;
before(async () => {
  site = await serve({
    "/": "<script>fetch('/data').then((r) => r.text()).then((text) => { document.title = text })</script>",
    "/data": (_request, response) => response.end("arrived"),
    "/slow": (_request, response) => {
      response.setHeader("Access-Control-Allow-Origin", "*");
      setTimeout(() => response.end("arrived late"), 400);
    },
    "/worker": "<script>new Worker('/worker.js').onmessage = ({ data }) => { document.title = data }</script>",
    "/worker.js": (_request, response) =>
      response
        .writeHead(200, { "Content-Type": "text/javascript" })
        .end("fetch('/slow').then((response) => response.text()).then(postMessage); postMessage('asked')"),
    "/frames":
      "<iframe src='/none'></iframe><div style='height: 9000px'></div><iframe loading='lazy' src='/'></iframe>",
    "/none": (_request, response) => response.writeHead(204).end(),
    "/hangs": () => {},
    "/late.svg": (_request, response) =>
      void setTimeout(
        () =>
          response
            .writeHead(200, { "Content-Type": "image/svg+xml" })
            .end('<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"/>'),
        700,
      ),
    "/frame-hangs": "<iframe src='/hangs'></iframe>",
    "/pixel": "<title>here</title><img src='/hangs'>",
    "/three-pixels": ["a", "b", "c"].map((name) => `<iframe src="/pixel?${name}"></iframe>`).join(""),
    "/beacon": "<script>fetch('/unstored')</script>",
    "/unstored": (_request, response) => response.writeHead(200, { "Cache-Control": "no-store" }).end("unread"),
    "/stream": "<script>new EventSource('/events')</script>",
    "/events": (_request, response) => response.writeHead(200, { "Content-Type": "text/event-stream" }).write(": \n\n"),
  });
});

test("waitForSelector resolves when the element appears", () =>
  withPage(async (page) => {
    await page.setContent("<body></body>");
    await Promise.all([
      page.waitForSelector("#late"),
      page.evaluate(() => void setTimeout(() => document.body.insertAdjacentHTML("beforeend", '<p id="late">'), 50)),
    ]);
    assert.equal(await page.$$eval("#late", (found) => found.length), 1);
  }));

test("waitForSelector waits until the element shows, or until it does not", () =>
  withPage(async (page) => {
    await page.setContent('<p id="a" style="display: none">text');
    /** @param {string} display */
    const later = (display) =>
      page.evaluate(
        (value) => void setTimeout(() => document.getElementById("a")?.style.setProperty("display", value), 50),
        display,
      );
    const display = () => page.$eval("#a", (element) => getComputedStyle(element).display);
    await Promise.all([page.waitForSelector("#a", { visible: true }), later("block")]);
    assert.equal(await display(), "block");
    await Promise.all([page.waitForSelector("#a", { hidden: true }), later("none")]);
    assert.equal(await display(), "none");
    await page.waitForSelector("#never", { hidden: true });
  }));

/** Whether Puppeteer takes it for visible, which asks for a size and for `visibility` alone. @type {[string, string, boolean][]} */
const SIGHTS = [
  ["an element in a closed <details>", "<details><summary>s</summary><p id=a>x</p></details>", true],
  ["an element in content-visibility: hidden", "<div style='content-visibility: hidden'><p id=a>x</p></div>", true],
  ["an element of opacity 0", "<p id=a style='opacity: 0'>x</p>", true],
  ["an element beside the page", "<p id=a style='position: absolute; left: -500px'>x</p>", true],
  ["an element of visibility: hidden", "<p id=a style='visibility: hidden'>x</p>", false],
  ["an element of display: contents", "<div id=a style='display: contents'><p>x</p></div>", false],
  ["an empty element", "<p id=a></p>", false],
];
for (const [what, html, isVisible] of SIGHTS) {
  test(`waitForSelector takes ${what} for ${isVisible ? "visible" : "hidden"}, as Puppeteer does`, () =>
    withPage(async (page) => {
      await page.setContent(html);
      await page.waitForSelector("#a", { [isVisible ? "visible" : "hidden"]: true, timeout: 5000 });
      const other = page.waitForSelector("#a", { [isVisible ? "hidden" : "visible"]: true, timeout: 50 });
      await assert.rejects(other, { code: "ERR_TIMEOUT" });
    }));
}

for (const [state, enter] of /** @type {[string, (page: import("../..").Page) => Promise<unknown>][]} */ ([
  [":checked", (page) => page.evaluate("a.checked = true")],
  [":focus", (page) => page.focus("#a")],
  [":hover", (page) => page.hover("#a")],
  [":indeterminate", (page) => page.evaluate("a.indeterminate = true")],
  [":invalid", (page) => page.evaluate("a.setCustomValidity('no')")],
  [":is([title='a:b'], :checked)", (page) => page.evaluate("a.checked = true")],
])) {
  test(`waitForSelector resolves when the element becomes ${state}, which changes nothing in the document`, () =>
    withPage(async (page) => {
      await page.setContent("<input type='checkbox' id='a' style='margin: 100px'>");
      let come = false;
      const waiting = page.waitForSelector(`#a${state}`).then(() => {
        come = true;
      });
      assert.equal(await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => done(1)))), 1);
      assert.equal(come, false);
      await enter(page);
      await waiting;
    }));
}

test("waitForSelector hears of elements whose names have colons", () =>
  withPage(async (page) => {
    await page.setContent("<body></body>");
    await Promise.all([
      page.waitForSelector('#a\\:b[title="c:d"]'),
      page.evaluate(
        () => void setTimeout(() => document.body.insertAdjacentHTML("beforeend", '<p id="a:b" title="c:d">'), 50),
      ),
    ]);
  }));

test("a selector that does not come is ERR_TIMEOUT and named", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForSelector("#never", { visible: true, timeout: 100 }), {
      code: "ERR_TIMEOUT",
      message: "Waiting for selector `#never` failed: Waiting failed: 100ms exceeded",
    });
  }));

test("a selector that is none fails at once", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForSelector("##", { timeout: 0 }), { code: "ERR_EVALUATION", message: /##/ });
  }));

for (const polling of /** @type {const} */ (["raf", "mutation", 20])) {
  test(`waitForFunction gives the truthy value, polling by ${polling}`, () =>
    withPage(async (page) => {
      await page.setContent("<body></body>");
      const [value] = await Promise.all([
        page.waitForFunction((wanted) => document.body.dataset.state === wanted && { wanted }, { polling }, "ready"),
        page.evaluate(() => void setTimeout(() => document.body.setAttribute("data-state", "ready"), 50)),
      ]);
      assert.deepEqual(await value.jsonValue(), { wanted: "ready" });
    }));
}

test("polling by mutation sees a change that follows another one however closely", () =>
  withPage(async (page) => {
    await page.setContent("<body></body>");
    for (let steps = 1; steps <= 12; steps++) {
      const looked = (/** @type {number} */ wanted) => {
        Object.assign(window, { looked: wanted });
        return document.body.dataset.steps === String(wanted);
      };
      const waiting = page.waitForFunction(looked, { polling: "mutation", timeout: 5000 }, steps);
      await page.waitForFunction((wanted) => /** @type {any} */ (window).looked === wanted, {}, steps);
      await page.evaluate((count) => {
        document.body.append("first");
        let later = Promise.resolve();
        for (let step = 0; step < count; step++) later = later.then(() => {});
        later.then(() => document.body.setAttribute("data-steps", String(count)));
      }, steps);
      await waiting;
    }
  }));

test("polling by mutation sees a change that comes while the function is at work", () =>
  withPage(async (page) => {
    await page.setContent("<body></body>");
    const slow = async () => {
      const { state } = document.body.dataset;
      await new Promise((done) => {
        setTimeout(() => {
          document.body.setAttribute("data-state", "changed");
          setTimeout(done);
        });
      });
      return state;
    };
    const found = await page.waitForFunction(slow, { polling: "mutation", timeout: 5000 });
    assert.equal(await found.jsonValue(), "changed");
  }));

for (const [when, change] of /** @type {[string, (change: () => void) => unknown][]} */ ([
  ["at once", (change) => change()],
  ["when it is done", (change) => queueMicrotask(change)],
  ["before it is done", async (change) => void (await Promise.resolve().then(change))],
])) {
  test(`a function that changes the document ${when} leaves the page time, polling by mutation`, () =>
    withPage(async (page) => {
      await page.setContent("<body></body>");
      await page.evaluate(`window.when = ${change}; undefined`);
      const restless = async () => {
        const { when, done } = /** @type {any} */ (window);
        const pending = when(() => document.body.setAttribute("data-looked", "yes"));
        if (pending instanceof Promise) await pending;
        return done;
      };
      const waiting = page.waitForFunction(restless, { polling: "mutation", timeout: 10_000 });
      await page.waitForFunction("document.body.dataset.looked");
      await page.evaluate("window.done = 1");
      assert.equal(await (await waiting).jsonValue(), 1);
    }));
}

test("waitForFunction takes an element for true", () =>
  withPage(async (page) => {
    assert.ok(await page.waitForFunction("document.documentElement"));
  }));

test("waitForFunction passes on the error of the function", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForFunction("none.such"), { code: "ERR_EVALUATION", name: "ReferenceError" });
  }));

test("a function that stays false is ERR_TIMEOUT and shown", () =>
  withPage(async (page) => {
    await assert.rejects(page.waitForFunction("window.never", { timeout: 100 }), {
      code: "ERR_TIMEOUT",
      message: "waitForFunction(window.never): Waiting failed: 100ms exceeded",
    });
  }));

feature("waitForNetworkIdle", "waitForNetworkIdle resolves when the requests have been answered", async (page) => {
  await page.goto(`${site}/`);
  await page.waitForNetworkIdle({ idleTime: 100 });
  assert.equal(await page.title(), "arrived");
});

feature("waitForNetworkIdle", "what a page asked for after setContent is waited for", async (page) => {
  await page.setContent("<title>before</title>");
  const ask = (/** @type {string} */ url) =>
    void fetch(url)
      .then((response) => response.text())
      .then((text) => {
        document.title = text;
      });
  await page.evaluate(ask, `${site}/slow`);
  await page.waitForNetworkIdle({ idleTime: 100 });
  assert.equal(await page.title(), "arrived late");
});

feature("waitForNetworkIdle", "a page with workers becomes idle, and what they ask for is waited for", async (page) => {
  await page.goto(`${site}/worker`);
  await page.waitForFunction("document.title === 'asked'");
  await page.waitForNetworkIdle({ idleTime: 300 });
  assert.equal(await page.title(), "arrived late");
});

feature(
  "goto waitUntil networkidle0",
  "frames that never load do not keep the network from being idle",
  async (page) => {
    const response = await page.goto(`${site}/frames`, { waitUntil: "networkidle0", timeout: 20_000 });
    assert.equal(response?.status(), 200);
  },
);

feature(
  "setJavaScriptEnabled",
  "a wait on a page without scripts ends by its timeout, and the page goes on",
  async (page) => {
    await page.setJavaScriptEnabled(false);
    await page.setContent("<title>still</title>");
    await assert.rejects(page.waitForSelector("#never", { timeout: 300 }), { code: "ERR_TIMEOUT" });
    assert.equal(await page.title(), "still");
  },
);

for (const waitUntil of /** @type {const} */ (["networkidle0", "networkidle2"])) {
  feature(
    "goto waitUntil networkidle0",
    `setContent waits for ${waitUntil} on a page that has long been idle`,
    async (page) => {
      await page.goto(`${site}/none-yet`, { waitUntil: "networkidle0" });
      await page.setContent(`<p>first</p>`, { waitUntil });
      await page.setContent(`<p>second</p>`, { waitUntil });
      assert.equal(await page.evaluate("document.body.innerText"), "second");
    },
  );
}

feature("goto waitUntil networkidle0", "setContent waits until what its content asks for has come", async (page) => {
  await page.goto(`${site}/none-yet`, { waitUntil: "networkidle0" });
  await page.setContent(
    `<script>setTimeout(() => { document.body.append(Object.assign(new Image(), { src: "${site}/late.svg" })) }, 100)</script>`,
    { waitUntil: "networkidle0" },
  );
  assert.equal(await page.evaluate("document.images[0].complete"), true);
});

feature("goto waitUntil networkidle0", "a request that stays open keeps setContent from networkidle0", async (page) => {
  await page.goto(`${site}/none-yet`, { waitUntil: "networkidle0" });
  await assert.rejects(page.setContent(`<img src="${site}/hangs">`, { waitUntil: "networkidle0", timeout: 1500 }), {
    code: "ERR_TIMEOUT",
  });
});

feature(
  "goto waitUntil networkidle0",
  "a frame's document that never comes is not the network's, as with Puppeteer",
  async (page) => {
    await page.goto(`${site}/none-yet`, { waitUntil: "networkidle0" });
    await page.setContent(`<title>content</title><iframe src="${site}/hangs"></iframe>`, { waitUntil: "networkidle0" });
    assert.equal(await page.title(), "content");
    assert.equal((await page.goto(`${site}/frame-hangs`, { waitUntil: "networkidle0" }))?.status(), 200);
    await assert.rejects(page.waitForNetworkIdle({ timeout: 1000 }), { code: "ERR_TIMEOUT", message: /\/hangs/ });
  },
);

feature("goto waitUntil networkidle0", "a load that takes too long tells what was under way", async (page) => {
  await page.goto(`${site}/none-yet`, { waitUntil: "networkidle0" });
  for (const load of [
    () => page.setContent(`<img src="${site}/hangs">`, { timeout: 500 }),
    () => page.goto(`${site}/pixel`, { timeout: 500 }),
    () => page.reload({ timeout: 500 }),
  ]) {
    await assert.rejects(load, { code: "ERR_TIMEOUT", message: /under way were the requests to .*\/hangs/ });
  }
});

feature("goto waitUntil networkidle0", "networkidle2 does not wait for a pixel that never comes", async (page) => {
  assert.equal((await page.goto(`${site}/pixel`, { waitUntil: "networkidle2" }))?.status(), 200);
  assert.equal((await page.reload({ waitUntil: "networkidle2" }))?.status(), 200);
  await page.setContent(`<title>content</title><img src="${site}/hangs">`, { waitUntil: "networkidle2" });
  assert.equal(await page.title(), "content");
});

feature("goto waitUntil networkidle0", "networkidle2 is two requests in each frame", async (page) => {
  assert.equal((await page.goto(`${site}/three-pixels`, { waitUntil: "networkidle2" }))?.status(), 200);
});

feature("goto waitUntil networkidle0", "all moments of a list are waited for", async (page) => {
  const response = await page.goto(`${site}/`, { waitUntil: ["load", "domcontentloaded", "networkidle0"] });
  assert.equal(response?.status(), 200);
  await assert.rejects(page.goto(`${site}/pixel`, { waitUntil: ["load", "networkidle2"], timeout: 1500 }), {
    code: "ERR_TIMEOUT",
  });
});

test("a navigation takes a list of moments", () =>
  withPage(async (page) => {
    await page.goto(`${site}/none-yet`, { waitUntil: ["load", "domcontentloaded"] });
    await page.setContent("<title>set</title>", { waitUntil: ["domcontentloaded"] });
    assert.equal(await page.title(), "set");
    await assert.rejects(page.goto(site, { waitUntil: /** @type {any} */ (["loaded"]) }), {
      code: "ERR_INVALID_OPTION",
    });
  }));

for (const [what, path] of /** @type {const} */ ([
  ["a response that must not be stored and nobody reads", "/beacon"],
  ["a stream of events", "/stream"],
])) {
  feature("goto waitUntil networkidle0", `${what} is over for goto once it has begun`, async (page) => {
    assert.equal((await page.goto(`${site}${path}`, { waitUntil: "networkidle0" }))?.status(), 200);
  });

  feature("waitForNetworkIdle", `${what} is over for waitForNetworkIdle once it has begun`, async (page) => {
    await page.goto(`${site}${path}`);
    await page.waitForNetworkIdle({ idleTime: 100 });
  });
}

feature("waitForNetworkIdle", "what a frame that is gone had asked for is not waited for", async (page) => {
  await page.goto(`${site}/three-pixels`, { waitUntil: "domcontentloaded" });
  await page.evaluate(() => {
    for (const frame of document.querySelectorAll("iframe")) frame.remove();
  });
  await page.waitForNetworkIdle({ idleTime: 100 });
});

for (const polling of /** @type {const} */ (["raf", 1])) {
  test(`a wait that its signal has ended looks no more in the page, polling ${polling}`, () =>
    withPage(async (page) => {
      const abort = new AbortController();
      const never = () => {
        const counted = /** @type {any} */ (window);
        counted.looks = (counted.looks ?? 0) + 1;
        return false;
      };
      const waiting = page.waitForFunction(never, { polling, signal: abort.signal, timeout: 0 });
      waiting.catch(() => {});
      await page.waitForFunction("window.looks > 3");
      abort.abort();
      await assert.rejects(waiting, { name: "AbortError" });
      assert.equal(await newLooks(page), 0);
    }));
}

test("a wait that its signal ends at once never looks in the page for long", () =>
  withPage(async (page) => {
    await page.evaluate("window.looks = 0");
    for (let turn = 0; turn < 20; turn++) {
      const abort = new AbortController();
      const waiting = page.waitForFunction("void window.looks++", { signal: abort.signal, timeout: 0 });
      waiting.catch(() => {});
      // Each is given up at another step of its beginning.
      for (let step = 0; step < turn; step++) await new Promise(setImmediate);
      abort.abort();
      await assert.rejects(waiting, { name: "AbortError" });
    }
    // What has begun by now has been stopped by now.
    await page.evaluate("0");
    await page.evaluate("0");
    assert.equal(await newLooks(page), 0);
  }));
