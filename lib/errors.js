// Builds every Error of the public contract: a stable code, the cause, and the id of the item it belongs to.

/**
 * What the native core reports: plain data, made into an Error where JavaScript can see the caller's stack.
 * @typedef {Omit<import("./native.js").CoreFailure, "permanent">} Failure
 */

/** @typedef {Error & { code: string, id?: string, [extra: string]: unknown }} CodedError */

/** What an operation's own timeout ends it with. */
class TimeoutError extends Error {}
Object.defineProperty(TimeoutError.prototype, "name", hidden("TimeoutError"));

/** Which kinds of errors programs tell apart by their class. @type {Record<string, ErrorConstructor | typeof TimeoutError>} */
const KINDS = { ERR_INVALID_OPTION: TypeError, ERR_TIMEOUT: TimeoutError };

/** Of which items' ids the errors tell that were made here. @type {WeakMap<object, string>} */
const items = new WeakMap();

/** The item that an error belongs to, as far as it says so. @param {unknown} error */
const itemOf = (error) => (error instanceof Error ? items.get(error) : undefined);

/**
 * @param {string} code
 * @param {string} message
 * @param {{ cause?: unknown, item?: string, [extra: string]: unknown }} [context] everything besides cause and item becomes a property of the Error
 * @returns {CodedError}
 */
function fail(code, message, { cause, item, ...extra } = {}) {
  const Kind = Object.hasOwn(KINDS, code) ? KINDS[code] : Error;
  const error = /** @type {CodedError} */ (new Kind(message, cause === undefined ? undefined : { cause }));
  if (code === "ERR_ITEM_ABORTED") Object.defineProperty(error, "name", hidden("AbortError"));
  Object.assign(error, { code }, item === undefined ? {} : { id: item }, extra);
  if (item !== undefined) items.set(error, item);
  Error.captureStackTrace(error, fail);
  return error;
}

/**
 * The ERR_EVALUATION of an error that a page's script has thrown: its kind, name and message are that one's, and its stack leads
 * from there to the line that called the page. That one is its `cause`.
 * @param {Error} thrown
 * @param {{ item?: string, above: Function }} context `above`: the last function that the caller need not see
 * @returns {Error}
 */
function ofPage(thrown, { item, above }) {
  const { name, message, stack } = thrown;
  const caller = { stack: "" };
  Error.captureStackTrace(caller, above);
  const lines = caller.stack.slice(caller.stack.indexOf("\n"));
  const error = twinOf({ name, message, stack: `${stack}${lines}`, cause: thrown });
  Object.assign(error, { code: "ERR_EVALUATION" }, item === undefined ? {} : { id: item });
  if (item !== undefined) items.set(error, item);
  return error;
}

/**
 * What the core reports, as an Error.
 * @param {unknown} failure
 * @param {string} [item]
 * @returns {Error}
 */
function fromNative(failure, item) {
  if (failure instanceof Error) return failure;
  const { code, message, thrown } = /** @type {Failure} */ (failure);
  if (thrown) return ofPage(twinOf(thrown), { item, above: fromNative });
  const error = fail(code, message, { item });
  Error.captureStackTrace(error, fromNative);
  return error;
}

/** What a page call fails with because there is no page any more, for no fault of the call; the last of a core that has failed. */
const OVER = new Set(["ERR_PAGE_CLOSED", "ERR_BROWSER_GONE", "ERR_TOWN_CLOSED"]);

/** Whether it says that the attempt is over: the supervisor's doing, of which no program has to hear. @param {unknown} error */
function isOver(error) {
  return error instanceof Error && OVER.has(/** @type {CodedError} */ (error).code);
}

/** @typedef {{ name?: string, message?: string, stack?: string, cause?: unknown, errors?: unknown[] }} Thrown */

/** @type {Record<string, ErrorConstructor>} */
const BUILT_IN = { EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError };

/**
 * The local twin of an error from the page, or from another process.
 * @param {Thrown} thrown
 * @returns {Error}
 */
function twinOf({ name = "Error", message = "", stack = `${name}: ${message}`, cause, errors }) {
  const why = cause === undefined ? undefined : { cause };
  const Kind = Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : Error;
  const error = errors ? new AggregateError(errors, message, why) : new Kind(message, why);
  if (error.name !== name) Object.defineProperty(error, "name", hidden(name));
  Object.defineProperty(error, "stack", hidden(stack));
  return error;
}

/** @param {string} value */
function hidden(value) {
  return { value, configurable: true, writable: true, enumerable: false };
}

module.exports = { TimeoutError, fail, fromNative, isOver, itemOf, ofPage, twinOf };
