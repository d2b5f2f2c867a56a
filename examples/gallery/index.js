#!/usr/bin/env node
// The command line of the gallery: renders the bundled documents, prints what came of each, and writes a page that shows them all.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { parseArgs } = require("node:util");
const documents = require("./documents");
const galleryPage = require("./gallery-page");
const Progress = require("./progress");
const render = require("./render");
const summary = require("./summary");

const HELP = `Usage: node examples/gallery [options]

  --out DIR      where the results go; what an earlier run left there is removed   (out)
  --workers N    browsers that render side by side                                 (2)
  --engine NAME  cdp, webdriver or auto                                            (auto)
  --only NAME    only this document; may be given more than once                   (all)
  --help         this text

Documents: ${documents.map((document) => document.name).join(", ")}
`;

/** Marks a directory as ours, so that --out never empties anything else. */
const MARKER = ".boomtown-gallery";

class UsageError extends Error {}

/** @param {string[]} args */
function readOptions(args) {
  /** @type {{ out: string, workers: string, engine: string, only: string[], help: boolean }} */
  let values;
  try {
    values = parseArgs({
      args,
      options: {
        out: { type: "string", default: "out" },
        workers: { type: "string", default: "2" },
        engine: { type: "string", default: "auto" },
        only: { type: "string", multiple: true, default: [] },
        help: { type: "boolean", default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(/** @type {Error} */ (error).message);
  }
  if (!["auto", "cdp", "webdriver"].includes(values.engine)) {
    throw new UsageError(`--engine is "${values.engine}"; it must be cdp, webdriver or auto`);
  }
  if (!/^[1-9]\d{0,2}$/.test(values.workers)) {
    throw new UsageError(`--workers is "${values.workers}"; it must be a whole number from 1 to 999`);
  }
  for (const name of values.only) {
    if (!documents.some((document) => document.name === name)) {
      throw new UsageError(`--only is "${name}", which is no document; choose one of those listed below`);
    }
  }
  const engine = /** @type {"auto" | "cdp" | "webdriver"} */ (values.engine);
  return { ...values, engine, out: path.resolve(values.out), workers: Number(values.workers) };
}

/** @param {string} directory */
function emptyDirectory(directory) {
  const found = fs.existsSync(directory) ? fs.readdirSync(directory) : [];
  if (found.length > 0 && !found.includes(MARKER)) {
    throw new UsageError(
      `--out is "${directory}", which holds files this program did not write; choose another directory`,
    );
  }
  fs.rmSync(directory, { recursive: true, force: true });
  fs.mkdirSync(directory, { recursive: true });
  fs.writeFileSync(path.join(directory, MARKER), "");
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (options.help) return process.stdout.write(HELP);

  const chosen = documents.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  emptyDirectory(options.out);

  const interruption = new AbortController();
  const interrupt = () => interruption.abort();
  process.once("SIGINT", interrupt).once("SIGTERM", interrupt);

  const progress = new Progress(process.stdout);
  const report = await render(chosen, { ...options, signal: interruption.signal, progress });
  progress.end();

  if (interruption.signal.aborted) {
    const done = report.results.filter((result) => !result.error).length;
    process.stderr.write(`Interrupted: ${done} of ${report.results.length} results are in ${options.out}.\n`);
    process.exitCode = 130;
    return;
  }
  galleryPage.write(options.out, chosen, report);
  const page = path.relative(process.cwd(), path.join(options.out, "index.html"));
  process.stdout.write(`${summary.table(report)}\n\n${summary.totals(report)}\nGallery: ${page}\n`);

  const failures = summary.failures(report);
  if (failures) {
    process.stderr.write(`\n${failures}\n`);
    process.exitCode = 1;
  }
}

main().catch((error) => {
  process.stderr.write(error instanceof UsageError ? `${error.message}\n\n${HELP}` : `${error.stack}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
