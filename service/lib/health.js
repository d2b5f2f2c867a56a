// Whether the service lives, and whether it should be given requests. Nobody needs a token to ask.

/**
 * @param {import("./town.js").ServiceTown} town
 * @param {InstanceType<typeof import("./admission.js").Admission>} admission
 * @returns {import("fastify").FastifyPluginAsync}
 */
function health(town, admission) {
  return async (app) => {
    app.get("/health/live", async () => ({ status: "ok" }));
    app.get("/health/ready", async (_request, reply) => {
      const why = unready(town, admission);
      return why === undefined ? { status: "ok" } : reply.code(503).send({ status: "unavailable", reason: why });
    });
  };
}

/** @param {import("./town.js").ServiceTown} town @param {InstanceType<typeof import("./admission.js").Admission>} admission */
function unready(town, admission) {
  if (admission.isDraining) return "draining";
  return town.stats().workers.some(({ state }) => state === "ready") ? undefined : "no browser is ready";
}

module.exports = { health, unready };
