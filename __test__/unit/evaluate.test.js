// What may cross the border of a page, and how: scripts are compiled here and run in a bare V8 context instead of a browser.
// @ts-nocheck: the functions that are sent stand here as users write them, without types

const { test } = require("node:test");
const assert = require("node:assert/strict");
const vm = require("node:vm");
const { RUNTIME, compile, statement, decode } = require("../../lib/page/evaluate.js");
const { runtime } = require("../../lib/page/runtime.js");

/** Runs compiled text in a fresh realm, after the runtime has come there as in a page, and then `prepare` has had its way. */
async function run(text, prepare = "", options = {}) {
  const realm = vm.createContext({ atob, btoa, URL }, options);
  vm.runInContext(`var window = globalThis; const ${RUNTIME} = (${runtime})(); ${prepare}`, realm);
  return String(await vm.runInContext(text, realm));
}

async function evaluate(script, ...args) {
  return decode(await run(compile(script, args)));
}

async function thrown(script, ...args) {
  return JSON.parse(await run(compile(script, args))).e;
}

const echo = (value) => value;

const VALUES = {
  undefined: undefined,
  null: null,
  NaN: Number.NaN,
  Infinity: Infinity,
  "-Infinity": -Infinity,
  "-0": -0,
  "a tiny and a huge number": [5e-324, 1.7976931348623157e308, 2 ** 53],
  "a BigInt": -(2n ** 70n),
  "a Date": new Date(86_400_000),
  "a RegExp": /a"\\\/b/giu,
  "a URL": new URL("https://example.test/a?b=%20#c"),
  "a Map": new Map([
    [{ key: 1 }, new Date(0)],
    ["b", undefined],
  ]),
  "a Set": new Set([1n, "two", [3]]),
  "an ArrayBuffer": new Uint8Array([1, 2, 255]).buffer,
  "typed arrays": [
    new Float64Array([1.5, -0, Number.NaN]),
    new Int16Array([-1]),
    new Uint8ClampedArray(3),
    new BigInt64Array([-5n]),
  ],
  "a window of a larger buffer": new Uint8Array([9, 8, 7, 6]).subarray(1, 3),
  "nested specials": { list: [undefined, { deep: [-0, 10n, new Date(1)] }] },
  "a key called $": { $: "undefined", other: { $: { $: 1n } } },
  "keys that need quoting": {
    "": 1,
    'a"b': 2,
    "a\\b": 3,
    "line\nbreak": 4,
    1: 5,
    constructor: 6,
    toString: 7,
    toJSON: 8,
  },
  "a line separator": "\u2028\u2029",
  "a lone surrogate": ["\ud800", "a\udc00b", "\udc00\ud800"],
  "an emoji": "👩‍👩‍👧 ü 漢字 العربية",
  "every control character": String.fromCharCode(...Array.from({ length: 160 }, (_, code) => code)),
  "script-like text": "</script><!-- `y` \\u0000 // */",
};

for (const [name, value] of Object.entries(VALUES)) {
  test(`${name} survives the way into the page and back`, async () => {
    assert.deepStrictEqual(await evaluate(echo, value), value);
  });
}

test("an invalid Date survives the way into the page and back", async () => {
  const date = await evaluate(echo, new Date(Number.NaN));
  assert.ok(date instanceof Date);
  assert.equal(date.getTime(), Number.NaN);
});

test("a member called __proto__ stays data in both directions", async () => {
  const value = JSON.parse('{"__proto__":{"polluted":true},"list":[{"__proto__":null}]}');
  value.when = new Date(0);
  const result = await evaluate((given) => {
    if (given.polluted) throw new Error("the prototype was set");
    return given;
  }, value);
  assert.deepStrictEqual(Object.keys(result), ["__proto__", "list", "when"]);
  assert.equal(Object.getPrototypeOf(result), Object.prototype);
  assert.deepStrictEqual(Object.keys(result.list[0]), ["__proto__"]);
});

test("a special value under the key __proto__ stays data", async () => {
  const result = await evaluate(() => ({ ["__proto__"]: new Date(5) }));
  assert.deepStrictEqual(Object.getOwnPropertyDescriptor(result, "__proto__").value, new Date(5));
});

