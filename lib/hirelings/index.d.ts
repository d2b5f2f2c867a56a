// biome-ignore-all lint/suspicious/noExplicitAny: jobs and results are the user's own

import { EventEmitter } from "node:events";

/** hirelings' names, for programs that were written for it; jobs and results are JSON, and times are in milliseconds. */
declare namespace hirelings {
  interface PoolOptions {
    /** The path of the worker's module. */
    module: string;
    /** What the workers' event "init" brings. */
    options?: Record<string, unknown>;
    /** Default: one and a quarter for each processor. */
    max_processes?: number;
    /** Jobs before a process is replaced; default 64. */
    max_jobs_per_process?: number;
    /** Further tries of a job that has failed, whose process has ended, or whose time was over; default 0. */
    retries?: number;
    /** Before a process that has ended is replaced; default 1000. */
    respawn_wait?: number;
    /** For a process to call `ready()`; default 5000. */
    timeout_initializing?: number;
    /** For a job to succeed or fail; default 10000. */
    timeout_working?: number;
    /** From there to the next `ready()`; default 5000. */
    timeout_recovering?: number;
  }

  /**
   * Processes of one module, and the jobs that they work on. Events: `ready(pool)`, `spawn(process)`, `exit(process)`,
   * `enqueue(job)`, `task(job, process)`, `backlog(job)`, `done(job)`, `idle`; each job's as `Job:` and the event's name, with the
   * job first; and each process' as `WorkerProcess:` and the event's name.
   */
  class Pool extends EventEmitter {
    static readonly DEFAULT_OPTIONS: Required<Omit<PoolOptions, "module" | "options">>;
    static readonly ALL_EVENTS: string[];
    constructor(options: PoolOptions);
    readonly id: string;
    options: Required<Omit<PoolOptions, "options">> & PoolOptions;
    /** Jobs that have been queued. */
    enqueue_ct: number;
    /** Jobs that have succeeded or failed. */
    jobs_ct: number;
    backlog: Job[];
    /** By their process ids. */
    worker_processes: Record<string, WorkerProcess>;
    respawn_workers: boolean;
    enqueue(data: any, callback?: (error: any, result: any) => void): Job;
    /** Starts as many processes as there may be. @param callback when all of them are ready */
    spawnWorkers(callback?: () => void): void;
    /** Ends all processes, for good. */
    exit(): void;
    getStats(): { jobs: number; backlog: number; workers: number; busy: number };
  }

  /** Events: `start`, `progress(data)`, `success(result)`, `failure(error)`, `retry(error)`, `abort`. */
  interface Job extends EventEmitter {
    readonly id: string;
    /** What the worker is given. */
    options: any;
    retries_left: number;
    /** It has succeeded, failed for good, or been aborted. */
    done: boolean;
    /** Takes it out of the queue, or kills the process that works on it. */
    abort(): void;
  }

  /**
   * Events, with the process, its job and what the worker has sent: `initializing`, `ready`, `working`, `recovering`, `exiting`,
   * `start`, `progress`, `success`, `failure`, `exit`; and `timeout` with the state that has lasted too long.
   */
  interface WorkerProcess extends EventEmitter {
    readonly id: string;
    state: string;
    job: Job | null;
    getPID(): number | undefined;
    isReady(): boolean;
    exit(): void;
  }

  /** In the module of `PoolOptions.module`. Events: `init(options)`, upon which it calls `ready()`, and `job(data)`. */
  class Worker extends EventEmitter {
    constructor(options?: Record<string, unknown>);
    readonly id: string;
    options: Record<string, any>;
    ready(): void;
    start(): void;
    progress(data?: any): void;
    success(result?: any): void;
    failure(error?: any): void;
    /** The job has failed, and the process ends. An exception that nobody catches does the same, with its stack. */
    terminalFailure(error?: any): void;
  }
}

export = hirelings;
