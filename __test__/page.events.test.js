// Events of the page, and the answers that a program may give to them.

const { before } = require("node:test");
const assert = require("node:assert/strict");
const { feature, serve } = require("./helpers/page.js");

/** @type {string} */
let site;
before(async () => {
  site = await serve({ "/": "<title>Site</title>" });
});

feature("on console", "console is emitted when the page logs", async (page) => {
  await Promise.all([new Promise((resolve) => page.on("console", resolve)), page.evaluate(() => console.log("hello"))]);
});

feature("on dialog", "dialog is emitted when the page asks", async (page) => {
  await Promise.all([
    new Promise((resolve) =>
      page.on("dialog", (dialog) => {
        dialog.dismiss();
        resolve(dialog);
      }),
    ),
    page.evaluate(() => confirm("sure?")),
  ]);
});

feature("on request", "request is emitted when the page asks a server", async (page) => {
  await Promise.all([new Promise((resolve) => page.on("request", resolve)), page.goto(`${site}/`)]);
});

feature("on onLoadFinished", "onLoadFinished is emitted with phantom's word for success", async (page) => {
  const [status] = await Promise.all([
    new Promise((resolve) => page.on("onLoadFinished", resolve)),
    page.open(`${site}/`),
  ]);
  assert.equal(status, "success");
});

feature("setRequestInterception", "a request is answered by the program", async (page) => {
  await page.setRequestInterception((request) => {
    request.respond({ contentType: "text/html", body: "<title>Mine</title>" });
  });
  await page.goto("http://example.test/");
  assert.equal(await page.title(), "Mine");
});
