// Where each input's picture or PDF goes. Nothing is rendered before it is certain that no output overwrites another or an input.

const fs = require("node:fs");
const path = require("node:path");

/** @typedef {import("./inputs.js").Input} Input */
/** @typedef {"png" | "jpeg" | "webp" | "pdf"} Type */
/** @typedef {{ input: Input, output: string, type: Type }} Job */

/** By the ending of a file's name. @type {Record<string, Type>} */
const TYPES = { ".png": "png", ".jpeg": "jpeg", ".jpg": "jpeg", ".webp": "webp", ".pdf": "pdf" };
const STDOUT = "-";
/** These file systems take names for the same that differ in capitals only. */
const IGNORES_CASE = process.platform === "darwin" || process.platform === "win32";

/**
 * @param {Input[]} inputs
 * @param {string} out
 * @param {Type} [type] of the outputs where their names do not tell it
 * @returns {{ jobs: Job[], folder?: string }} `folder` is where the jobs' outputs go, when they go into one
 * @throws {Error} with what is wrong with the arguments
 */
function planOutputs(inputs, out, type) {
  if (out === STDOUT) return { jobs: single(inputs, out, type ?? "png", "standard output takes") };
  if (isFolder(out)) {
    const jobs = inputs.map((input) => intoFolder(input, out, type ?? "png"));
    refuseCollisions(jobs);
    return { jobs, folder: out };
  }
  const ending = path.extname(out).toLowerCase();
  if (!Object.hasOwn(TYPES, ending)) {
    throw new Error(
      `-o ${out}: a file ends in ${Object.keys(TYPES).join(", ")}, and a folder that is not there yet in a slash: ${out}/`,
    );
  }
  if (type !== undefined && type !== TYPES[ending])
    throw new Error(`-o ${out} is no ${type}: leave --type out, or change the ending`);
  const jobs = single(inputs, out, TYPES[ending], `-o ${out} is one file, for`);
  refuseCollisions(jobs);
  return { jobs };
}

/** @param {string} out */
function isFolder(out) {
  const stats = fs.statSync(out, { throwIfNoEntry: false });
  if (stats) return stats.isDirectory();
  return /[/\\]$/.test(out) || path.extname(out) === "";
}

/** @param {Input[]} inputs @param {string} output @param {Type} type @param {string} what @returns {Job[]} */
function single(inputs, output, type, what) {
  if (inputs.length > 1)
    throw new Error(`${what} one input, and there are ${inputs.length}; -o can be a folder: -o out/`);
  return inputs.map((input) => ({ input, output, type }));
}

/** @param {Input} input @param {string} folder @param {Type} type @returns {Job} */
function intoFolder(input, folder, type) {
  return { input, output: path.join(folder, `${input.stem}.${type}`), type };
}

/** @param {Job[]} jobs */
function refuseCollisions(jobs) {
  /** @type {Map<string, Job>} */
  const taken = new Map();
  for (const job of jobs) {
    if (job.input.problem) continue;
    const place = placeOf(job.output);
    const other = taken.get(place);
    if (other) {
      throw new Error(
        `${other.input.name} and ${job.input.name} would both be ${job.output}: render them into folders of their own`,
      );
    }
    taken.set(place, job);
  }
  for (const { input } of jobs) {
    const job = input.file && taken.get(placeOf(input.file));
    if (job) throw new Error(`${job.output} would overwrite an input: name another folder`);
  }
}

/** One text for all names of a file. @param {string} file */
function placeOf(file) {
  const absolute = path.resolve(file);
  const place =
    real(absolute) ?? path.join(real(path.dirname(absolute)) ?? path.dirname(absolute), path.basename(absolute));
  return IGNORES_CASE ? place.toLowerCase() : place;
}

/** @param {string} file */
function real(file) {
  try {
    return fs.realpathSync(file);
  } catch {
    return undefined;
  }
}

module.exports = { STDOUT, TYPES: /** @type {Type[]} */ ([...new Set(Object.values(TYPES))]), planOutputs };
