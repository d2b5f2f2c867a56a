// A service for tests, with real browsers, that ends with the file.

const { after } = require("node:test");
const { setTimeout: pause } = require("node:timers/promises");
const { startService } = require("../index.js");
const { optionsOf } = require("../lib/options.js");

/** Milliseconds: twice the default, which belongs to machines that do nothing else. */
const TIMEOUT = 60_000;
/** @type {(() => Promise<unknown>)[]} */
const ends = [];
after(() => Promise.all(ends.map((end) => end())));

/** @param {Partial<import("../lib/options.js").ServiceOptions>} [options] */
async function open(options) {
  const defaults = { ...optionsOf([], {}), port: 0, workers: 1, timeout: TIMEOUT, log: false };
  const service = await startService({ ...defaults, ...options });
  ends.push(() => service.end());
  /** @param {string} path @param {RequestInit} [how] */
  const get = (path, how) => fetch(service.url + path, how);
  /** @param {string} path @param {unknown} body @param {RequestInit & { headers?: Record<string, string> }} [how] */
  const post = (path, body, { headers, ...how } = {}) =>
    get(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", ...headers },
      body: typeof body === "string" ? body : JSON.stringify(body),
      ...how,
    });
  return { ...service, get, post };
}

/** Resolves when a browser is: a service whose queue has no place refuses what comes before. @param {{ get: (path: string) => Promise<Response> }} service */
async function ready({ get }) {
  while ((await get("/health/ready")).status !== 200) await pause(50);
}

/** The bytes of an answer that is one, or else its text as the error. @param {Response | Promise<Response>} answer */
async function bytes(answer) {
  const response = await answer;
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
  return Buffer.from(await response.arrayBuffer());
}

module.exports = { bytes, open, ready };
