// Recordings of a page, over sessions that answer at once.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { Coverage } = require("../../lib/page/puppeteer/coverage.js");
const { Tracing } = require("../../lib/page/puppeteer/tracing.js");

/**
 * A way to open sessions, of which it takes note.
 * @param {(method: string, params: any, session: EventEmitter) => any} [answer]
 */
function sessions(answer = () => ({ result: [], ruleUsage: [] })) {
  const opened = /** @type {any[]} */ ([]);
  const open = async () => {
    const session = Object.assign(new EventEmitter(), {
      detached: false,
      send: async (/** @type {string} */ method, /** @type {any} */ params) => {
        await undefined;
        return answer(method, params, session);
      },
      _next: (/** @type {string} */ name) => new Promise((resolve) => session.once(name, resolve)),
      detach: async () => {
        session.detached = true;
      },
    });
    opened.push(session);
    return session;
  };
  return { opened, open: /** @type {any} */ (open) };
}

/** What a tracing session answers. @type {(method: string, params: any, session: EventEmitter) => any} */
function trace(method, _params, session) {
  if (method === "Tracing.end") session.emit("Tracing.tracingComplete", { stream: "1" });
  return method === "IO.read" ? { data: "trace", eof: true } : {};
}

const scripts = {
  start: (/** @type {InstanceType<typeof Coverage>} */ coverage) => coverage.startJSCoverage(),
  stop: (/** @type {InstanceType<typeof Coverage>} */ coverage) => coverage.stopJSCoverage(),
};
const sheets = {
  start: (/** @type {InstanceType<typeof Coverage>} */ coverage) => coverage.startCSSCoverage(),
  stop: (/** @type {InstanceType<typeof Coverage>} */ coverage) => coverage.stopCSSCoverage(),
};
const traces = {
  start: (/** @type {InstanceType<typeof Tracing>} */ tracing) => tracing.start(),
  stop: (/** @type {InstanceType<typeof Tracing>} */ tracing) => tracing.stop(),
};

for (const [what, { start, stop }, Kind, answer] of /** @type {[string, any, any, any][]} */ ([
  ["what scripts have run", scripts, Coverage, undefined],
  ["which rules apply", sheets, Coverage, undefined],
  ["a trace", traces, Tracing, trace],
])) {
  test(`of two starts at once of ${what}, one is refused and the other is stopped`, async () => {
    const { opened, open } = sessions(answer);
    const recorder = new Kind(open);
    const starts = [start(recorder), start(recorder)];
    await assert.rejects(starts[1], { code: "ERR_INVALID_OPTION" });
    await starts[0];
    await stop(recorder);
    assert.deepEqual(
      opened.map(({ detached }) => detached),
      [true],
    );
    await start(recorder);
    await stop(recorder);
  });

  test(`${what} can be started again after a start that has failed, whose session is left`, async () => {
    let fails = true;
    const { opened, open } = sessions((method, ...rest) => {
      if (fails) throw new Error(`no ${method}`);
      return answer ? answer(method, ...rest) : { result: [], ruleUsage: [] };
    });
    const recorder = new Kind(open);
    await assert.rejects(start(recorder), /^Error: no /);
    assert.equal(opened[0].detached, true);
    fails = false;
    await start(recorder);
    await stop(recorder);
  });

  test(`a stop of ${what} that fails leaves its session, and ends the recording`, async () => {
    let fails = false;
    const { opened, open } = sessions((method, ...rest) => {
      if (fails) throw new Error(`no ${method}`);
      return answer ? answer(method, ...rest) : {};
    });
    const recorder = new Kind(open);
    await start(recorder);
    fails = true;
    await assert.rejects(stop(recorder), /^Error: no /);
    assert.equal(opened[0].detached, true);
    await assert.rejects(stop(recorder), { code: "ERR_INVALID_OPTION" });
  });
}

test("a page that makes scripts without end does not keep coverage from its stop", async () => {
  let made = 0;
  const { open } = sessions((method, _params, session) => {
    // While one is read, the page has made another.
    const more = () => session.emit("Debugger.scriptParsed", { scriptId: `${++made}`, url: `${made}.js` });
    if (method === "Profiler.takePreciseCoverage") more();
    if (method !== "Debugger.getScriptSource") return { result: [{ scriptId: "1", functions: [] }] };
    if (made < 1000) more();
    return { scriptSource: "text" };
  });
  const coverage = new Coverage(open);
  await coverage.startJSCoverage();
  const [first] = await coverage.stopJSCoverage();
  assert.equal(first.text, "text");
  assert.ok(made < 100, `${made} were read`);
});

test("coverage keeps no more of a page's texts than it says", async () => {
  const large = "x".repeat(40_000_000);
  const { open, opened } = sessions((method) => {
    if (method === "Debugger.getScriptSource") return { scriptSource: large };
    return { result: ["1", "2", "3", "4"].map((scriptId) => ({ scriptId, functions: [] })) };
  });
  const warned = new Promise((resolve) => process.once("warning", resolve));
  const coverage = new Coverage(open);
  await coverage.startJSCoverage();
  for (const scriptId of ["1", "2", "3", "4"]) opened[0].emit("Debugger.scriptParsed", { scriptId, url: "a.js" });
  assert.equal((await coverage.stopJSCoverage()).length, 2);
  assert.match((await warned).message, /keeps 100000000 characters/);
});
