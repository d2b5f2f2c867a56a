// What /proc tells of the machine's processes, for tests and benchmarks. What has ended while it was looked at is not there.

const fs = require("node:fs");

/**
 * @typedef {object} Process
 * @property {number} pid
 * @property {number} parent
 * @property {number} session
 * @property {string} state "Z" for one that has ended and was not waited for
 * @property {string} born the start time, which tells a process from a later one of the same number
 */

/** @param {number | string} pid @param {string} file of the process's folder in /proc; "" when the process is gone */
function read(pid, file) {
  try {
    return fs.readFileSync(`/proc/${pid}/${file}`, "latin1");
  } catch {
    return "";
  }
}

/** @param {number | string} pid @returns {Process | undefined} */
function lookAt(pid) {
  const stat = read(pid, "stat");
  if (!stat) return undefined;
  // The name in parentheses may hold anything.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, , session] = fields;
  return { pid: Number(pid), parent: Number(parent), session: Number(session), state, born: fields[19] };
}

/** Every process of the machine. */
function all() {
  return fs.readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? (lookAt(name) ?? []) : []));
}

/** What this process's file descriptors are open on. */
function openFiles() {
  return fs.readdirSync("/proc/self/fd").flatMap((name) => {
    try {
      return fs.readlinkSync(`/proc/self/fd/${name}`);
    } catch {
      // The one by which the folder was read.
      return [];
    }
  });
}

module.exports = { all, lookAt, openFiles, read };
