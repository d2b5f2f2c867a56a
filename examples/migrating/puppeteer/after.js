const boomtown = require("boomtown");

const town = boomtown({ workerCount: 2, pageDeath: 10_000, pageTries: 0 });
town.on("queue", async (page, url) => {
  await page.setRequestInterception(true);
  page.on("request", (request) => (request.resourceType() === "image" ? request.abort() : request.continue()));
  await page.goto(url, { waitUntil: "domcontentloaded" });
  console.log(await page.$eval("title", (title) => title.textContent));
});

async function main() {
  for (const name of ["One", "Two", "Three"]) {
    const url = `data:text/html,<title>${name}</title>`;
    town.queue(url).catch((error) => console.error(url, error.message));
  }
  await town.idle();
  await town.close();
}

main();
