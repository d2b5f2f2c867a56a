// A town under load, with faults at random moments, and what must hold of it in the end: every item has settled once and
// rightly, every slot is back, the counts add up, and nothing is left.

const assert = require("node:assert/strict");
const { once } = require("node:events");
const fs = require("node:fs");
const http = require("node:http");
const os = require("node:os");
const path = require("node:path");
const { setTimeout: pause } = require("node:timers/promises");
const { format } = require("node:util");
const boomtown = require("../..");
const { cluster } = require("../../lib/cluster/identity.js");
const { openFiles } = require("../../scripts/proc.js");
const { FAULTS, Filler, Wrapper, family, lives } = require("./faults.js");
const { folderOf, processesIn } = require("./processes.js");
const { seeded } = require("./random.js");
const { KINDS, handle } = require("./storm-kinds.js");

/** @typedef {import("../..").Item<any, any>} Item */
/** @typedef {import("./storm-kinds.js").Order} Order */
/** @typedef {import("./faults.js").Fault} Fault */
/** @typedef {import("./random.js").Random} Random */
/** @typedef {"inline" | "cluster"} Mode */
/** @typedef {keyof Witness["retries"]} Reason why an item is tried again */

/** Where a browser has one page, its frames may be begun by the core; where it has more, they share its end. */
const SHAPES = [
  { workerCount: 4, pageCount: 1, driveFrames: false },
  { workerCount: 4, pageCount: 1, driveFrames: true },
  { workerCount: 3, pageCount: 2, driveFrames: false },
];
/** Tries that faults may use up, which is an item's end then; and more than they can use up, so that no fault excuses an end. */
const FEW = { errorTries: 2, crashTries: 3 };
const MANY = { errorTries: 1000, crashTries: 1000 };
/** So many failed launches in a row, and what waits is rejected. */
const LAUNCH_TRIES = 5;
/** So many items are under way while faults are injected. */
const LOAD = 20;
/** A fault may still be felt by an item that is queued so much later. */
const AFTERMATH = 30_000;
/** After the last fault everything has to be in order within this time, also on a slow machine. */
const RECOVERY = 180_000;
/** The events of a town, but for the one that hands out items. */
const EVENTS = /** @type {const} */ ([
  ...["workerStart", "workerReady", "workerExit", "itemStart", "itemRetry", "itemDone"],
  ...["backlog", "idle", "started", "stopped", "warning"],
]);
/** What the handler's own failure, or what it did not mind of a fault, is rejected with. */
const FAILURES = ["own", "ERR_PAGE_CLOSED", "ERR_NAVIGATION", "ERR_EVALUATION", "ERR_TIMEOUT"];
/** The fault that needs another way to start browsers. */
const RELAYED = "close the DevTools pipe";
/** For what follows from the end of a process. */
const SOON = 15_000;

/** An item, and everything that was heard of it. */
class Witness {
  /** @type {string | undefined} */
  end;
  settled = 0;
  timeouts = 0;
  retries = { timeout: 0, error: 0, crash: 0, stopped: 0 };
  /** It was running when its deadline had passed, and then its browser was gone. */
  expired = false;
  born = Date.now();
  died = Infinity;

  /** @param {Item} item @param {Order} order @param {number} [tries] retries after a timeout; no limit if absent */
  constructor(item, order, tries = Infinity) {
    this.item = item;
    this.order = order;
    this.tries = tries;
    item.on("settled", () => {
      this.settled += 1;
      this.died = Date.now();
    });
    item.on("timeout", () => {
      this.timeouts += 1;
    });
    item.on("retry", (reason) => {
      this.retries[/** @type {Reason} */ (reason)] += 1;
    });
    this.over = item.then(
      (result) => {
        this.end = result === order.token ? "fulfilled" : format("fulfilled with %o instead of its own result", result);
      },
      (error) => {
        const own = error.code !== "own" || error.message === order.token;
        this.end = own ? error.code : `another's error: ${error.message}`;
        this.error = error;
        this.expired = order.kind === "urgent" && this.end === "ERR_ITEM_TIMEOUT" && item.attempts > 0;
      },
    );
  }

  get crashes() {
    return this.retries.crash + Number(this.end === "ERR_ITEM_CRASHED");
  }

