// The page's ways out to the DevTools protocol and to Puppeteer.

const assert = require("node:assert/strict");
const { feature } = require("./helpers/page.js");

feature("cdp", "cdp sends a command and gives its answer", async (page) => {
  const { result } = await page.cdp("Runtime.evaluate", { expression: "6 * 7" });
  assert.equal(result.value, 42);
});

feature("puppeteer", "puppeteer gives the same page as Puppeteer's own", async (page) => {
  await page.setContent("<title>T</title>");
  const own = await page.puppeteer();
  assert.equal(await own.title(), "T");
});
