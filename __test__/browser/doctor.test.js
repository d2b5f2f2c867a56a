// `npx boomtown doctor`: what it says of machines with and without a browser, and the code it exits with.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { execFile, spawnSync } = require("node:child_process");
const path = require("node:path");
const machine = require("../../lib/doctor/machine.js");
const { executable, leftovers, scratch } = require("../helpers/town.js");

const COMMAND = path.join(__dirname, "../../bin/boomtown.js");

/** @typedef {import("../../lib/doctor/check.js").Check} Check */

/**
 * Runs a command to its end, whatever that is.
 * @param {string} command
 * @param {string[]} args
 * @param {Record<string, string>} [env] added to this one
 * @returns {Promise<{ code: number, pid: number, stdout: string, stderr: string }>}
 */
function run(command, args, env) {
  return new Promise((resolve) => {
    const child = execFile(command, args, { env: { ...process.env, ...env } }, (error, stdout, stderr) =>
      resolve({ code: Number(error?.code ?? 0), pid: Number(child.pid), stdout, stderr }),
    );
  });
}

/** @param {string[]} args @param {Record<string, string>} [env] */
function boomtown(args, env) {
  return run(process.execPath, [COMMAND, ...args], env);
}

/**
 * @param {{ code: number, stdout: string }} ended
 * @returns {{ code: number, ok: boolean, named: (name: string) => Check[] }}
 */
function report({ code, stdout }) {
  const { ok, checks } = JSON.parse(stdout);
  return { code, ok, named: (name) => checks.filter((/** @type {Check} */ check) => check.name === name) };
}

/** @param {Record<string, string>} [env] */
async function doctor(env) {
  return report(await boomtown(["doctor", "--json"], env));
}

test("where a town starts it renders a page and exits with 0", async () => {
  const { code, ok, named } = await doctor();
  assert.equal(code, 0);
  assert.equal(ok, true);
  assert.match(named("page")[0].message, /^\S+ [\d.]+ by (cdp|webdriver) started in \d+ ms, and rendered a JPEG of /);
});

test("the browser that a town chooses comes first and says why", async () => {
  const [first, ...others] = (await doctor()).named("browser");
  assert.match(first.message, /, chosen: /);
  for (const { message } of others) assert.doesNotMatch(message, /chosen/);
});

test("the engine that it tells of is the one that the page is rendered with", async () => {
  const { named } = await doctor();
  const [, engine] = /"auto" is "(\w+)"/.exec(named("engine")[0].message) ?? [];
  assert.match(named("page")[0].message, new RegExp(` by ${engine} `));
});

test("nothing of its town is left", { skip: process.platform !== "linux" && "needs /proc" }, async () => {
  const ended = await boomtown(["doctor", "--json"]);
  assert.equal(report(ended).named("end")[0].status, "ok");
  assert.deepEqual(leftovers(ended.pid), []);
});

test("every line for people begins with ok, warning or problem, or says what to do", async () => {
  const { stdout } = await boomtown(["doctor"]);
  const [checks, verdict] = stdout.trimEnd().split("\n\n");
  for (const line of checks.split("\n")) assert.match(line, /^((ok|warning|problem) +\S|\s+-> )/);
  assert.equal(verdict, "A town starts here.");
});

test("without any browser it exits with 1, and says where it looked and what to install", async (context) => {
  const home = scratch();
  const env = { PATH: "", HOME: home, BOOMTOWN_BROWSER: "", CHROME_PATH: "", PUPPETEER_EXECUTABLE_PATH: "" };
  const ended = await withoutPackages(await doctor(env), env);
  if (!ended) return context.skip("a browser outside of PATH cannot be hidden here");
  const { code, named } = ended;
  const [browser, ...others] = named("browser");
  assert.equal(code, 1);
  assert.equal(browser.status, "problem");
  assert.match(browser.message, /^no Chromium found.*Install one .*npx @puppeteer\/browsers install/);
  assert.ok(browser.message.includes(path.join(home, ".cache", "puppeteer")), browser.message);
  assert.deepEqual([...others, ...named("page")], []);
});

