const cluster = require("node:cluster");
const { createQueued } = require("phantom-cluster");

const engine = createQueued({ workers: 2, workerIterations: 10, messageTimeout: 10_000, phantomArguments: [] });

if (cluster.isMaster) {
  let open = 0;
  const enqueue = (url) => {
    open += 1;
    const item = engine.enqueue({ url });
    item.on("timeout", () => enqueue(url));
    item.on("response", () => {
      console.log(item.response);
      open -= 1;
      if (open === 0) engine.stop();
    });
  };
  for (const name of ["One", "Two", "Three"]) enqueue(`data:text/html,<title>${name}</title>`);
} else {
  engine.on("queueItemReady", ({ url }) => {
    engine.ph.createPage((page) => {
      page.open(url, () => {
        page.evaluate(
          () => document.title,
          (title) => {
            page.close();
            engine.queueItemResponse(title);
          },
        );
      });
    });
  });
}

engine.start();
