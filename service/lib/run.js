// One render request as an item of the town; from how long it took, the admission learns its pace.

/**
 * @param {import("./town.js").ServiceTown} town
 * @param {InstanceType<typeof import("./admission.js").Admission>} admission
 * @param {import("./town.js").Wanted} wanted
 * @param {{ id: string, signal?: AbortSignal, timeout?: number }} options
 */
async function run(town, admission, wanted, options) {
  const item = town.queue(wanted, options);
  let start = performance.now();
  item.on("start", () => {
    start = performance.now();
  });
  const rendered = await item;
  admission.learn(performance.now() - start);
  return rendered;
}

/**
 * Aborts when the client leaves before it has its answer: then nobody waits for it any more.
 * @param {import("fastify").FastifyReply} reply
 */
function leaving({ raw }) {
  const gone = new AbortController();
  raw.once("close", () => raw.writableFinished || gone.abort());
  return gone.signal;
}

module.exports = { leaving, run };
