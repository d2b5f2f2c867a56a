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
// @ts-expect-error: pngjs declares no types
const { PNG } = require("pngjs");
const boomtown = require("../..");
const { FAULTS, Filler, Wrapper, family, lives } = require("./faults.js");
const { leftovers } = require("./processes.js");
const { seeded } = require("./random.js");

/** @typedef {import("../..").Page} Page */
/** @typedef {import("../..").Item<any, any>} Item */
/** @typedef {import("./faults.js").Fault} Fault */
/** @typedef {import("./random.js").Random} Random */
/** @typedef {(page: Page, next: import("../..").Next<any>) => any} Use */

const WORKERS = 3;
const PAGES = 2;
const ERROR_TRIES = 2;
const CRASH_TRIES = 3;
/** So many failed launches in a row, and what waits is rejected. */
const LAUNCH_TRIES = 5;
/** So many items are under way while faults are injected. */
const LOAD = 20;
/** A fault may still be felt by an item that is queued so much later. */
const AFTERMATH = 30_000;
/** After the last fault everything has to be in order within this time, also on a slow machine. */
const RECOVERY = 180_000;
/** The fault that needs another way to start browsers. */
const RELAYED = "close the DevTools pipe";
/** For what follows from the end of a process. */
const SOON = 15_000;

/**
 * @typedef {object} Order what an item is to do
 * @property {string} kind
 * @property {string} token its own, like nobody else's
 * @property {string} site
 */

/**
 * @typedef {object} Kind
 * @property {(page: Page, order: Order, next: import("../..").Next<any>) => any} run
 * @property {boolean} [endless] it never fulfils
 * @property {string[]} [ends] the codes with which it may be rejected by itself; "own" is an error of its handler
 * @property {(random: Random) => import("../..").QueueOptions} [options]
 */

/** The colour that a token stands for. @param {string} token */
const colour = (token) => [1, 3, 5].map((at) => (37 * at * Number(token.replace(/\D/g, ""))) % 256);

/** @param {string} message */
function ownError(message) {
  return Object.assign(new Error(message), { code: "own" });
}

/** @type {Record<string, Kind>} */
const KINDS = {
  instant: { run: async (_page, { token }) => token },
  "with a callback": {
    run: (_page, { token }, next) => {
      setImmediate(() => next(null, token));
    },
  },
  picture: {
    run: async (page, { token }) => {
      await page.setViewport({ width: 40, height: 30 });
      await page.setContent(`<body style="background: rgb(${colour(token)})">`);
      const { data } = PNG.sync.read(await page.screenshot());
      assert.deepEqual([...data.subarray(0, 3)], colour(token), "the picture is not the item's own");
      return token;
    },
  },
  slow: {
    run: async (page, { token }) => {
      await page.setContent(`<title>${token}</title>`);
      await page.evaluate("new Promise((resolve) => setTimeout(resolve, 500))");
      return page.title();
    },
  },
  visit: {
    run: async (page, { token, site }) => {
      await page.goto(`${site}/?${token}`);
      return page.title();
    },
  },
  recovering: {
    run: async (page, { token }, next) => {
      if (next.attempt === 1) throw ownError(token);
      await page.setContent(`<title>${token}</title>`);
      return page.title();
    },
  },
  throwing: { endless: true, ends: ["own"], run: (_page, { token }) => Promise.reject(ownError(token)) },
  hanging: {
    endless: true,
    ends: ["ERR_ITEM_TIMEOUT"],
    options: () => ({ timeout: 300, tries: 1 }),
    run: () => new Promise(() => {}),
  },
  looping: {
    endless: true,
    ends: ["ERR_ITEM_TIMEOUT"],
    options: () => ({ timeout: 500, tries: 0 }),
    run: (page) => page.evaluate("for (;;);"),
  },
  aborted: {
    ends: ["ERR_ITEM_ABORTED"],
    options: (random) => ({ signal: AbortSignal.timeout(random.between(0, 1500)) }),
    run: async (page, { token }) => {
      await page.setContent(`<title>${token}</title>`);
      await page.evaluate("new Promise((resolve) => setTimeout(resolve, 700))");
      return page.title();
    },
  },
  urgent: {
    ends: ["ERR_ITEM_TIMEOUT"],
    options: (random) => ({ deadline: random.between(0, 3000), priority: 5 }),
    run: async (page, { token }) => {
      await page.setContent(`<title>${token}</title>`);
      return page.title();
    },
  },
};
const NAMES = Object.keys(KINDS);

/** An item, and everything that was heard of it. */
class Witness {
  /** @type {string | undefined} */
  end;
  settled = 0;
  retries = 0;
  timeouts = 0;
  crashes = 0;
  /** It was running when its deadline had passed, and then its browser was gone. */
  expired = false;
  born = Date.now();
  died = Infinity;

