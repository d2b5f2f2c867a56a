// The tarball that `npm pack` makes: what is in it, and that it works in an empty project, without Rust and without a network.

const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { mkdtemp, readFile, rm, writeFile } = require("node:fs/promises");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { after, before, test } = require("node:test");
const { promisify } = require("node:util");
const { platformName } = require("../../lib/load-native.js");

const execute = promisify(execFile);
const ROOT = path.join(__dirname, "../..");

const RENDER = `
  const town = boomtown({ workerCount: 1 });
  town.on("queue", async (page, { html }) => {
    await page.setViewport({ width: 40, height: 30 });
    await page.setContent(html);
    return page.screenshot({ type: "png" });
  });
  town.queue({ html: "<body style='background: teal'>" }).then(async (png) => {
    await town.close();
    console.log(JSON.stringify({ signature: png.toString("latin1", 1, 4), width: png.readUInt32BE(16), height: png.readUInt32BE(20) }));
  });
`;
const PICTURE = { signature: "PNG", width: 40, height: 30 };

/** @type {string} */
let project;
/** @type {string[]} */
let packed;

before(async () => {
  project = await mkdtemp(path.join(tmpdir(), "empty-project-"));
  await writeFile(path.join(project, "package.json"), JSON.stringify({ name: "empty", private: true }));
  const { stdout } = await npm(ROOT, "pack", "--json", "--pack-destination", project);
  const [{ filename, files }] = JSON.parse(stdout);
  packed = files.map((/** @type {{ path: string }} */ file) => file.path);
  await npm(project, "install", "--offline", "--ignore-scripts", path.join(project, filename));
});

after(() => rm(project, { recursive: true, force: true }));

test("the tarball holds the package and nothing else", () => {
  const addon = `boomtown.${platformName()}.node`;
  const documents = ["CHANGELOG.md", "LICENSE", "README.md"];
  const entries = ["index.d.ts", "index.js", "index.mjs", "ghost-town.d.ts", "ghost-town.js", "bin/boomtown.js"];
  const whole = [...documents, addon, ...entries, "package.json"];
  assert.deepEqual(
    whole.filter((file) => !packed.includes(file)),
    [],
  );
  const others = packed.filter((file) => !whole.includes(file));
  assert.deepEqual(
    others.filter((file) => !/^(lib\/.+\.(js|d\.ts)|docs\/.+\.(md|jpg)|boomtown\..+\.node)$/.test(file)),
    [],
  );
});

test("installing it installs nothing else and runs no script", async () => {
  const lock = JSON.parse(await readFile(path.join(project, "package-lock.json"), "utf8"));
  assert.deepEqual(Object.keys(lock.packages), ["", "node_modules/boomtown"]);
  assert.equal(lock.packages["node_modules/boomtown"].hasInstallScript, undefined);
});

test("a CommonJS program in an empty project renders a page", async () => {
  assert.deepEqual(await runProgram("program.cjs", `const boomtown = require("boomtown");${RENDER}`), PICTURE);
});

test("an ES module program in an empty project renders a page", async () => {
  assert.deepEqual(await runProgram("program.mjs", `import boomtown from "boomtown";${RENDER}`), PICTURE);
});

test("its command is there as npx runs it", async () => {
  const { stdout } = await npm(project, "exec", "--offline", "--", "boomtown", "--help");
  assert.match(stdout, /^Usage: npx boomtown <command>/);
});

test("where the render service is not installed, `boomtown serve` says how to install it", async () => {
  const served = npm(project, "exec", "--offline", "--", "boomtown", "serve");
  await assert.rejects(served, ({ code, stderr }) => code === 1 && stderr.includes("npm install boomtown-service"));
});

/**
 * Runs a program of the empty project to its own end and returns what it printed.
 * @param {string} name
 * @param {string} text
 */
async function runProgram(name, text) {
  await writeFile(path.join(project, name), text);
  const { stdout } = await execute(process.execPath, [name], { cwd: project, env: withoutRust() });
  return JSON.parse(stdout);
}

/**
 * @param {string} cwd
 * @param {...string} args
 */
function npm(cwd, ...args) {
  const script = process.env.npm_execpath;
  const [command, prefix] = script ? [process.execPath, [script]] : ["npm", []];
  return execute(command, [...prefix, ...args], {
    cwd,
    env: withoutRust(),
    shell: !script && process.platform === "win32",
  });
}

/** This environment as a user's machine would have it: no cargo on PATH, and no other binary chosen. */
function withoutRust() {
  const { PATH = "", BOOMTOWN_ADDON: _, ...env } = process.env;
  return {
    ...env,
    PATH: PATH.split(path.delimiter)
      .filter((folder) => !folder.includes("cargo"))
      .join(path.delimiter),
  };
}
