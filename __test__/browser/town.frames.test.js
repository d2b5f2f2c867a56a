// Pages whose frames boomtown begins look like those whose browser begins them: what a page counts, and what is pictured.

const { after, before, test } = require("node:test");
const assert = require("node:assert/strict");
const boomtown = require("../..");
const { serve } = require("../helpers/server.js");
const { ENGINE, openTown } = require("../helpers/town.js");

/** @typedef {import("../..").Page} Page */
/** @typedef {ReturnType<typeof openTown>} Town */

const needed = { skip: ENGINE !== "cdp" && "only the cdp engine can begin frames", timeout: 60_000 };

/** @type {{ own: Town, driven: Town }} */
let towns;
/** @type {string} */
let site;
/** @type {string[]} */
const asked = [];

const SQUARE =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><rect width="40" height="40" fill="teal"/></svg>';

before(async () => {
  if (needed.skip) return;
  towns = { own: openTown(), driven: openTown({ browser: { driveFrames: true } }) };
  site = await serve({
    "/": "<body>",
    "/square.svg": ({ url }, response) => {
      asked.push(String(url));
      response.writeHead(200, { "Content-Type": "image/svg+xml" }).end(SQUARE);
    },
  });
});
after(() => Promise.all(Object.values(towns ?? {}).map((town) => town.close())));

/**
 * The same with and without.
 * @param {string} name
 * @param {(page: Page) => Promise<unknown>} use what it gives is compared
 * @param {(result: any) => void} [check] of what both have given
 */
function alike(name, use, check = () => {}) {
  test(`${name}, whoever begins its frames`, needed, async () => {
    const own = await towns.own.queue(use);
    check(own);
    assert.deepEqual(await towns.driven.queue(use), own);
  });
}

/** @param {string} html @param {(page: Page) => any} [prepare] @param {object} [options] @returns {(page: Page) => Promise<Buffer>} */
const pictured = (html, prepare, options) => async (page) => {
  await page.setContent(html);
  await prepare?.(page);
  return page.screenshot(options);
};

alike(
  "a page hears of thirty animation frames, each later than the one before",
  (page) =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          /** @type {number[]} */
          const times = [];
          requestAnimationFrame(function frame(time) {
            times.push(time);
            if (times.length < 30) requestAnimationFrame(frame);
            else resolve(times.slice(1).every((time, index) => time > times[index]));
          });
        }),
    ),
  (inOrder) => assert.equal(inOrder, true),
);

alike(
  "a page's animations and transitions start and end",
  async (page) => {
    await page.setContent(`<style>
      @keyframes grow { to { width: 200px } }
      #animated { width: 10px; animation: grow 100ms 2 }
      #changed { opacity: 1; transition: opacity 100ms }
    </style><div id="animated">a</div><div id="changed">b</div>`);
    return page.evaluate(
      () =>
        new Promise((resolve) => {
          /** @type {string[]} */
          const heard = [];
          const kinds = ["animationstart", "animationiteration", "animationend", "transitionrun", "transitionend"];
          for (const kind of kinds) {
            document.addEventListener(kind, () => {
              // A browser that is late by a whole iteration tells of none.
              if (kind === "animationend" && !heard.includes("animationiteration")) return again();
              if (!heard.includes(kind)) heard.push(kind);
              if (heard.length === kinds.length) resolve(heard.sort());
            });
          }
          const changed = /** @type {HTMLElement} */ (document.querySelector("#changed"));
          getComputedStyle(changed).opacity;
          changed.style.opacity = "0";
          const animated = /** @type {HTMLElement} */ (document.querySelector("#animated"));
          function again() {
            animated.style.animation = "none";
            animated.getBoundingClientRect();
            animated.style.animation = "";
          }
          // An animation that has begun before anybody listened begins again.
          again();
        }),
    );
  },
  (heard) => assert.equal(heard.length, 5),
);

alike(
  "a page's own animations end where they are to end",
  async (page) => {
    await page.setContent("<div id=box style='width: 10px'>");
    return page.evaluate(async () => {
      const box = /** @type {HTMLElement} */ (document.querySelector("#box"));
      const moving = box.animate({ transform: "translateX(50px)" }, { duration: 80, fill: "forwards" });
      await moving.finished;
      return [moving.playState, box.getBoundingClientRect().left];
    });
  },
  ([state]) => assert.equal(state, "finished"),
);

