// Whether a request brings one of the service's tokens: as bearer, as the user of basic authentication, or in its query.

const { createHash, timingSafeEqual } = require("node:crypto");
const { HttpError } = require("./errors.js");

/** As long for each token, so that the time of comparing tells nothing. @param {string} text */
const digest = (text) => createHash("sha256").update(text).digest();

/**
 * @param {string[]} tokens
 * @returns {(request: import("fastify").FastifyRequest) => void} throws where none of them is brought
 */
function guard(tokens) {
  const known = tokens.map(digest);
  return (request) => {
    if (known.length === 0) return;
    const given = tokenOf(request);
    const own = given === undefined ? undefined : digest(given);
    if (!own || !known.some((one) => timingSafeEqual(one, own))) {
      throw new HttpError(401, "Bad or missing authentication.");
    }
  };
}

/** @param {import("fastify").FastifyRequest} request */
function tokenOf({ headers, query }) {
  const { token } = /** @type {{ token?: unknown }} */ (query);
  if (typeof token === "string") return token;
  const [, scheme, value] = /^(bearer|basic) +(\S+) *$/i.exec(headers.authorization ?? "") ?? [];
  if (scheme === undefined) return undefined;
  if (scheme.toLowerCase() === "bearer") return value;
  return Buffer.from(value, "base64").toString("utf8").split(":")[0];
}

module.exports = { guard };
