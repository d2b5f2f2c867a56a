// A page on which an item has made only a document gets another document for the next item, in place of another target: the
// next item must not be able to tell.

const { after, before, describe, test } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter, once } = require("node:events");
const { serve } = require("../helpers/server.js");
const { ENGINE, openTown } = require("../helpers/town.js");

/** @typedef {import("../..").Page} Page */
/** @typedef {ReturnType<typeof openTown>} Town */

const needed = { skip: ENGINE !== "cdp" && "only the cdp engine renews pages" };

/** @type {string} */
let site;
const clock = new EventEmitter();
let ticks = 0;
before(async () => {
  site = await serve({
    "/": "<title>site</title>",
    "/tick": (_request, response) => {
      ticks += 1;
      clock.emit("tick");
      response.writeHead(204).end();
    },
    "/square.svg": (_request, response) => {
      response.writeHead(200, { "Content-Type": "image/svg+xml", "Set-Cookie": "seen=1" });
      response.end('<svg xmlns="http://www.w3.org/2000/svg" width="7" height="7"/>');
    },
  });
});

/** Stands for the address of the site, which is not known yet. */
const SITE = "http://site.test";

/** What a page can know of itself and of its past. */
const selfPortrait = () => ({
  name: window.name,
  url: location.href,
  origin: window.origin,
  opener: window.opener,
  base: document.baseURI,
  size: [innerWidth, innerHeight, devicePixelRatio, scrollX, scrollY],
  window: [screenX, screenY, outerWidth, outerHeight],
  history: [history.length, history.state, history.scrollRestoration],
  document: [document.documentElement.outerHTML, document.title, document.compatMode, document.readyState],
  referrer: document.referrer,
  shown: [document.visibilityState, document.hasFocus(), document.fullscreenElement],
  // How long a frame takes is the machine's matter.
  entries: performance
    .getEntries()
    .filter(({ entryType }) => entryType !== "long-animation-frame")
    .map(({ entryType, name }) => `${entryType} ${name}`),
  arrival: performance.getEntriesByType("navigation").map((entry) => /** @type {any} */ (entry).type),
  globals: Object.getOwnPropertyNames(window).sort(),
  builtIn: Object.getOwnPropertyNames(Array.prototype).sort(),
  elements: customElements.get("x-trace"),
  media: [matchMedia("print").matches, matchMedia("(prefers-color-scheme: dark)").matches],
});

/** Whether there has been a gesture is looked at before the program's script makes one. @param {Page} page */
async function portrait(page) {
  await page.setContent("<script>document.title = navigator.userActivation.hasBeenActive</script>");
  const gesture = await page.title();
  return { gesture, ...(await page.evaluate(selfPortrait)) };
}

const DOCUMENT = `<!doctype html><title>trace</title><style>body { background: teal }</style><p style="height: 5000px">trace</p>`;
const SCRIPTS = `<script>
  trace = 1;
  window.name = 'trace';
  Array.prototype.trace = 1;
  customElements.define('x-trace', class extends HTMLElement {});
  history.scrollRestoration = 'manual';
  performance.mark('trace');
  scrollTo(0, 1000);
  onbeforeunload = () => true;
  for (const event of ['pagehide', 'visibilitychange', 'unload']) addEventListener(event, () => { window.name = 'late' });
</script>`;

/**
 * A context of its own is not kept after a document whose scripts have run, which could ask for something unnoticed.
 * @param {"page" | "context"} isolation
 */
const leaveTraces = (isolation) => async (/** @type {Page} */ page) => {
  await page.setViewport({ width: 640, height: 480 });
  await page.setContent(isolation === "page" ? DOCUMENT + SCRIPTS : DOCUMENT);
  await page.waitForSelector("p");
  await page.screenshot({ type: "jpeg" });
  await page.screenshot({ fullPage: true, omitBackground: true });
  await page.pdf();
};

/**
 * What the next item sees, and whether its document was made after this one's work, as that of a renewed page is: another page
 * would have been made ahead.
 * @param {Town} town
 * @param {(page: Page) => Promise<unknown>} leave
 * @param {(page: Page) => Promise<any>} look
 */