test("an Error crosses with its name, message and stack", async () => {
  const error = new RangeError("too far");
  const back = await evaluate(echo, error);
  assert.ok(back instanceof RangeError);
  assert.deepStrictEqual([back.name, back.message, back.stack], [error.name, error.message, error.stack]);
});

test("a Buffer arrives as the Uint8Array of its bytes", async () => {
  const [name, sum] = await evaluate((bytes) => [bytes.constructor.name, bytes[0] + bytes[1]], Buffer.from([40, 2]));
  assert.deepStrictEqual([name, sum], ["Uint8Array", 42]);
});

test("the same object in two places is no cycle", async () => {
  const shared = { n: 1 };
  assert.deepStrictEqual(await evaluate(echo, [shared, { shared }]), [{ n: 1 }, { shared: { n: 1 } }]);
  assert.deepStrictEqual(await evaluate("(() => { const s = {}; return [s, s]; })()"), [{}, {}]);
});

test("an instance of a class crosses as its own enumerable properties", async () => {
  class Point {
    constructor() {
      this.x = 1;
    }
    get y() {
      return 2;
    }
  }
  assert.deepStrictEqual(await evaluate(echo, new Point()), { x: 1 });
  const inPage = () => {
    class Inner {
      z = 3;
    }
    return new Inner();
  };
  assert.deepStrictEqual(await evaluate(inPage), { z: 3 });
});

test("holes of an array become undefined", async () => {
  assert.deepStrictEqual(await evaluate("[1, , 3]"), [1, undefined, 3]);
});

for (const [name, fn] of Object.entries({
  "an arrow": (a, b) => a + b,
  "an async arrow": async (a, b) => a + b,
  "a function": (a, b) => a + b,
  "an async function": async function named(a, b) {
    return a + (await b);
  },
  "a method": {
    add(a, b) {
      return a + b;
    },
  }.add,
  "an async method": {
    async add(a, b) {
      return a + (await b);
    },
  }.add,
  "a method called async": {
    async(a, b) {
      return a + b;
    },
  }.async,
  "a method called get": {
    get(a, b) {
      return a + b;
    },
  }.get,
  "a method with a quoted name": {
    "(a) b"(a, b) {
      return a + b;
    },
  }["(a) b"],
  "a method with a computed name": {
    [`x${(() => 1)()}`](a, b) {
      return a + b;
    },
  }.x1,
  "a method with parentheses in its defaults": {
    add(a, b = ((c) => c)(1)) {
      return a + b;
    },
  }.add,
  "a method called function": {
    function(a, b) {
      return a + b;
    },
  }.function,
  "a class method": class {
    add(a, b) {
      return a + b;
    }
  }.prototype.add,
  "an async class method": class {
    async add(a, b) {
      return a + b;
    }
  }.prototype.add,
})) {
  test(`${name} can be sent`, async () => {
    assert.equal(await evaluate(fn, 40, 2), 42);
  });
}

for (const [name, fn, reason] of [
  [
    "a getter",
    Object.getOwnPropertyDescriptor(
      {
        get size() {
          return 1;
        },
      },
      "size",
    ).get,
    /getter or setter/,
  ],
  ["a native function", Math.max, /"max" is native or bound/],
  ["a bound function", function own() {}.bind(null), /native or bound/],
  ["a class", class Point {}, /"Point" is a class/],
  [
    "a method that needs its class",
    class {
      #x = 1;
      read() {
        return this.#x;
      }
    }.prototype.read,
    /outside its class/,
  ],
]) {
  test(`${name} is refused`, () => {
    assert.throws(() => compile(fn), { code: "ERR_INVALID_OPTION", name: "TypeError", message: reason });
  });
}

const cycle = { list: [{}] };
cycle.list[0].back = cycle;
const nested = Array.from({ length: 100_000 }).reduce((inner) => [inner], []);
for (const [name, value, reason] of [
  ["what is inside of itself", cycle, /^args\[0\] is inside of itself\. Recursive objects are not allowed\./],
  ["a value nested a hundred thousand deep", nested, /nested too deeply/],
]) {
  test(`as an argument, ${name} is refused`, () => {
    assert.throws(() => compile(echo, [value]), { code: "ERR_INVALID_OPTION", message: reason });
  });
}

