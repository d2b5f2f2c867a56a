const boomtown = require("boomtown");

const town = boomtown({
  isolation: "context",
  workerCount: 2,
  pageDeath: 10_000,
  pageTries: 0,
  browser: { args: ["--lang=en-GB"] },
});
town.on("queue", async (page, url) => {
  await page.setViewport({ width: 640, height: 480 });
  await page.goto(url);
  await page.type("input", "typed");
  await page.click("button");
  console.log(await page.$eval("output", (output) => output.textContent));
});

/** @param {string} name */
const form = (name) =>
  `data:text/html,<input><button onclick="out.value = '${name} ' + document.querySelector('input').value">OK</button><output id=out>`;

async function main() {
  for (const name of ["One", "Two", "Three"]) {
    const url = form(name);
    town.queue(url).catch((error) => console.error(url, error.message));
  }
  await town.idle();
  await town.close();
}

main();
