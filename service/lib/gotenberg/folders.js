// Where the files of requests are: each request has a folder, which goes with it, and all are in one, which goes with the service.

const { randomUUID } = require("node:crypto");
const fs = require("node:fs/promises");
const os = require("node:os");
const path = require("node:path");

/** Followed by the process' id and a random part. */
const PREFIX = "boomtown-service-";

class Folders {
  #root;

  /** @param {string} root */
  constructor(root) {
    this.#root = root;
  }

  /** Removes what services that were killed have left. */
  static async make() {
    const place = path.resolve(os.tmpdir());
    await sweep(place);
    return new Folders(await fs.mkdtemp(path.join(place, `${PREFIX}${process.pid}-`)));
  }

  async open() {
    const folder = path.join(this.#root, randomUUID());
    await fs.mkdir(folder, { mode: 0o700 });
    return folder;
  }

  /** @param {string} folder */
  async remove(folder) {
    await fs.rm(folder, { recursive: true, force: true });
  }

  async close() {
    await this.remove(this.#root);
  }
}

/** @param {string} place */
async function sweep(place) {
  for (const name of await fs.readdir(place)) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    // Another one's folder stays, since it cannot be removed.
    if (pid !== undefined && !runs(Number(pid))) {
      await fs.rm(path.join(place, name), { recursive: true, force: true }).catch(() => {});
    }
  }
}

/** @param {number} pid */
function runs(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code !== "ESRCH";
  }
}

module.exports = { Folders };
