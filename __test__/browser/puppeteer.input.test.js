// The page's keyboard, mouse and touchscreen as devices, and drags, as Puppeteer has them.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { feature, withPage } = require("../helpers/page.js");

/** A document that notes its events of these kinds as `seen`. @param {string} body @param {string[]} kinds */
const noting = (body, kinds) => `<body style="margin: 0; height: 3000px">${body}<script>
  window.seen = [];
  for (const kind of ${JSON.stringify(kinds)}) addEventListener(kind, (event) => seen.push([kind, event.key ?? [event.clientX,
    event.clientY], event.shiftKey, event.buttons ?? event.repeat]), true);
</script>`;

/** @param {import("../..").Page} page @returns {Promise<any[]>} */
const seen = (page) => page.evaluate("seen.splice(0)");

/** @param {import("../..").Page} page @param {string} selector */
const inputOf = (page, selector) => page.$eval(selector, (element) => /** @type {HTMLInputElement} */ (element).value);

feature("keyboard", "the keyboard types into whatever has the focus, characters without a key too", async (page) => {
  await page.setContent("<input autofocus>");
  await page.focus("input");
  await page.keyboard.type("a Ü 漢 👹");
  await page.keyboard.sendCharacter("!");
  assert.equal(await inputOf(page, "input"), "a Ü 漢 👹!");
});

feature("keyboard", "a modifier that is held goes with the keys and the clicks that follow", async (page) => {
  await page.setContent(noting("<button>b</button>", ["keydown", "mousedown"]));
  await page.keyboard.down("Shift");
  await page.keyboard.press("KeyA");
  await page.click("button");
  await page.keyboard.up("Shift");
  await page.keyboard.press("KeyA");
  const events = (await seen(page)).map(([kind, key, shift]) => [kind, kind === "keydown" && key, shift]);
  assert.deepEqual(events, [
    ["keydown", "Shift", true],
    ["keydown", "A", true],
    ["mousedown", false, true],
    ["keydown", "a", false],
  ]);
});

feature("keyboard", "a key that is down already repeats", async (page) => {
  await page.setContent(noting("", ["keydown"]));
  await page.keyboard.down("b");
  await page.keyboard.down("b");
  await page.keyboard.up("b");
  await page.keyboard.down("b");
  assert.deepEqual(
    (await seen(page)).map((event) => event.at(-1)),
    [false, true, false],
  );
});

feature("keyboard", "a key brings editing commands with it", async (page) => {
  await page.setContent("<input value=before>");
  await page.focus("input");
  await page.keyboard.press("a", { commands: ["SelectAll"], text: "" });
  await page.keyboard.type("after");
  assert.equal(await inputOf(page, "input"), "after");
});

feature("keyboard", "a key that there is not is refused by its name", async (page) => {
  for (const method of /** @type {const} */ (["press", "down", "up"])) {
    await assert.rejects(page.keyboard[method]("NotARealKey"), {
      code: "ERR_INVALID_OPTION",
      message: 'Unknown key: "NotARealKey"',
    });
  }
});

feature("mouse", "the mouse moves in steps, of which the page hears each", async (page) => {
  await page.setContent(noting("", ["mousemove"]));
  await page.mouse.move(100, 100);
  await page.mouse.move(200, 300, { steps: 4 });
  const places = (await seen(page)).map(([, place]) => place);
  assert.deepEqual(places, [
    [100, 100],
    [125, 150],
    [150, 200],
    [175, 250],
    [200, 300],
  ]);
});

feature("mouse", "a click does not overtake what the page was told before", async (page) => {
  await page.setContent("<body style='height: 500px'>");
  const busy = page.evaluate(() => {
    for (const end = Date.now() + 200; Date.now() < end; );
  });
  const listening = page.evaluate(() => {
    addEventListener("click", () => Object.assign(window, { heard: true }));
  });
  await page.mouse.click(20, 20);
  await Promise.all([busy, listening]);
  assert.equal(await page.evaluate("window.heard"), true);
});

feature("mouse", "clicks at the same time do not get into each other's way", async (page) => {
  await page.setContent(noting("", ["mousedown", "mouseup"]));
  await Promise.all([page.mouse.click(5, 5), page.mouse.click(60, 70)]);
  const places = (await seen(page)).map(([kind, place]) => [kind, ...place]);
  assert.deepEqual(places, [
    ["mousedown", 5, 5],
    ["mouseup", 5, 5],
    ["mousedown", 60, 70],
    ["mouseup", 60, 70],
  ]);
});

