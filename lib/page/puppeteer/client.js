// The same page as another library's own: Puppeteer or Playwright as a second client of the browser, over the connection that
// the core has. The core shows it this one page and the pages opened from it.

// Node's own, whatever a program's tests put in its place.
const { setImmediate } = require("node:timers");
const { fail } = require("../../errors.js");
const v = require("./checks.js");

/** @typedef {import("../core.js").Receive} Receive */
/** @typedef {import("../core.js").Relay} Relay */

/**
 * A connection as both libraries want it; one speaks in JSON, the other in objects. It is there before the relay, which may
 * end before anybody else has heard of it.
 */
class Transport {
  /** @type {((message: any) => void) | undefined} */
  onmessage;
  /** @type {(() => void) | undefined} */
  #onclose;
  /** @type {Relay | undefined} */
  #relay;
  #over = false;
  #ended;
  #objects;

  /** @param {boolean} objects @param {() => void} ended */
  constructor(objects, ended) {
    this.#objects = objects;
    this.#ended = ended;
  }

  /** @param {Relay} relay */
  carry(relay) {
    this.#relay = relay;
  }

  get onclose() {
    return this.#onclose;
  }

  /** A library that begins to listen when all is over hears of it too. */
  set onclose(onclose) {
    this.#onclose = onclose;
    if (this.#over) setImmediate(() => this.#onclose?.());
  }

  /** @param {any} message */
  send(message) {
    this.#relay?.send(this.#objects ? JSON.stringify(message) : message);
  }

  close() {
    this.#ended();
    this.#relay?.close();
  }

  /**
   * Each message has a turn of its own: what the library does on an answer, it does before the event that follows.
   * @type {Receive}
   */
  receive(message) {
    setImmediate(() => this.#deliver(message));
  }

  /** @type {Receive} */
  #deliver(message) {
    if (message !== undefined) {
      this.onmessage?.(this.#objects ? JSON.parse(message) : message);
    } else {
      this.#over = true;
      this.#ended();
      this.#onclose?.();
    }
  }
}

/**
 * @typedef {object} Library
 * @property {string} name the package's
 * @property {boolean} objects whether its transport carries objects
 * @property {(library: any, transport: Transport, options: object) => Promise<any>} connect gives its page
 */

/**
 * One that a program may bring, and give options.
 * @typedef {object} Choice
 * @property {import("../../validate.js").Type} type what the library itself must be
 * @property {readonly string[]} elsewhere options of its own that say which browser to connect to
 */

/** @type {Library & Choice} */
const PUPPETEER = {
  name: "puppeteer-core",
  objects: false,
  type: {
    allowed: "Puppeteer, which has a function connect",
    is: (value) => typeof value?.connect === "function",
  },
  elsewhere: ["transport", "browserWSEndpoint", "browserURL", "channel", "protocol", "capabilities", "headers"],
  connect: async (puppeteer, transport, options) => {
    // Without a viewport of Puppeteer's the page keeps the one that it has.
    const browser = await puppeteer.connect({ defaultViewport: null, ...options, transport });
    const target = browser.targets().find((/** @type {any} */ target) => target.type() === "page");
    if (!target) throw fail("ERR_INVALID_OPTION", 'page.puppeteer: option "targetFilter" leaves out the page itself');
    const page = await target.page();
    page.on("dialog", (/** @type {any} */ dialog) => {
      if (page.listenerCount("dialog") > 1) return;
      // Nobody else listens, so nobody may wait; a page that is over has no dialogs.
      const answered = dialog.type() === "beforeunload" ? dialog.accept() : dialog.dismiss();
      answered.catch(() => {});
    });
    return page;
  },
};

/** @type {Library & Choice} */
const PLAYWRIGHT = {
  name: "playwright-core",
  objects: true,
  type: {
    allowed: "Playwright, whose chromium has a function connectOverCDP",
    is: (value) => typeof value?.chromium?.connectOverCDP === "function",
  },
  elsewhere: ["endpointURL", "wsEndpoint", "headers"],
  connect: async ({ chromium }, transport, options) => {
    // Its defaults would change what the page's downloads do.
    const browser = await chromium.connectOverCDP(transport, { noDefaults: true, ...options });
    return browser.contexts()[0].pages()[0];
  },
};

/** @type {import("../../validate.js").Type} */
const OPTIONS = { allowed: "an object", is: (value) => typeof value === "object" && value !== null };

/**
 * What a program says of a library: the library itself, under the name of the page's method, and what its connect is given.
 * @param {string} operation
 * @param {Choice} library
 * @param {unknown} options
 * @returns {{ brought: any, options: object }}
 */
function clientOptions(operation, { type, elsewhere }, options) {
  const owner = `page.${operation}`;
  const { [operation]: library, ...rest } = v.argument(owner, "options", OPTIONS, options);
  const brought =
    library === undefined ? undefined : v.check(owner, { [operation]: type }, { [operation]: library })[operation];
  const named = elsewhere.find((name) => rest[name] !== undefined);
  if (named === undefined) return { brought, options: rest };
  const message = `${owner}: option "${named}" says how to reach a browser, and the page is in one of boomtown's: leave it out`;
  throw fail("ERR_INVALID_OPTION", message);
}

/**
 * @param {Library} library
 * @param {object} how
 * @param {any} [how.brought] the library, where the program has brought it
 * @param {object} [how.options] what its connect is given
 * @param {(receive: Receive) => Promise<Relay>} how.open
 * @param {(missing: string) => Error} how.missing says that a package is not installed
 * @param {() => void} how.ended called when the connection has ended, or could not be had
 * @returns {Promise<any>} the library's page
 */
async function connectClient({ name, objects, connect }, { brought, options = {}, open, missing, ended }) {
  const transport = new Transport(objects, ended);
  try {
    transport.carry(await open((message) => transport.receive(message)));
    return await connect(brought ?? (await load(name, missing)), transport, options);
  } catch (error) {
    transport.close();
    throw error;
  }
}

/** @param {string} name @param {(name: string) => Error} missing */
async function load(name, missing) {
  try {
    return (await import(name)).default;
  } catch (error) {
    if (/** @type {NodeJS.ErrnoException} */ (error).code !== "ERR_MODULE_NOT_FOUND") throw error;
    throw missing(name);
  }
}

module.exports = { PLAYWRIGHT, PUPPETEER, Transport, clientOptions, connectClient };