  get retried() {
    return Object.values(this.retries).reduce((sum, count) => sum + count, 0);
  }

  describe() {
    const { item, order, end, retries, timeouts } = this;
    const counts = `attempts ${item.attempts}, timeouts ${timeouts}, retries ${format("%o", retries)}`;
    const why = this.error?.message ?? "";
    return `item ${item.id} (${order.kind}, ${item.state}, ${counts}): ${end ?? "has not settled"} ${why}`;
  }
}

/** What was done to the town, and when. */
class Chronicle {
  /** @type {{ at: number, end: number, fault: Fault }[]} */
  #entries = [];
  #start = Date.now();

  /** @param {(line: string) => void} log */
  constructor(log) {
    this.log = log;
  }

  /** @param {Fault} fault @param {import("./faults.js").Scene} scene @returns {Promise<boolean>} whether anything was done */
  async inject(fault, scene) {
    const entry = { at: Date.now(), end: Infinity, fault };
    this.#entries.push(entry);
    const what = await fault.inject(scene);
    if (what === undefined) {
      this.#entries.pop();
      return false;
    }
    entry.end = Date.now();
    this.log(`  ${((entry.at - this.#start) / 1000).toFixed(1).padStart(6)} s  ${fault.name}: ${what}`);
    return true;
  }

  /** How many of them an item may have felt that has lived so long. @param {number} born @param {number} died */
  felt(born, died) {
    const near = this.#near(born, died);
    const count = (/** @type {import("./faults.js").Force} */ force) =>
      near.filter(({ fault }) => fault.force === force).length;
    return { violent: count("violent"), lasting: count("lasting") };
  }

  /** @param {number} born @param {number} died */
  #near(born, died) {
    return this.#entries.filter(({ at, end }) => at <= died && end >= born - AFTERMATH);
  }

  /** How many starts were told to fail. @param {number} born @param {number} died */
  failing(born, died) {
    const near = this.#near(born, died);
    return 2 * near.filter(({ fault }) => fault.name === "start that fails twice").length;
  }
}

/**
 * @typedef {object} Terms of a town
 * @property {Mode} mode
 * @property {typeof FEW} tries
 * @property {boolean} closing it was closed, without draining, before the item had settled
 */

/**
 * What is wrong with an item's end, if anything.
 * @param {Witness} witness
 * @param {Chronicle} chronicle
 * @param {Terms} terms
 */
function verdict(witness, chronicle, terms) {
  const { item, end, settled } = witness;
  if (settled !== 1) return `settled ${settled} times`;
  const state = { fulfilled: "fulfilled", ERR_ITEM_ABORTED: "aborted" }[String(end)] ?? "rejected";
  if (item.state !== state) return `is ${item.state}`;
  return miscounted(witness, terms) ?? unexcused(witness, chronicle, terms);
}

/** A town that closes tries nothing again, nor is an item worth it after its deadline. @param {Order} order @param {boolean} closing */
const isTriedAgain = ({ kind }, closing) => !closing && kind !== "urgent";

/**
 * Tries that were lost or added, if any: no fault excuses them.
 * @param {Witness} witness
 * @param {Terms} terms
 */
function miscounted({ item, order, end, tries, timeouts, retries, crashes, retried }, { tries: most, closing }) {
  const failed = FAILURES.includes(String(end));
  const timedOut = end === "ERR_ITEM_TIMEOUT" && tries < Infinity;
  const last = item.attempts - retried;
  const ran = failed || timedOut || end === "fulfilled" || end === "ERR_ITEM_CRASHED";
  if (last !== 1 && (ran || last !== 0)) return "its attempts are not its retries and the last one";
  if (timedOut ? timeouts !== tries + 1 : timeouts > tries) return "its timeouts are not what it was allowed";
  const ended = end === "ERR_ITEM_TIMEOUT" || end === "ERR_TOWN_CLOSED";
  const unanswered = timeouts - retries.timeout;
  if (timedOut ? unanswered !== 1 : unanswered !== 0 && !(ended && unanswered === 1))
    return "a timeout was followed by neither a retry nor the end";
  if (failed && isTriedAgain(order, closing) ? retries.error !== most.errorTries : retries.error > most.errorTries)
    return "its retries after an error are not what it was allowed";
  if (end === "ERR_ITEM_CRASHED" && crashes < most.crashTries) return "it was given up before its last crash";
  return undefined;
}