alike(
  "what comes into view is seen by its observers",
  async (page) => {
    await page.setContent(
      "<div style='height: 3000px'>top</div><div id=end style='height: 10px; width: 10px'>end</div>",
    );
    return page.evaluate(
      () =>
        new Promise((resolve) => {
          /** @type {boolean[]} */
          const seen = [];
          const end = /** @type {HTMLElement} */ (document.querySelector("#end"));
          new IntersectionObserver((entries) => {
            for (const { isIntersecting } of entries) seen.push(isIntersecting);
            if (seen.length === 1) end.scrollIntoView();
            if (seen.length === 2) resolve(seen);
          }).observe(end);
        }),
    );
  },
  (seen) => assert.deepEqual(seen, [false, true]),
);

alike(
  "an element that changes its size is seen by its observers",
  async (page) => {
    await page.setContent("<div id=box style='width: 10px; height: 10px'>");
    return page.evaluate(
      () =>
        new Promise((resolve) => {
          /** @type {number[]} */
          const widths = [];
          const box = /** @type {HTMLElement} */ (document.querySelector("#box"));
          new ResizeObserver(([{ contentRect }]) => {
            widths.push(contentRect.width);
            if (widths.length === 3) resolve(widths);
            else box.style.width = `${widths.length * 100}px`;
          }).observe(box);
        }),
    );
  },
  (widths) => assert.deepEqual(widths, [10, 100, 200]),
);

test("a picture that is to load when it is near loads then, whoever begins its page's frames", needed, async () => {
  for (const [name, town] of Object.entries(towns)) {
    const loaded = await town.queue(async (page) => {
      await page.goto(`${site}/`);
      await page.setContent(
        `<base href="${site}"><div style="height: 20000px">far</div><img loading="lazy" src="/square.svg?${name}">`,
      );
      assert.ok(!asked.includes(`/square.svg?${name}`));
      return page.evaluate(async () => {
        const picture = /** @type {HTMLImageElement} */ (document.querySelector("img"));
        const loading = new Promise((resolve) => picture.addEventListener("load", resolve));
        picture.scrollIntoView();
        await loading;
        return picture.naturalWidth;
      });
    });
    assert.equal(loaded, 40);
    assert.ok(asked.includes(`/square.svg?${name}`));
  }
});

alike(
  "a page that scrolls smoothly gets there",
  async (page) => {
    await page.setContent("<div style='height: 5000px'>long</div>");
    return page.evaluate(async () => {
      const there = new Promise((resolve) => document.addEventListener("scrollend", resolve));
      scrollTo({ top: 1200, behavior: "smooth" });
      await there;
      return scrollY;
    });
  },
  (top) => assert.equal(top, 1200),
);

alike("a page is pictured", pictured("<style>body { background: linear-gradient(red, blue) }</style><h1>hello</h1>"));

alike(
  "a page is pictured in full",
  pictured("<div style='height: 3000px; background: linear-gradient(red, blue)'>long</div>", undefined, {
    fullPage: true,
  }),
);

alike(
  "a part of a page is pictured",
  pictured("<div style='height: 900px; background: linear-gradient(red, blue)'>", undefined, {
    clip: { x: 10, y: 500, width: 300, height: 350 },
  }),
);

alike(
  "a page is pictured without a background",
  pictured("<b style='border-radius: 9px; background: teal'>round</b>", undefined, { omitBackground: true }),
);

alike(
  "a page in another size and density is pictured",
  pictured("<h1>wide</h1>", (page) => page.setViewport({ width: 1000, height: 333, deviceScaleFactor: 2 })),
);

alike(
  "what a page has drawn with its frames is pictured",
  pictured("<canvas width=200 height=100></canvas>", (page) =>
    page.evaluate(
      () =>
        new Promise((resolve) => {
          const context = /** @type {any} */ (document.querySelector("canvas")).getContext("2d");
          let drawn = 0;
          requestAnimationFrame(function draw() {
            context.fillStyle = `hsl(${drawn * 36}, 90%, 50%)`;
            context.fillRect(drawn * 20, 0, 20, 100);
            drawn += 1;
            if (drawn < 10) requestAnimationFrame(draw);
            else resolve(undefined);
          });
        }),
    ),
  ),
);

