// Looks whether the results are what the work was to make. What it tells of them is compared between the contestants, so that
// all are known to have done the same.

const { inflateSync } = require("node:zlib");
const jpeg = require("jpeg-js");
// @ts-expect-error: pngjs declares no types
const { PNG } = require("pngjs");

/**
 * What is compared: `mean red` and the like, and sizes.
 * @typedef {Record<string, number>} Evidence
 *
 * @typedef {object} Inspector
 * @property {(number: number, result: any) => void} add throws when the result cannot be right
 * @property {() => Evidence[]} evidence
 */

/** Every how many-th pixel is looked at; a prime, so that no pattern hides between them. */
const STEP = 97;
/** A picture with fewer colours is blank. */
const LEAST_COLOURS = 12;
/** The bytes of the poorest card page are several times as many. */
const LEAST_BYTES = 4000;
const LEAST_WORDS = 16;

/** @param {Uint8Array} bytes @param {string} what */
function requireBytes(bytes, what) {
  if (!(bytes instanceof Uint8Array)) throw new Error(`${what} is ${typeof bytes} instead of bytes`);
  if (bytes.length < LEAST_BYTES)
    throw new Error(`${what} has ${bytes.length} bytes, and at least ${LEAST_BYTES} expected`);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
}

/** Keeps the first and the last result, and sees that they differ. @param {(result: Buffer) => Evidence} look */
function firstAndLast(look) {
  /** @type {Map<number, Buffer>} */
  const kept = new Map();
  return {
    add: (/** @type {number} */ number, /** @type {Uint8Array} */ result) => {
      const bytes = requireBytes(result, `result ${number}`);
      const [first, last = first] = [...kept.keys()].toSorted((a, b) => a - b);
      if (kept.size >= 2 && number > first && number < last) return;
      kept.set(number, bytes);
      if (kept.size > 2) kept.delete(number < first ? first : last);
    },
    evidence: () => {
      const results = [...kept].toSorted(([a], [b]) => a - b).map(([, bytes]) => bytes);
      if (results.length === 0) throw new Error("there is no result");
      if (results.length > 1 && results[0].equals(results[1]))
        throw new Error("the first and the last result are the same");
      return results.map(look);
    },
  };
}

/** @param {{ type: "jpeg" | "png", width: number, height: number }} expected @returns {Inspector} */
function pictures({ type, width, height }) {
  return firstAndLast((bytes) => {
    const picture = decode(type, bytes);
    if (picture.width !== width || picture.height !== height) {
      throw new Error(`the picture is ${picture.width} x ${picture.height} instead of ${width} x ${height}`);
    }
    return { width, height, ...colours(picture.data) };
  });
}

/** @param {"jpeg" | "png"} type @param {Buffer} bytes @returns {{ width: number, height: number, data: Uint8Array }} of RGBA */
function decode(type, bytes) {
  if (type === "png") return PNG.sync.read(bytes);
  return jpeg.decode(bytes, { useTArray: true, maxMemoryUsageInMB: 1024 });
}

/** @param {Uint8Array} data @returns {Evidence} */
function colours(data) {
  const sums = [0, 0, 0];
  const seen = new Set();
  let count = 0;
  for (let at = 0; at + 2 < data.length; at += 4 * STEP) {
    for (const channel of [0, 1, 2]) sums[channel] += data[at + channel];
    // Noise of the compression is no colour of its own.
    seen.add(((data[at] >> 3) << 10) | ((data[at + 1] >> 3) << 5) | (data[at + 2] >> 3));
    count += 1;
  }
  if (seen.size < LEAST_COLOURS) throw new Error(`the picture is blank: it has ${seen.size} colours`);
  const [red, green, blue] = sums.map((sum) => Math.round(sum / count));
  return { "mean red": red, "mean green": green, "mean blue": blue };
}

/** @returns {Inspector} */
function documents() {
  return firstAndLast((bytes) => {
    const text = bytes.toString("latin1");
    if (!text.startsWith("%PDF-")) throw new Error("the document is no PDF");
    const [, width, height] = /\/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]/.exec(text) ?? [];
    const pages = text.match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    if (wordsIn(bytes, text) < LEAST_WORDS) throw new Error("the document is blank");
    return { "points wide": Number(width), "points high": Number(height), pages };
  });
}

/** How often a text is drawn. @param {Buffer} bytes @param {string} text the same as latin1 */
function wordsIn(bytes, text) {
  let words = 0;
  for (const { index, 0: keyword } of text.matchAll(/stream\r?\n/g)) {
    try {
      // What follows the compressed data is left alone.
      const content = inflateSync(bytes.subarray(index + keyword.length)).toString("latin1");
      words += content.match(/\bT[jJ]\b/g)?.length ?? 0;
    } catch {
      // Not every stream is compressed, and `endstream` ends in the same word.
    }
  }
  return words;
}

/** Every result is this value. @param {unknown} expected @returns {Inspector} */
function values(expected) {
  let count = 0;
  return {
    add: (number, result) => {
      if (result !== expected) throw new Error(`result ${number} is ${result} instead of ${expected}`);
      count += 1;
    },
    evidence: () => [{ results: count }],
  };
}

/** Of different browsers' processes, roundings and fonts; everything else is to be equal. @type {Evidence} */
const TOLERANCES = { "mean red": 4, "mean green": 4, "mean blue": 4, "points wide": 2, "points high": 2 };

/** How two contestants' evidence differs. @param {Evidence[]} some @param {Evidence[]} others @returns {string[]} */
function differences(some, others) {
  if (some.length !== others.length) return [`${some.length} instead of ${others.length} results to look at`];
  return some.flatMap((one, index) =>
    Object.keys({ ...one, ...others[index] })
      .filter((key) => !(Math.abs(one[key] - others[index][key]) <= (TOLERANCES[key] ?? 0)))
      .map((key) => `${key} is ${one[key]} instead of ${others[index][key]}`),
  );
}

module.exports = { differences, documents, pictures, values };
