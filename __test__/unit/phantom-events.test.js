// Who hears what a page of phantom's loads.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { Events } = require("../../lib/page/phantom/events.js");
const { State } = require("../../lib/page/phantom/state.js");
const { Windows } = require("../../lib/page/phantom/windows.js");

test("one that no longer watches the requests leaves the others watching", () => {
  /** @type {string[]} */
  const heard = [];
  const events = new Events({}, new State(), true, /** @type {any} */ ({}), new Windows());
  const leave = events.watch((name) => heard.push(`first ${name}`));
  events.watch((name) => heard.push(`second ${name}`));
  leave();
  events.deliver("none", {}, false);
  assert.deepEqual(heard, ["second none"]);
});