feature("mouse", "a click may be one of several, with any of five buttons", async (page) => {
  await page.setContent("<script>window.seen = []</script>");
  await page.evaluate(() => {
    const { seen } = /** @type {any} */ (window);
    addEventListener("mousedown", ({ button, detail }) => seen.push([button, detail]));
  });
  await page.mouse.click(5, 5, { count: 2 });
  for (const button of /** @type {const} */ (["middle", "right", "back", "forward"])) {
    await page.mouse.down({ button });
    await page.mouse.up({ button });
  }
  assert.deepEqual(await page.evaluate("seen"), [
    [0, 1],
    [0, 2],
    [1, 1],
    [2, 1],
    [3, 1],
    [4, 1],
  ]);
});

feature("mouse", "reset lets go of all buttons and goes to the corner", async (page) => {
  await page.setContent(noting("", ["mouseup", "mousemove"]));
  await page.mouse.move(5, 5);
  await page.mouse.down();
  await page.mouse.down({ button: "right" });
  await seen(page);
  await page.mouse.reset();
  const events = await seen(page);
  assert.deepEqual(
    events.filter(([kind]) => kind === "mouseup").map((event) => event.at(-1)),
    [2, 0],
  );
  assert.deepEqual(events.at(-1).slice(0, 2), ["mousemove", [0, 0]]);
});

feature("mouse", "the wheel scrolls what is under the mouse", async (page) => {
  await page.setContent(noting("", ["wheel"]));
  const scrolled = page.evaluate(() =>
    new Promise((resolve) => addEventListener("scroll", resolve, { once: true })).then(() => true),
  );
  await page.mouse.move(50, 50);
  await page.mouse.wheel({ deltaY: 200 });
  assert.equal(await scrolled, true);
  assert.deepEqual(
    (await seen(page)).map(([, place]) => place),
    [[50, 50]],
  );
});

feature("mouse", "an element is dragged by the mouse held down and moved", async (page) => {
  await page.setContent(`<body style="margin: 0"><div id=from draggable=true style="width: 50px; height: 50px">x</div>
    <div id=to style="position: absolute; left: 200px; top: 0; width: 100px; height: 100px"></div>
    <script>window.seen = [];
      for (const kind of ["dragstart", "dragenter", "dragover", "drop"]) document.addEventListener(kind, (event) => {
        if (kind === "dragstart") event.dataTransfer.setData("text", "what"); else event.preventDefault();
        if (seen.at(-1) !== kind) seen.push(kind);
        if (kind === "drop") seen.push(event.dataTransfer.getData("text"));
      });
    </script>`);
  await page.mouse.move(10, 10);
  await page.mouse.down();
  await page.mouse.move(250, 50, { steps: 5 });
  await page.mouse.up();
  const events = await page.evaluate("seen");
  assert.deepEqual([events[0], ...events.slice(-2)], ["dragstart", "drop", "what"]);
});

feature("setDragInterception", "a drag that is intercepted is dropped by the program", async (page) => {
  await page.setContent(`<body style="margin: 0"><div draggable=true style="width: 50px; height: 50px">x</div>
    <script>window.seen = [];
      addEventListener("dragstart", (event) => event.dataTransfer.setData("text/plain", "what"));
      addEventListener("dragover", (event) => event.preventDefault());
      addEventListener("drop", (event) => seen.push(event.dataTransfer.getData("text/plain"), event.clientX));
    </script>`);
  assert.equal(page.isDragInterceptionEnabled(), false);
  await page.setDragInterception(true);
  assert.equal(page.isDragInterceptionEnabled(), true);
  const [from, to] = [
    { x: 10, y: 10 },
    { x: 300, y: 100 },
  ];
  const data = await page.mouse.drag(from, to);
  assert.equal(data.items[0].data, "what");
  await page.mouse.dragEnter(to, data);
  await page.mouse.dragOver(to, data);
  await page.mouse.drop(to, data);
  await page.mouse.up();
  await page.mouse.dragAndDrop(from, { x: 200, y: 50 });
  assert.deepEqual(await page.evaluate("seen"), ["what", 300, "what", 200]);
});

