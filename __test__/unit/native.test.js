// Finding and loading the addon, on every platform and in every state of an installation.

const assert = require("node:assert/strict");
const path = require("node:path");
const test = require("node:test");
const { loadNative, platformName, PUBLISHED } = require("../../lib/load-native.js");
const { napi } = require("../../package.json");

const ROOT = path.resolve("/installed/boomtown");
const addonFile = (/** @type {string} */ name) => path.join(ROOT, `boomtown.${name}.node`);

/**
 * A machine and what is installed on it: `modules` maps what can be required to its exports, or to the Error that requiring it throws.
 * @param {{ platform?: string, arch?: string, musl?: boolean, files?: string[], modules?: Record<string, unknown>, env?: Record<string, string>, owner?: string }} [machine]
 */
function machine({
  platform = "linux",
  arch = "x64",
  musl = false,
  files = [],
  modules = {},
  env = {},
  owner = "boomtown",
} = {}) {
  return {
    platform,
    arch,
    env,
    isMusl: () => musl,
    root: ROOT,
    readdir: () => ["index.js", "lib", ...files],
    read: () => JSON.stringify({ name: owner }),
    require: (/** @type {string} */ id) => {
      if (!(id in modules)) throw Object.assign(new Error(`Cannot find module '${id}'`), { code: "MODULE_NOT_FOUND" });
      if (modules[id] instanceof Error) throw modules[id];
      return modules[id];
    },
  };
}

/** @param {Parameters<typeof machine>[0]} [state] */
function loadError(state) {
  try {
    loadNative(machine(state));
  } catch (error) {
    return /** @type {Error & { code: string }} */ (error);
  }
  throw new assert.AssertionError({ message: "loading succeeded" });
}

test("platforms are named as napi-rs names them", () => {
  const names = [
    { platform: "linux", arch: "x64" },
    { platform: "linux", arch: "arm64", musl: true },
    { platform: "darwin", arch: "arm64" },
    { platform: "win32", arch: "x64" },
    { platform: "freebsd", arch: "x64" },
  ].map((host) => platformName(machine(host)));
  assert.deepEqual(names, ["linux-x64-gnu", "linux-arm64-musl", "darwin-arm64", "win32-x64-msvc", "freebsd-x64"]);
});

test("the published platforms are the targets that package.json has built", () => {
  const names = napi.targets.map((target) => {
    const [arch, vendor, system, abi] = target.split("-");
    const platform = vendor === "unknown" ? system : { apple: "darwin", pc: "win32" }[vendor];
    return [platform, arch === "aarch64" ? "arm64" : "x64", ...(abi ? [abi] : [])].join("-");
  });
  assert.deepEqual(names.toSorted(), PUBLISHED);
});

test("a binary beside package.json is preferred to an installed package", () => {
  const modules = {
    [addonFile("linux-x64-gnu")]: "beside",
    "boomtown-linux-x64-gnu/package.json": {},
    "boomtown-linux-x64-gnu": "package",
  };
  assert.equal(loadNative(machine({ files: ["boomtown.linux-x64-gnu.node"], modules })), "beside");
});

test("the package of the platform is used when there is no binary beside package.json", () => {
  const modules = { "boomtown-linux-x64-musl/package.json": {}, "boomtown-linux-x64-musl": "package" };
  assert.equal(loadNative(machine({ musl: true, files: ["boomtown.linux-x64-gnu.node"], modules })), "package");
});

test("BOOMTOWN_ADDON decides which binary is loaded", () => {
  const chosen = path.resolve("/elsewhere/debug.node");
  const modules = { [chosen]: "chosen", [addonFile("linux-x64-gnu")]: "beside" };
  const env = { BOOMTOWN_ADDON: chosen };
  assert.equal(loadNative(machine({ files: ["boomtown.linux-x64-gnu.node"], modules, env })), "chosen");
});

test("a BOOMTOWN_ADDON that cannot be loaded is an error that names the file and the variable", () => {
  const chosen = path.resolve("/elsewhere/missing.node");
  const error = loadError({ env: { BOOMTOWN_ADDON: chosen } });
  assert.equal(error.code, "ERR_UNSUPPORTED");
  assert.ok(error.message.includes(chosen));
  assert.match(error.message, /BOOMTOWN_ADDON/);
});

test("a platform without a binary is an error that names it, those that have one, and the build command", () => {
  const error = loadError({ platform: "freebsd", files: ["boomtown.linux-x64-gnu.node"] });
  assert.equal(error.code, "ERR_UNSUPPORTED");
  assert.match(error.message, /for this platform, freebsd-x64\. In this installation: linux-x64-gnu\./);
  for (const name of PUBLISHED) assert.ok(error.message.includes(name), name);
  assert.match(error.message, /npm run build/);
});

test("a published platform whose package is missing is an error that names the package", () => {
  const error = loadError({ platform: "darwin", arch: "arm64" });
  assert.equal(error.code, "ERR_UNSUPPORTED");
  assert.match(error.message, /boomtown-darwin-arm64 .*--omit=optional/);
});

test("code that is no longer in its package says that it was bundled, and what to do", () => {
  const homeless = { ...machine({ owner: "program" }), root: undefined };
  for (const host of [machine({ owner: "program" }), homeless]) {
    assert.throws(() => loadNative(host), { code: "ERR_UNSUPPORTED", message: /bundled.*--external:boomtown/ });
  }
});

test("what a bundler puts in the place of require may fail as it likes", () => {
  const modules = { "boomtown-linux-x64-gnu/package.json": new Error("could not dynamically require it") };
  assert.match(loadError({ owner: "program", modules }).message, /--external:boomtown/);
});

test("code that was bundled uses the package of its platform if that is there", () => {
  const modules = { "boomtown-linux-x64-gnu/package.json": {}, "boomtown-linux-x64-gnu": "published" };
  assert.equal(loadNative(machine({ owner: "program", modules })), "published");
});

test("a binary that cannot be loaded is an error with the loader's own as its cause", () => {
  const cause = new Error("version `GLIBC_2.38' not found");
  const files = ["boomtown.linux-x64-gnu.node"];
  const error = loadError({ files, modules: { [addonFile("linux-x64-gnu")]: cause } });
  assert.equal(error.code, "ERR_UNSUPPORTED");
  assert.equal(error.cause, cause);
  assert.ok(error.message.includes(addonFile("linux-x64-gnu")));
  assert.ok(error.message.includes(cause.message));
});

test("a package whose binary cannot be loaded is an error with the loader's own as its cause", () => {
  const cause = new Error("invalid ELF header");
  const modules = { "boomtown-linux-x64-gnu/package.json": {}, "boomtown-linux-x64-gnu": cause };
  assert.equal(loadError({ modules }).cause, cause);
});

test("this machine's libc is the one that its binary says it is linked to", {
  skip: process.platform !== "linux",
}, () => {
  const { sharedObjects } = /** @type {{ sharedObjects: string[] }} */ (process.report.getReport());
  const isMusl = sharedObjects.some((file) => file.includes("ld-musl"));
  assert.equal(platformName().endsWith("-musl"), isMusl);
});
