const puppeteer = require("puppeteer-core");

async function work(browser, urls) {
  for (let url = urls.shift(); url; url = urls.shift()) {
    const page = await browser.newPage();
    try {
      await page.setRequestInterception(true);
      page.on("request", (request) => (request.resourceType() === "image" ? request.abort() : request.continue()));
      await page.goto(url, { waitUntil: "domcontentloaded", timeout: 10_000 });
      console.log(await page.$eval("title", (title) => title.textContent));
    } catch (error) {
      console.error(url, error.message);
    } finally {
      await page.close();
    }
  }
}

async function main() {
  const browser = await puppeteer.launch({
    executablePath: process.env.PUPPETEER_EXECUTABLE_PATH,
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  const urls = ["One", "Two", "Three"].map((name) => `data:text/html,<title>${name}</title>`);
  await Promise.all([work(browser, urls), work(browser, urls)]);
  await browser.close();
}

main();