for (const [name, value, expected] of [
  ["a function", () => {}, undefined],
  ["a symbol", Symbol("s"), undefined],
  ["a member that is a function", { list: [0, { act() {}, b: 1 }] }, { list: [0, { b: 1 }] }],
  ["an item that is a symbol", [Symbol("s"), 1], [undefined, 1]],
  ["a promise", { "a b": Promise.resolve() }, { "a b": {} }],
  ["a WeakMap", new Map([["k", new WeakMap()]]), new Map([["k", {}]])],
  ["a Proxy", new Proxy({ a: 1 }, {}), { a: 1 }],
]) {
  test(`as an argument, ${name} leaves what of it is data`, async () => {
    assert.deepStrictEqual(await evaluate(echo, value), expected);
  });
}

for (const [name, script, expected] of [
  ["a function", "() => 1", {}],
  ["a function with properties", "Object.assign(() => 1, { a: 1 })", { a: 1 }],
  ["a member that is a function", "({ list: [0, { act() {} }] })", { list: [0, { act: {} }] }],
  ["a symbol", "[Symbol('s'), 1]", [undefined, 1]],
  ["a cycle", "(() => { const a = { b: [] }; a.b[0] = { c: a }; return a; })()", { b: [{ c: undefined }] }],
  ["a promise inside", "({ later: Promise.resolve(1) })", { later: {} }],
  ["a WeakMap", "new Map([['k', new WeakMap()]])", new Map([["k", {}]])],
  ["a generator", "(function* () {})()", {}],
  ["a window", "({ at: { [Symbol.toStringTag]: 'Window' } })", { at: undefined }],
  ["a platform object", "({ at: { [Symbol.toStringTag]: 'HTMLDivElement' } })", { at: {} }],
  ["a view of bytes", "new DataView(new ArrayBuffer(1))", {}],
  ["a value nested five thousand deep", "Array.from({ length: 5000 }).reduce((inner) => [inner], [])", undefined],
]) {
  test(`as a result, ${name} leaves what of it is data`, async () => {
    assert.deepStrictEqual(await evaluate(script), expected);
  });
}

test("a getter that throws is the result's error", async () => {
  const { name, message } = await thrown("({ get a() { throw new RangeError('no') } })");
  assert.deepStrictEqual([name, message], ["RangeError", "no"]);
});

test("a platform object that knows its JSON crosses as that", async () => {
  assert.deepStrictEqual(await evaluate("({ [Symbol.toStringTag]: 'DOMRect', toJSON: () => ({ x: 1 }) })"), { x: 1 });
});

test("a promise is awaited", async () => {
  assert.equal(await evaluate(() => Promise.resolve(5)), 5);
  assert.equal(await evaluate("Promise.resolve(6)"), 6);
});

for (const [name, text, value] of [
  ["an expression", "1 + 1", 2],
  ["an expression that ends in a comment", "7 // seven", 7],
  ["an expression with await", "await Promise.resolve(3)", 3],
  ["an object in parentheses", "({ a: 1 })", { a: 1 }],
  ["a block", "{ a: 1 }", 1],
  ["a program", "const a = 20; let b = 22;\na + b", 42],
  ["a program that ends in a semicolon", "var a = 4; a;\n", 4],
  ["a program whose last expression spans lines", "var a = 4;\na\n+ 1", 5],
  ["a conditional", "if (true) { 'yes' } else { 'no' }", "yes"],
  ["a program with a top-level await", "const a = await Promise.resolve(9); return a", 9],
  ["two expressions that would close parentheses", "1), (2", undefined],
  ["a declaration", "function f() {}", undefined],
  ["an empty string", "", undefined],
]) {
  if (value === undefined && text === "1), (2") {
    test("text that would break out of the wrapper is a SyntaxError", async () => {
      assert.equal((await thrown(text)).name, "SyntaxError");
    });
    continue;
  }
  test(`the string may be ${name}`, async () => {
    assert.deepStrictEqual(await evaluate(text), value);
  });
}