/**
 * An end that neither the item's kind nor a fault explains.
 * @param {Witness} witness
 * @param {Chronicle} chronicle
 * @param {Terms} terms
 */
function unexcused({ order, end, born, died }, chronicle, { mode, tries, closing }) {
  const kind = KINDS[order.kind];
  if (end === "fulfilled") return kind.endless ? "cannot fulfil" : undefined;
  if (kind.ends?.includes(String(end))) return undefined;
  const { violent, lasting } = chronicle.felt(born, died);
  const failing = chronicle.failing(born, died);
  switch (end) {
    case "own":
      // There was no time for its next attempt.
      return closing && order.kind === "recovering" ? undefined : "it was to be tried again";
    case "ERR_TOWN_CLOSED":
      return closing ? undefined : "the town is open";
    case "ERR_ITEM_CRASHED": {
      // An item that ends the process takes its neighbours along once, and is run alone then.
      const felt = violent + lasting + Number(mode === "cluster");
      return felt >= tries.crashTries ? undefined : `only ${felt} faults could have crashed it`;
    }
    case "ERR_BROWSER_LAUNCH": {
      const enough = lasting > 0 || (tries === MANY ? failing > 0 : violent + failing >= LAUNCH_TRIES);
      return enough ? undefined : "browsers could be started";
    }
    // The page's process was ended, or its network, or its memory; the handler did not mind the error.
    case "ERR_PAGE_CLOSED":
    case "ERR_NAVIGATION":
    case "ERR_EVALUATION":
    case "ERR_TIMEOUT": {
      const own = order.kind === "recovering" ? 1 : 0;
      const enough = lasting > 0 || violent + own > (isTriedAgain(order, closing) ? tries.errorTries : 0);
      return enough ? undefined : `only ${violent} faults could have made its handler fail`;
    }
    default:
      return "no such end";
  }
}

/** The town's counts, all of one moment. @param {import("../..").Town<any, any>} town */
function counts(town) {
  const text = town.metrics();
  const value = (/** @type {string} */ name) =>
    Number(
      text
        .split("\n")
        .find((line) => line.startsWith(`${name} `))
        ?.slice(name.length),
    );
  const settled = ["fulfilled", "rejected", "aborted"].map((end) =>
    value(`boomtown_items_settled_total{outcome="${end}"}`),
  );
  return {
    accepted: value('boomtown_items_queued_total{outcome="accepted"}'),
    open: value('boomtown_items{state="waiting"}') + value('boomtown_items{state="in_flight"}'),
    settled: settled[0] + settled[1] + settled[2],
  };
}

/** @param {import("../..").Town<any, any>} town */
function countsAddUp(town) {
  const { accepted, open, settled } = counts(town);
  assert.equal(accepted, open + settled, "accepted is not what is open and what has settled");
}

/** What this process has open, numbers left out. @returns {string[]} */
function descriptors() {
  const names = openFiles().map((name) => name.replace(/\d+/g, "N"));
  // Node keeps one in reserve for when it has no other, first "/dev/null" and later "/".
  return names.map((name) => (name === "/" ? "/dev/null" : name)).sort();
}

/**
 * Waits; fails with what `tell` says.
 * @param {Promise<unknown>} what
 * @param {number} limit milliseconds
 * @param {() => string} tell
 */
async function within(what, limit, tell) {
  const inTime = new AbortController();
  const late = pause(limit, "late", { signal: inTime.signal }).catch(() => {});
  const first = await Promise.race([what, late]).finally(() => inTime.abort());
  if (first === "late") assert.fail(`${tell()} after ${limit} ms`);
}

/**
 * Waits for what no event tells, and fails with what is still there.
 * @param {string} what
 * @param {() => unknown[]} left
 */
async function nothing(what, left) {
  const limit = Date.now() + SOON;
  while (left().length > 0 && Date.now() < limit) await pause(20);
  assert.deepEqual(left(), [], what);
}

