// Gotenberg's question whether it is up, which needs no token.

/**
 * @param {InstanceType<typeof import("../admission.js").Admission>} admission
 * @returns {import("fastify").FastifyPluginAsync}
 */
function gotenbergHealth(admission) {
  return async (app) => {
    app.get("/health", async (_request, reply) => {
      const error = admission.unready;
      const status = error === undefined ? "up" : "down";
      const chromium = { status, timestamp: new Date().toISOString(), error };
      return reply.code(error === undefined ? 200 : 503).send({ status, details: { chromium } });
    });
  };
}

module.exports = { gotenbergHealth };
