// `node scripts/each.js a b c` runs these npm scripts one after the other, to the end even when one fails, and sums up.
// A script says by exit code 77, as automake's tests do, that it was skipped and why in its output.

const { spawnSync } = require("node:child_process");

const npm = process.env.npm_execpath;
if (!npm) {
  console.error("each: run this from an npm script, so that it knows which npm to use");
  process.exit(2);
}

const results = process.argv.slice(2).map((script) => {
  console.log(`\n== ${script}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [npm, "run", "--silent", script], { stdio: "inherit" });
  const outcome = status === 0 ? "ok" : status === 77 ? "skipped" : "FAILED";
  return { script, outcome, seconds: (performance.now() - start) / 1000 };
});

console.log();
for (const { script, outcome, seconds } of results) {
  console.log(`${outcome.padEnd(7)} ${seconds.toFixed(1).padStart(7)} s  ${script}`);
}
process.exitCode = results.some(({ outcome }) => outcome === "FAILED") ? 1 : 0;
