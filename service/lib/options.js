// The service's options: flags, or variables of the environment with BOOMTOWN_ before the flag's name.

const os = require("node:os");
const { parseArgs } = require("node:util");

/**
 * @typedef {object} ServiceOptions
 * @property {string} host
 * @property {number} port 0 is any that is free
 * @property {number} workers
 * @property {number} pages
 * @property {"page" | "context" | "browser" | "reuse"} isolation
 * @property {string[]} tokens none: everybody is served
 * @property {number} queueLimit
 * @property {number} timeout milliseconds
 * @property {number} uploadLimit bytes
 * @property {boolean} log
 */

class WrongOption extends Error {}

const USAGE = `Usage: npx boomtown serve [options]

Serves pictures, PDFs, HTML and data of pages over HTTP, until SIGTERM or Ctrl-C, when it answers what is under way and ends.
Each option can be given in the environment too: BOOMTOWN_QUEUE_LIMIT=50 is --queue-limit 50.

  --host HOST        default 127.0.0.1; another one needs --token or --open
  --port PORT        default 3000; 0 is any that is free
  --workers N        browsers; default two for each processor
  --pages N          pages at a time in each; default 1
  --isolation HOW    page, context, browser or reuse; default context
  --token TOKEN      whom to serve: Authorization: Bearer, Basic with it as user, or ?token=; repeatable, in the environment
                     with commas between them; default everybody
  --open             serves everybody on any host
  --queue-limit N    requests that may wait; one more is answered by 429; default 100
  --timeout MS       for a request, from when it is begun; 0 no limit; default 30000
  --upload-limit MIB of a form with its files; default 100
  --help, --version`;

const FLAGS = /** @type {const} */ ({
  host: { type: "string" },
  port: { type: "string" },
  workers: { type: "string" },
  pages: { type: "string" },
  isolation: { type: "string" },
  token: { type: "string", multiple: true },
  open: { type: "boolean" },
  "queue-limit": { type: "string" },
  timeout: { type: "string" },
  "upload-limit": { type: "string" },
});

const ISOLATIONS = /** @type {const} */ (["page", "context", "browser", "reuse"]);
const LOOPBACK = new Set(["127.0.0.1", "::1", "localhost"]);
/** The longest that timers and the core take, about 24 days. */
const LONGEST = 2 ** 31 - 1;
const MEBIBYTE = 2 ** 20;

/**
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {ServiceOptions}
 */
function optionsOf(args, env) {
  const given = { ...fromEnvironment(env), ...flags(args) };
  const tokens = /** @type {string[]} */ (given.token ?? []);
  const host = String(given.host ?? "127.0.0.1");
  if (tokens.includes("")) throw new WrongOption("--token is empty; leave it out to serve everybody");
  if (tokens.some((token) => /\s/.test(token)))
    throw new WrongOption("--token has a space, which no Authorization: Bearer can have; choose another");
  if (!LOOPBACK.has(host) && tokens.length === 0 && !given.open) {
    throw new WrongOption(
      `--host ${host} can be reached by others: say who is served by --token, or --open for everybody`,
    );
  }
  return {
    host,
    port: whole("port", given.port ?? "3000", 0, 65_535),
    workers: whole("workers", given.workers ?? String(2 * os.availableParallelism()), 1, 10_000),
    pages: whole("pages", given.pages ?? "1", 1, 1000),
    isolation: isolation(given.isolation ?? "context"),
    tokens,
    queueLimit: whole("queue-limit", given["queue-limit"] ?? "100", 0, LONGEST),
    timeout: whole("timeout", given.timeout ?? "30000", 0, LONGEST),
    uploadLimit: MEBIBYTE * whole("upload-limit", given["upload-limit"] ?? "100", 1, 1_000_000),
    log: true,
  };
}

/** @param {string[]} args @returns {Record<string, any>} */
function flags(args) {
  try {
    return { ...parseArgs({ args, options: FLAGS }).values };
  } catch (error) {
    throw new WrongOption(/** @type {Error} */ (error).message);
  }
}

/** @param {NodeJS.ProcessEnv} env */
function fromEnvironment(env) {
  /** @type {Record<string, any>} */
  const given = {};
  for (const name of Object.keys(FLAGS)) {
    const value = env[`BOOMTOWN_${name.toUpperCase().replaceAll("-", "_")}`];
    if (value === undefined || value === "") continue;
    given[name] = name === "token" ? value.split(",") : value;
    if (name === "open") given.open = truth(value);
  }
  return given;
}

/** @param {string} value */
function truth(value) {
  if (["true", "1"].includes(value)) return true;
  if (["false", "0"].includes(value)) return false;
  throw new WrongOption(`BOOMTOWN_OPEN is true or false, not ${JSON.stringify(value)}`);
}

/** @param {string} name @param {string} text @param {number} min @param {number} max */
function whole(name, text, min, max) {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new WrongOption(`--${name} is a whole number from ${min} to ${max}, not ${JSON.stringify(text)}`);
}

/** @param {string} text */
function isolation(text) {
  const found = ISOLATIONS.find((known) => known === text);
  if (found) return found;
  throw new WrongOption(`--isolation is ${ISOLATIONS.join(", ")}, not ${JSON.stringify(text)}`);
}

module.exports = { USAGE, WrongOption, optionsOf };
