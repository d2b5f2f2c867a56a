// Ways to the browser beside the page's own names: DevTools commands, and the same page in the hands of another library.

const { fail } = require("../../errors.js");
const { PLAYWRIGHT, PUPPETEER, clientOptions, connectClient } = require("./client.js");
const { Clients } = require("./clients.js");
const { Connection } = require("./session.js");
const { SELECTOR } = require("./types.js");
const v = require("./checks.js");

class DevTools {
  #page;
  /** The pages of other libraries, while they are connected. @type {Map<string, { client: Promise<any>, options: object }> | undefined} */
  #connected;

  /** Of the program's own sessions, by the page's target, which `setProxy` replaces. @type {Map<string, Promise<InstanceType<typeof Connection>>>} */
  #connections = new Map();

  #clients;

  /** @param {InstanceType<typeof import("../core.js").PageCore>} page @param {import("./types.js").Place} place */
  constructor(page, { world }) {
    this.#page = page;
    this.#clients = new Clients(world, () => this.connection("client"));
  }

  get #libraries() {
    this.#connected ??= new Map();
    return this.#connected;
  }

  /** @param {string} method @param {object} [params] */
  async cdp(method, params = {}) {
    v.argument("page.cdp", "method", SELECTOR, method);
    v.argument("page.cdp", "params", v.recordOf(v.anything()), params);
    return await this.#page._call("cdp", { method, params });
  }

  /** @returns {Promise<InstanceType<typeof import("./session.js").CDPSession>>} */
  async createCDPSession() {
    const { connection, targetId } = await this.connection("createCDPSession");
    return await connection.attach(targetId);
  }

  /** A session with a frame or a worker, which begins later. @param {string} id */
  client(id) {
    return this.#clients.of(id);
  }

  /** The program's own connection to the page's target. @param {string} operation */
  async connection(operation) {
    const { targetInfo } = await this.#page._call("cdp", { method: "Target.getTargetInfo" }, operation);
    /** @type {{ targetId: string }} */
    const { targetId } = targetInfo;
    const connection = this.#connections.get(targetId) ?? this.#connect(operation, targetId);
    this.#connections.set(targetId, connection);
    return { connection: await connection, targetId };
  }

  /** @param {string} operation @param {string} targetId */
  async #connect(operation, targetId) {
    // Whoever drives the page too is asked for its dialogs' answers, and a session of the program's may not know of that.
    const leave = this.#page._attend(["dialog"]);
    const ended = () => {
      this.#connections.delete(targetId);
      leave?.();
    };
    const connection = new Connection(ended);
    try {
      await connection.open((receive) => this.#page._openRelay(operation, receive));
    } catch (error) {
      ended();
      throw error;
    }
    return connection;
  }

  /** @param {object} [options] */
  async puppeteer(options = {}) {
    return await this.#client("puppeteer", PUPPETEER, options);
  }

  /** @param {object} [options] */
  async playwright(options = {}) {
    return await this.#client("playwright", PLAYWRIGHT, options);
  }

  /** @param {string} operation @param {import("./client.js").Library & import("./client.js").Choice} library @param {object} options */
  #client(operation, library, options) {
    const given = clientOptions(operation, library, options);
    const connected = this.#libraries.get(operation);
    if (connected) {
      if (Object.keys(options).length === 0 || sameOptions(options, connected.options)) return connected.client;
      const mend = "disconnect its browser first, or leave the options out";
      throw fail("ERR_INVALID_OPTION", `page.${operation}: it is connected already, with other options; ${mend}`);
    }
    const client = connectClient(library, {
      ...given,
      open: (receive) => this.#page._openRelay(operation, receive),
      missing: (name) =>
        this.#page._unsupported(
          `page.${operation}: the package ${name} is not installed beside boomtown; run \`npm install ${name}\``,
        ),
      ended: () => {
        if (this.#libraries.get(operation)?.client === client) this.#libraries.delete(operation);
      },
    });
    this.#libraries.set(operation, { client, options });
    return client;
  }
}

/** @param {any} some @param {any} others */
function sameOptions(some, others) {
  const names = Object.keys({ ...some, ...others });
  return names.every((name) => Object.is(some[name], others[name]));
}

module.exports = { DevTools };
