// What of `boomtown/puppeteer-cluster` needs no browser: which job begins next.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter, once } = require("node:events");
const { Fifo } = require("../../lib/puppeteer-cluster/fifo.js");
const { Hosts } = require("../../lib/puppeteer-cluster/hosts.js");
const { Job } = require("../../lib/puppeteer-cluster/job.js");
const { Schedule } = require("../../lib/puppeteer-cluster/schedule.js");

const job = (/** @type {unknown} */ data) => new Job(data, undefined);

test("a Fifo gives many values in their order while others come", () => {
  const fifo = new Fifo();
  /** @type {number[]} */
  const given = [];
  for (let number = 0; number < 10_000; number += 1) {
    fifo.push(number);
    if (number % 3 === 0) given.push(Number(fifo.shift()));
  }
  while (fifo.size > 0) given.push(Number(fifo.shift()));
  assert.deepEqual(
    given,
    Array.from({ length: 10_000 }, (_, number) => number),
  );
  assert.equal(fifo.shift(), undefined);
});

test("a job's URL is its data or their url, and its host that of the URL", () => {
  const found = ["http://a.test:80/b", { url: "https://c.test/" }, "d", { url: 5 }, null, undefined, "", 5].map(
    (data) => {
      const { url, host } = job(data);
      return [url, host];
    },
  );
  const none = [undefined, undefined];
  assert.deepEqual(found, [
    ["http://a.test:80/b", "a.test"],
    ["https://c.test/", "c.test"],
    ["d", undefined],
    ...Array(5).fill(none),
  ]);
});

test("the jobs of a host come back one after the other, once the one before has begun", async () => {
  const told = new EventEmitter();
  const hosts = new Hosts(5, (due) => told.emit("due", due));
  const [first, second, third, other] = ["http://a/1", "http://a/2", "http://a/3", "http://b/1"].map(job);
  const admitted = [first, second, third, other].map((each) => hosts.admit(each));
  assert.deepEqual(admitted, [true, false, false, true]);
  assert.deepEqual(await once(told, "due"), [second]);
  assert.equal(hosts.admit(second), true);
  assert.equal(hosts.admit(first), false);
  assert.deepEqual(await once(told, "due"), [third]);
  assert.deepEqual(hosts.close(), [first]);
});

test("a schedule that is closed gives what waits, wherever it waits, and is idle", async () => {
  /** @type {unknown[]} */
  const begun = [];
  const begin = (/** @type {InstanceType<typeof Job>} */ { data }) => begun.push(data);
  const schedule = new Schedule({ limit: 2, pause: 1000, skipsDuplicates: false }, { begin, skip: () => {} });
  for (const data of ["http://a/1", "http://a/2", "b", "c"]) schedule.add(job(data));
  await new Promise(setImmediate);
  assert.deepEqual(begun, ["http://a/1", "b"]);
  const left = schedule.close().map(({ data }) => data);
  assert.deepEqual(left.sort(), ["c", "http://a/2"]);
  await schedule.idle();
});
