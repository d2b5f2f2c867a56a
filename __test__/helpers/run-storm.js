// A storm of random faults as a test: in a process of its own, which `npm run test:faults` starts too.

const assert = require("node:assert/strict");
const { spawn } = require("node:child_process");
const { once } = require("node:events");
const path = require("node:path");
const { ENGINE } = require("./pair.js");

const SCRIPT = path.join(__dirname, "../../scripts/test-faults.js");

/**
 * @param {import("node:test").TestContext} context hears of the seed when the storm fails
 * @param {{ mode: "inline" | "cluster", faults: number }} options
 */
async function storm(context, { mode, faults }) {
  const seed = Date.now() % 1_000_000;
  const args = ["--engine", ENGINE, "--mode", mode, "--seed", String(seed), "--faults", String(faults)];
  const child = spawn(process.execPath, [SCRIPT, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let printed = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (printed += chunk));
  const [code] = await once(child, "close");
  if (code !== 0) context.diagnostic(`seed ${seed}, again: npm run test:faults -- ${args.join(" ")}`);
  assert.equal(code, 0, printed);
}

module.exports = { storm };
