// Whether the service lives, and whether it should be given requests. Nobody needs a token to ask.

/**
 * @param {InstanceType<typeof import("./admission.js").Admission>} admission
 * @returns {import("fastify").FastifyPluginAsync}
 */
function health(admission) {
  return async (app) => {
    app.get("/health/live", async () => ({ status: "ok" }));
    app.get("/health/ready", async (_request, reply) => {
      const reason = admission.unready;
      return reason === undefined ? { status: "ok" } : reply.code(503).send({ status: "unavailable", reason });
    });
  };
}

module.exports = { health };
