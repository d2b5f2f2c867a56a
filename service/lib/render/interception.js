// Which requests of a page are refused, and which are answered in place of the network.

const vm = require("node:vm");
const { HttpError } = require("../errors.js");

/**
 * Milliseconds for one address: an expression that takes longer would hold up everybody's requests. The second try is for a
 * machine that had something else to do meanwhile.
 */
const PATIENCE = [50, 500];

/**
 * @param {import("boomtown").Page} page
 * @param {import("./index.js").RenderRequest} request
 * @returns {Promise<{ check: () => void }>} `check` throws what went wrong meanwhile
 */
async function interception(page, { rejectRequestPattern = [], rejectResourceTypes = [], requestInterceptors = [] }) {
  /** @type {Error | undefined} */
  let failure;
  const check = () => {
    if (failure) throw failure;
  };
  if (rejectRequestPattern.length + rejectResourceTypes.length + requestInterceptors.length === 0) return { check };
  const rejected = rejectRequestPattern.map(matcher);
  const answers = requestInterceptors.map((/** @type {any} */ { pattern, response }) => ({
    matches: matcher(pattern),
    response: { ...response, body: response.body === undefined ? undefined : decoded(response.body) },
  }));
  await page.setRequestInterception(async (asked) => {
    try {
      // Nothing more is tried for a page that will not be shown.
      if (failure) return await asked.abort();
      const { url, resourceType } = asked;
      const isRejected =
        rejectResourceTypes.includes(resourceType) || rejected.some((/** @type {any} */ matches) => matches(url));
      if (isRejected) return await asked.abort();
      const answer = answers.find((/** @type {any} */ { matches }) => matches(url));
      return await (answer ? asked.respond(answer.response) : asked.continue());
    } catch (error) {
      // Nobody listens to what a handler throws: the request ends, and the item with the reason.
      failure ??= /** @type {Error} */ (error);
      await asked.abort().catch(() => {});
    }
  });
  return { check };
}

/** Holds one expression and one address at a time. */
const context = vm.createContext({ expression: /x/, address: "" });
const script = new vm.Script("expression.test(address)");

/**
 * @param {string} pattern a regular expression
 * @returns {(url: string) => boolean}
 */
function matcher(pattern) {
  const expression = parsed(pattern);
  return (url) => {
    context.expression = expression;
    context.address = url;
    for (const timeout of PATIENCE) {
      try {
        return script.runInContext(context, { timeout });
      } catch (cause) {
        const { code } = /** @type {NodeJS.ErrnoException} */ (cause);
        if (code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw cause;
      }
    }
    throw new HttpError(400, `The pattern ${JSON.stringify(pattern)} takes too long for ${url}`);
  };
}

/** @param {string} pattern */
function parsed(pattern) {
  try {
    return new RegExp(pattern);
  } catch (error) {
    throw new HttpError(400, `The pattern ${JSON.stringify(pattern)} is none: ${/** @type {Error} */ (error).message}`);
  }
}

/** As browserless, a body that is base64 is that of which it is the base64. @param {string} body */
function decoded(body) {
  const bytes = Buffer.from(body, "base64");
  return body !== "" && bytes.toString("base64") === body ? bytes : body;
}

module.exports = { interception, matcher };
