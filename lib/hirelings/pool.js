// hirelings' pool: jobs in their order, and as many processes of one module as are allowed to work on them.

const { EventEmitter } = require("node:events");
const os = require("node:os");
const { uncaught } = require("../emit.js");
const v = require("../validate.js");
const { filled } = require("./filled.js");
const { nextId } = require("./ids.js");
const { JOB_EVENTS, Job } = require("./job.js");
const { WORKER_PROCESS_EVENTS, WorkerProcess } = require("./worker-process.js");

/** Times are in milliseconds. */
const DEFAULT_OPTIONS = {
  max_processes: Math.ceil(os.cpus().length * 1.25),
  max_jobs_per_process: 64,
  retries: 0,
  respawn_wait: 1000,
  timeout_initializing: 5000,
  timeout_working: 10_000,
  timeout_recovering: 5000,
};

/** All but "exit", whose twin is a process' own. */
const POOL_EVENTS = ["spawn", "ready", "enqueue", "task", "backlog", "done", "idle"];

class Pool extends EventEmitter {
  static DEFAULT_OPTIONS = DEFAULT_OPTIONS;
  static ALL_EVENTS = [
    ...POOL_EVENTS,
    ...JOB_EVENTS.map((name) => `Job:${name}`),
    ...WORKER_PROCESS_EVENTS.map((name) => `WorkerProcess:${name}`),
  ];

  id = nextId("pool");
  /** Jobs that have been queued. */
  enqueue_ct = 0;
  /** Jobs that have succeeded or failed. */
  jobs_ct = 0;
  /** @type {InstanceType<typeof Job>[]} */
  backlog = [];
  /** The processes by their ids. @type {Record<string, InstanceType<typeof WorkerProcess>>} */
  worker_processes = {};
  respawn_workers = true;
  /** Who waits for the pool to be full and ready. @type {(() => void)[]} */
  #awaiting = [];
  /** @type {Set<NodeJS.Timeout>} */
  #respawns = new Set();

  /** @param {any} options */
  constructor(options) {
    super();
    v.argument("hirelings.Pool", "options.module", v.string({ empty: false, required: true }), options?.module);
    this.options = filled(options, DEFAULT_OPTIONS);
  }

  /**
   * @param {unknown} data of the job, as far as JSON can take it
   * @param {(error: any, result: any) => void} [callback]
   * @returns {InstanceType<typeof Job>}
   */
  enqueue(data, callback) {
    const job = new Job(this, data);
    const done = (/** @type {unknown} */ error, /** @type {unknown} */ result) => {
      try {
        callback?.(error, result);
      } catch (thrown) {
        uncaught(thrown);
      }
      this.jobs_ct += 1;
      this.emit("done", job);
    };
    job.on("success", (result) => done(null, result));
    job.on("failure", (error) => done(error, null));
    job.on("retry", () => this.#task(job));
    job.on("abort", () => {
      this.backlog = this.backlog.filter((other) => other !== job);
    });
    for (const name of JOB_EVENTS) job.on(name, (told) => this.emit(`Job:${name}`, job, told));
    process.nextTick(() => {
      if (job.done) return;
      this.enqueue_ct += 1;
      this.emit("enqueue", job);
      this.#task(job);
    });
    return job;
  }

  /** Fills the pool with processes; once all of them are ready, so is the pool. @param {() => void} [callback] */
  spawnWorkers(callback = () => {}) {
    this.#awaiting.push(callback);
    while (this.#spawn());
    process.nextTick(() => this.#tellReady());
  }

  /** Ends all processes, for good. */
  exit() {
    this.respawn_workers = false;
    for (const respawn of this.#respawns) clearTimeout(respawn);
    this.#respawns.clear();
    for (const worker of Object.values(this.worker_processes)) worker.exit();
    this.worker_processes = {};
  }

  getStats() {
    const workers = Object.values(this.worker_processes);
    const busy = workers.filter((worker) => !worker.isReady()).length;
    return { jobs: this.jobs_ct, backlog: this.backlog.length, workers: workers.length, busy };
  }

  /** Gives a job to a process that is free; without one it waits, for a new one if there may be more. @param {InstanceType<typeof Job>} job */
  #task(job) {
    if (job.done) return;
    const free = Object.values(this.worker_processes).find((worker) => worker.isReady());
    if (free) {
      free.acceptJob(job);
      this.emit("task", job, free);
      return;
    }
    this.#spawn();
    this.backlog.push(job);
    this.emit("backlog", job);
  }

  /** Starts a process, if there may be one more. */
  #spawn() {
    if (Object.keys(this.worker_processes).length >= this.options.max_processes) return false;
    const { options, timeout_initializing, timeout_working, timeout_recovering } = this.options;
    const own = filled(options, { timeout_initializing, timeout_working, timeout_recovering });
    const worker = new WorkerProcess(this.options, own);
    this.worker_processes[worker.getPID() ?? worker.id] = worker;
    worker.on("ready", () => this.#ready());
    worker.on("exit", () => this.#exited(worker));
    for (const name of WORKER_PROCESS_EVENTS) {
      worker.on(name, (its, job) => this.emit(`WorkerProcess:${name}`, its, job));
    }
    worker.on("ready", () => this.#tellReady());
    this.emit("spawn", worker);
    return true;
  }

  #ready() {
    if (this.backlog.length > 0) {
      // Listeners of the event hear it before what follows from it.
      process.nextTick(() => {
        const job = this.backlog.shift();
        if (job) this.#task(job);
      });
    } else if (this.enqueue_ct > 0 && Object.values(this.worker_processes).every((worker) => worker.isReady())) {
      this.emit("idle");
    }
  }

  #tellReady() {
    const ready = Object.values(this.worker_processes).filter((worker) => worker.isReady());
    if (this.#awaiting.length === 0 || ready.length < this.options.max_processes) return;
    const awaiting = this.#awaiting.splice(0);
    this.emit("ready", this);
    for (const callback of awaiting) callback();
  }

  /** @param {InstanceType<typeof WorkerProcess>} worker */
  #exited(worker) {
    delete this.worker_processes[worker.getPID() ?? worker.id];
    if (this.respawn_workers) {
      const respawn = setTimeout(() => {
        this.#respawns.delete(respawn);
        this.#spawn();
      }, this.options.respawn_wait);
      this.#respawns.add(respawn);
    }
    this.emit("exit", worker);
  }
}

module.exports = { Pool };