async function succession(town, leave, look) {
  // The next page is made ahead by now.
  await town.queue((page) => page.setContent("<p>"));
  const left = await town.queue(async (page) => {
    await leave(page);
    return performance.timeOrigin + performance.now();
  });
  return town.queue(async (page) => {
    const seen = await look(page);
    return { seen, renewed: (await page.evaluate(() => performance.timeOrigin)) > left - 1 };
  });
}

describe("a page that was made ahead, while one had another size", needed, () => {
  /** @type {Town} */
  let town;
  before(() => {
    town = openTown();
  });
  after(() => town?.close());

  /** Has both this item's page and the next one made anew. @param {Page} page */
  const sized = async (page) => {
    await page.setViewport({ width: 640, height: 480 });
    return page.evaluate(() => [innerWidth, innerHeight]);
  };

  test("is like one that nobody has had", async () => {
    const fresh = await town.queue(portrait);
    for (let item = 0; item < 3; item += 1) assert.deepEqual(await town.queue(sized), [640, 480]);
    assert.deepEqual(await town.queue(portrait), fresh);
  });

  test("keeps its own size when it goes on by another proxy", async () => {
    for (let item = 0; item < 3; item += 1) await town.queue(sized);
    const height = await town.queue(async (page) => {
      await page.setViewport({ width: 640, height: 481 });
      await page.setProxy("");
      await page.goto("data:text/html,<p>");
      return page.evaluate(() => innerHeight);
    });
    assert.equal(height, 481);
  });

  test("is pictured in that size, where its own is the same", async () => {
    for (let item = 0; item < 3; item += 1) await town.queue(sized);
    const picture = await town.queue(async (page) => {
      await page.setViewport({ width: 640, height: 480 });
      await page.setContent("<p>");
      return page.screenshot();
    });
    assert.deepEqual([picture.readUInt32BE(16), picture.readUInt32BE(20)], [640, 480]);
  });
});

