// What data is made of on its way to another process.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { plain } = require("../../lib/cluster/plain.js");
const { packThrown, unpackThrown } = require("../../lib/cluster/serialize.js");

const LENIENT = { dropFunctions: true };

class Money {
  toJSON() {
    return { EUR: 5 };
  }
}

test("data that structured clone keeps as it is stays the same value", () => {
  const data = { date: new Date(0), bytes: Buffer.from("a"), map: new Map([["a", /b/]]), error: new Error("c") };
  assert.equal(plain(data, LENIENT), data);
});

test("what has a toJSON is what that gives, wherever it stands", () => {
  const data = {
    list: [new Money()],
    map: new Map([["price", new Money()]]),
    set: new Set([new Money()]),
    date: new Date(0),
  };
  assert.deepEqual(plain(data), {
    list: [{ EUR: 5 }],
    map: new Map([["price", { EUR: 5 }]]),
    set: new Set([{ EUR: 5 }]),
    date: new Date(0),
  });
});

test("toJSON hears under which key it stands, as with JSON", () => {
  const told = () => ({ toJSON: (/** @type {string} */ key) => key });
  assert.deepEqual(plain({ a: told(), list: [told()] }), { a: "a", list: ["0"] });
});

test("a toJSON that gives its own object back ends there", () => {
  const own = {
    toJSON() {
      return this;
    },
  };
  assert.equal(plain(own), own);
});

test("functions and symbols are left out as JSON leaves them out", () => {
  const data = { log() {}, sign: Symbol("s"), list: [() => {}, 1], date: new Date(0) };
  assert.deepEqual(plain(data, LENIENT), { list: [null, 1], date: new Date(0) });
});

test("functions stay where they are to be refused", () => {
  const data = { log() {} };
  assert.equal(plain(data), data);
});

test("what holds itself keeps doing so", () => {
  /** @type {any} */
  const data = { price: new Money() };
  data.self = data;
  const copy = plain(data);
  assert.deepEqual(copy.price, { EUR: 5 });
  assert.equal(copy.self, copy);
});

test("a key may be called as an object's prototype is", () => {
  const data = JSON.parse('{ "__proto__": 1 }');
  data.price = new Money();
  assert.deepEqual(Object.entries(plain(data)), [
    ["__proto__", 1],
    ["price", { EUR: 5 }],
  ]);
});

test("an error's own property may be called as an object's prototype is", () => {
  const error = new Error("e");
  Object.defineProperty(error, "__proto__", { enumerable: true, value: { code: 1 } });
  const thrown = /** @type {Error} */ (unpackThrown(packThrown(error)));
  assert.ok(thrown instanceof Error);
  assert.deepEqual(Object.getOwnPropertyDescriptor(thrown, "__proto__")?.value, { code: 1 });
});
