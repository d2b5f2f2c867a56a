const { chromium } = require("playwright-core");

async function work(browser, urls) {
  for (let url = urls.shift(); url; url = urls.shift()) {
    const context = await browser.newContext({ viewport: { width: 640, height: 480 }, locale: "en-GB" });
    const page = await context.newPage();
    try {
      await page.goto(url, { timeout: 10_000 });
      await page.fill("input", "typed");
      await page.click("button");
      console.log(await page.textContent("output"));
    } catch (error) {
      console.error(url, error.message);
    } finally {
      await context.close();
    }
  }
}

async function main() {
  const browser = await chromium.launch({ executablePath: process.env.PUPPETEER_EXECUTABLE_PATH });
  const form = (name) =>
    `data:text/html,<input><button onclick="out.value = '${name} ' + document.querySelector('input').value">OK</button><output id=out>`;
  const urls = ["One", "Two", "Three"].map(form);
  await Promise.all([work(browser, urls), work(browser, urls)]);
  await browser.close();
}

main();
