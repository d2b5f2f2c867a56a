// `node scripts/each.js a b c` runs these npm scripts one after the other, to the end even when one fails, and sums up.

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
  return { script, ok: status === 0, seconds: (performance.now() - start) / 1000 };
});

console.log();
for (const { script, ok, seconds } of results) {
  console.log(`${ok ? "ok    " : "FAILED"} ${seconds.toFixed(1).padStart(7)} s  ${script}`);
}
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1;