feature("touchscreen", "fingers touch, move and are lifted, each by itself", async (page) => {
  await page.setContent(`<body style="margin: 0; height: 500px"><script>window.seen = [];
    for (const kind of ["touchstart", "touchmove", "touchend"]) document.addEventListener(kind, (event) => {
      event.preventDefault();
      const [{ clientX, clientY }] = event.changedTouches;
      seen.push([kind, clientX, clientY, event.touches.length]);
    }, { passive: false });
  </script>`);
  const first = await page.touchscreen.touchStart(10, 10);
  const second = await page.touchscreen.touchStart(100, 100);
  assert.deepEqual(page.touchscreen.touches, [first, second]);
  await second.move(120, 130);
  await page.touchscreen.touchEnd();
  assert.deepEqual(page.touchscreen.touches, [second]);
  await second.end();
  await page.touchscreen.tap(30, 40);
  assert.deepEqual(await page.evaluate("seen"), [
    ["touchstart", 10, 10, 1],
    ["touchstart", 100, 100, 2],
    ["touchmove", 120, 130, 2],
    ["touchend", 10, 10, 1],
    ["touchend", 120, 130, 0],
    ["touchstart", 30, 40, 1],
    ["touchend", 30, 40, 0],
  ]);
});

feature("touchscreen", "no finger moves that does not touch", async (page) => {
  await assert.rejects(page.touchscreen.touchMove(1, 1), {
    name: "TouchError",
    message: /Must start a new Touch first/,
  });
  await assert.rejects(page.touchscreen.touchEnd(), /Must start a new Touch first/);
  const touch = await page.touchscreen.touchStart(5, 5);
  await assert.rejects(touch.start(), /Touch has already started/);
});

feature("touchscreen", "an element is tapped, and fingers come to it and go", async (page) => {
  await page.setContent(`<button>1</button><p style="margin-top: 900px">2</p><script>window.seen = [];
    for (const kind of ["touchstart", "touchmove", "touchend", "click"])
      document.addEventListener(kind, ({ target }) => seen.push(kind + " " + target.textContent));
  </script>`);
  await page.tap("button");
  const [button, text] = [await page.$("button"), await page.$("p")];
  assert.ok(button && text);
  const touch = await text.touchStart();
  await text.touchMove(touch);
  await text.touchEnd();
  // Whether the second is a tap too is the browser's to say.
  const events = (await page.evaluate("seen")).filter((/** @type {string} */ line) => !/touchmove|click 2/.test(line));
  assert.deepEqual(events, ["touchstart 1", "touchend 1", "click 1", "touchstart 2", "touchend 2"]);
  await assert.rejects(page.tap("#nothing"), /#nothing/);
});

feature("mouse", "an element is dragged to another, and dropped there", async (page) => {
  await page.setContent(`<body style="margin: 0"><div id=from draggable=true style="width: 50px; height: 50px">x</div>
    <div id=to style="position: absolute; left: 200px; top: 0; width: 100px; height: 100px"></div>
    <script>window.seen = [];
      document.addEventListener("dragstart", (event) => event.dataTransfer.setData("text", "what"));
      document.addEventListener("dragover", (event) => event.preventDefault());
      document.addEventListener("drop", (event) => seen.push(event.target.id, event.dataTransfer.getData("text")));
    </script>`);
  const [from, to] = [await page.$("#from"), await page.$("#to")];
  assert.ok(from && to);
  await to.drop(from);
  await from.drag(to);
  await to.drop(from);
  assert.deepEqual(await page.evaluate("seen"), ["to", "what", "to", "what"]);
  await page.setDragInterception(true);
  const data = await from.drag({ x: 100, y: 80 });
  await to.dragEnter(data);
  await to.dragOver(data);
  await to.drop(data);
  await page.mouse.up();
  await from.dragAndDrop(to);
  assert.deepEqual((await page.evaluate("seen")).slice(4), ["to", "what", "to", "what"]);
});

test("places and buttons that are none are refused", () =>
  withPage(async (/** @type {any} */ page) => {
    for (const call of [
      () => page.mouse.move("a", 1),
      () => page.mouse.click(1),
      () => page.mouse.down({ button: "lefft" }),
      () => page.mouse.move(1, 1, { steps: 0 }),
      () => page.touchscreen.tap(NaN, 1),
      () => page.keyboard.press(7),
      () => page.keyboard.type(7),
      () => page.mouse.drop({ x: 1 }, {}),
    ]) {
      await assert.rejects(call(), { code: "ERR_INVALID_OPTION" });
    }
  }));
