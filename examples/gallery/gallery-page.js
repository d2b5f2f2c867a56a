// Writes out/index.html: every document as a live page, and beside it what the town made of it.
"use strict";

const fs = require("node:fs");
const path = require("node:path");
const { bytes } = require("./format");
const { figures } = require("./summary");

/**
 * @typedef {import("./documents").Document} Document
 * @typedef {import("./render").Report} Report
 * @typedef {import("./render").Result} Result
 */

const PAGE_WIDTH = 1360;
const GAP = 24;
const MAX_HEIGHT = 620;

/** A page this much wider than tall is a banner: its figures stand one above the other, where they can be read. */
const BANNER = 2.5;

const SOURCES = "sources";

/**
 * @param {string} out
 * @param {Document[]} documents
 * @param {Report} report
 */
exports.write = (out, documents, report) => {
  fs.mkdirSync(path.join(out, SOURCES), { recursive: true });
  for (const { name, html } of documents) fs.writeFileSync(path.join(out, SOURCES, `${name}.html`), html);
  fs.writeFileSync(path.join(out, "index.html"), page(documents, report));
};

/** @param {string} text */
const escapeHtml = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

/**
 * The size at which a document and its results are shown: all of them in one row, unless it is a banner.
 * @param {Document} document
 */
function shownSize({ viewport: { width, height }, outputs }) {
  const columns = width / height > BANNER ? 1 : 1 + Object.keys(outputs).length;
  const scale = Math.min(1, (PAGE_WIDTH - GAP * (columns - 1)) / columns / width, MAX_HEIGHT / height);
  return { scale, width: Math.floor(width * scale), height: Math.floor(height * scale) };
}

/** @param {Document} document */
function sourceFigure(document) {
  const { viewport, name, title } = document;
  const { scale, width, height } = shownSize(document);
  const file = `${SOURCES}/${name}.html`;
  const frame = `width: ${viewport.width}px; height: ${viewport.height}px; transform: scale(${scale.toFixed(4)})`;
  return figure(
    width,
    `<span class="type source">HTML</span> <a href="${file}">live source</a>`,
    `<div class="frame" style="height: ${height}px"><iframe sandbox="allow-scripts" loading="lazy" src="${file}" title="${escapeHtml(title)}, source" style="${frame}"></iframe></div>`,
    `${viewport.width} × ${viewport.height} CSS px, ${bytes(Buffer.byteLength(document.html))}`,
  );
}

/** @param {Result} result */
function resultFigure(result) {
  const { document, file, type, error } = result;
  const { width, height } = shownSize(document);
  const heading = `<span class="type ${type}">${type.toUpperCase()}</span> `;
  if (error) {
    return figure(
      width,
      `${heading}failed`,
      `<div class="frame failed">${escapeHtml(error.message)}</div>`,
      `attempts: ${result.attempts}`,
    );
  }
  const style = `style="height: ${height}px"`;
  const content =
    type === "pdf"
      ? `<object class="frame" ${style} data="${file}#toolbar=0&amp;navpanes=0&amp;view=FitH" type="application/pdf"><a class="sheet" href="${file}">Open the PDF<br>${result.size}</a></object>`
      : `<a class="frame picture" ${style} href="${file}"><img src="${file}" loading="lazy" alt="${escapeHtml(document.title)}, rendered as ${type.toUpperCase()}"></a>`;
  return figure(
    width,
    `${heading}<a href="${file}">${file}</a>`,
    content,
    `${result.size}, ${bytes(result.bytes)}, ${Math.round(result.ms)} ms`,
  );
}

/**
 * @param {number} width
 * @param {string} heading
 * @param {string} content
 * @param {string} caption
 */
const figure = (width, heading, content, caption) =>
  `<figure style="--width: ${width}px"><header>${heading}</header>${content}<figcaption>${caption}</figcaption></figure>`;

/**
 * @param {Document} document
 * @param {Result[]} results
 */
const section = (document, results) => `
<section id="${document.name}">
  <h2><a href="#${document.name}">${escapeHtml(document.title)}</a></h2>
  <p>${escapeHtml(document.shows)}</p>
  <div class="figures">
    ${[sourceFigure(document), ...results.map(resultFigure)].join("\n    ")}
  </div>
</section>`;