alike(
  "a page that was scrolled is pictured where it is",
  pictured("<div style='height: 5000px; background: linear-gradient(red, blue)'>long</div>", (page) =>
    page.evaluate(() => scrollTo(0, 2000)),
  ),
);

alike(
  "a page in another size is pictured",
  pictured("<body style='margin: 0; height: 100vh; background: linear-gradient(red, blue)'><h1>wide</h1>", (page) =>
    page.setViewport({ width: 1400, height: 900 }),
  ),
);

alike("a page that shows another site is pictured", async (page) => {
  const other = site.replace("127.0.0.1", "localhost");
  await page.setContent(`<iframe src="${other}/square.svg" style="width: 200px; height: 100px"></iframe>`);
  return page.screenshot();
});

alike(
  "a video plays to its end, frame by frame",
  (page) =>
    page.evaluate(async () => {
      const canvas = Object.assign(document.createElement("canvas"), { width: 64, height: 64 });
      const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
      const recorder = new MediaRecorder(canvas.captureStream(30), { mimeType: "video/webm" });
      const recorded = new Promise((resolve) =>
        recorder.addEventListener("dataavailable", ({ data }) => resolve(data)),
      );
      recorder.start();
      for (let drawn = 0; drawn < 30; drawn += 1) {
        await new Promise(requestAnimationFrame);
        context.fillStyle = `hsl(${drawn * 12}, 90%, 50%)`;
        context.fillRect(0, 0, 64, 64);
      }
      recorder.stop();
      const video = Object.assign(document.createElement("video"), { muted: true });
      document.body.append(video);
      video.src = URL.createObjectURL(/** @type {Blob} */ (await recorded));
      let shown = 0;
      video.requestVideoFrameCallback(function count() {
        shown += 1;
        video.requestVideoFrameCallback(count);
      });
      const ended = new Promise((resolve) => video.addEventListener("ended", resolve));
      await video.play();
      await ended;
      return [video.videoWidth, video.ended, shown > 2];
    }),
  (seen) => assert.deepEqual(seen, [64, true, true]),
);

alike(
  "a popup that the program does not use has animation frames",
  (page) =>
    page.evaluate(async () => {
      const popup = /** @type {Window} */ (window.open("about:blank"));
      for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => popup.requestAnimationFrame(resolve));
      return true;
    }),
  (seen) => assert.equal(seen, true),
);

// What the compositor changes by itself, under a script that has each frame wait.
for (const [what, html] of Object.entries({
  "a colour's transition":
    "<style>div { background-color: teal; transition: background-color 30ms } .on { background-color: red }</style>" +
    "<div id=box>x</div><script>setInterval(() => box.classList.toggle('on'), 50)</script>",
  "an animated clip":
    "<style>@keyframes cut { to { clip-path: inset(20px) } } div { clip-path: inset(0); animation: cut 40ms infinite alternate }</style>" +
    "<div style='background: red; height: 50px'>x</div>",
  "an animated property of a paint worklet":
    "<style>@property --part { syntax: '<number>'; inherits: false; initial-value: 0 } @keyframes grow { to { --part: 50 } } " +
    "div { height: 50px; background-image: paint(part); animation: grow 40ms infinite alternate }</style><div></div><script>" +
    "const worklet = \"registerPaint('part', class { static get inputProperties() { return ['--part'] } " +
    "paint(context, size, style) { context.fillRect(0, 0, +style.get('--part'), 50) } })\"; " +
    "CSS.paintWorklet.addModule(URL.createObjectURL(new Blob([worklet], { type: 'text/javascript' })))</script>",
})) {
  alike(
    `a page with ${what} beside a slow script is pictured thirty times`,
    async (page) => {
      await page.setContent(`${html}<p id=count>0</p><script>(function frame() {
        for (const end = performance.now() + 25; performance.now() < end;);
        count.textContent++;
        requestAnimationFrame(frame);
      })()</script>`);
      const sizes = [];
      for (let taken = 0; taken < 30; taken += 1) sizes.push((await page.screenshot({ type: "jpeg" })).length > 0);
      return sizes;
    },
    (sizes) => assert.deepEqual(sizes, Array(30).fill(true)),
  );
}

