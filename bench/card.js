// The page that the benchmarks render: 2.5 kB of HTML with sixteen shadowed cards, a gradient and text.

const CARDS = Array.from(
  { length: 16 },
  (_, index) => `<div class="card"><h2>Card ${index + 1}</h2><p>Some words on card number ${index + 1}.</p></div>`,
).join("\n");

const HTML = `<!doctype html>
<meta charset="utf-8">
<style>
  body { margin: 0; padding: 12px; width: 616px; height: 456px; font: 13px sans-serif; color: #223; background: linear-gradient(160deg, #eef, #cde) }
  main { display: grid; grid-template-columns: repeat(4, 1fr); gap: 10px }
  .card { padding: 8px; border-radius: 8px; background: #fff; box-shadow: 0 2px 6px rgb(20 30 60 / 30%) }
  h2 { margin: 0 0 6px; font-size: 15px }
  p { margin: 0 }
</style>
<main>
${CARDS}
</main>`;

module.exports = { HTML, VIEWPORT: { width: 640, height: 480 } };
