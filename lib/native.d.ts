// What the addon exports. Written by `npm run build` from the sources in src/binding; `npm run lint` compares the two.

/** A town's core. */
export declare class Core {
  /**
   * `options` is the JSON of [`crate::town::Options`]; `wake` is called, without keeping the process alive, whenever
   * there is something to take.
   */
  constructor(options: string, output: boolean, wake: () => void);
  /** The name by which the scripts of `lib/page/evaluate.js` find the runtime in a page. */
  static pageRuntime(): string;
  /** Which engine, browser and driver a town without other options would choose, and from what. */
  static survey(headless: boolean): CoreSurvey;
  /** The engine's name. */
  get engine(): string;
  /** Everything that has happened since the last time; that items wait only if somebody wants to hear of each. */
  take(backlog: boolean): Array<CoreEvent>;
  /** Has the caller wait for the answer to a call, at most so many milliseconds; nothing where a page waits for the caller. */
  wait(call: number, patience: number): CoreEvent | null;
  /** The town is over: JavaScript is not woken any more, and comes by itself for what follows from a late call. */
  rest(): void;
  /**
   * Queues an item, or asks for a page without the queue; the caller chooses its number and never uses it again, and takes
   * in a turn of the event loop to come what follows from it.
   */
  enqueue(item: number, acquired: boolean, options?: CoreItemOptions | undefined | null): void;
  /** The page of an attempt, which may be over. */
  page(attempt: number): CorePage;
  /** Ends an item wherever it is. */
  abort(item: number): void;
  /** Ends an item whose data cannot be sent to a worker. */
  reject(item: number): void;
  /** The handler has ended an attempt; what follows from it is taken as with [`Core::enqueue`]. */
  finish(attempt: number, fulfilled: boolean): void;
  /** Whether there is a handler. */
  setHandler(present: boolean): void;
  /**
   * Answers an event of kind `ask`: what the worker's browser is launched with, the JSON of [`BrowserOptions`], and the number by
   * which the program knows the worker.
   */
  launchWith(worker: number, knownAs: number, browser: string): void;
  /** Answers it too: there is nothing to launch the browser with, for want of an answer or, with `wrong`, of a right one. */
  launchWithNothing(worker: number, message: string, wrong: boolean): void;
  /** From now on, workers are processes that the caller forks when an event of kind `fork` says so. */
  forkWorkers(): void;
  /** A worker has its process, by this variable and value in the environment of it and of what it starts. */
  forkStarted(worker: number, pid: number, marker: string): void;
  /** A forked worker's browser is up, and its process has a handler for so many pages at a time. */
  forkReady(worker: number, version: string, slots: number): void;
  /** A forked worker asks to be replaced, and takes no more items. */
  forkSpent(worker: number): void;
  /** A slot of a forked worker has a brand-new page. */
  forkPage(worker: number, slot: number): void;
  /** A forked worker cannot go on; with `not_found` it never could, for want of a browser. */
  forkDown(worker: number, message: string, permanent: boolean, notFound: boolean): void;
  /** A forked worker is about to end, for a reason that none of its items has given. */
  forkBlameless(worker: number): void;
  /** Everything that a forked worker had said when an event of kind `fork` asked for it has been passed on. */
  forkHeard(worker: number): void;
  /** A forked worker's process has ended. */
  forkEnded(worker: number): void;
  /** This process ends at the latest so many milliseconds after that one. */
  static endWith(pid: number, after: number): void;
  /** Launches the workers. */
  start(): void;
  /** Kills the workers. */
  stop(): void;
  /** Starts nothing any more. */
  pause(): void;
  /** Ends a pause. */
  resume(): void;
  /** Changes the number of workers. */
  resize(workers: number): void;
  /** Answers when every worker is up, or none can be. */
  ready(call: number): void;
  /** Answers when everything has ended. */
  close(call: number, drain: boolean, timeout?: number | undefined | null): void;
  /** The present moment; nothing after the end. */
  stats(): CoreStats | null;
  /** The same moment in Prometheus' text format. */
  metrics(): string | null;
}

/** A browser that is installed. */
export interface CoreCandidate {
  path: string;
  /** Who named the browser, or where it was found. */
  source: string;
}

/** Something that JavaScript is to hear of. Items, attempts, calls, listeners and clients are named by their numbers. */
export type CoreEvent =
  | {
      kind: "start";
      item: number;
      /** Unique in the town. */
      attempt: number;
      /** 1, 2, ... among the attempts of the item. */
      number: number;
      worker: number;
      slot: number;
    }
  | { kind: "attemptTimedOut"; item: number }
  | { kind: "retry"; item: number; reason: CoreRetryReason }
  | { kind: "backlog"; item: number }
  | { kind: "pageEnded"; item: number }
  | { kind: "fulfilled"; item: number }
  | { kind: "failed"; item: number }
  | {
      kind: "timedOut";
      item: number;
      /** How many attempts were started. */
      attempts: number;
    }
  | { kind: "expired"; item: number }
  | {
      kind: "crashed";
      item: number;
      /** How many browsers the item took down. */
      browsers: number;
      /** How the last attempt ended. */
      failure?: CoreFailure;
    }
  | { kind: "aborted"; item: number }
  | { kind: "unsendable"; item: number }
  | { kind: "closed"; item: number }
  | {
      kind: "unserved";
      item: number;
      /** Why no browser could be started. */
      failure?: CoreFailure;
    }
  | { kind: "lost"; item: number }
  | { kind: "full"; item: number }
  | { kind: "workerStart"; stats: CoreWorkerStats }
  | { kind: "workerReady"; stats: CoreWorkerStats }
  | { kind: "workerExit"; stats: CoreWorkerStats; why?: string }
  | { kind: "workerFailed"; stats: CoreWorkerStats; failure: CoreFailure }
  | { kind: "output"; worker: number; stream: CoreOutputStream; line: string }
  | {
      kind: "ask";
      /** Whose browser is to be launched, with the options that are asked for. */
      worker: number;
    }
  | { kind: "fork"; worker: number; order: CoreForkOrder }
  | { kind: "answeredNothing"; call: number }
  | { kind: "answeredJson"; call: number; json: string }
  | { kind: "answeredText"; call: number; text: string }
  | { kind: "answeredBytes"; call: number; bytes: Buffer }
  | { kind: "answeredFailure"; call: number; failure: CoreFailure }
  | {
      kind: "page";
      listener: number;
      name: string;
      /** JSON, where the event has data. */
      data?: string;
      popup?: CorePage;
    }
  | {
      kind: "relayed";
      client: number;
      /** The message, as JSON. */
      message: string;
    }
  | { kind: "relayClosed"; client: number }
  | { kind: "idle" }
  | { kind: "stopped" }
  | { kind: "warning"; failure: CoreFailure }
  | {
      kind: "broken";
      /** The message of the panic that ended the core; no event follows. */
      fault: string;
    };

