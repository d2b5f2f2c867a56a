// The comparison as an SVG: for every kind and browser a bar for each contestant's median, with a line from its least to its most.

const { readable } = require("./figures.js");
const { escapeText, sheet } = require("./svg.js");

/**
 * @typedef {object} Bar
 * @property {string} name
 * @property {boolean} ours
 * @property {number} median
 * @property {number} least
 * @property {number} most
 *
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} unit
 * @property {Bar[]} bars
 */

const STYLE = `  .name { text-anchor: end }
  .ours { fill: #0b62a4 } .peer { fill: #c9cdd3 }
  .range { stroke: #111827; fill: none }`;
const COLUMNS = 2;
/** CSS pixels. */
const WIDTH = 620;
const HEADING = 44;
const TITLE = 40;
const ROW = 22;
const GAP = 24;
const BOX = { left: 278, width: 262 };
const BAR_HEIGHT = 14;

/** @param {Panel} panel */
const heightOf = ({ bars }) => TITLE + bars.length * ROW + GAP;

/** @param {Bar} bar @param {number} index @param {number} longest */
function drawBar({ name, ours, median, least, most }, index, longest) {
  const x = (/** @type {number} */ value) => (BOX.left + (value / longest) * BOX.width).toFixed(1);
  const top = TITLE + index * ROW;
  const middle = top + BAR_HEIGHT / 2;
  return `<text class="name" x="${BOX.left - 8}" y="${middle + 4}">${escapeText(name)}</text>
<rect class="${ours ? "ours" : "peer"}" x="${BOX.left}" y="${top}" width="${((median / longest) * BOX.width).toFixed(1)}" height="${BAR_HEIGHT}"/>
<path class="range" d="M${x(least)} ${middle}H${x(most)}M${x(least)} ${middle - 3}v6M${x(most)} ${middle - 3}v6"/>
<text x="${(Number(x(most)) + 6).toFixed(1)}" y="${middle + 4}">${readable(median)}</text>`;
}

/** @param {Panel} panel @param {number} left @param {number} top */
function drawPanel({ title, unit, bars }, left, top) {
  const longest = Math.max(...bars.map(({ most }) => most)) || 1;
  return `<g transform="translate(${left} ${top})">
<text class="title" x="16" y="20">${escapeText(title)}<tspan class="unit">, ${escapeText(unit)}</tspan></text>
${bars.map((bar, index) => drawBar(bar, index, longest)).join("\n")}
</g>`;
}

/** @param {Panel[]} panels @param {string} heading */
function drawChart(panels, heading) {
  let height = HEADING;
  const drawn = [];
  for (let first = 0; first < panels.length; first += COLUMNS) {
    const row = panels.slice(first, first + COLUMNS);
    for (const [column, panel] of row.entries()) drawn.push(drawPanel(panel, column * WIDTH, height));
    height += Math.max(...row.map(heightOf));
  }
  const width = Math.min(COLUMNS, panels.length || 1) * WIDTH;
  return sheet({ width, height, left: 16, heading, style: STYLE, panels: drawn });
}

module.exports = { drawChart };