alike(
  "a page that is put together by a stylesheet that comes late is pictured",
  pictured(
    "<style>button { transition: background-color 150ms, color 150ms, border-color 150ms }</style>" +
      `${"<button>text</button>".repeat(400)}<script>setTimeout(() => document.head.append(Object.assign(` +
      "document.createElement('style'), { textContent: 'button { background-color: teal; color: white; border-color: red }' })))</script>",
    (page) => page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)).then(() => {})),
  ),
);

for (const [does, script] of Object.entries({
  resizes: "resizeTo(600 + count % 200, 500 + count % 100)",
  moves: "moveTo(count % 200, count % 100)",
})) {
  alike(
    `a page that ${does} its own window is pictured thirty times`,
    async (page) => {
      await page.setContent(`<h1 id=shown>0</h1><script>
        let count = 0;
        setInterval(() => { shown.textContent = ++count; ${script} }, 3);
      </script>`);
      const sizes = [];
      for (let taken = 0; taken < 30; taken += 1) sizes.push((await page.screenshot({ type: "jpeg" })).length > 0);
      return sizes;
    },
    (sizes) => assert.deepEqual(sizes, Array(30).fill(true)),
  );
}

test("Puppeteer gives a page forty sizes during its frames", needed, async () => {
  const width = await towns.driven.queue(async (page) => {
    await page.setContent("<script>(function frame() { requestAnimationFrame(frame) })()</script><h1>sizes</h1>");
    const client = await page.puppeteer();
    for (let width = 300; width < 340; width += 1) await client.setViewport({ width, height: 200 });
    await client.screenshot();
    return page.evaluate(() => innerWidth);
  });
  assert.equal(width, 339);
});

test(
  "a DevTools client that is cut off while it resizes its page keeps no frame from the next item",
  needed,
  async () => {
    for (let round = 0; round < 5; round += 1) {
      await towns.driven.queue(async (page) => {
        const client = await page.puppeteer();
        for (let width = 200; width < 320; width += 10) {
          client.setViewport({ width, height: 300 }).catch(() => {});
          client.screenshot().catch(() => {});
        }
      });
      assert.ok((await towns.driven.queue((page) => page.screenshot())).length > 0);
    }
  },
);

test("a page takes forty sizes while it is pictured, whoever begins its frames", needed, async () => {
  const sizes = await towns.driven.queue(async (page) => {
    await page.setContent("<script>(function frame() { requestAnimationFrame(frame) })()</script><h1>sizes</h1>");
    const sizes = [];
    for (let width = 300; width < 340; width += 1) {
      const [picture] = await Promise.all([page.screenshot(), page.setViewport({ width: width + 100, height: 200 })]);
      sizes.push(picture.length > 0);
    }
    return sizes;
  });
  assert.deepEqual(sizes, Array(40).fill(true));
});

test("a hundred pages in a row take their size and are pictured, whoever begins their frames", needed, async () => {
  const items = Array.from({ length: 100 }, (_, number) =>
    towns.driven.queue(async (page) => {
      await page.setViewport({ width: 320 + number, height: 240 });
      await page.setContent(`<h1>${number}</h1>`);
      return (await page.screenshot({ type: "jpeg" })).length > 0;
    }),
  );
  assert.deepEqual(await Promise.all(items), Array(100).fill(true));
  assert.equal(towns.driven.stats().retried, 0);
});

test("a page that loops for ever while its frames are begun for it harms no other", needed, async () => {
  const town = openTown({ pageTries: 0, browser: { driveFrames: true } });
  const looping = town.queue((page) => page.evaluate("for (;;);"), { timeout: 500 });
  await assert.rejects(looping, { code: "ERR_ITEM_TIMEOUT" });
  assert.ok((await town.queue((page) => page.screenshot())).length > 0);
  await town.close();
});

test("driveFrames that is no boolean is ERR_INVALID_OPTION", () => {
  const wrong = /** @type {any} */ ({ browser: { driveFrames: "yes" } });
  assert.throws(() => boomtown(wrong), { code: "ERR_INVALID_OPTION", message: /driveFrames/ });
});
