const boomtown = require("boomtown");

const town = boomtown({ workerCount: 2, workerDeath: 10, pageDeath: 10_000 });
town.on("queue", async (page, url) => {
  await page.goto(url);
  return page.title();
});

const urls = ["One", "Two", "Three"].map((name) => `data:text/html,<title>${name}</title>`);
const items = urls.map((url) => town.queue(url).then(console.log));
Promise.all(items).finally(() => town.close());