/**
 * The same report where the packages' browsers that it tells of are hidden, by a mount namespace.
 * @param {ReturnType<typeof report>} first
 * @param {Record<string, string>} env
 */
async function withoutPackages(first, env) {
  const found = first.named("browser").filter(({ status }) => status !== "problem");
  if (found.length === 0) return first;
  if (spawnSync("unshare", ["--mount", "true"]).status !== 0) return undefined;
  const folders = found.map(({ message }) => path.dirname(message.split(",")[0]));
  const hide = folders.map((folder) => `mount -t tmpfs none '${folder}'`).join(" && ");
  const script = ["unshare", "--mount", "sh", "-c", `${hide} && PATH= exec "$@"`, "sh"];
  const [command, ...args] = [...script, process.execPath, COMMAND, "doctor", "--json"];
  return report(await run(command, args, { ...env, PATH: String(process.env.PATH) }));
}

test("a variable that names no browser is a problem with the variable's name", async () => {
  const { code, named } = await doctor({ BOOMTOWN_BROWSER: "/nowhere/chromium" });
  assert.equal(code, 1);
  assert.equal(named("browser")[0].status, "problem");
  assert.match(named("browser")[0].message, /BOOMTOWN_BROWSER is \/nowhere\/chromium/);
});

test("a browser that exits is a problem with its last words and what to do", { timeout: 60_000 }, async () => {
  const browser = executable("#!/bin/sh\necho 'libnss3.so: cannot open shared object file' >&2\nexit 127\n");
  const { code, ok, named } = await doctor({ BOOMTOWN_BROWSER: browser });
  assert.equal(code, 1);
  assert.equal(ok, false);
  assert.match(named("browser")[0].message, /does not run \(exit code 127: libnss3\.so/);
  assert.equal(named("page")[0].status, "problem");
  assert.match(named("page")[0].message, /^ERR_BROWSER_LAUNCH: [\s\S]*libnss3\.so/);
  assert.match(String(named("page")[0].mend), /install that library/);
  assert.equal(named("end")[0].status, "ok");
});

test("an addon that cannot be loaded is a problem, and the rest of the machine is looked at all the same", async () => {
  const { code, named } = await doctor({ BOOMTOWN_ADDON: "/nowhere/boomtown.node" });
  assert.equal(code, 1);
  assert.equal(named("addon")[0].status, "problem");
  assert.match(named("addon")[0].message, /\/nowhere\/boomtown\.node[\s\S]*BOOMTOWN_ADDON/);
  assert.equal(named("memory").length, 1);
});

for (const args of [[], ["doctr"], ["doctor", "twice"], ["doctor", "--jason"]]) {
  test(`\`boomtown ${args.join(" ")}\` prints the usage as an error and exits with 2`, async () => {
    const { code, stdout, stderr } = await boomtown(args);
    assert.equal(code, 2);
    assert.equal(stdout, "");
    assert.match(stderr, /^boomtown: .*\n\nUsage: npx boomtown (doctor \[--json\]|<command>)/);
  });
}

test("--help prints the usage and exits with 0", async () => {
  const { code, stdout } = await boomtown(["--help"]);
  assert.equal(code, 0);
  assert.match(stdout, /^Usage: /);
});

/**
 * A machine where everything is well, but for what is given.
 * @param {any} [differences]
 * @returns {any}
 */
function host({ files = {}, outputs = {}, ...others } = {}) {
  return {
    platform: "linux",
    uid: 1000,
    pid: 4711,
    temporary: scratch(),
    memory: 16e9,
    memoryLimit: 0,
    openFiles: () => 1_048_576,
    read: (/** @type {string} */ file) => files[file],
    readlink: () => "/usr/lib/systemd/systemd",
    output: async (/** @type {string[]} */ ...command) => {
      const line = command.join(" ");
      return line in outputs ? outputs[line] : "/fonts/one.ttf\n";
    },
    space: () => ({ total: 64e9, free: 32e9 }),
    ...others,
  };
}

test("a machine where everything is well has no warnings", async () => {
  const checks = await Promise.all(machine.CONDITIONS.map((condition) => condition(host())));
  assert.deepEqual(
    checks.map((check) => check?.status),
    checks.map(() => "ok"),
  );
});

/** @type {[string, "sandbox" | "fonts" | "temporary" | "files" | "memory" | "reaping", object, RegExp, RegExp][]} */
const WARNINGS = [
  ["root", "sandbox", { uid: 0 }, /cannot have it as root/, /another user/],
  [
    "AppArmor's restriction of user namespaces",
    "sandbox",
    {
      outputs: { "unshare --user --map-root-user true": undefined },
      files: { "/proc/sys/kernel/apparmor_restrict_unprivileged_userns": "1" },
    },
    /apparmor_restrict_unprivileged_userns is 1/,
    /AppArmor profile .*sysctl kernel\.apparmor_restrict_unprivileged_userns=0/,
  ],
  [
    "a container without user namespaces",
    "sandbox",
    { outputs: { "unshare --user --map-root-user true": undefined } },
    /no user namespace/,
    /docker run --security-opt seccomp/,
  ],
  [
    "missing fonts",
    "fonts",
    {
      outputs: { "fc-list :lang=ja": "", "fc-list :lang=und-zsye": "" },
      files: { "/etc/os-release": "ID=alpine" },
    },
    /none for CJK, emoji/,
    /^apk add font-noto-cjk font-noto-emoji$/,
  ],
  [
    "a missing fc-list",
    "fonts",
    { outputs: { "fc-list": undefined } },
    /fc-list, .* does not run/,
    /^apt-get install fontconfig fonts-noto-cjk/,
  ],
  ["a full disk", "temporary", { space: () => ({ total: 1e9, free: 1e6 }) }, /1 MB free/, /TMPDIR/],
  ["a low limit of open files", "files", { openFiles: () => 256 }, /^256 /, /ulimit -n/],
  ["a small container", "memory", { memoryLimit: 256e6 }, /^256 MB, the limit/, /workerCount/],
  ["Node as PID 1 of its container", "reaping", { pid: 1 }, /zombies/, /docker run --init/],
  ["another Node as PID 1", "reaping", { readlink: () => "/usr/local/bin/node" }, /zombies/, /docker run --init/],
];
for (const [what, condition, differences, message, mend] of WARNINGS) {
  test(`${what} is a warning with what to do`, async () => {
    const check = await machine[condition](host(differences));
    assert.equal(check?.status, "warning");
    assert.match(check.message, message);
    assert.match(String(check.mend), mend);
  });
}

/** @type {[string, (folder: string) => string][]} */
const NO_TEMPORARY = [
  ["missing", (folder) => path.join(folder, "missing")],
  ["a file", () => executable("")],
];
for (const [what, make] of NO_TEMPORARY) {
  test(`where the folder of TMPDIR is ${what}, it says so, tries nothing and exits with 1`, async () => {
    const TMPDIR = make(scratch());
    const { code, stdout, stderr } = await boomtown(["doctor", "--json"], { TMPDIR });
    const { ok, named } = report({ code, stdout });
    assert.deepEqual([code, ok, stderr, named("page")], [1, false, "", []]);
    const [{ status, message, mend }] = named("temporary");
    assert.equal(status, "problem");
    assert.ok(message.startsWith(`${TMPDIR} cannot be written: `), message);
    assert.match(String(mend), /TMPDIR/);
    // What it looks at after that, it looks at all the same.
    assert.equal(named("memory").length, 1);
  });
}

test("a relative TMPDIR is told of as the folder that it is", async () => {
  const { code, named } = await doctor({ TMPDIR: "." });
  assert.equal(code, 0);
  assert.ok(named("temporary")[0].message.startsWith(`${process.cwd()} can be written`));
  assert.equal(named("end")[0].status, "ok");
});

test("a temporary folder that cannot be written is a problem with what to do", () => {
  const { status, message, mend } = machine.temporary(host({ temporary: "/nowhere" }));
  assert.equal(status, "problem");
  assert.match(message, /^\/nowhere cannot be written: ENOENT/);
  assert.match(String(mend), /TMPDIR/);
});
