// The page that the benchmarks render: 2.5 kB of HTML with sixteen shadowed cards, a gradient and text. Every number has
// a picture of its own, so that none can be taken for another.

/**
 * @typedef {object} Sheet how large the page is, in CSS pixels, and what is on it
 * @property {number} width
 * @property {number} height
 * @property {number} columns
 * @property {number} cards
 */

const VIEWPORT = { width: 640, height: 480 };
/** @type {Sheet} */
const SHEET = { ...VIEWPORT, columns: 4, cards: 16 };

/**
 * @param {number} number
 * @param {Sheet} [sheet]
 */
function cardPage(number, { width, height, columns, cards } = SHEET) {
  const list = Array.from(
    { length: cards },
    (_, index) =>
      `<div class="card"><h2>Card ${index + 1}</h2><p>Some words on card number ${index + number}.</p></div>`,
  ).join("\n");
  return `<!doctype html>
<meta charset="utf-8">
<style>
  body { box-sizing: border-box; margin: 0; padding: 12px; width: ${width}px; height: ${height}px; overflow: hidden; font: 13px sans-serif; color: #223; background: linear-gradient(160deg, #eef, hsl(${(number * 47) % 360} 60% 60%)) }
  main { display: grid; grid-template-columns: repeat(${columns}, 1fr); gap: 10px }
  .card { padding: 8px; border-radius: 8px; background: #fff; box-shadow: 0 2px 6px rgb(20 30 60 / 30%) }
  h2 { margin: 0 0 6px; font-size: 15px }
  p { margin: 0 }
</style>
<main>
${list}
</main>`;
}

module.exports = { VIEWPORT, cardPage };
