// The messages between a town's processes.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { EventEmitter } = require("node:events");
const { PassThrough } = require("node:stream");
const { serialize } = require("node:v8");
const { Channel } = require("../../lib/cluster/channel.js");

/** @param {Buffer} body */
function framed(body) {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/**
 * What is uncaught while something runs.
 * @param {import("node:test").TestContext} context
 * @param {() => void} run
 * @returns {unknown[]}
 */
function uncaughtBy({ mock }, run) {
  /** @type {(() => void)[]} */
  const ticks = [];
  const { mock: own } = mock.method(process, "nextTick", (/** @type {Function} */ tick, /** @type {any[]} */ ...args) =>
    ticks.push(() => tick(...args)),
  );
  run();
  own.restore();
  return ticks.flatMap((tick) => {
    try {
      tick();
      return [];
    } catch (error) {
      return [error];
    }
  });
}

test("messages arrive whole and in order, however their bytes are cut", () => {
  /** @type {any[]} */
  const heard = [];
  const wire = new PassThrough();
  const written = /** @type {Buffer[]} */ ([]);
  wire.on("data", (chunk) => written.push(chunk));
  const sender = new Channel(/** @type {any} */ (wire), () => {});
  const messages = [{ one: Buffer.alloc(300, 1) }, { two: new Date(0) }, { three: [] }];
  for (const message of messages) sender.send(message);
  wire.end();
  return new Promise((resolve) => wire.once("end", resolve)).then(() => {
    const bytes = Buffer.concat(written);
    const stream = new EventEmitter();
    new Channel(/** @type {any} */ (stream), (message) => heard.push(message));
    for (const byte of bytes) stream.emit("data", Buffer.of(byte));
    assert.deepEqual(heard, messages);
  });
});

test("a message that cannot be taken is uncaught, and the others of its chunk arrive", (context) => {
  /** @type {any[]} */
  const heard = [];
  const stream = new EventEmitter();
  new Channel(/** @type {any} */ (stream), (message) => {
    if (message === "bad") throw new Error("bad");
    heard.push(message);
  });
  const bodies = [serialize("one"), serialize("bad"), Buffer.from("no value"), serialize("two")];
  const errors = uncaughtBy(context, () => void stream.emit("data", Buffer.concat(bodies.map(framed))));
  assert.deepEqual(heard, ["one", "two"]);
  assert.equal(errors.length, 2);
});

test("what announces more than a message can be ends the channel", (context) => {
  const stream = new PassThrough();
  const channel = new Channel(/** @type {any} */ (stream), () => assert.fail("it was received"));
  const errors = uncaughtBy(context, () => void stream.emit("data", Buffer.from("ffffffff00", "hex")));
  assert.match(String(errors[0]), /4294967295 bytes/);
  assert.equal(stream.destroyed, true);
  return channel.ended;
});

test("quiet comes though the other process sends all the time, once enough is heard", async () => {
  const stream = new PassThrough();
  let heard = 0;
  const channel = new Channel(/** @type {any} */ (stream), () => {
    heard += 1;
    if (!stream.destroyed) setImmediate(() => stream.emit("data", framed(serialize("more"))));
  });
  stream.emit("data", framed(serialize("more")));
  await channel.quiet(() => heard > 10);
  assert.ok(heard > 10);
  channel.close();
});
