// The samples of a soak as an SVG: small multiples over the minutes of the run.

const { sheet } = require("../svg.js");

/** @typedef {import("./sampler.js").Sample} Sample */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {(sample: Sample) => number} of
 *
 * @typedef {object} Panel
 * @property {string} title
 * @property {string} unit
 * @property {boolean} [logarithmic]
 * @property {Line[]} lines
 */

const MINUTE = 60_000;
const MB = 1e6;
const COLORS = ["#0b62a4", "#c2410c", "#4d7c0f", "#7e22ce"];

/** @type {Panel[]} */
const PANELS = [
  { title: "Items settled", unit: "per second", lines: [{ name: "items", of: ({ rate }) => rate }] },
  {
    title: "Latency of an item",
    unit: "ms",
    logarithmic: true,
    lines: [
      { name: "p50", of: ({ p50 }) => p50 },
      { name: "p99", of: ({ p99 }) => p99 },
    ],
  },
  {
    title: "Memory of Node",
    unit: "MB",
    lines: [
      { name: "RSS", of: ({ rss }) => rss / MB },
      { name: "heap used", of: ({ heap }) => heap / MB },
    ],
  },
  { title: "Memory of the browsers", unit: "MB", lines: [{ name: "all processes", of: ({ memory }) => memory / MB }] },
  { title: "File descriptors of Node", unit: "open", lines: [{ name: "descriptors", of: ({ files }) => files }] },
  {
    title: "Processes of the browsers",
    unit: "alive",
    lines: [{ name: "processes", of: ({ processes }) => processes }],
  },
  {
    title: "Delay of Node's event loop",
    unit: "ms",
    logarithmic: true,
    lines: [
      { name: "p99", of: ({ loop }) => loop },
      { name: "longest", of: ({ loopMax }) => loopMax },
    ],
  },
  {
    title: "So far",
    unit: "count",
    lines: [
      { name: "faults", of: ({ faults }) => faults },
      { name: "retried", of: ({ retried }) => retried },
      { name: "timed out", of: ({ timedOut }) => timedOut },
      { name: "crashed", of: ({ crashed }) => crashed },
    ],
  },
];

const STYLE = `  .y { text-anchor: end } .x { text-anchor: middle }
  .grid { stroke: #e5e7eb } .axis { stroke: #6b7280 }
  polyline { fill: none; stroke-width: 1.5; stroke-linejoin: round }`;
const COLUMNS = 2;
/** CSS pixels: one panel with its margins, the box in it that is drawn on, and the heading of the whole. */
const PANEL = { width: 470, height: 210 };
const BOX = { left: 58, top: 44, width: 390, height: 128 };
const HEADING = 44;

/** Ticks at round numbers from zero. @param {number} most @param {number} count */
function roundTicks(most, count) {
  const rough = (most || 1) / count;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = power * /** @type {number} */ ([1, 2, 5, 10].find((factor) => factor * power >= rough));
  return Array.from({ length: Math.ceil((most || 1) / step) + 1 }, (_, index) => index * step);
}

/** Powers of ten around all values. @param {number[]} values */
function powerTicks(values) {
  const positive = values.filter((value) => value > 0);
  const low = Math.floor(Math.log10(Math.min(...positive, 10)));
  const high = Math.ceil(Math.log10(Math.max(...positive, 10)));
  return Array.from({ length: Math.max(high - low, 1) + 1 }, (_, index) => 10 ** (low + index));
}

/** @param {number} value */
const label = (value) => value.toLocaleString("en", { maximumFractionDigits: 3 });

/** @param {Panel} panel @param {Sample[]} samples @param {number} index */
function drawPanel({ title, unit, logarithmic, lines }, samples, index) {
  const values = lines.flatMap(({ of }) => samples.map(of));
  const ticks = logarithmic ? powerTicks(values) : roundTicks(Math.max(...values), 4);
  const scale = logarithmic ? (/** @type {number} */ value) => Math.log10(Math.max(value, ticks[0])) : Number;
  const [bottom, top] = [scale(ticks[0]), scale(/** @type {number} */ (ticks.at(-1)))];
  const longest = /** @type {Sample} */ (samples.at(-1)).at / MINUTE;
  const minutes = roundTicks(longest, 6).filter((minute) => minute <= longest);

  const x = (/** @type {number} */ minute) => BOX.left + (minute / longest) * BOX.width;
  const y = (/** @type {number} */ value) => BOX.top + BOX.height * (1 - (scale(value) - bottom) / (top - bottom));
  const right = BOX.left + BOX.width;
  const floor = BOX.top + BOX.height;

  const grid = ticks.map(
    (tick) =>
      `<path class="grid" d="M${BOX.left} ${y(tick).toFixed(1)}H${right}"/>` +
      `<text class="y" x="${BOX.left - 7}" y="${(y(tick) + 4).toFixed(1)}">${label(tick)}</text>`,
  );
  const axis = minutes.map(
    (minute) =>
      `<path class="axis" d="M${x(minute).toFixed(1)} ${floor}v4"/>` +
      `<text class="x" x="${x(minute).toFixed(1)}" y="${floor + 17}">${label(minute)}</text>`,
  );
  const curves = lines.map(({ of }, line) => {
    const points = samples.map((sample) => `${x(sample.at / MINUTE).toFixed(1)},${y(of(sample)).toFixed(1)}`);
    return `<polyline stroke="${COLORS[line]}" points="${points.join(" ")}"/>`;
  });
  const legend = lines.map(({ name }, line) => `<tspan fill="${COLORS[line]}">${name}</tspan>`).join("  ");
  const [column, row] = [index % COLUMNS, Math.floor(index / COLUMNS)];
  return `<g transform="translate(${column * PANEL.width} ${HEADING + row * PANEL.height})">
<text class="title" x="${BOX.left}" y="18">${title}<tspan class="unit">, ${unit}</tspan></text>
<text class="legend" x="${BOX.left}" y="35" xml:space="preserve">${lines.length > 1 ? legend : ""}</text>
${grid.join("\n")}
<path class="axis" d="M${BOX.left} ${floor}H${right}"/>
${axis.join("\n")}
<text class="y" x="${right}" y="${floor + 32}">minutes</text>
${curves.join("\n")}
</g>`;
}

/**
 * @param {Sample[]} samples at least one
 * @param {string} heading
 */
function plot(samples, heading) {
  const width = COLUMNS * PANEL.width;
  const height = HEADING + Math.ceil(PANELS.length / COLUMNS) * PANEL.height + 8;
  return sheet({
    width,
    height,
    left: BOX.left,
    heading,
    style: STYLE,
    panels: PANELS.map((panel, index) => drawPanel(panel, samples, index)),
  });
}

module.exports = { plot };
