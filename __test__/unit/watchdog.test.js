// The watchdog's script, beside sessions that a test has made.

const { test } = require("node:test");
const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const fs = require("node:fs");
const os = require("node:os");
const path = require("node:path");
const { until } = require("../helpers/processes.js");
const { lookAt } = require("../../scripts/proc.js");

const SCRIPT = path.join(__dirname, "../../src/supervisor/watchdog.sh");

test("what has ended and whose parent takes no note of that is not waited for", {
  skip: process.platform !== "linux" && "looks into /proc",
}, async (context) => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), "boomtown-watchdog-"));
  const ends = 'setsid sh -c "read line <&3" & echo $!; exec sleep 1000';
  const parent = spawn("sh", ["-c", ends], { stdio: ["ignore", "pipe", "ignore", "pipe"] });
  const [, told, , end] = /** @type {import("node:net").Socket[]} */ (/** @type {unknown} */ (parent.stdio));
  context.after(() => {
    parent.kill("SIGKILL");
    fs.rmSync(folder, { recursive: true, force: true });
  });
  const session = Number(String((await once(told, "data"))[0]));
  // A shell would take note.
  await until(() => fs.readFileSync(`/proc/${parent.pid}/comm`, "utf8") === "sleep\n");
  end.end();
  await until(() => lookAt(session)?.state === "Z");
  // Each of the watchdog's waits is a line.
  const [bin, waits] = [path.join(folder, "bin"), path.join(folder, "waits")];
  const watched = path.join(folder, "watched");
  for (const made of [bin, watched]) fs.mkdirSync(made);
  fs.writeFileSync(waits, "");
  fs.writeFileSync(path.join(bin, "sleep"), `#!/bin/sh\necho wait >> ${waits}\n`, { mode: 0o755 });
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const watchdog = spawn("sh", [SCRIPT, watched, "NOBODY_HAS_THIS=1"], { stdio: ["pipe", "ignore", "inherit"], env });
  watchdog.stdin.end(`watch ${session}\n`);
  await once(watchdog, "exit");
  assert.equal(fs.readFileSync(waits, "utf8"), "");
  assert.equal(fs.existsSync(watched), false);
});
