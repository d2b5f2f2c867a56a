// Runs a command to its end and keeps what it printed, for the steps of the set-up.

const { spawn } = require("node:child_process");

/** A command that ended with a failure; `log` is what it said about it. */
class CommandError extends Error {
  /**
   * @param {string} message
   * @param {string} log
   * @param {string} [code] the system's error code when it could not be started
   */
  constructor(message, log, code) {
    super(message);
    this.log = log;
    this.code = code;
  }
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, stderr?: "inherit" | "pipe" }} [options]
 * @returns {Promise<{ stdout: string }>}
 */
function run(command, args, { cwd, env, stderr = "pipe" } = {}) {
  return new Promise((resolve, reject) => {
    let stdout = "";
    let log = "";
    const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", stderr] });
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      stdout += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      log += text;
    });
    child.on("error", (/** @type {NodeJS.ErrnoException} */ error) => {
      reject(new CommandError(`${command} could not be started: ${error.message}`, log, error.code));
    });
    child.on("close", (status, signal) => {
      if (status === 0) return resolve({ stdout });
      const end = signal ? `was ended by ${signal}` : `failed with exit code ${status}`;
      reject(new CommandError(`${[command, ...args].join(" ")} ${end}`, log || stdout));
    });
  });
}

module.exports = { run, CommandError };
