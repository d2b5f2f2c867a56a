// What a piece of work is, and how a contestant does it.

const { CONTESTANTS } = require("./contestants");

/**
 * @typedef {import("./contestants").AnyPage} AnyPage
 * @typedef {import("./contestants").Pool} Pool
 *
 * One contestant's turn, which its process is told.
 * @typedef {object} Turn
 * @property {string} kind
 * @property {string} contestant
 * @property {import("./contestants").Browser} browser
 * @property {string[]} flags
 * @property {boolean} sandbox
 * @property {number} concurrency
 * @property {number} items
 * @property {string} site URL of the local server
 *
 * @typedef {object} Work
 * @property {import("./contestants").Viewport} [viewport]
 * @property {(page: AnyPage, number: number, turn: Turn) => Promise<unknown>} handler
 * @property {() => import("./inspect.js").Inspector} inspector
 *
 * What a turn has found.
 * @typedef {object} Measured
 * @property {Record<string, number>} figures by the names of the kind's metrics
 * @property {import("./inspect.js").Evidence[]} evidence
 *
 * @typedef {object} Metric
 * @property {string} name
 * @property {string} title
 * @property {"more" | "less"} better
 *
 * A kind of measurement: one module in kinds/.
 * @typedef {object} Kind
 * @property {string} title
 * @property {string} about
 * @property {string[]} contestants
 * @property {Metric[]} metrics the first one is drawn
 * @property {(turn: Turn) => Promise<Measured>} measure
 * @property {number} scale how many items to one of a rendering kind
 * @property {boolean} [anyBrowser] it does not depend on the browser, so one is enough
 * @property {string} [reference] whom the others are compared with, instead of the best peer
 * @property {number} [rehearsals] turns of each contestant that do not count
 * @property {() => string | undefined} [obstacle] why it cannot be measured here
 */

/** Items that every slot has had before anything is measured: a browser is busy with itself for seconds after its start. */
const WARM_UP = 10;

/** @param {Turn} turn @param {Work} work @returns {Promise<Pool>} */
function openPool(turn, { viewport, handler }) {
  const open = CONTESTANTS[turn.contestant];
  return open({ ...turn, viewport, handler: (page, number) => handler(page, number, turn) });
}

/** All at once. @param {Pool} pool @param {number} count @param {number} first @param {Work} work */
async function runItems(pool, count, first, work) {
  const inspector = work.inspector();
  const run = async (/** @type {number} */ number) => inspector.add(number, await pool.run(number));
  await Promise.all(Array.from({ length: count }, (_, index) => run(first + index)));
  return inspector;
}

/**
 * @template Result
 * @param {Turn} turn
 * @param {Work} work
 * @param {(pool: Pool) => Promise<Result>} use gets it warmed up; the first `turn.items` numbers are for the measurement
 */
async function withPool(turn, work, use) {
  const pool = await openPool(turn, work);
  try {
    await runItems(pool, turn.concurrency * WARM_UP, turn.items, work);
    return await use(pool);
  } finally {
    await pool.close();
  }
}

module.exports = { openPool, runItems, withPool };
