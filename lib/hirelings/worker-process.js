// A pool's side of one of its processes: the state that it is in, how long it may be, and the job that it works on.

const { fork } = require("node:child_process");
const { EventEmitter } = require("node:events");
const { nextId } = require("./ids.js");

/** A process that does not heed SIGTERM is killed after so many milliseconds. */
const GRACE = 5000;

const STATES = ["initializing", "ready", "working", "recovering", "exiting"];
const WORKER_PROCESS_EVENTS = [...STATES, "start", "progress", "success", "failure", "done", "timeout", "exit"];

/** Those by which Node takes a process for one of its cluster. */
const CLUSTER_VARIABLES = ["NODE_UNIQUE_ID", "NODE_WORKER_ID"];

/** @typedef {{ module: string, max_jobs_per_process: number }} Manner */
/** @typedef {InstanceType<typeof import("./job.js").Job>} Job */

/** Its events come with the process, then its job, then what the worker has sent. */
class WorkerProcess extends EventEmitter {
  state = "spawning";
  /** @type {Job | null} */
  job = null;
  #child;
  #jobsLeft;
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #gone = false;
  #readyEarly = false;

  /** @param {Manner} manner @param {Record<string, unknown>} options what the worker is given, and how long states may last */
  constructor({ module, max_jobs_per_process }, options) {
    super();
    this.options = options;
    this.#jobsLeft = max_jobs_per_process;
    const env = { ...process.env };
    for (const name of CLUSTER_VARIABLES) delete env[name];
    this.#child = fork(module, [], { env });
    // One that could not be started has no process id, and an end all the same.
    this.id = this.#child.pid === undefined ? nextId("workerprocess") : `workerprocess-${this.#child.pid}`;
    this.#child.on("message", (message) => this.#hear(/** @type {any} */ (message)));
    this.#child.once("exit", () => this.#ended());
    // One that could not be started, or not be told something: the latter ends as well.
    this.#child.once("error", () => this.#child.pid === undefined && this.#ended());
    process.nextTick(() => {
      if (this.state === "exiting") return;
      this.send({ op: "init", data: options });
      this.setState("initializing");
    });
  }

  getPID() {
    return this.#child.pid;
  }

  isReady() {
    return this.state === "ready";
  }

  /** @param {object} message */
  send(message) {
    // One that has gone meanwhile is told of by its end.
    if (this.#child.connected) this.#child.send(message, () => {});
  }

  /** @param {string} state */
  setState(state) {
    this.state = state;
    clearTimeout(this.#timer);
    this.emit(state, this);
    const limit = Number(this.options[`timeout_${state}`]);
    if (this.state === state && limit >= 0) this.#timer = setTimeout(() => this.#timeout(state), limit);
  }

  /** @param {Job} job */
  acceptJob(job) {
    this.job = job;
    job.worker_process = this;
    this.send({ op: "job", data: job.options });
    this.setState("working");
  }

  /** Ends the process, and whatever it does. */
  exit() {
    if (this.#gone || this.state === "exiting") return;
    this.setState("exiting");
    this.#child.kill();
    const killing = setTimeout(() => this.#child.kill("SIGKILL"), GRACE);
    this.#child.once("exit", () => clearTimeout(killing));
  }

  /** @param {string} state */
  #timeout(state) {
    this.emit("timeout", this, state);
    this.#fail("timeout");
    this.exit();
  }

  #ended() {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#timer);
    this.emit("exit", this);
    this.#fail("exit");
  }

  /** @param {unknown} error */
  #fail(error) {
    const { job } = this;
    this.job = null;
    if (job?.worker_process === this) job.fail(error);
  }

  /** @param {{ op: string, data: any }} message of the worker's methods */
  #hear({ op, data }) {
    // What it has sent before it was told to end is of no use any more.
    if (this.state === "exiting") return;
    const { job } = this;
    switch (op) {
      case "ready":
        this.#readyEarly = job !== null;
        if (!this.#readyEarly) this.#ready();
        break;
      case "start":
      case "progress":
        this.emit(op, this, job, data);
        job?.emit(op, data);
        break;
      case "success":
        this.emit(op, this, job, data);
        this.#over();
        job?.succeed(data);
        this.#recover();
        break;
      case "failure":
        this.emit(op, this, job, data);
        this.#over();
        job?.fail(data);
        this.#recover();
        break;
      case "terminalFailure":
        this.emit("failure", this, job, data);
        this.#over();
        job?.fail(data);
        // It ends by itself.
        this.setState("exiting");
        break;
    }
  }

  /** What counts is the job's end: a worker may have said before that it can take another one. */
  #recover() {
    this.setState("recovering");
    if (this.#readyEarly && this.state === "recovering") this.#ready();
    this.#readyEarly = false;
  }

  #ready() {
    if (this.#jobsLeft > 0) this.setState("ready");
    else this.exit();
  }

  /** The process's job is done, and the process may be given another one. */
  #over() {
    if (this.job) this.#jobsLeft -= 1;
    this.job = null;
  }
}

module.exports = { WORKER_PROCESS_EVENTS, WorkerProcess };
