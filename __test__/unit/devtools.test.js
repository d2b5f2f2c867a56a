// Sessions of the DevTools protocol whose relay the core has cut off, as of a program that reads too slowly.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { once } = require("node:events");
const { DevTools } = require("../../lib/page/puppeteer/devtools.js");
const { Tracing } = require("../../lib/page/puppeteer/tracing.js");

/** A page with one target, which answers nearly all and counts who attends its dialogs. `cut`: cuts its relays off. */
function pageWithRelays() {
  const state = { attended: 0, opened: 0 };
  /** @type {((message?: string) => void)[]} */
  const clients = [];
  const page = {
    _attend: () => {
      state.attended++;
      return () => state.attended--;
    },
    _call: async () => ({ targetInfo: { targetId: "T" } }),
    _openRelay: async (/** @type {string} */ _operation, /** @type {(message?: string) => void} */ receive) => {
      clients.push(receive);
      state.opened++;
      const send = (/** @type {string} */ text) => {
        const { id, method } = JSON.parse(text);
        const isOpen = clients.includes(receive);
        const result = method === "Target.attachToTarget" ? { sessionId: `S${state.opened}` } : {};
        if (isOpen && method !== "Never.answered") receive(JSON.stringify({ id, result }));
      };
      return { send, close: () => {} };
    },
  };
  const cut = () => {
    for (const client of clients.splice(0)) client(undefined);
  };
  return { devtools: new DevTools(/** @type {any} */ (page), /** @type {any} */ ({})), state, cut };
}

test("a relay that is cut off ends its sessions and what they have asked", async () => {
  const { devtools, cut } = pageWithRelays();
  const session = await devtools.createCDPSession();
  const asked = assert.rejects(session.send("Never.answered"), { code: "ERR_PAGE_CLOSED" });
  const ended = once(session, "CDPSession.Disconnected");
  cut();
  await Promise.all([asked, ended]);
  await assert.rejects(session.send("Runtime.enable"), { code: "ERR_PAGE_CLOSED" });
});

test("another session has a relay of its own when the first was cut off", async () => {
  const { devtools, state, cut } = pageWithRelays();
  const first = await devtools.createCDPSession();
  const ended = once(first, "CDPSession.Disconnected");
  cut();
  await ended;
  const second = await devtools.createCDPSession();
  assert.equal(state.opened, 2);
  assert.notEqual(second.connection(), first.connection());
});

test("a call over a relay that was cut off is refused, and not kept waiting", async () => {
  const { devtools, cut } = pageWithRelays();
  const session = await devtools.createCDPSession();
  const ended = once(session, "CDPSession.Disconnected");
  cut();
  await ended;
  await assert.rejects(session.connection()?.attach("T") ?? Promise.resolve(), { code: "ERR_PAGE_CLOSED" });
});

test("the page's dialogs are attended for as long as there is a relay", async () => {
  const { devtools, state, cut } = pageWithRelays();
  const session = await devtools.createCDPSession();
  assert.equal(state.attended, 1);
  const ended = once(session, "CDPSession.Disconnected");
  cut();
  await ended;
  assert.equal(state.attended, 0);
});

test("a trace that the browser never completes ends with its session", async () => {
  const { devtools, cut } = pageWithRelays();
  const tracing = new Tracing(() => devtools.createCDPSession());
  await tracing.start();
  const stopped = assert.rejects(tracing.stop(), { code: "ERR_PAGE_CLOSED" });
  cut();
  await stopped;
});