for (const isolation of /** @type {const} */ (["page", "context"])) {
  describe(`with isolation "${isolation}" a renewed page`, needed, () => {
    /** @type {Town} */
    let town;
    before(() => {
      town = openTown({ isolation });
    });
    after(() => town?.close());

    test("is like one that nobody has had", async () => {
      const fresh = await town.queue(portrait);
      const { seen, renewed } = await succession(town, leaveTraces(isolation), portrait);
      assert.deepEqual(seen, fresh);
      assert.equal(renewed, true);
    });

    test("goes on to sites as a new one does", async () => {
      const visit = async (/** @type {Page} */ page) => {
        await page.goto(`${site}/`);
        const there = await page.evaluate(() => [history.length, document.referrer, window.name, document.title]);
        return [...there, (await page.goBack())?.url()];
      };
      const fresh = await town.queue(visit);
      const { seen, renewed } = await succession(town, leaveTraces(isolation), visit);
      assert.deepEqual(seen, fresh);
      assert.equal(renewed, true);
    });

    test("loads what this machine serves, as a new one does", async () => {
      const { seen, renewed } = await succession(town, leaveTraces(isolation), async (page) => {
        await page.setContent(`<img src="${site}/square.svg">`);
        return page.evaluate(() => document.images[0].naturalWidth);
      });
      assert.deepEqual({ seen, renewed }, { seen: 7, renewed: true });
    });

    test("has no timer of the document before", async () => {
      const { seen, renewed } = await succession(
        town,
        (page) => page.setContent(`<script>setInterval(() => fetch('${site}/tick', { mode: 'no-cors' }), 1)</script>`),
        async (page) => {
          // Requests that were on their way have arrived when these have.
          await page.setContent(`<img src="${site}/square.svg">`);
          ticks = 0;
          for (let i = 0; i < 20; i += 1) await page.setContent(`<img src="${site}/square.svg?${i}">`);
          return ticks;
        },
      );
      assert.deepEqual({ seen, renewed }, { seen: 0, renewed: isolation === "page" });
    });

    test("has the size of new ones until its item gives it another", async () => {
      const { seen, renewed } = await succession(town, leaveTraces(isolation), async (page) => {
        const first = await page.property("viewportSize");
        await page.setViewport({ width: 640, height: 480 });
        return [first, await page.property("viewportSize")];
      });
      assert.deepEqual(seen, [
        { width: 800, height: 600 },
        { width: 640, height: 480 },
      ]);
      assert.equal(renewed, true);
    });

    test("is shown in the size that the item before had given it, where its own is the same", async () => {
      const { seen, renewed } = await succession(town, leaveTraces(isolation), async (page) => {
        await page.setViewport({ width: 640, height: 480 });
        await page.setContent("<p>");
        const picture = await page.screenshot();
        return [picture.readUInt32BE(16), picture.readUInt32BE(20)];
      });
      assert.deepEqual({ seen, renewed }, { seen: [640, 480], renewed: true });
    });

    for (const [what, html] of Object.entries({
      "a policy": `<meta http-equiv="Content-Security-Policy" content="img-src 'none'; script-src 'none'">`,
      "a base URL": `<base href="${SITE}/elsewhere/">`,
      "places in the history": "<script>history.pushState(1, ''); history.pushState(2, '')</script>",
      "places in the history as it goes":
        "<script>onbeforeunload = () => { history.replaceState(1, ''); history.pushState(2, '') }</script>",
      "another place of its window": "<script>moveTo(50, 60); resizeTo(300, 300)</script>",
      "a frame": "<iframe srcdoc='<script>parent.framed = 1</script>'></iframe>",
      "a worker": `<script>new Worker(URL.createObjectURL(new Blob(["setInterval(() => 1, 1)"])))</script>`,
      "a popup": "<script>open('about:blank', 'popup').trace = 1</script>",
      "a page that it is not the opener of": `<a href="about:blank#x">x</a><script>
        document.links[0].dispatchEvent(new MouseEvent('click', { ctrlKey: true, bubbles: true }))</script>`,
    })) {
      test(`is not one whose document has ${what}`, async () => {
        const fresh = await town.queue(portrait);
        const { seen, renewed } = await succession(
          town,
          async (page) => {
            await page.setContent(html.replaceAll(SITE, site));
            // What its scripts have begun has come.
            await page.title();
          },
          portrait,
        );
        assert.deepEqual(seen, fresh);
        assert.equal(renewed, false);
      });
    }

    test("is not one that is busy for ever", async () => {
      const fresh = await town.queue(portrait);
      const { seen } = await succession(
        town,
        async (page) => {
          const begun = once(clock, "tick");
          const busy = `navigator.sendBeacon('${site}/tick'); for (;;);`;
          await page.setContent(`<script>onload = () => setTimeout(() => { ${busy} })</script>`);
          await begun;
        },
        portrait,
      );
      assert.deepEqual(seen, fresh);
    });

    test("goes whatever its document has made of the language", async () => {
      const broken =
        "<script>Function.prototype.apply = Function.prototype.call = () => {}; Promise.prototype.then = null</script>";
      const { renewed } = await succession(town, (page) => page.setContent(broken), portrait);
      assert.equal(renewed, isolation === "page");
    });

    test("is not reached by what the item before still does with its page", async () => {
      /** @type {Page | undefined} */
      let kept;
      await town.queue(async (page) => {
        kept = page;
        await page.setContent("<p>");
      });
      const heard = await town.queue(async (page) => {
        /** @type {string[]} */
        const own = [];
        page.on("console", (message) => own.push(message.text()));
        kept?.on("console", () => own.push("the one before"));
        await assert.rejects(/** @type {Page} */ (kept).title(), { code: "ERR_PAGE_CLOSED" });
        await page.evaluate("console.log('mine')");
        return own;
      });
      assert.deepEqual(heard, ["mine"]);
    });
  });
}

for (const [what, html, kept] of /** @type {const} */ ([
  [
    "is kept after a document whose scripts never ran",
    "<script type='application/json'>1</script><p onclick='1'>",
    true,
  ],
  ["is not kept after a script that has removed itself", "<script>document.currentScript.remove()</script>", false],
  ["is not kept after an attribute's script has run", "<svg onload='1'></svg>", false],
])) {
  test(`a context of its own ${what}`, needed, async () => {
    const town = openTown({ isolation: "context" });
    const { renewed } = await succession(
      town,
      (page) => page.setContent(html),
      async () => {},
    );
    assert.equal(renewed, kept);
  });
}

test("a context is not kept for the next item once its page has asked the network for something", needed, async () => {
  const town = openTown({ isolation: "context" });
  const { seen } = await succession(
    town,
    (page) => page.setContent(`<img src="${site}/square.svg">`),
    async (page) => {
      await page.goto(`${site}/`);
      return page.evaluate(() => document.cookie);
    },
  );
  assert.equal(seen, "");
});
