// Accessibility snapshots of trees that no test has a browser make.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { fail } = require("../../lib/errors.js");
const { Accessibility } = require("../../lib/page/puppeteer/accessibility.js");

/** @param {(question: any) => any} answer */
function accessibility(answer) {
  const page = { _call: async (/** @type {string} */ _method, /** @type {any} */ question) => answer(question) };
  const world = { element: (/** @type {any} */ object) => object };
  return new Accessibility(/** @type {any} */ (page), /** @type {any} */ (world));
}

test("a document is told of however deep it is", async () => {
  const depth = 20_000;
  const nodes = Array.from({ length: depth }, (_, at) => ({
    nodeId: `${at}`,
    ignored: false,
    role: { value: at === 0 ? "RootWebArea" : at === depth - 1 ? "button" : "generic" },
    name: { value: `${at}` },
    properties: at % (depth - 1) === 0 ? [{ name: "focusable", value: { value: true } }] : [],
    childIds: at === depth - 1 ? [] : [`${at + 1}`],
  }));
  const tree = accessibility(() => nodes);
  const snapshot = await tree.snapshot();
  assert.deepEqual([snapshot.role, snapshot.children.length, snapshot.children[0].role], ["RootWebArea", 1, "button"]);
  let all = await tree.snapshot({ interestingOnly: false });
  let levels = 0;
  for (; all; all = all.children?.[0]) levels++;
  assert.equal(levels, depth);
});

test("a snapshot's root is a handle of an element", async () => {
  const tree = accessibility(() => []);
  for (const root of ["body", {}, 1]) {
    await assert.rejects(tree.snapshot({ root }), { code: "ERR_INVALID_OPTION", message: /option "root" must be/ });
  }
});

test("the end of the page is the end of a look into its frames", async () => {
  const frame = { nodeId: "1", ignored: false, role: { value: "Iframe" }, backendDOMNodeId: 1 };
  const tree = accessibility(({ question }) => {
    if (question === "tree") return [frame];
    throw fail("ERR_PAGE_CLOSED", "over");
  });
  await assert.rejects(tree.snapshot({ includeIframes: true }), { code: "ERR_PAGE_CLOSED" });
});
