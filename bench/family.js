// This process and the processes of the browsers that it has started, by whichever library: its descendants, and whoever is
// in a session that one of them has opened, since a process whose parent has ended is a child of another.

const { all, lookAt } = require("../scripts/proc.js");
const { memoryOf } = require("./soak/processes.js");

/** @typedef {import("../scripts/proc.js").Process} Process */

class Family {
  #own = lookAt(process.pid)?.session;
  /** @type {Set<number>} */
  #sessions = new Set();

  /** The live processes but this one. */
  #others() {
    const processes = all().filter(({ state }) => state !== "Z");
    const ours = descendants(process.pid, processes);
    for (const { session } of ours) if (session !== this.#own) this.#sessions.add(session);
    const pids = new Set(ours.map(({ pid }) => pid));
    return processes.filter(({ pid, session }) => pids.has(pid) || this.#sessions.has(session));
  }

  /** In bytes. */
  async memory() {
    const [browsers, node] = await Promise.all([
      memoryOf(this.#others()),
      memoryOf(/** @type {Process[]} */ ([lookAt(process.pid)])),
    ]);
    return { browsers, node };
  }
}

/** @param {number} ancestor @param {Process[]} processes @returns {Process[]} */
function descendants(ancestor, processes) {
  const children = processes.filter(({ parent }) => parent === ancestor);
  return children.flatMap((child) => [child, ...descendants(child.pid, processes)]);
}

module.exports = { Family };