  /** @param {Item} item @param {Order} order */
  constructor(item, order) {
    this.item = item;
    this.order = order;
    item.on("settled", () => {
      this.settled += 1;
      this.died = Date.now();
    });
    item.on("timeout", () => {
      this.timeouts += 1;
    });
    item.on("retry", (reason) => {
      this.retries += 1;
      if (reason === "crash") this.crashes += 1;
    });
    this.over = item.then(
      (result) => {
        this.end = result === order.token ? "fulfilled" : format("fulfilled with %o instead of its own result", result);
      },
      (error) => {
        const own = error.code !== "own" || error.message === order.token;
        this.end = own ? error.code : `another's error: ${error.message}`;
        this.error = error;
        if (this.end === "ERR_ITEM_CRASHED") this.crashes += 1;
        this.expired = order.kind === "urgent" && this.end === "ERR_ITEM_TIMEOUT" && item.attempts > 0;
      },
    );
  }

  describe() {
    const { item, order, end, retries, timeouts, crashes } = this;
    const counts = `attempts ${item.attempts}, retries ${retries}, timeouts ${timeouts}, crashes ${crashes}`;
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
 * What is wrong with an item's end, if anything.
 * @param {Witness} witness
 * @param {Chronicle} chronicle
 * @param {boolean} closing the town was closed before the item had settled
 */
function verdict(witness, chronicle, closing) {
  const { item, order, end, settled, born, died } = witness;
  if (settled !== 1) return `settled ${settled} times`;
  const kind = KINDS[order.kind];
  const state = { fulfilled: "fulfilled", ERR_ITEM_ABORTED: "aborted" }[String(end)] ?? "rejected";
  if (item.state !== state) return `is ${item.state}`;
  if (end === "fulfilled") return kind.endless ? "cannot fulfil" : undefined;
  if (kind.ends?.includes(String(end))) return undefined;
  const { violent, lasting } = chronicle.felt(born, died);
  switch (end) {
    case "own":
      // There was no time for its next attempt.
      return closing && order.kind === "recovering" ? undefined : "it was to be tried again";
    case "ERR_TOWN_CLOSED":
      return closing ? undefined : "the town is open";
    case "ERR_ITEM_CRASHED":
      return violent + lasting >= CRASH_TRIES ? undefined : `only ${violent + lasting} faults could have crashed it`;
    case "ERR_BROWSER_LAUNCH":
      return lasting > 0 || violent + chronicle.failing(born, died) >= LAUNCH_TRIES
        ? undefined
        : "browsers could be started";
    // The page's process was ended, or its network, or its memory; the handler did not mind the error.
    case "ERR_PAGE_CLOSED":
    case "ERR_NAVIGATION":
    case "ERR_EVALUATION":
    case "ERR_TIMEOUT": {
      const own = order.kind === "recovering" ? 1 : 0;
      const enough = lasting > 0 || violent + own > ERROR_TRIES;
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
  const names = fs.readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      const what = fs.readlinkSync(`/proc/self/fd/${name}`).replace(/\d+/g, "N");
      // Node keeps one in reserve for when it has no other, first "/dev/null" and later "/".
      return [what === "/" ? "/dev/null" : what];
    } catch {
      // The one that the folder was read by.
      return [];
    }
  });
  return names.sort();
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

/**
 * So many items run at once, whatever happens to some of them on the way.
 * @param {import("../..").Town<Use, any>} town
 * @param {number} count
 */
async function allAtOnce(town, count) {
  const running = new Set();
  let meet = () => {};
  /** @type {Promise<void>} */
  const all = new Promise((resolve) => {
    meet = resolve;
  });
  /** @type {Use} */
  const use = async (_page, next) => {
    running.add(next);
    next.signal.addEventListener("abort", () => running.delete(next));
    if (running.size === count) meet();
    await all;
  };
  const items = Array.from({ length: count }, () => town.queue(use, { timeout: RECOVERY }));
  await within(Promise.all(items), RECOVERY, () => `only ${running.size} slots are there: ${format(town.stats())}`);
}

/**
 * A round: one town, from its start to its end.
 * @param {object} options
 * @param {import("../..").EngineName} options.engine
 * @param {number} options.seed
 * @param {number} options.faults how many
 * @param {string} [options.only] the name of the only one
 * @param {(line: string) => void} options.log
 */
async function storm({ engine, seed, faults, only, log }) {
  // A generator of their own for the items: how many are queued between two faults is a matter of time.
  const [random, kinds] = [seeded(seed), seeded(~seed)];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "faults-"));
  const server = http.createServer((request, response) => {
    response.writeHead(200, { "Content-Type": "text/html", Connection: "close" });
    response.end(`<title>${request.url?.split("?")[1]}</title>`);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const site = `http://127.0.0.1:${port}`;
  try {
    await calm(engine, site);
    server.closeAllConnections();
    const before = await settledDescriptors();
    const wrapper = new Wrapper(folder, { relay: engine === "cdp" && (random.chance(0.5) || only === RELAYED) });
    await rage({ engine, random, kinds, faults, only, log, wrapper, site });
    server.closeAllConnections();
    await nothing("descriptors that are left or gone", () => difference(descriptors(), before));
  } finally {
    server.close();
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
 * @param {string} site
 */
async function calm(engine, site) {
  const town = boomtown({ workerCount: 1, engine, browser: { sandbox: false } });
  town.on("queue", (page) => page.goto(site));
  await town.queue("").finally(() => town.close());
}

/**
 * @param {object} options
 * @param {import("../..").EngineName} options.engine
 * @param {Random} options.random for the faults
 * @param {Random} options.kinds for the items
 * @param {number} options.faults
 * @param {string} [options.only]
 * @param {(line: string) => void} options.log
 * @param {InstanceType<typeof Wrapper>} options.wrapper
 * @param {string} options.site
 */
async function rage({ engine, random, kinds, faults, only, log, wrapper, site }) {
  const town = boomtown({
    workerCount: WORKERS,
    pageCount: PAGES,
    workerDeath: 15,
    pageDeath: 4000,
    closeTimeout: 2000,
    errorTries: ERROR_TRIES,
    crashTries: CRASH_TRIES,
    engine,
    browser: { sandbox: false, path: wrapper.path },
  });
  town.on("queue", (page, order, next) =>
    typeof order === "function" ? order(page, next) : KINDS[order.kind].run(page, order, next),
  );

  /** @type {Witness[]} */
  const witnesses = [];
  let open = 0;
  let loading = true;
  const queueOne = () => {
    const kind = kinds.of(NAMES);
    const order = { kind, token: `token-${witnesses.length}`, site };
    const options = KINDS[kind].options?.(kinds);
    const item = town.queue(order, { priority: kinds.between(-1, 1), asap: kinds.chance(0.1), ...options });
    const witness = new Witness(item, order);
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
    ...{
      town,
      workerCount: WORKERS,
      wrapper,
      engine,
      disk,
      random,
      scarce: Boolean(process.env.BOOMTOWN_FAULTS_SCARCE),
    },
    seen: (/** @type {import("./faults.js").Process} */ one) => void seen.set(`${one.pid} ${one.born}`, one),
  };
  const possible = FAULTS.filter(({ name, needs }) => (only ?? name) === name && !needs?.(scene));
  assert.notEqual(possible.length, 0, `there is no fault ${only} here`);
  const drawn = possible.flatMap((fault) => Array(fault.weight ?? 1).fill(fault));

  const allOver = () => Promise.all(witnesses.map(({ over }) => over));
  /** @param {boolean} closing */
  const judge = (closing) => {
    const wrong = witnesses.flatMap((witness) => {
      const what = verdict(witness, chronicle, closing);
      return what ? `${what}: ${witness.describe()}` : [];
    });
    assert.deepEqual(wrong, []);
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
      retried: sum(({ retries }) => retries),
      timedOut: sum(({ timeouts }) => timeouts),
    });
    // An item whose deadline has passed when its browser crashes ends without a retry.
    const [least, unseen] = [sum(({ crashes }) => crashes), sum(({ expired }) => expired)];
    assert.ok(
      crashed >= least && crashed <= least + unseen,
      `crashed is ${crashed}, not ${least} to ${least + unseen}`,
    );
    assert.equal(counts(town).accepted, witnesses.length);
    await allAtOnce(town, WORKERS * PAGES);
    await nothing("left of workers that are gone", () => strangers(town));

    for (let i = 0; i < LOAD; i += 1) queueOne();
    await pause(random.between(0, 1500));
    await chronicle.inject(random.of(drawn), scene);
    family(process.pid).forEach(scene.seen);
    const drain = random.chance(0.5);
    log(`          close, ${drain ? "draining" : "at once"}`);
    const closed = town.close({ drain });
    await within(Promise.all([closed, allOver()]), RECOVERY, unsettled);
    judge(true);
    countsAddUp(town);
    assert.deepEqual(leftovers(process.pid), [], "left when close() has resolved");
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

/** Folders of workers that the town no longer has. @param {import("../..").Town<any, any>} town */
function strangers(town) {
  const known = town.stats().workers.map(({ id }) => `worker-${id}`);
  const own = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(`boomtown-${process.pid}-`));
  const folders = own.flatMap((name) => fs.readdirSync(path.join(os.tmpdir(), name)));
  return folders.filter((name) => name.startsWith("worker-") && !known.includes(name));
}

module.exports = { allAtOnce, storm };
