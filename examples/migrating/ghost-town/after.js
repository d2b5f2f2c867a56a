const { writeFileSync } = require("node:fs");
const boomtown = require("boomtown");

const town = boomtown({ workerCount: 2, pageTries: 2 });
town.on("queue", async (page, { html, width, height }) => {
  await page.setViewport({ width, height });
  await page.setContent(html);
  return page.screenshot({ type: "jpeg" });
});

town
  .queue({ html: "<body style='background: teal'>", width: 300, height: 250 })
  .then((picture) => writeFileSync("teal.jpeg", picture), console.error)
  .finally(() => town.close());
