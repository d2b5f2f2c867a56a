const { writeFileSync } = require("node:fs");
const town = require("ghost-town")({ workerCount: 2, pageTries: 2 });

if (town.isMaster) {
  town.queue({ html: "<body style='background: teal'>", width: 300, height: 250 }, (error, base64) => {
    if (error) console.error(error);
    else writeFileSync("teal.jpeg", Buffer.from(base64, "base64"));
    town.stop();
  });
} else {
  town.on("queue", (page, { html, width, height }, next) => {
    page
      .property("viewportSize", { width, height })
      .then(() => page.property("content", html))
      .then(() => page.renderBase64("jpeg"))
      .then((base64) => next(null, base64))
      .catch(next);
  });
}
