// biome-ignore-all lint/suspicious/noExplicitAny: requests and responses are the user's own, and phantom's page declares no types

import { Worker } from "node:cluster";
import { EventEmitter } from "node:events";

/** phantom-cluster's names, for programs that were written for it; times are in milliseconds. */
declare namespace phantomCluster {
  /** Zero, null and "" are as if they were not given. */
  interface Options {
    /** Default: the number of processors. */
    workers?: number;
    /** Requests, or turns, before a worker is replaced; default 100. */
    workerIterations?: number;
    /** Requests at a time in each worker; default 1. */
    workerParallelism?: number;
    /** PhantomJS's flags, such as `--load-images=no`: those that a town's `phantomFlags` has an effect for. */
    phantomArguments?: string[];
    /** The path of a Chromium. */
    phantomBinary?: string;
    /** Without an effect: there are no ports. */
    phantomBasePort?: number;
    onStdout?: (line: string) => void;
    onStderr?: (line: string) => void;
  }

  interface QueuedOptions extends Options {
    /** For a request to be answered; default 60000. */
    messageTimeout?: number;
  }

  /** An engine without a queue: a server in the process that forks, a client in those that it forks. */
  function create(options?: Options): PhantomClusterServer | PhantomClusterClient;
  function createQueued(options?: QueuedOptions): PhantomQueuedClusterServer | PhantomQueuedClusterClient;

  /** Events: `workerStarted(worker)`, `workerDied(worker, code, signal)`, `started`, `stopped`. */
  class PhantomClusterServer extends EventEmitter {
    constructor(options?: Options);
    numWorkers: number;
    /** By their ids. */
    workers: Record<number, Worker>;
    /** Whether it was stopped. */
    done: boolean;
    /** One worker more. */
    addWorker(): void;
    start(): void;
    stop(): void;
  }

  /** Events: `phantomStarted`, `phantomDied`, `workerReady`, `started`, `stopped`. */
  class PhantomClusterClient extends EventEmitter {
    constructor(options?: Options);
    /** Null before `phantomStarted`. Its pages have phantom's methods, with a callback at the end. */
    ph: { createPage(callback: (page: any) => void): void; exit(callback?: () => void): void } | null;
    /** How many are left before this worker is replaced. */
    iterations: number;
    done: boolean;
    /** The work upon `workerReady` is done: that of the turn whose code calls, or of the oldest one if the code belongs to none. */
    next(): void;
    start(): void;
    /** Ends this process. */
    stop(): void;
  }

  class PhantomQueuedClusterServer extends PhantomClusterServer {
    constructor(options?: QueuedOptions);
    messageTimeout: number;
    /** Those that no worker has. */
    queue: QueueItem[];
    /** The workers that wait for a request. */
    readonly clientsQueue: Worker[];
    enqueue(request: any): QueueItem;
  }

  /** Events: `request(page, item)`, or `queueItemReady(request)` beside `ph`; `queueItemTimeout(id)`. */
  class PhantomQueuedClusterClient extends PhantomClusterClient {
    constructor(options?: QueuedOptions);
    /** Of the request that came last. */
    currentRequestId: number | null;
    /** Answers the request whose code calls, or the one that came last if the code belongs to none. */
    queueItemResponse(response: any): void;
  }

  /** Events: `response`, `timeout`. */
  interface QueueItem extends EventEmitter {
    readonly id: number;
    request: any;
    /** Null until there is one. */
    response: any;
    /** What ends the time of one that nobody answers any more; null until then. */
    timeout: NodeJS.Timeout | null;
    start(timeout: number): void;
    /** Answers it. */
    finish(response: any): void;
  }
}

export = phantomCluster;
