// Renders jobs with a town of their own. An input that fails is told of, and the others go on; a browser that cannot be started
// ends it all, as does the program's signal. What is written is whole: until then it has another name, which goes in any case.

const { randomUUID } = require("node:crypto");
const fs = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");
const { text } = require("node:stream/consumers");
const { STDOUT } = require("./outputs.js");
const { renderPage } = require("./page.js");

/** @typedef {import("./outputs.js").Job} Job */
/** @typedef {{ bytes: number, notReady: string[], milliseconds: number }} Rendered */

/**
 * Who hears of what happens.
 * @typedef {object} Reporter
 * @property {(job: Job) => void} started
 * @property {(job: Job, rendered: Rendered) => void} done
 * @property {(job: Job, error: Error & { code?: string }) => void} failed
 */

/** Errors that every other input would have too. */
const HOPELESS = new Set(["ERR_BROWSER_NOT_FOUND", "ERR_BROWSER_LAUNCH"]);

/**
 * @param {Job[]} jobs
 * @param {import("./page.js").Settings} settings
 * @param {{ workers?: number, timeout: number, folder?: string, signal: AbortSignal, reporter: Reporter }} how
 * @returns {Promise<void>} when every process is gone; rejects when no browser can be started
 */
async function renderAll(jobs, settings, { workers, timeout, folder, signal, reporter }) {
  const [possible, impossible] = [
    jobs.filter(({ input }) => !input.problem),
    jobs.filter(({ input }) => input.problem),
  ];
  for (const job of impossible) reporter.failed(job, new Error(job.input.problem));
  if (possible.length === 0 || signal.aborted) return;
  const html = possible.some(({ input }) => input.url === undefined) ? await text(process.stdin) : "";
  const town = openTown(workers ?? Math.min(possible.length, os.availableParallelism()), timeout);
  /** Writing that its item no longer waits for, because the time or the town is over. @type {Set<Promise<void>>} */
  const writing = new Set();
  town.on("queue", async (page, job, next) => {
    reporter.started(job);
    const start = performance.now();
    const { bytes, notReady } = await renderPage(page, job, settings, html);
    const written = write(job.output, bytes, folder, next.signal);
    writing.add(written);
    await written.finally(() => writing.delete(written));
    return { bytes: bytes.length, notReady, milliseconds: Math.round(performance.now() - start) };
  });
  const close = () => void town.close({ timeout: 0 });
  signal.addEventListener("abort", close, { once: true });
  /** @type {Error | undefined} */
  let hopeless;
  await Promise.all(
    possible.map((job) =>
      town.queue(job).then(
        (rendered) => reporter.done(job, rendered),
        (error) => {
          if (signal.aborted || hopeless) return;
          if (!HOPELESS.has(error.code)) return reporter.failed(job, error);
          hopeless = error;
          close();
        },
      ),
    ),
  );
  signal.removeEventListener("abort", close);
  await town.close();
  await Promise.allSettled(writing);
  if (hopeless) throw hopeless;
}

/**
 * @param {number} workerCount
 * @param {number} timeout
 * @returns {import("../../index.js").Town<Job, Rendered>}
 */
function openTown(workerCount, timeout) {
  const boomtown = require("../../index.js");
  return /** @type {any} */ (
    boomtown({
      mode: "inline",
      workerCount,
      pageDeath: timeout,
      // What has taken too long takes too long again.
      pageTries: 0,
      // No input sees another's cookies. On Windows the engine has no contexts.
      isolation: process.platform === "win32" ? "page" : "context",
    })
  );
}

/**
 * @param {string} output
 * @param {Buffer} bytes
 * @param {string | undefined} folder
 * @param {AbortSignal} signal
 */
async function write(output, bytes, folder, signal) {
  if (output === STDOUT) return await print(bytes);
  if (folder !== undefined) await fs.mkdir(folder, { recursive: true });
  const partial = path.join(path.dirname(output), `.${path.basename(output).slice(0, 100)}.${randomUUID()}`);
  try {
    await fs.writeFile(partial, bytes, { signal });
    signal.throwIfAborted();
    await fs.rename(partial, output);
  } catch (error) {
    await fs.rm(partial, { force: true });
    throw error;
  }
}

/** @param {Buffer} bytes @returns {Promise<void>} */
function print(bytes) {
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}

module.exports = { renderAll };
