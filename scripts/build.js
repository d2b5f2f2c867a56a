// Builds the addon with cargo and puts it beside package.json, under the name that lib/load-native.js looks for.
// `npm run build` builds for release; with `-- --quick` in half the time what is as fast, as `npm run setup` does; with
// `-- --debug` in the least time what is slower. Cargo.toml has the three profiles. It also writes lib/native.d.ts, the
// declarations of what the addon exports.

const { copyFileSync, existsSync, mkdirSync, readFileSync, renameSync, utimesSync } = require("node:fs");
const path = require("node:path");
const { platformName } = require("../lib/load-native.js");
const { NOTES, NOTES_FILE, writeDeclarations } = require("./declarations.js");
const { run } = require("./run.js");

const ROOT = path.join(__dirname, "..");

/** @typedef {"release" | "quick" | "dev"} Profile */
/** By the arguments that choose them. @type {Record<string, Profile>} */
const PROFILES = { "--quick": "quick", "--debug": "dev" };

/**
 * @param {{ profile: Profile, stderr?: "inherit" | "pipe" }} options
 * @returns {Promise<{ file: string, changed: boolean }>} where the addon is, and whether it differs from the one before
 */
async function build({ profile, stderr = "pipe" }) {
  const name = platformName();
  const args = ["build", "--lib", "--profile", profile, "--message-format=json-render-diagnostics"];
  if (stderr === "pipe") args.push("--quiet");
  mkdirSync(NOTES, { recursive: true });
  // Nothing is noted of what need not be compiled.
  if (!existsSync(NOTES_FILE)) utimesSync(path.join(ROOT, "src", "lib.rs"), new Date(), new Date());
  const { stdout } = await run("cargo", args, { cwd: ROOT, env: cargoEnv(name), stderr }).catch((error) => {
    if (error.code !== "ENOENT") throw error;
    throw new Error(
      "cargo was not found on PATH: install Rust from https://rustup.rs, open a new shell, and try again",
    );
  });
  const library = libraryIn(stdout);
  const file = path.join(ROOT, `boomtown.${name}.node`);
  const changed = !existsSync(file) || !readFileSync(library).equals(readFileSync(file));
  if (changed) {
    // Renamed into place, because writing into a file that a running Node has loaded would crash it.
    const fresh = `${file}.${process.pid}`;
    copyFileSync(library, fresh);
    renameSync(fresh, file);
  }
  return { file, changed };
}

/** @param {string} name */
function cargoEnv(name) {
  const env = { ...process.env, NAPI_TYPE_DEF_TMP_FOLDER: NOTES };
  if (!name.endsWith("-musl")) return env;
  // Rust links musl statically unless told otherwise, and a static library cannot be loaded by Node.
  return { ...env, RUSTFLAGS: `${process.env.RUSTFLAGS ?? ""} -C target-feature=-crt-static`.trim() };
}

/**
 * Where cargo says it put the library: the target folder can be configured in many places.
 * @param {string} messages
 * @returns {string}
 */
function libraryIn(messages) {
  const files = messages
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line))
    .filter(({ reason, target }) => reason === "compiler-artifact" && target.name === "boomtown")
    .flatMap(({ filenames }) => filenames);
  const library = files.find((file) => /\.(so|dylib|dll)$/.test(file));
  if (!library) throw new Error(`cargo build made no dynamic library, only: ${files.join(", ") || "nothing"}`);
  return library;
}

/** @param {Profile} profile */
async function main(profile) {
  const { file, changed } = await build({ profile, stderr: "inherit" });
  console.log(`${path.relative(process.cwd(), file)} ${changed ? "built" : "is up to date"}`);
  if (writeDeclarations()) console.log("lib/native.d.ts written");
}

if (require.main === module) {
  const [argument, ...rest] = process.argv.slice(2);
  if (rest.length > 0 || (argument && !Object.hasOwn(PROFILES, argument))) {
    console.error(
      `build: got ${process.argv.slice(2).join(" ")}; there may be one of ${Object.keys(PROFILES).join(", ")}`,
    );
    process.exit(2);
  }
  main(PROFILES[argument] ?? "release").catch((error) => {
    console.error(`build: ${error.message}`);
    process.exitCode = 1;
  });
}

module.exports = { build };
