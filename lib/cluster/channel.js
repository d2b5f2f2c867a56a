// The messages of a town between its processes, on a pipe of their own: the program's channel, `process.send`, stays the
// program's. A message is its length in four bytes and its value as v8.serialize has it, so that Buffers stay bytes.

const net = require("node:net");
// Node's own, whatever a program's tests put in its place.
const { setImmediate } = require("node:timers");
const { deserialize, serialize } = require("node:v8");
const { uncaught } = require("../emit.js");

/** What a fork has in its environment: the descriptor of its end. */
const VARIABLE = "BOOMTOWN_CHANNEL";

const HEAD = 4;
/** Bytes of a message at most, which has two packed values or fewer (see PACKED in serialize.js). What announces more is no message. */
const MOST = 2 ** 31 + (16 << 20);

/** Cuts what arrives into messages. */
class Reader {
  /** @type {Buffer[]} */
  #chunks = [];
  #bytes = 0;

  /** @param {Buffer} chunk @returns {Generator<Buffer>} the messages that are complete by it */
  *read(chunk) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= HEAD) {
      if (this.#chunks[0].length < HEAD) this.#join();
      const announced = this.#chunks[0].readUInt32BE();
      if (announced > MOST) throw new RangeError(`a message of ${announced} bytes is announced; ${MOST} is the most`);
      const length = HEAD + announced;
      if (this.#bytes < length) return;
      this.#join();
      const [all] = this.#chunks;
      const rest = all.subarray(length);
      this.#bytes = rest.length;
      this.#chunks = rest.length > 0 ? [rest] : [];
      yield all.subarray(HEAD, length);
    }
  }

  #join() {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
  }
}

class Channel {
  #stream;
  #receive;
  #reader = new Reader();
  /** Chunks that have arrived so far. */
  #arrived = 0;
  /** Resolves when nothing more will come. @type {Promise<void>} */
  ended;

  /**
   * @param {net.Socket} stream
   * @param {(message: any) => void} receive what it throws is uncaught, and keeps no other message from being received
   */
  constructor(stream, receive) {
    this.#stream = stream;
    this.#receive = receive;
    stream.on("data", (chunk) => this.#take(chunk));
    // The other process is gone, of which others tell.
    stream.on("error", () => {});
    this.ended = new Promise((resolve) => stream.once("close", () => resolve()));
  }

  /** @param {Buffer} chunk */
  #take(chunk) {
    this.#arrived += 1;
    try {
      for (const message of this.#reader.read(chunk)) this.#handOn(message);
    } catch (error) {
      // Where the next message begins is not known any more.
      this.close();
      uncaught(error);
    }
  }

  /** @param {Buffer} message */
  #handOn(message) {
    try {
      this.#receive(deserialize(message));
    } catch (error) {
      uncaught(error);
    }
  }

  /** Nothing more is read or sent. */
  close() {
    this.#stream.destroy();
  }

  /**
   * Resolves when a turn of the event loop brings nothing more, as with a process that computes, or when enough has been heard
   * of one that sends all the time.
   * @param {() => boolean} isEnough
   */
  async quiet(isEnough) {
    let before;
    do {
      before = this.#arrived;
      for (let turns = 0; turns < 2; turns += 1) await new Promise((resolve) => setImmediate(resolve));
    } while (this.#arrived > before && !isEnough() && !this.#stream.destroyed);
  }

  /** @param {object} message @param {() => void} [sent] is called in any case */
  send(message, sent = () => {}) {
    if (!this.#stream.writable) return sent();
    const body = serialize(message);
    if (body.length > MOST) throw new RangeError(`a message of ${body.length} bytes is not sent; ${MOST} is the most`);
    const head = Buffer.alloc(HEAD);
    head.writeUInt32BE(body.length);
    this.#stream.cork();
    this.#stream.write(head);
    this.#stream.write(body, () => sent());
    this.#stream.uncork();
  }
}

/** In a fork, its end. @param {string} descriptor @param {(message: any) => void} receive */
function openChannel(descriptor, receive) {
  return new Channel(new net.Socket({ fd: Number(descriptor), readable: true, writable: true }), receive);
}

/**
 * How a process is forked so that it has a channel.
 * @param {import("node:cluster").ClusterSettings} settings the program's
 * @returns {{ stdio: any[], place: number }} with the channel's place in it
 */
function withChannel({ stdio, silent }) {
  const own = silent ? "pipe" : "inherit";
  const others = Array.isArray(stdio) ? stdio : [...Array(3).fill(typeof stdio === "string" ? stdio : own), "ipc"];
  return { stdio: [...others, "overlapped"], place: others.length };
}

module.exports = { VARIABLE, Channel, openChannel, withChannel };
