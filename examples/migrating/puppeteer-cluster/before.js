const { Cluster } = require("puppeteer-cluster");

async function main() {
  const cluster = await Cluster.launch({
    concurrency: Cluster.CONCURRENCY_CONTEXT,
    maxConcurrency: 2,
    timeout: 10_000,
    retryLimit: 1,
    puppeteerOptions: {
      executablePath: process.env.PUPPETEER_EXECUTABLE_PATH,
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  });
  await cluster.task(async ({ page, data: url }) => {
    await page.goto(url);
    console.log(await page.title());
  });
  cluster.on("taskerror", (error, url) => console.error(url, error.message));

  for (const name of ["One", "Two", "Three"]) cluster.queue(`data:text/html,<title>${name}</title>`);
  await cluster.idle();
  await cluster.close();
}

main();