test("declarations of a program become globals", async () => {
  assert.equal(
    await run(
      `(async () => { await ${compile("function answer() { return 42 }; var x = 1;")}; return answer() + x })()`,
    ),
    "43",
  );
});

const NO_EVAL = { codeGeneration: { strings: false, wasm: false } };
for (const [name, text, value] of [
  ["a program", "const a = 20; let b = 22;\na + b", 42],
  ["a program without semicolons", "const a = 20\nconst b = 22\na + b", 42],
  ["a program after a block", "let a = 0; for (const n of [1, 2]) { a += n }\na", 3],
  ["a program that ends in a statement", "let a = 1; if (a) { a }", undefined],
  ["a call that continues the line above", "var f = function (g) { return 7 }\n(8)", undefined],
  ["an EvalError of the program's own", "const a = 1; throw new EvalError('mine')", "mine"],
]) {
  test(`where eval is forbidden, ${name} runs all the same`, async () => {
    const envelope = await run(compile(text), "", NO_EVAL);
    assert.deepStrictEqual(JSON.parse(envelope).e?.message ?? decode(envelope), value);
  });
}

test("a syntax error is a SyntaxError, whether eval is allowed or not", async () => {
  assert.equal((await thrown("const = 1;")).name, "SyntaxError");
  assert.equal(JSON.parse(await run(compile("const = 1;"), "", NO_EVAL)).e.name, "SyntaxError");
});

test("a string takes no arguments: they are left out", () => {
  assert.equal(compile("1", [2]), compile("1"));
});

test("what has a toJSON enters the page as what that gives, and a boxed value as the value", async () => {
  class Money {
    amount = 5;
    toJSON() {
      return `${this.amount} EUR`;
    }
  }
  assert.deepStrictEqual(await evaluate(echo, { price: new Money() }), { price: "5 EUR" });
  assert.deepStrictEqual(await evaluate(echo, [Object(3), Object("a"), Object(false)]), [3, "a", false]);
});

test("an error in the page keeps its name, message and stack", async () => {
  const error = await thrown(() => {
    throw new RangeError('too "far"\n');
  });
  assert.equal(error.name, "RangeError");
  assert.equal(error.message, 'too "far"\n');
  assert.match(error.stack, /^RangeError: too "far"\n\s+at /);
});

for (const [name, script, value] of [
  ["a string", "(() => { throw 'no' })()", "no"],
  ["a number", "(() => { throw -0 })()", -0],
  ["undefined", "(() => { throw undefined })()", undefined],
  ["a rejection with null", "Promise.reject(null)", null],
]) {
  test(`${name} that was thrown arrives as it is`, async () => {
    const envelope = await run(compile(script));
    assert.deepStrictEqual(await new Promise((resolve) => resolve(decode(envelope))).catch((caught) => ({ caught })), {
      caught: value,
    });
  });
}

for (const [name, script, message] of [
  ["an object", "(() => { throw { code: 5 } })()", '{"code":5} was thrown, which is not an Error'],
  [
    "a revoked proxy",
    "(() => { const p = Proxy.revocable({}, {}); p.revoke(); throw p.proxy })()",
    "a value of type object was thrown, which is not an Error",
  ],
]) {
  test(`${name} that was thrown is reported as what it is`, async () => {
    assert.equal((await thrown(script)).message, message);
  });
}

test("a page that patches the built-ins changes nothing", async () => {
  const hostile = `
    Array.prototype.toJSON = String.prototype.toJSON = Object.prototype.toJSON = () => "patched";
    JSON = { stringify: () => "patched", parse: () => "patched" };
    Promise = function () { throw new Error("patched") };
    Array.prototype.map = Array.prototype.join = Array.prototype.push = Array.prototype[Symbol.iterator] = () => "patched";
    Object.defineProperty(Object.prototype, "0", { set() { throw new Error("patched") }, get: () => "patched" });
  `;
  const value = { list: [1, "two", { three: [undefined] }], when: new Date(3) };
  assert.deepStrictEqual(decode(await run(compile(echo, [value]), hostile)), value);
});

