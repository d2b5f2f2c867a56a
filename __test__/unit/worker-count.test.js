const assert = require("node:assert/strict");
const { test } = require("node:test");
const { workerCount } = require("../../lib/worker-count.js");

/** @param {Partial<import("../../lib/worker-count.js").Machine>} machine @param {Record<string, string>} [files] */
const count = (machine, files = {}) =>
  workerCount({ processors: 8, memory: 64e9, memoryLimit: 0, read: (file) => files[file], ...machine });

test("a town has two workers for each processor, and at most 32", () => {
  assert.deepEqual(
    [1, 2, 16, 64].map((processors) => count({ processors })),
    [2, 4, 32, 32],
  );
});

test("a container's share of the processors counts, in either version of control groups", () => {
  assert.equal(count({}, { "/sys/fs/cgroup/cpu.max": "150000 100000\n" }), 3);
  assert.equal(count({}, { "/sys/fs/cgroup/cpu.max": "max 100000\n" }), 16);
  const older = (/** @type {string} */ time) => ({
    "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": `${time}\n`,
    "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
  });
  assert.equal(count({}, older("100000")), 2);
  assert.equal(count({}, older("-1")), 16);
});

test("there are no more workers than the memory of the machine and of the container has room for", () => {
  assert.equal(count({ memory: 2e9 }), 5);
  assert.equal(count({ memoryLimit: 1e9 }), 2);
});

test("a town has one worker where even that is too much", () => {
  assert.equal(count({ memory: 256e6 }, { "/sys/fs/cgroup/cpu.max": "10000 100000\n" }), 1);
});
