// A town that makes JPEGs of the card page: what most benchmarks run.

const boomtown = require("..");
const { VIEWPORT, cardPage } = require("./card.js");

/** The card page of one number, as JPEG. @param {import("..").Page} page @param {number} number */
async function renderCard(page, number) {
  await page.setViewport(VIEWPORT);
  await page.setContent(cardPage(number));
  return page.screenshot({ type: "jpeg" });
}

/**
 * Options of every benchmark's town: as root, Chromium has no sandbox, and the warning of that would be repeated.
 * @param {import("..").TownOptions} options @returns {import("..").TownOptions}
 */
function benchOptions({ browser, ...options }) {
  return { ...options, browser: { sandbox: process.getuid?.() !== 0, ...browser } };
}

/** @param {import("..").TownOptions} options @returns {import("..").Town<number, Buffer>} */
function cardTown(options) {
  return boomtown(benchOptions(options)).on("queue", renderCard);
}

/** Queues the numbers from 0 at once. @param {import("..").Town<number, Buffer>} town @param {number} count */
const renderCards = (town, count) => Promise.all(Array.from({ length: count }, (_, number) => town.queue(number)));

/** Items per second. @param {import("..").Town<number, Buffer>} town @param {number} items */
async function rateOfCards(town, items) {
  const start = performance.now();
  await renderCards(town, items);
  return (items * 1000) / (performance.now() - start);
}

module.exports = { benchOptions, cardTown, rateOfCards, renderCard, renderCards };
