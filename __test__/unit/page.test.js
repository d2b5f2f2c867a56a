// What a page notes of itself, over a core that answers as each test wants it.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { fail } = require("../../lib/errors.js");
const { makePage } = require("../../lib/page/index.js");

/** @typedef {(method: string, params: any) => any} Answer */

/**
 * A wire of the core's, and what it would have the page hear.
 * @param {Answer} answer @param {() => any[]} frames what the core knows of the page's frames
 */
function wired(answer, frames) {
  const told = {
    /** @type {readonly string[]} */
    kinds: [],
    /** @type {import("../../lib/page/core.js").Deliver} */
    deliver: () => {},
  };
  const wire = {
    call: async (/** @type {string} */ method, /** @type {any} */ params) => answer(method, params),
    callNow: () => null,
    listen: (/** @type {readonly string[]} */ kinds, /** @type {import("../../lib/page/core.js").Deliver} */ deliver) =>
      void Object.assign(told, { kinds, deliver }),
    leave() {},
    frames,
    workers: () => [],
    openRelay: async () => ({ send() {}, close() {} }),
  };
  return { wire, told };
}

/** @param {{ answer?: Answer, frames?: () => any[], phantom?: boolean }} [options] @returns {{ page: any, told: any }} */
function open({ answer = () => null, frames = () => [MAIN], phantom } = {}) {
  const { wire, told } = wired(answer, frames);
  return { page: makePage(/** @type {any} */ ({ wire, engine: "cdp", item: "1", closed: undefined, phantom })), told };
}

const MAIN = { id: "M", url: "http://a/", name: "" };
const REQUEST = { id: "R", url: "http://a/c", method: "GET", headers: {}, resourceType: "document", frame: "C" };

test("the frame of a request is null once the page has it no more", () => {
  const child = { id: "C", parent: "M", url: "http://a/c", name: "" };
  let states = [MAIN, child];
  const { page, told } = open({ frames: () => states });
  const requests = /** @type {any[]} */ ([]);
  page.on("request", (/** @type {any} */ request) => requests.push(request));
  told.deliver("request", REQUEST);
  assert.equal(requests[0].frame(), page.frames()[1]);
  states = [MAIN];
  page.frames();
  assert.equal(requests[0].frame(), null);
});

test("frames that are gone are forgotten however the page's frames are asked for", () => {
  let states = /** @type {any[]} */ ([]);
  const { page } = open({ frames: () => states });
  const born = () => (states = [MAIN, { id: "C", parent: "M", url: "http://a/c", name: "" }]);
  born();
  const [frame] = page.mainFrame().childFrames();
  assert.equal(page.mainFrame().childFrames()[0], frame);
  states = [MAIN];
  page.mainFrame().childFrames();
  born();
  assert.notEqual(page.mainFrame().childFrames()[0], frame);
});

test("what the browser has refused is not asked for again by another call", async () => {
  const asked = /** @type {any[]} */ ([]);
  const { page } = open({
    answer: (method, params) => {
      asked.push([method, params]);
      if (params.media === "print" || params.offline) throw fail("ERR_BROWSER", "refused");
      return null;
    },
  });
  await assert.rejects(page.emulateMediaType("print"), { code: "ERR_BROWSER" });
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
  await assert.rejects(page.setOfflineMode(true), { code: "ERR_BROWSER" });
  await page.emulateNetworkConditions({ download: 1, upload: 2, latency: 3 });
  assert.deepEqual(
    asked.filter((_, at) => at % 2 === 1),
    [
      ["emulateMedia", { media: "", features: { "prefers-color-scheme": "dark" } }],
      ["emulate", { what: "network", offline: false, latency: 3, download: 1, upload: 2 }],
    ],
  );
});

test("calls of one turn add to what each other asks for", async () => {
  const asked = /** @type {any[]} */ ([]);
  const { page } = open({ answer: (_method, params) => void asked.push(params) });
  await Promise.all([
    page.emulateMediaType("print"),
    page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]),
  ]);
  assert.deepEqual(asked[1], { media: "print", features: { "prefers-color-scheme": "dark" } });
});

test("a page of ghost-town's begins with the viewport of PhantomJS, and tells of the one that it was given", async () => {
  const { page } = open({ phantom: true });
  assert.deepEqual([page.viewport().width, page.viewport().height], [400, 300]);
  await page.property("viewportSize", { width: 500, height: 200 });
  assert.deepEqual([page.viewport().width, page.viewport().height], [500, 200]);
  assert.deepEqual(open().page.viewport(), { width: 800, height: 600 });
});

test("a picture that grows the viewport fails as the picture has, and gives the viewport back", async () => {
  const sizes = /** @type {number[]} */ ([]);
  const size = JSON.stringify({ width: 10, height: 20_000_000 });
  let isLarge = true;
  const { page } = open({
    answer: (method, params) => {
      if (method === "setViewport") sizes.push(params.height);
      if (method === "screenshot" || sizes.length > 1) throw fail("ERR_BROWSER", `no ${method}`);
      return method === "evaluate" ? `v${isLarge ? size : JSON.stringify({ width: 10, height: 5000 })}` : null;
    },
  });
  page._look = async () => JSON.parse(isLarge ? size : '{"width":10,"height":5000}');
  const whole = { fullPage: true, captureBeyondViewport: false };
  await assert.rejects(page.screenshot(whole), { code: "ERR_INVALID_OPTION", message: /10 x 20000000 pixels/ });
  isLarge = false;
  await assert.rejects(page.screenshot(whole), { message: "no screenshot" });
  assert.deepEqual(sizes, [5000, 600]);
});

test("a finger that the browser does not hear the end of is lifted all the same", async () => {
  const { page } = open({
    answer: (_method, { type }) => {
      if (type === "end") throw fail("ERR_BROWSER", "not heard");
      return null;
    },
  });
  await page.touchscreen.touchStart(1, 1);
  await assert.rejects(page.touchscreen.touchEnd(), { message: "not heard" });
  assert.equal(page.touchscreen.touches.length, 0);
});

test("a popup that has closed is remembered no more", () => {
  const { page, told } = open();
  const popup = wired(
    () => null,
    () => [],
  );
  const popups = /** @type {any[]} */ ([]);
  page.on("popup", (/** @type {any} */ opened) => popups.push(opened));
  told.deliver("popup", undefined, popup.wire);
  popups[0].title().catch(() => {});
  assert.equal(page._pending().length, 1);
  popup.told.deliver("closing", undefined);
  assert.equal(popups[0].isClosed(), true);
  assert.equal(page._pending().length, 0);
});

test("what listeners decided by is heard no more when they decide no more", async () => {
  const { page, told } = open();
  await page.setRequestInterception(true);
  await page.setRequestInterception(true);
  assert.ok(told.kinds.includes("request"));
  await page.setRequestInterception(false);
  assert.deepEqual(told.kinds, []);
});

test("a frame's tag is refused by the frame's name", async () => {
  const { page } = open();
  const missing = { path: "/nowhere/at all.js" };
  await assert.rejects(page.mainFrame().addScriptTag(missing), { message: /^frame\.addScriptTag: cannot read/ });
  await assert.rejects(page.addStyleTag(missing), { message: /^page\.addStyleTag: cannot read/ });
});
