const boomtown = require("boomtown");

const town = boomtown({ isolation: "context", workerCount: 1, pageCount: 2, pageDeath: 10_000, errorTries: 1 });
town.on("queue", async (page, url) => {
  await page.goto(url);
  console.log(await page.title());
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