/** The kinds of a page's events that have to be asked for; src/engine/event.rs says what they are. */
export type CoreEventKind =
  | "console"
  | "pageerror"
  | "dialog"
  | "request"
  | "response"
  | "requestfinished"
  | "requestfailed"
  | "domcontentloaded"
  | "load"
  | "loadstarted"
  | "loadfinished"
  | "frameattached"
  | "framedetached"
  | "framenavigated"
  | "workercreated"
  | "workerdestroyed"
  | "popup"
  | "closing"
  | "download"
  | "crash"
  | "filechooser"
  | "metrics"
  | "repaint";

/** An error of the core. */
export interface CoreFailure {
  /** The code, which is stable. */
  code: string;
  /** The message, for people. */
  message: string;
  /** The page's own error, with `ERR_EVALUATION`. */
  thrown?: CoreThrown;
  /** Whether trying again cannot help. */
  permanent: boolean;
}

/** What is to be done with a worker's process, where JavaScript forks it. */
export type CoreForkOrder = "start" | "hear" | "close" | "end";

/** A frame of a page. */
export interface CoreFrame {
  id: string;
  /** The id of the frame around it; the top frame has none. */
  parent?: string;
  /** The address of its document; empty before the first. */
  url: string;
  name: string;
}

/** How an item differs from the town's options. */
export interface CoreItemOptions {
  /** Items of a higher priority start first. */
  priority?: number;
  /** Whether the item goes to the front of its priority. */
  asap?: boolean;
  /** Milliseconds for an attempt; negative is no limit. */
  timeout?: number;
  /** Retries after a timeout; negative is no limit. */
  tries?: number;
  /** Milliseconds from now after which the item is not started any more. */
  deadline?: number;
  /** The item was aborted before it was queued. */
  aborted?: boolean;
}

/** Where a worker's processes printed a line. */
export type CoreOutputStream = "stdout" | "stderr";

/** The page of one attempt. */
export declare class CorePage {
  /** From now on, these kinds of events (see [`crate::engine::PageEvent`]) arrive under the caller's number, and no others. */
  listen(listener: number, kinds: Array<CoreEventKind>): void;
  /** The page's frames as they are known now: the top one, and each frame's children after it. */
  frames(): Array<CoreFrame>;
  /** The page's workers as they are known now. */
  workers(): Array<CoreWorker>;
  /**
   * Lets a `DevTools` client of the program's own drive the page too. What is for it arrives under `client`, last of all
   * that the relay is closed; an answer under `call` says that it may begin.
   */
  openRelay(call: number, client: number): void;
  /** Passes a client's message on to the browser. */
  send(client: number, message: string): void;
  /** Ends the relay of a client. */
  closeRelay(client: number): void;
  /** Runs a command, the JSON of [`Command`]; the answer arrives as an event under the caller's number. */
  call(call: number, command: string): void;
}

/** Why an item waits again. */
export type CoreRetryReason = "timeout" | "error" | "crash" | "stopped";

export interface CoreStats {
  waiting: number;
  inFlight: number;
  fulfilled: number;
  rejected: number;
  aborted: number;
  retried: number;
  timedOut: number;
  crashed: number;
  workers: Array<CoreWorkerStats>;
}

export interface CoreSurvey {
  /** The engine that a town would choose. */
  engine: string;
  /** The browser that a town would choose, or why there is none. */
  browser: CoreCandidate | CoreFailure;
  /** The path of that browser's driver, or why there is none. */
  driver: string | CoreFailure;
  /** All browsers, best first. */
  found: Array<CoreCandidate>;
}

/** An error that a page's script threw. */
export interface CoreThrown {
  /** The name of its constructor. */
  name: string;
  message: string;
}

/** A worker of a page. */
export interface CoreWorker {
  id: string;
  /** The address of its script. */
  url: string;
}

/** One worker; `pid` is null while it is not known. */
export interface CoreWorkerStats {
  id: number;
  /** From 0 on; its successor has it too. */
  place: number;
  pid: number | null;
  state: string;
  engine: string;
  browser: string;
  items: number;
  inFlight: number;
  /** Bytes that the worker's processes hold. */
  memory: number;
  /** Milliseconds since the worker's launch. */
  uptime: number;
}
