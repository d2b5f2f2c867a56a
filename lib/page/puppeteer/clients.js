// Sessions of the DevTools protocol with single frames and workers, which are there at once, as Puppeteer's are, and begin to speak
// when the browser has told which target each is part of: a frame of another site, and a worker, is a target of its own.

const { CDPSession: Session } = require("./session.js");

/** @typedef {InstanceType<typeof import("./session.js").Connection>} Connection */
/** @typedef {InstanceType<typeof import("./session.js").CDPSession>} CDPSession */
/** A session, and the target that it is with, once that is known. @typedef {{ session: CDPSession, target: string | undefined }} Client */

/** To the frames and workers that there are, and that come. */
const ATTACH = { autoAttach: true, waitForDebuggerOnStart: false, flatten: true };

class Clients {
  #world;
  #connect;
  /** @type {Promise<Connection> | undefined} */
  #connection;
  /** What is a target of its own. @type {Set<string>} */
  #targets = new Set();
  /** By the ids of frames and workers. @type {Map<string, Client>} */
  #known = new Map();

  /**
   * @param {InstanceType<typeof import("./world.js").World>} world
   * @param {() => Promise<{ connection: Connection, targetId: string }>} connect gives the connection to the page's target
   */
  constructor(world, connect) {
    this.#world = world;
    this.#connect = connect;
  }

  /** @param {string} id of a frame or a worker @returns {CDPSession} */
  of(id) {
    const known = this.#known.get(id);
    // A frame moves to another target with a document of another site.
    const stays = known?.target === undefined || known.target === this.#targetOf(id);
    if (known && stays && !known.session.detached) return known.session;
    /** @type {Client} */
    const client = {
      session: Session.late(async (session) => {
        this.#connection ??= this.#open();
        const connection = await this.#connection;
        client.target = this.#targetOf(id);
        await connection.attach(client.target, session);
      }),
      target: undefined,
    };
    this.#known.set(id, client);
    return client.session;
  }

  async #open() {
    try {
      const { connection, targetId } = await this.#connect();
      const scout = await connection.attach(targetId);
      scout.once("CDPSession.Disconnected", () => this.#forget());
      await this.#watch(scout);
      return connection;
    } catch (error) {
      this.#forget();
      throw error;
    }
  }

  #forget() {
    this.#connection = undefined;
    this.#targets.clear();
  }

  /** Keeps account of the targets inside of one. @param {CDPSession} session */
  async #watch(session) {
    /** @type {Promise<void>[]} */
    const inside = [];
    session.on("sessionattached", (/** @type {CDPSession} */ child) => {
      const { targetId, type } = child._target;
      this.#targets.add(targetId);
      child.once("CDPSession.Disconnected", () => this.#targets.delete(targetId));
      // One that has gone meanwhile has nothing inside.
      if (type === "iframe") inside.push(this.#watch(child).catch(() => {}));
    });
    await session.send("Target.setAutoAttach", ATTACH);
    await Promise.all(inside);
  }

  /** The target that a frame or a worker is, or is part of. @param {string} id */
  #targetOf(id) {
    const parents = new Map(this.#world.states().map((state) => [state.id, state.parent]));
    let target = id;
    for (let at = parents.get(id); at !== undefined && !this.#targets.has(target); at = parents.get(at)) target = at;
    return target;
  }
}

module.exports = { Clients };
