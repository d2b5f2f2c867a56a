// One request, in the server's process and in that of the client which works on it.

const { EventEmitter } = require("node:events");

/** Events: `response`, once `finish` was called, and `timeout`. */
class QueueItem extends EventEmitter {
  /** @type {any} */
  response = null;
  /** @type {NodeJS.Timeout | null} */
  timeout = null;

  /** @param {number} id @param {any} request */
  constructor(id, request) {
    super();
    this.id = id;
    this.request = request;
  }

  /** @param {number} timeout milliseconds after which it has timed out, unless it is finished */
  start(timeout) {
    this.timeout = setTimeout(() => this.emit("timeout"), timeout);
  }

  /** @param {any} response */
  finish(response) {
    if (this.timeout) clearTimeout(this.timeout);
    this.response = response;
    this.emit("response");
  }
}

/** A request or a response on its way, of which phantom-cluster sent what JSON has of it. @param {unknown} value @returns {string | undefined} */
const pack = (value) => JSON.stringify(value);

/** @param {string | undefined} packed @returns {any} */
const unpack = (packed) => (packed === undefined ? undefined : JSON.parse(packed));

module.exports = { QueueItem, pack, unpack };
