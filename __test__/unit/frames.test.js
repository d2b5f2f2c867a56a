// Frames of a page whose core says that the page is over while its last events are on their way.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { makePage } = require("../../lib/page/index.js");

/** A page, and what its core would have it hear. @param {() => any[]} frames what the core knows of the page's frames */
function open(frames) {
  /** @type {import("../../lib/page/core.js").Deliver} */
  let deliver = () => {};
  const wire = {
    call: async () => null,
    callNow: () => null,
    listen: (/** @type {unknown} */ _kinds, /** @type {import("../../lib/page/core.js").Deliver} */ to) => {
      deliver = to;
    },
    leave() {},
    frames,
    workers: () => [],
    openRelay: async () => ({ send() {}, close() {} }),
  };
  const page = /** @type {any} */ (
    makePage(/** @type {any} */ ({ wire, engine: "cdp", item: "1", closed: undefined }))
  );
  return { page, tell: (/** @type {string} */ name, /** @type {any} */ data) => deliver(name, data) };
}

/** What a core says of a page that it has ended. @returns {never} */
function over() {
  throw Object.assign(new Error("the page's attempt is over"), { code: "ERR_PAGE_CLOSED" });
}

const MAIN = { id: "M", url: "http://a/", name: "", main: true, sameDocument: false };
const CHILD = { id: "C", url: "http://a/c", name: "c", main: false, sameDocument: false };

test("a frame is told of by what the event says, whatever has become of the page meanwhile", () => {
  const { page, tell } = open(over);
  /** @type {string[]} */
  const told = [];
  for (const event of ["frameattached", "framenavigated", "framedetached"]) {
    page.on(event, (/** @type {any} */ frame) => told.push(`${event} ${frame.url()} ${frame.name()}`));
  }
  tell("framenavigated", MAIN);
  tell("frameattached", { id: "C", parent: "M" });
  tell("framenavigated", CHILD);
  tell("framedetached", { id: "C" });
  assert.deepEqual(told, [
    "framenavigated http://a/ ",
    "frameattached  ",
    "framenavigated http://a/c c",
    "framedetached http://a/c c",
  ]);
});

test("a listener that asks a page for its frames which is over ends neither the program nor the telling", async () => {
  const { page, tell } = open(over);
  /** @type {unknown[]} */
  const seen = [];
  const hear = (/** @type {unknown} */ error) => seen.push(error);
  process.on("uncaughtException", hear);
  page.on("framenavigated", () => page.frames());
  page.on("framenavigated", () => seen.push("told"));
  tell("framenavigated", MAIN);
  await new Promise((resolve) => setImmediate(resolve));
  process.off("uncaughtException", hear);
  assert.deepEqual(seen, ["told"]);
});

test("the core is not asked for frames while it tells of one, nor at all where nobody listens to frames", () => {
  let asked = 0;
  const { page, tell } = open(() => {
    asked += 1;
    return [{ id: "M", url: "http://a/", name: "" }];
  });
  page.on("load", () => {});
  tell("framenavigated", MAIN);
  page.on("framenavigated", () => {});
  tell("framenavigated", CHILD);
  assert.equal(asked, 0);
});

test("a frame that the page has no more is another object when the id comes again", () => {
  let states = [
    { id: "M", url: "http://a/", name: "" },
    { id: "C", parent: "M", url: "http://a/c", name: "c" },
  ];
  const { page } = open(() => states);
  const [main, child] = page.frames();
  states = states.slice(0, 1);
  assert.deepEqual([page.frames()[0] === main, page.frames().length], [true, 1]);
  states.push({ id: "C", parent: "M", url: "http://a/c", name: "c" });
  assert.notEqual(page.frames()[1], child);
});