/** The web server that the items visit. */
class Site {
  #server = http.createServer((request, response) => {
    if (request.url === "/meeting") this.#meet(response);
    else answer(response, `<title>${request.url?.split("?")[1]}</title>`);
  });
  /** @type {Set<import("node:http").ServerResponse>} */
  #present = new Set();
  #expected = Infinity;
  url = "";

  async open() {
    this.#server.listen(0, "127.0.0.1");
    await once(this.#server, "listening");
    const { port } = /** @type {import("node:net").AddressInfo} */ (this.#server.address());
    this.url = `http://127.0.0.1:${port}`;
  }

  /** Those that come to the meeting wait until so many are there. @param {number} count */
  expect(count) {
    this.#expected = count;
  }

  get present() {
    return this.#present.size;
  }

  /** @param {import("node:http").ServerResponse} response */
  #meet(response) {
    this.#present.add(response);
    response.on("close", () => this.#present.delete(response));
    if (this.#present.size === this.#expected) for (const one of this.#present) answer(one, "");
  }

  disconnect() {
    this.#server.closeAllConnections();
  }

  close() {
    this.disconnect();
    this.#server.close();
  }
}

/** @param {import("node:http").ServerResponse} response @param {string} html */
function answer(response, html) {
  response.writeHead(200, { "Content-Type": "text/html", Connection: "close" });
  response.end(html);
}

/**
 * So many items run at once, whatever happens to some of them on the way.
 * @param {import("../..").Town<any, any>} town
 * @param {InstanceType<typeof Site>} site
 * @param {typeof SHAPES[number]} shape
 */
async function allAtOnce(town, site, { workerCount, pageCount }) {
  const count = workerCount * pageCount;
  for (;;) {
    site.expect(count);
    const items = Array.from({ length: count }, () =>
      town.queue({ kind: "meeting", site: site.url }, { timeout: RECOVERY }),
    );
    let crashed = false;
    const crash = new Promise((resolve) => {
      for (const item of items) {
        item.on("retry", (reason) => {
          crashed ||= reason === "crash";
          if (crashed) resolve(undefined);
        });
      }
    });
    const met = Promise.race([Promise.all(items), crash]);
    await within(met, RECOVERY, () => `only ${site.present} slots are there: ${format(town.stats())}`);
    if (!crashed) return;
    // A late end of a worker has made suspects of its items, which run alone from now on: others have to meet.
    for (const item of items) item.abort();
    await Promise.allSettled(items);
  }
}

/** How many towns this process has made, and every forked one makes again. */
let towns = 0;

/**
 * @param {Mode} mode
 * @param {import("../..").TownOptions} options
 */
function makeTown(mode, options) {
  towns += 1;
  if (mode === "cluster") {
    cluster.setupPrimary({ exec: path.join(__dirname, "storm-worker.js"), args: [] });
    process.env.BOOMTOWN_STORM = JSON.stringify({ towns, options });
  }
  const town = boomtown({ ...options, mode });
  if (mode === "inline") town.on("queue", handle);
  return town;
}

/**
 * A round: one town, from its start to its end.
 * @param {object} options
 * @param {import("../..").EngineName} options.engine
 * @param {Mode} options.mode
 * @param {number} options.seed
 * @param {number} options.faults how many
 * @param {string} [options.only] the name of the only one
 * @param {(line: string) => void} options.log
 */
async function storm({ engine, mode, seed, faults, only, log }) {
  // A generator of their own for the items: how many are queued between two faults is a matter of time.
  const [random, kinds] = [seeded(seed), seeded(~seed)];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "faults-"));
  const site = new Site();
  await site.open();
  try {
    await calm(engine, mode, site);
    site.disconnect();
    const before = await settledDescriptors();
    const wrapper = new Wrapper(folder, { relay: engine === "cdp" && (random.chance(0.5) || only === RELAYED) });
    const tries = random.chance(0.5) ? MANY : FEW;
    const shape = random.of(SHAPES);
    log(
      `          ${shape.workerCount} workers of ${shape.pageCount}, ${shape.driveFrames ? "frames driven, " : ""}${wrapper.relay ? "pipes by relays, " : ""}${tries === MANY ? "many" : "few"} tries`,
    );
    await rage({ engine, mode, shape, tries, random, kinds, faults, only, log, wrapper, site });
    site.disconnect();
    await nothing("descriptors that are left or gone", () => difference(descriptors(), before));
  } finally {
    site.close();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** What stays open: of what has just ended, a part may be closed a moment later. */
async function settledDescriptors() {
  for (let before = descriptors(); ; ) {
    await pause(500);
    const now = descriptors();
    if (difference(now, before).length === 0) return now;
    before = now;
  }
}

/** @param {string[]} now @param {string[]} before */
function difference(now, before) {
  const rest = [...before];
  const added = now.filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return [...added.map((name) => `+${name}`), ...rest.map((name) => `-${name}`)];
}

/**
 * The first town of a process, and the first answer of a server, make what all later ones share.
 * @param {import("../..").EngineName} engine
 * @param {Mode} mode
 * @param {InstanceType<typeof Site>} site
 */
async function calm(engine, mode, site) {
  const town = makeTown(mode, { workerCount: 1, engine, browser: { sandbox: false } });
  await town.queue({ kind: "visit", token: "calm", site: site.url }).finally(() => town.close());
}

/**
 * @param {object} options
 * @param {import("../..").EngineName} options.engine
 * @param {Mode} options.mode
 * @param {typeof SHAPES[number]} options.shape
 * @param {typeof FEW} options.tries
 * @param {Random} options.random for the faults
 * @param {Random} options.kinds for the items
 * @param {number} options.faults
 * @param {string} [options.only]
 * @param {(line: string) => void} options.log
 * @param {InstanceType<typeof Wrapper>} options.wrapper
 * @param {InstanceType<typeof Site>} options.site
 */
async function rage({ engine, mode, shape, tries, random, kinds, faults, only, log, wrapper, site }) {
  const town = makeTown(mode, {
    workerCount: shape.workerCount,
    pageCount: shape.pageCount,
    workerDeath: 15,
    pageDeath: 4000,
    closeTimeout: 2000,
    ...tries,
    engine,
    browser: { sandbox: false, path: wrapper.path, driveFrames: shape.driveFrames },
  });
  // What ends processes is rarer: it costs the others more time than anything.
  const share = (/** @type {string} */ name) => {
    const { forked, costly } = KINDS[name];
    if ((costly && tries === MANY) || (forked && mode === "inline")) return 0;
    return forked ? 1 : 4;
  };
  const names = Object.keys(KINDS).flatMap((name) => Array(share(name)).fill(name));

  /** What its numbers, at any of its events, said that cannot be. @type {string[]} */
  const stats = [];
  for (const event of EVENTS) {
    town.on(event, () => {
      const { inFlight, workers } = town.stats();
      const sum = workers.reduce((total, worker) => total + worker.inFlight, 0);
      if (sum === inFlight && workers.every((worker) => worker.inFlight <= shape.pageCount)) return;
      const each = workers.map(({ id, state, inFlight: own }) => `${own} on worker ${id} (${state})`);
      stats.push(`${event}: ${inFlight} in flight, ${each.join(", ")}`);
      log(`          ${stats.at(-1)}`);
    });
  }
  /** @type {Witness[]} */
  const witnesses = [];
  let open = 0;
  let loading = true;
  const queueOne = () => {
    const kind = kinds.of(names);
    const order = { kind, token: `token-${witnesses.length}`, site: site.url };
    const options = KINDS[kind].options?.(kinds);
    const item = town.queue(order, { priority: kinds.between(-1, 1), asap: kinds.chance(0.1), ...options });
    const witness = new Witness(item, order, options?.tries);
    witnesses.push(witness);
    open += 1;
    witness.over.then(() => {
      open -= 1;
      // Later, so that a town that rejects at once does not keep this program from everything else.
      if (loading) setTimeout(() => loading && open < LOAD && queueOne(), 20);
    });
  };
  for (let i = 0; i < LOAD; i += 1) queueOne();

  const chronicle = new Chronicle(log);
  /** @type {Map<string, import("./faults.js").Process>} */
  const seen = new Map();
  const disk = process.env.BOOMTOWN_FAULTS_DISK ? new Filler(process.env.BOOMTOWN_FAULTS_DISK) : undefined;
  const scene = {
    ...{ town, mode, workerCount: shape.workerCount, wrapper, engine, disk, random },
    scarce: Boolean(process.env.BOOMTOWN_FAULTS_SCARCE),
    seen: (/** @type {import("./faults.js").Process} */ one) => void seen.set(`${one.pid} ${one.born}`, one),
  };
  const possible = FAULTS.filter(({ name, needs }) => (only ?? name) === name && !needs?.(scene));
  assert.notEqual(possible.length, 0, `there is no fault ${only} here`);
  const drawn = possible.flatMap((fault) => Array(fault.weight ?? 1).fill(fault));

  const allOver = () => Promise.all(witnesses.map(({ over }) => over));
  /** @param {boolean} closing */
  const judge = (closing) => {
    const wrong = witnesses.flatMap((witness) => {
      const what = verdict(witness, chronicle, { mode, tries, closing });
      return what ? `${what}: ${witness.describe()}` : [];
    });
    assert.deepEqual([...wrong, ...stats], []);
  };
  const unsettled = () =>
    `not settled: ${witnesses.filter(({ end }) => !end).map((witness) => witness.describe())}; ${format(town.stats())}`;

  try {
    await town.ready().catch((error) => assert.fail(error));
    for (let done = 0; done < faults; ) {
      await pause(random.between(0, 2000));
      if (await chronicle.inject(random.of(drawn), scene)) done += 1;
      countsAddUp(town);
    }

    loading = false;
    await within(allOver(), RECOVERY, unsettled);
    judge(false);
    const { workers: _, crashed, ...others } = town.stats();
    const sum = (/** @type {(witness: Witness) => number | boolean} */ part) =>
      witnesses.reduce((total, witness) => total + Number(part(witness)), 0);
    assert.deepEqual(others, {
      waiting: 0,
      inFlight: 0,
      fulfilled: sum(({ end }) => end === "fulfilled"),
      aborted: sum(({ end }) => end === "ERR_ITEM_ABORTED"),
      rejected: sum(({ item }) => item.state === "rejected"),
      retried: sum(({ retried }) => retried),
      timedOut: sum(({ timeouts }) => timeouts),
    });
    // An item whose deadline has passed when its browser crashes ends without a retry.
    const [least, unseen] = [sum(({ crashes }) => crashes), sum(({ expired }) => expired)];
    assert.ok(
      crashed >= least && crashed <= least + unseen,
      `crashed is ${crashed}, not ${least} to ${least + unseen}`,
    );
    assert.equal(counts(town).accepted, witnesses.length);
    await allAtOnce(town, site, shape);
    await nothing("left of workers that are gone", () => strangers(town));

    for (let i = 0; i < LOAD; i += 1) queueOne();
    await pause(random.between(0, 1500));
    await chronicle.inject(random.of(drawn), scene);
    family(process.pid).forEach(scene.seen);
    const drain = random.chance(0.5);
    log(`          close, ${drain ? "draining" : "at once"}`);
    const closed = town.close({ drain });
    await within(Promise.all([closed, allOver()]), RECOVERY, unsettled);
    judge(!drain);
    countsAddUp(town);
    assert.deepEqual(townFolders(), [], "left when close() has resolved");
    assert.deepEqual(processesIn(folderOf()), [], "still working when close() has resolved");
    assert.deepEqual([...seen.values()].filter(lives), [], "still living when close() has resolved");
    log(`  ${witnesses.length} items: ${tally(witnesses.map(({ end }) => String(end)))}`);
  } finally {
    loading = false;
    await town.close({ timeout: 0 });
  }
}

/** How often each word is there. @param {string[]} words */
function tally(words) {
  return [...new Set(words)].map((word) => `${words.filter((other) => other === word).length} ${word}`).join(", ");
}

/** The folders of towns, this process's and those that were forked for it: nobody else's are in its temporary folder. */
const townFolders = () => fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith("boomtown-"));

/** Folders of workers that the town no longer has. @param {import("../..").Town<any, any>} town */
function strangers(town) {
  const { workers } = town.stats();
  const known = workers.map(({ id }) => `worker-${id}`);
  const pids = workers.map(({ pid }) => String(pid));
  return townFolders().flatMap((folder) => {
    const [, pid] = folder.split("-");
    if (pid !== String(process.pid)) return pids.includes(pid) ? [] : folder;
    return fs
      .readdirSync(path.join(os.tmpdir(), folder))
      .filter((name) => name.startsWith("worker-") && !known.includes(name));
  });
}

module.exports = { storm };