/**
 * @param {Document[]} documents
 * @param {Report} report
 */
const page = (documents, report) => `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>boomtown gallery</title>
<style>
  :root { color-scheme: light dark; --ground: light-dark(#f4f3ef, #16181b); --ink: light-dark(#1d2126, #e6e8ea); --soft: light-dark(#5f6770, #9aa3ad); --rule: light-dark(#dcd9d0, #2d3238); --mat: light-dark(#fff, #1f2327); --link: light-dark(#8f3f12, #f0a56b); }
  * { margin: 0; box-sizing: border-box; }
  html { scroll-padding-top: 20px; }
  body { max-width: ${PAGE_WIDTH + 80}px; margin: 0 auto; padding: 48px 40px 96px; background: var(--ground); color: var(--ink); font: 15px/1.5 system-ui, "Noto Sans", sans-serif; }
  a { color: inherit; text-decoration-color: var(--rule); text-underline-offset: 3px; }
  a:hover { color: var(--link); }
  a:focus-visible { outline: 2px solid var(--link); outline-offset: 3px; }
  h1 { font-size: 40px; line-height: 1.1; letter-spacing: -0.025em; }
  h1 + p { margin-top: 10px; max-width: 62ch; color: var(--soft); }
  dl { display: flex; flex-wrap: wrap; gap: 20px 44px; margin: 32px 0; padding: 20px 0; border: solid var(--rule); border-width: 1px 0; }
  dt { font-size: 13px; color: var(--soft); }
  dd { margin: 0; font-size: 24px; line-height: 1.3; font-weight: 600; font-variant-numeric: tabular-nums; }
  nav { columns: 15rem; column-gap: 32px; line-height: 1.9; }
  nav a { display: block; text-decoration: none; }
  section { margin-top: 64px; padding-top: 26px; border-top: 1px solid var(--rule); }
  h2 { font-size: 23px; line-height: 1.2; letter-spacing: -0.01em; }
  h2 a { text-decoration: none; }
  section > p { margin-top: 4px; color: var(--soft); }
  .figures { display: flex; flex-wrap: wrap; gap: 28px ${GAP}px; margin-top: 22px; }
  figure { display: flex; flex-direction: column; width: max(var(--width), 190px); max-width: 100%; }
  figure header { margin-bottom: 8px; font-size: 13px; white-space: nowrap; }
  figcaption { margin-top: 8px; font-size: 13px; color: var(--soft); font-variant-numeric: tabular-nums; }
  .type { display: inline-block; margin-right: 6px; padding: 0 6px; border-radius: 3px; background: var(--ink); color: var(--ground); font-size: 11px; font-weight: 700; line-height: 18px; }
  .type.source { background: none; color: inherit; box-shadow: inset 0 0 0 1px currentcolor; }
  .frame { display: block; width: var(--width); max-width: 100%; overflow: auto; background: var(--mat); box-shadow: 0 0 0 1px var(--rule); }
  .picture { background: repeating-conic-gradient(#d9d9d9 0 25%, #fff 0 50%) 0 0 / 16px 16px; }
  .frame img { display: block; width: 100%; }
  iframe { display: block; border: 0; background: #fff; transform-origin: 0 0; }
  .sheet { display: grid; place-content: center; height: 100%; text-align: center; }
  .failed { padding: 16px; color: light-dark(#a3271b, #ff9a8c); white-space: pre-wrap; overflow-wrap: anywhere; }
  @media (max-width: 640px) { body { padding: 28px 18px 64px; } h1 { font-size: 32px; } }
</style>
<h1>boomtown gallery</h1>
<p>Each document as a live page, and beside it the pictures and PDFs that a town of ${report.workers} ${report.workers === 1 ? "worker" : "workers"} made of it.</p>
<dl>${figures(report)
  .map(([name, value]) => `<div><dt>${name}</dt><dd>${value}</dd></div>`)
  .join("")}</dl>
<nav>${documents.map(({ name, title }) => `<a href="#${name}">${escapeHtml(title)}</a>`).join("")}</nav>
${documents
  .map((document) =>
    section(
      document,
      report.results.filter((result) => result.document === document),
    ),
  )
  .join("\n")}
</html>
`;