for (const tag of ["BroadcastChannel", "Function", "__proto__", 'a"b', "a\nb", ""]) {
  test(`a typed array that calls itself ${JSON.stringify(tag)} arrives as what it is`, async () => {
    const named = `Object.defineProperty(new Int16Array([-1, 2]), Symbol.toStringTag, { value: ${JSON.stringify(tag)} })`;
    assert.deepStrictEqual(await evaluate(`(${named})`), new Int16Array([-1, 2]));
  });
}

test("a typed array that calls itself something else enters the page as what it is", async () => {
  const named = Object.defineProperty(new Int16Array([-1, 2]), Symbol.toStringTag, { value: "Function('x')();//" });
  assert.deepStrictEqual(await evaluate((given) => [...given], named), [-1, 2]);
});

test("bytes of a kind that is none are plain bytes", () => {
  for (const kind of ["BroadcastChannel", "Function", "Worker", "constructor", "__proto__", 5, null, {}]) {
    const envelope = JSON.stringify({ v: { $: "bytes", v: [kind, "AQI="] } });
    assert.deepStrictEqual(decode(envelope), new Uint8Array([1, 2]));
  }
});

test("a value that claims to be of a kind that is none is plain data", () => {
  for (const kind of ["constructor", "__proto__", "toString", "hasOwnProperty", "eval", 5, null, ["map"]]) {
    const value = { $: kind, v: [1] };
    assert.deepStrictEqual(decode(JSON.stringify({ v: value })), value);
  }
});

for (const [what, envelope] of Object.entries({
  "no JSON": '{"v":',
  nothing: "null",
  "bytes that are no text": '{"v":{"$":"bytes","v":["Uint8Array",{"length":1e9}]}}',
  "three bytes for numbers of four": '{"v":{"$":"bytes","v":["Uint32Array","AAAA"]}}',
  "flags that are none": '{"v":{"$":"regexp","v":["a","not flags"]}}',
  "an expression that is none": '{"v":{"$":"regexp","v":["(","" ]}}',
  "an address that is none": '{"v":{"$":"url","v":"no address"}}',
  "a BigInt that is none": '{"v":{"$":"bigint","v":"1.5"}}',
  "a Map without entries": '{"v":{"$":"map","v":5}}',
  "a Set of nothing": '{"v":{"$":"set"}}',
  "an error of nothing": '{"v":[{"$":"error"}]}',
  "too many levels": `{"v":${"[".repeat(100_000)}${"]".repeat(100_000)}}`,
})) {
  test(`${what} instead of a value is ERR_EVALUATION, with the reason as its cause`, () => {
    assert.throws(
      () => decode(envelope, "mine"),
      (/** @type {any} */ error) =>
        error.code === "ERR_EVALUATION" &&
        error.id === "mine" &&
        error.cause instanceof Error &&
        /cannot be read/.test(error.message),
    );
  });
}

test("an error of the page is made of texts only", () => {
  const envelope = '{"e":{"name":{"a":1},"message":["b"],"stack":5,"errors":5}}';
  assert.throws(() => decode(envelope), { code: "ERR_EVALUATION", name: "Error", message: "" });
});

test("the truth of a result is told beside the result", async () => {
  const truth = async (script) => JSON.parse(await run(compile(script))).t;
  assert.deepStrictEqual([await truth("[]"), await truth("''"), await truth("NaN"), await truth("0n")], [1, 0, 0, 0]);
});

test("a runner of the runtime calls the function in the user's place", async () => {
  const text = compile("() => 42", [], { within: ["called"] });
  assert.equal(decode(await run(text)), 42);
});

test("twenty megabytes cross in both directions", async () => {
  const text = '<p class="ü">漢字 and words\n'.repeat(800_000);
  assert.equal(await evaluate(echo, text), text);
});

test("a statement calls the function and nothing else", async () => {
  const text = statement(
    (a, b) => {
      globalThis.sum = a + b;
    },
    [1, 2],
  );
  assert.equal(await run(`${text} sum`), "3");
  assert.equal(statement("let a = 1;"), "let a = 1;");
});
