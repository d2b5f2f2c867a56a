// A program that a bundler has made one file of: boomtown stays outside, and says so where it was taken along.

const assert = require("node:assert/strict");
const { execFile } = require("node:child_process");
const { mkdtempSync, mkdirSync, rmSync, symlinkSync, writeFileSync } = require("node:fs");
const { createRequire } = require("node:module");
const { tmpdir } = require("node:os");
const path = require("node:path");
const { after, test } = require("node:test");

const ROOT = path.join(__dirname, "../..");
/** The one that tsx brings along. */
const esbuild = createRequire(require.resolve("tsx/package.json"))("esbuild");

const project = mkdtempSync(path.join(tmpdir(), "bundled-"));
after(() => rmSync(project, { recursive: true, force: true }));
mkdirSync(path.join(project, "node_modules"));
symlinkSync(ROOT, path.join(project, "node_modules", "boomtown"), "dir");
writeFileSync(path.join(project, "package.json"), JSON.stringify({ name: "program" }));
writeFileSync(
  path.join(project, "program.js"),
  `const boomtown = require("boomtown");
   const town = boomtown({ mode: "inline" });
   town.close().then(() => console.log("made, and closed"));`,
);

/** @param {object} options of esbuild @returns {Promise<{ output: string, errors: string }>} what the bundle has printed */
async function bundled(options) {
  const outfile = path.join(project, "dist", "program.js");
  const entryPoints = [path.join(project, "program.js")];
  await esbuild.build({ entryPoints, outfile, bundle: true, platform: "node", logLevel: "silent", ...options });
  return await new Promise((resolve) => {
    execFile(process.execPath, ["--no-warnings", outfile], (_error, output, errors) => resolve({ output, errors }));
  });
}

test("a bundle with boomtown in it is ERR_UNSUPPORTED, and the message says external", async () => {
  for (const options of [{}, { minify: true, keepNames: true }]) {
    const { errors } = await bundled(options);
    assert.match(errors, /boomtown has been bundled .*--external:boomtown.*docs\/bundlers\.md/);
    assert.match(errors, /code: 'ERR_UNSUPPORTED'/);
  }
});

test("a bundle that has boomtown outside finds its binary", async () => {
  const { output, errors } = await bundled({ external: ["boomtown"] });
  assert.deepEqual([output, errors], ["made, and closed\n", ""]);
});
