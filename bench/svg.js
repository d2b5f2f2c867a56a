// What all drawings of figures have in common: a white sheet with a heading, and the styles of its text.

/** @param {string} text */
const escapeText = (text) => text.replace(/[&<>]/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * @param {object} parts
 * @param {number} parts.width
 * @param {number} parts.height
 * @param {number} parts.left where the heading begins
 * @param {string} parts.heading
 * @param {string} parts.style further rules
 * @param {string[]} parts.panels
 */
function sheet({ width, height, left, heading, style, panels }) {
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">
<title>${escapeText(heading)}</title>
<style>
  text { font: 12px system-ui, "Noto Sans", sans-serif; fill: #4b5563 }
  .heading { font-size: 16px; font-weight: 600; fill: #111827 }
  .title { font-size: 13px; font-weight: 600; fill: #111827 }
  .unit { font-weight: 400; fill: #4b5563 }
${style}
</style>
<rect width="${width}" height="${height}" fill="#fff"/>
<text class="heading" x="${left}" y="28">${escapeText(heading)}</text>
${panels.join("\n")}
</svg>
`;
}

module.exports = { escapeText, sheet };
