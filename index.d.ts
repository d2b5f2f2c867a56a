// The types of boomtown: everything a program can call, with units, defaults and errors.
// Times are milliseconds, memory is bytes, lengths on a page are CSS pixels, unless a comment says otherwise.

// biome-ignore-all lint/suspicious/noExplicitAny: items, results and what pages return are the user's own

/// <reference types="node" />
/// <reference lib="dom" />

import { EventEmitter } from "node:events";

export = boomtown;

/**
 * Opens a town: it launches its browsers at once and runs each queued item on a brand-new page.
 *
 * @throws ERR_INVALID_OPTION for an option of the wrong type or range; an unknown option is a warning
 * @example
 * const town = boomtown<{ html: string }, Buffer>({ workerCount: 2 });
 * town.on("queue", async (page, { html }) => {
 *   await page.setContent(html);
 *   return page.screenshot({ type: "jpeg", quality: 80 });
 * });
 * const picture = await town.queue({ html: "<h1>Hello</h1>" });
 */
declare function boomtown<Data = any, Result = any>(options?: boomtown.TownOptions): boomtown.Town<Data, Result>;

declare namespace boomtown {
  interface TownOptions {
    /** Browsers kept alive. Default two for each processor, at most 32, and as there is memory for; with boomtown/ghost-town 4. */
    workerCount?: number;
    /** Items before a worker is replaced; Infinity or -1 never. Default 1000; with boomtown/ghost-town 25. */
    workerDeath?: number;
    /** Milliseconds before a worker is replaced; -1 never. Default -1. */
    workerShift?: number;
    /** Pages at a time in each worker. Default 1. */
    pageCount?: number;
    /** Milliseconds before an attempt has timed out; 0, -1 or Infinity no limit. Default 30000. */
    pageDeath?: number;
    /** Retries after a timeout; -1 no limit. Default -1. */
    pageTries?: number;
    /** ghost-town's name for `browser.path`; not both. A PhantomJS is ignored with a warning. */
    phantomBinary?: string;
    /** Flags for the browser's command line: `{ "disk-cache": "true" }` is `--disk-cache=true`. */
    phantomFlags?: Record<string, string | boolean | number>;
    /**
     * Where handlers run: "inline" in this process; "cluster" in processes that Node's cluster module forks, in which the same
     * script runs again, each with a browser of its own. "auto" is "inline" as soon as the town has a "queue" listener, and
     * "cluster" if the program reads `isMaster` or queues an item and has no listener when that turn of the event loop ends.
     * Data, results and progress of "cluster" are sent by the structured clone algorithm. Default "auto".
     */
    mode?: "auto" | "inline" | "cluster";
    /**
     * How the browser is driven: "cdp" over the DevTools pipe, Chromium only and not on Windows; "webdriver" through a driver
     * or a remote URL. "auto" is "cdp" where that is possible and no option is given that only "webdriver" knows
     * (`browser.url`, `browser.driver`, `browser.capabilities`). Default "auto".
     */
    engine?: "auto" | EngineName;
    /**
     * Which browser, and how it is started; or a function that gives that for each worker when its browser is launched, also for
     * one that replaces another: other proxies, for instance. It gets the worker's number (`id` in `stats().workers`) and its place,
     * from 0 on and below `workerCount`, which its successor has after it. With a function, `engine` "auto" is "cdp", except on
     * Windows. One that throws, or gives what is no use, is a launch that has failed, and is asked again.
     */
    browser?: BrowserOptions | ((worker: number, place: number) => BrowserOptions | Promise<BrowserOptions>);
    /** What one item can see of another on the same worker; the webdriver engine has no "context". Default "page". */
    isolation?: "page" | "context" | "browser" | "reuse";
    /** More waiting items than this, and `queue()` rejects with ERR_QUEUE_FULL. Default Infinity. */
    queueLimit?: number;
    /** Retries after the handler failed. Default 0. */
    errorTries?: number;
    /** Browsers that one item may take down before it is rejected with ERR_ITEM_CRASHED. Default 3. */
    crashTries?: number;
    /** Milliseconds before a retry; an object means exponential with jitter, between its bounds. Default 0. */
    retryDelay?: number | { min: number; max: number };
    /** Bytes, summed over the browser's process tree, at which a worker is replaced. Default Infinity. */
    workerMemory?: number;
    /** Milliseconds a browser may take to start. Default 30000. */
    launchTimeout?: number;
    /**
     * The grace period in milliseconds before a browser is killed that does not end, or makes no new page when an attempt is over.
     * For the page it has at least 2000, and with isolation "browser" `launchTimeout` besides. Default 5000.
     */
    closeTimeout?: number;
    /** Drain on SIGTERM and SIGINT. Default false. */
    handleSignals?: boolean;
  }

  interface BrowserOptions {
    /** Default "chromium". */
    name?: "chromium" | "firefox";
    /**
     * Path of the browser. Without it, the first of: BOOMTOWN_BROWSER, for Chromium also CHROME_PATH and
     * PUPPETEER_EXECUTABLE_PATH; a headless shell, unless `headless` is false; Chrome or Chromium. Each of these two is looked
     * for in the well-known places, then on PATH, then in the caches of Puppeteer and of Playwright, newest first there. With
     * the webdriver engine, one from a cache gives way to the others unless the driver of its version is in that cache.
     */
    path?: string;
    /** Path of the driver (webdriver engine). Without it: with the browser in Puppeteer's cache, beside it, then on PATH. */
    driver?: string;
    /**
     * A remote WebDriver endpoint; nothing is launched here. What would have no effect beside it is refused: `path`,
     * `driver`, `env`, `stdio`, and the town's `phantomBinary` and `workerMemory`.
     */
    url?: string;
    /** More arguments for the browser's command line. */
    args?: string[];
    /**
     * More environment for the browser and its driver. Of the program's own they inherit what tells them where things are -
     * PATH, HOME, locale, display, proxies and the like - and no other variable, so that no page can get at its secrets.
     */
    env?: Record<string, string>;
    /** Default true. False needs a Chrome or Chromium: a headless shell named for it is ERR_UNSUPPORTED. */
    headless?: boolean;
    /** Chromium only. Default true, except for a browser launched as root, which has none and causes a warning. */
    sandbox?: boolean;
    /**
     * Whether boomtown begins the frames of pages itself, which makes pictures in a third of the time. It can be done with the
     * cdp engine, a headless shell and `pageCount` 1, except on macOS; where it cannot, the browser begins them as ever. Default
     * false. What it does to pages: docs/performance.md.
     */
    driveFrames?: boolean;
    /** Merged into the WebDriver session request. */
    capabilities?: object;
    /** Where the browser's output goes. Default "ignore". */
    stdio?: "ignore" | "inherit" | ((line: string, stream: "stdout" | "stderr", worker: number) => void);
  }

  interface QueueOptions {
    /** To the front of its priority. Default false. */
    asap?: boolean;
    /** Higher goes first. Default 0. */
    priority?: number;
    /** Milliseconds before an attempt has timed out. Default: the town's `pageDeath`. */
    timeout?: number;
    /** Retries after a timeout. Default: the town's `pageTries`. */
    tries?: number;
    /** Aborts the item. */
    signal?: AbortSignal;
    /** Default: a number that counts up. */
    id?: string;
    /** Milliseconds from now after which it is not worth starting: ERR_ITEM_TIMEOUT. */
    deadline?: number;
  }

  type EngineName = "cdp" | "webdriver";

  type ErrorCode =
    /** An option or argument of the wrong type or range (a TypeError). */
    | "ERR_INVALID_OPTION"
    /** `max pageTries`: the last allowed attempt timed out, and the message says what it waited for, unless it ran in another process (mode "cluster"); or the item's deadline passed before it started. */
    | "ERR_ITEM_TIMEOUT"
    /** Aborted by `abort()` or a signal; the Error's name is AbortError. */
    | "ERR_ITEM_ABORTED"
    /** The item took down its worker `crashTries` times; `cause` says how the last one ended. */
    | "ERR_ITEM_CRASHED"
    /** Not accepted: more than `queueLimit` items wait. */
    | "ERR_QUEUE_FULL"
    /** Not accepted, or not done in time: the town is closed, or has failed by a fault of its own. */
    | "ERR_TOWN_CLOSED"
    /** No browser or no driver where one was looked for; the message names the places. */
    | "ERR_BROWSER_NOT_FOUND"
    /** The browser does not start; the message has the end of its stderr and the mend. */
    | "ERR_BROWSER_LAUNCH"
    /** The browser died under this call; the item itself is retried. */
    | "ERR_BROWSER_GONE"
    /** The page was used after its attempt had ended. Nobody has to await a call that rejects with this or ERR_BROWSER_GONE. */
    | "ERR_PAGE_CLOSED"
    /** A navigation failed; the message has the URL and the browser's own reason. */
    | "ERR_NAVIGATION"
    /** The page's script threw; `cause` is an Error with the name, message and stack of the page's error. */
    | "ERR_EVALUATION"
    /** The browser refused, or failed at, what it was told to do; the message has its own words and what may mend it. */
    | "ERR_BROWSER"
    /** A page operation's own timeout, naming operation and selector. */
    | "ERR_TIMEOUT"
    /** This engine or browser cannot; the message names one that can. */
    | "ERR_UNSUPPORTED";

  /** The shape of every error that boomtown makes. */
  interface BoomtownError extends Error {
    code: ErrorCode;
    /** The item's id, where the error belongs to one. */
    id?: string;
    cause?: unknown;
  }

  /** What an operation's own timeout ends it with: every ERR_TIMEOUT is one, and its name is "TimeoutError". */
  class TimeoutError extends Error {
    private constructor();
    readonly code: "ERR_TIMEOUT";
  }

  /**
   * Runs one attempt of one item. A returned promise settles the item; otherwise `next` does. Whichever comes first counts.
   */
  type Handler<Data = any, Result = any> = (
    page: Page,
    data: Data,
    next: Next<Result>,
    // biome-ignore lint/suspicious/noConfusingVoidType: a handler that calls `next` returns nothing
  ) => Promise<Result | void> | void;

  interface Next<Result = any> {
    (error: unknown): void;
    (error: null | undefined, result: Result): void;
    (): void;
    /** The item's id. */
    readonly id: string;
    /** 1 for the first attempt. */
    readonly attempt: number;
    /** The worker that the page is in. */
    readonly worker: { readonly id: number; readonly place: number };
    /** Aborted when the attempt has timed out, was aborted, or lost its worker. */
    readonly signal: AbortSignal;
    /** Emits `progress` on the item. */
    progress(value: unknown): void;
  }

  type Callback<Result = any> = (error: BoomtownError | Error | null, result?: Result) => void;

  type WorkerState = "starting" | "ready" | "draining" | "stopping" | "gone";

  interface WorkerInfo {
    id: number;
    /** From 0 on, below `workerCount`; the worker that comes in its place has it too. */
    place: number;
    /** The browser's process id, in mode cluster its worker process's; null while it is not known, and for a browser at `browser.url`. */
    pid: number | null;
    state: WorkerState;
    engine: EngineName;
    /** Name and version of the browser. */
    browser: string;
    /** Items this worker has had. */
    items: number;
    inFlight: number;
    /** Bytes, summed over the process tree. */
    memory: number;
    /** Milliseconds. */
    uptime: number;
  }

  /** Of one moment. An item is in one of the first five, as its `state` says once it is told. */
  interface Stats {
    waiting: number;
    inFlight: number;
    fulfilled: number;
    /** Those among them that were not accepted. */
    rejected: number;
    aborted: number;
    retried: number;
    timedOut: number;
    crashed: number;
    workers: WorkerInfo[];
  }

  interface TownEvents<Data = any, Result = any> {
    /** The handler. */
    queue: Parameters<Handler<Data, Result>>;
    workerStart: [worker: WorkerInfo];
    workerReady: [worker: WorkerInfo];
    /**
     * `reason` begins with "replaced", "not needed", "stopped", "closed" or "given up" (no browser can be started), and says why;
     * of a worker that has failed it is the error's message.
     */
    workerExit: [worker: WorkerInfo, reason: string];
    itemStart: [item: Item<Data, Result>];
    itemRetry: [item: Item<Data, Result>, reason: string];
    itemDone: [item: Item<Data, Result>];
    /** Queued with no free slot. */
    backlog: [item: Item<Data, Result>];
    /** Nothing waits, nothing is in flight. */
    idle: [];
    started: [];
    stopped: [];
    /** Also a process warning. Its name is BoomtownWarning, its code for an unknown option BOOMTOWN_UNKNOWN_OPTION. */
    warning: [warning: Error & { code?: string }];
  }

  class Town<Data = any, Result = any> extends EventEmitter {
    private constructor();

    /** False in a process that the town has forked; see `mode`. */
    readonly isMaster: boolean;
    readonly isRunning: boolean;
    /** In a forked worker: its browser, once that is up. */
    readonly browser: BrowserInfo | undefined;
    /** ghost-town's name for `browser`. */
    readonly phantom: BrowserInfo | undefined;

    /** Starts the workers; does nothing when they run. */
    start(): void;
    /** Kills the workers and keeps what waits; items in flight return to the front. `stopped` follows, unless `start()` does. */
    stop(): void;

    /**
     * @throws ERR_INVALID_OPTION, in mode "cluster" also for data that cannot be sent to another process; ERR_UNSUPPORTED in a
     * forked worker
     * @returns the item, which rejects with ERR_QUEUE_FULL or ERR_TOWN_CLOSED when it was not accepted
     */
    queue(data: Data, options?: QueueOptions): Item<Data, Result>;
    queue(data: Data, next: Callback<Result>): Item<Data, Result>;
    /** @param asap true puts the item at the front */
    queue(data: Data, asap: boolean, next: Callback<Result>): Item<Data, Result>;

    /** Every worker is up. Rejects with the launch error. */
    ready(): Promise<void>;
    /** Nothing waits, nothing is in flight. */
    idle(): Promise<void>;
    /**
     * Fewer items wait than `queueLimit` (with 0: none). Of several that wait for this, as many go on as there are places; one
     * that queues nothing in that turn of the event loop leaves its place to the next.
     */
    drained(): Promise<void>;
    /**
     * Closes the town for good; resolves when every process is gone.
     * @param options.drain true finishes what waits, false rejects it with ERR_TOWN_CLOSED; default false. A town that is
     * stopped, or has no "queue" listener, cannot finish anything and rejects it all the same. A handler that awaits the drain
     * waits for itself
     * @param options.timeout milliseconds that what runs, and in a drain what waits, is given; 0 none, Infinity no limit.
     * Default: Infinity for a drain, else `closeTimeout`
     */
    close(options?: { drain?: boolean; timeout?: number }): Promise<void>;
    /** Grows or shrinks the town while it runs. */
    resize(workerCount: number): void;
    /**
     * A page without the queue, for you to release: `page.release()` or `await using`.
     * @param options.signal ends the wait for a page with ERR_ITEM_ABORTED
     * @param options.timeout milliseconds to wait for a page before ERR_TIMEOUT; 0 no limit, the default
     * A page that is not released is something that runs: `pageDeath` does not end it, and a drain waits for it. In mode
     * "cluster" it is ERR_UNSUPPORTED.
     */
    acquire(options?: { signal?: AbortSignal; timeout?: number }): Promise<Page>;
    /** Stops dispatching; what runs goes on. */
    pause(): void;
    resume(): void;
    /**
     * Prometheus text format: gauges of items and workers by state and of the workers' memory, counters of what was queued, settled
     * and retried and of workers launched and failed, and histograms of the seconds that items waited, attempts ran and workers took
     * to launch. Two towns have families of the same names, which a page of metrics may not have twice: give each a page of its own.
     */
    metrics(): string;
    stats(): Stats;

    on(event: "queue", handler: Handler<Data, Result>): this;
    on<Name extends Exclude<keyof TownEvents, "queue">>(
      event: Name,
      listener: (...args: TownEvents<Data, Result>[Name]) => void,
    ): this;
    once<Name extends keyof TownEvents>(event: Name, listener: (...args: TownEvents<Data, Result>[Name]) => void): this;
    off<Name extends keyof TownEvents>(event: Name, listener: (...args: TownEvents<Data, Result>[Name]) => void): this;
  }

  interface BrowserInfo {
    process: { pid: number };
    name: string;
    version: string;
    engine: EngineName;
  }

  type ItemState = "waiting" | "running" | "fulfilled" | "rejected" | "aborted";

  interface ItemEvents {
    start: [attempt: number];
    progress: [value: any];
    retry: [reason: string];
    timeout: [attempt: number];
    settled: [];
  }

  /** One thing queued: a promise of the result, with what can be known and done meanwhile. */
  class Item<Data = any, Result = any> extends Promise<Result> {
    private constructor();

    readonly id: string;
    readonly data: Data;
    readonly state: ItemState;
    /** Attempts so far. */
    readonly attempts: number;
    /** Settles the item with ERR_ITEM_ABORTED and frees its slot. */
    abort(reason?: unknown): void;
    on<Name extends keyof ItemEvents>(event: Name, listener: (...args: ItemEvents[Name]) => void): this;
    once<Name extends keyof ItemEvents>(event: Name, listener: (...args: ItemEvents[Name]) => void): this;
    off<Name extends keyof ItemEvents>(event: Name, listener: (...args: ItemEvents[Name]) => void): this;
  }

  /** The webdriver engine has no "networkidle0" and "networkidle2". */
  type WaitUntil = "load" | "domcontentloaded" | "networkidle0" | "networkidle2";

  interface WaitOptions {
    /** Milliseconds; 0 no limit. Default: what `setDefaultTimeout` says, 30000 at first. */
    timeout?: number;
    /** Ends the wait when it is aborted, with its reason. */
    signal?: AbortSignal;
  }

  interface NavigationOptions extends WaitOptions {
    /**
     * Default "load". All moments of a list are waited for. "networkidle0" and "networkidle2" do not include "load": they are half a
     * second after the document was parsed, in which no frame had more than 0 or 2 requests under way.
     */
    waitUntil?: WaitUntil | readonly WaitUntil[];
  }

  interface GoToOptions extends NavigationOptions {
    referer?: string;
    /** As HTTP has it: "origin", "no-referrer", "strict-origin-when-cross-origin", ... */
    referrerPolicy?: string;
  }

  interface ClickOptions {
    /** Default "left". */
    button?: MouseButton;
    /** Default 1. */
    count?: number;
    /** Puppeteer's older name of `count`. */
    clickCount?: number;
    /** Milliseconds between press and release. Default 0. */
    delay?: number;
    /** From the element's top left corner. Default: its middle. */
    offset?: { x: number; y: number };
  }

  type MouseButton = "left" | "right" | "middle" | "back" | "forward";

  interface Point {
    x: number;
    y: number;
  }

  interface KeyDownOptions {
    /** What the key types instead of its own text. */
    text?: string;
    /** Editing commands that go with it, as "SelectAll" or "Copy". */
    commands?: string[];
  }

  /** What is typed goes to whatever has the focus. */
  class Keyboard {
    private constructor();
    /** Holds a key down. Until `up`, a modifier goes with all keys and clicks. @param key Puppeteer's names: "Enter", "KeyA", "a" */
    down(key: string, options?: KeyDownOptions): Promise<void>;
    up(key: string): Promise<void>;
    /** @param options.delay milliseconds between down and up; default 0 */
    press(key: string, options?: KeyDownOptions & { delay?: number }): Promise<void>;
    /** A key for each character that has one; the others come without. @param options.delay milliseconds between them */
    type(text: string, options?: { delay?: number }): Promise<void>;
    /** The text comes without any key. */
    sendCharacter(text: string): Promise<void>;
  }

  interface MouseOptions {
    /** Default "left". */
    button?: MouseButton;
    /** What the event's `detail` says. Default 1. */
    clickCount?: number;
  }

  /** Places are CSS pixels from the corner of the viewport. At first the mouse is there. */
  class Mouse {
    private constructor();
    /** @param options.steps moves that the page hears of; default 1 */
    move(x: number, y: number, options?: { steps?: number }): Promise<void>;
    down(options?: MouseOptions): Promise<void>;
    up(options?: MouseOptions): Promise<void>;
    /**
     * @param options.count clicks; default 1
     * @param options.delay milliseconds between the last press and release; default 0
     */
    click(x: number, y: number, options?: MouseOptions & { count?: number; delay?: number }): Promise<void>;
    wheel(options?: { deltaX?: number; deltaY?: number }): Promise<void>;
    /** No button is held any more, and the mouse is in the viewport's corner. */
    reset(): Promise<void>;
    /** With `page.setDragInterception(true)`, as all that follow. @returns what is dragged, as the DevTools protocol has it */
    drag(start: Point, target: Point): Promise<any>;
    dragEnter(target: Point, data: any): Promise<void>;
    dragOver(target: Point, data: any): Promise<void>;
    drop(target: Point, data: any): Promise<void>;
    /** @param options.delay milliseconds between arrival and drop; default 0 */
    dragAndDrop(start: Point, target: Point, options?: { delay?: number }): Promise<void>;
  }

  /** A finger, from its touch until it is lifted. */
  class TouchHandle {
    private constructor();
    start(): Promise<void>;
    move(x: number, y: number): Promise<void>;
    end(): Promise<void>;
  }

  class Touchscreen {
    private constructor();
    /** The fingers that touch it now, in the order in which they came. */
    readonly touches: TouchHandle[];
    tap(x: number, y: number): Promise<void>;
    touchStart(x: number, y: number): Promise<TouchHandle>;
    /** Moves the finger that has touched it for longest. */
    touchMove(x: number, y: number): Promise<void>;
    /** Lifts the finger that has touched it for longest. */
    touchEnd(): Promise<void>;
  }

  /** What assistive technology, such as a screen reader, gets of the page. */
  class Accessibility {
    private constructor();
    /**
     * @param options.interestingOnly leaves out what says nothing to a person; default true
     * @param options.includeIframes what is in frames too; default false
     * @param options.root begins with this element
     * @returns null where there is nothing to tell of
     */
    snapshot(options?: {
      interestingOnly?: boolean;
      includeIframes?: boolean;
      root?: ElementHandle<any>;
    }): Promise<SerializedAXNode | null>;
  }

  interface SerializedAXNode {
    role: string;
    name?: string;
    value?: string | number;
    description?: string;
    keyshortcuts?: string;
    roledescription?: string;
    valuetext?: string;
    url?: string;
    disabled?: boolean;
    expanded?: boolean;
    focused?: boolean;
    modal?: boolean;
    multiline?: boolean;
    multiselectable?: boolean;
    readonly?: boolean;
    required?: boolean;
    selected?: boolean;
    busy?: boolean;
    atomic?: boolean;
    checked?: boolean | "mixed";
    pressed?: boolean | "mixed";
    level?: number;
    valuemin?: number;
    valuemax?: number;
    autocomplete?: string;
    haspopup?: string;
    invalid?: string;
    orientation?: string;
    live?: string;
    relevant?: string;
    errormessage?: string;
    details?: string;
    children?: SerializedAXNode[];
    /** A handle of the node that this entry describes. */
    elementHandle(): Promise<ElementHandle | null>;
    backendNodeId?: number;
  }

  interface CoverageEntry {
    url: string;
    text: string;
    /** The parts of the text that were used, by their places in it. */
    ranges: { start: number; end: number }[];
  }

  interface JSCoverageEntry extends CoverageEntry {
    /** As the DevTools protocol has it. */
    rawScriptCoverage?: any;
  }

  /** Which parts of its scripts and style sheets the page uses. */
  class Coverage {
    private constructor();
    /**
     * Keeps 100 million characters of scripts at most; more is a warning.
     * @param options.resetOnNavigation forgets what was before another document; default true
     * @param options.reportAnonymousScripts those that scripts make by `eval` too; default false
     * @param options.useBlockCoverage by blocks, and not by functions; default true
     */
    startJSCoverage(options?: {
      resetOnNavigation?: boolean;
      reportAnonymousScripts?: boolean;
      includeRawScriptCoverage?: boolean;
      useBlockCoverage?: boolean;
    }): Promise<void>;
    stopJSCoverage(): Promise<JSCoverageEntry[]>;
    startCSSCoverage(options?: { resetOnNavigation?: boolean }): Promise<void>;
    stopCSSCoverage(): Promise<CoverageEntry[]>;
  }

  /** A recording of what the browser does. Refused where pages of several items share the browser. */
  class Tracing {
    private constructor();
    /**
     * @param options.path a file to write as well
     * @param options.screenshots pictures too; default false
     * @param options.categories default: what Chrome's own performance panel shows; "-" before one leaves it out
     */
    start(options?: { path?: string; screenshots?: boolean; categories?: string[] }): Promise<void>;
    /** @returns the recording, as JSON */
    stop(): Promise<Uint8Array>;
  }

  /** The dialog by which a person would choose files for the page. */
  class FileChooser {
    private constructor();
    isMultiple(): boolean;
    /** @param paths from the current directory; none takes those back that were chosen */
    accept(paths: string[]): Promise<void>;
    /** What was chosen before stays. */
    cancel(): Promise<void>;
  }

  interface MediaFeature {
    /** Such as "prefers-color-scheme". */
    name: string;
    value: string;
  }

  type VisionDeficiency =
    | "none"
    | "achromatopsia"
    | "blurredVision"
    | "deuteranopia"
    | "protanopia"
    | "reducedContrast"
    | "tritanopia";

  interface NetworkConditions {
    /** Bytes a second; -1 is as fast as it goes. */
    download: number;
    /** Bytes a second; -1 is as fast as it goes. */
    upload: number;
    /** Milliseconds. */
    latency: number;
    offline?: boolean;
  }

  /** As the DevTools protocol has it. */
  interface UserAgentMetadata {
    brands?: { brand: string; version: string }[];
    fullVersionList?: { brand: string; version: string }[];
    fullVersion?: string;
    platform: string;
    platformVersion: string;
    architecture: string;
    model: string;
    mobile: boolean;
    bitness?: string;
    wow64?: boolean;
    formFactors?: string[];
  }

  interface Metrics {
    Timestamp?: number;
    Documents?: number;
    Frames?: number;
    JSEventListeners?: number;
    Nodes?: number;
    LayoutCount?: number;
    RecalcStyleCount?: number;
    LayoutDuration?: number;
    RecalcStyleDuration?: number;
    ScriptDuration?: number;
    TaskDuration?: number;
    JSHeapUsedSize?: number;
    JSHeapTotalSize?: number;
  }

  /** Exactly one of `url`, `path` and `content`. */
  interface TagOptions {
    url?: string;
    path?: string;
    content?: string;
    id?: string;
    /** Milliseconds until what is loaded has to be there, with what a style sheet imports; 0 no limit. Default 30000. */
    timeout?: number;
  }

  interface Rectangle {
    x: number;
    y: number;
    width: number;
    height: number;
  }

  interface ScreenshotOptions {
    /** Default: by the extension of `path`, else "png". */
    type?: "png" | "jpeg" | "webp";
    /** 0 to 100, for jpeg and webp. */
    quality?: number;
    /** A part of the document. Excludes `fullPage` and `selector`. */
    clip?: Rectangle & { scale?: number };
    /** The whole document instead of the viewport. Default false. */
    fullPage?: boolean;
    /** Transparent where the page paints nothing; jpeg stays white. Default false. */
    omitBackground?: boolean;
    /**
     * Whether what lies outside of the viewport is captured as it lies. False cuts `clip` off at the viewport, and has `fullPage`
     * make the viewport as large as the document meanwhile. Default true.
     */
    captureBeyondViewport?: boolean;
    /** False is a picture of the window and not of the page's surface; a headless shell has none. Default true. */
    fromSurface?: boolean;
    /**
     * Encode a PNG faster, into a larger file with the same pixels; docs/performance.md has figures. No difference for jpeg
     * and webp. Default false.
     */
    optimizeForSpeed?: boolean;
    /** The box of one element. */
    selector?: string;
    /** A file to write as well. */
    path?: string;
    /** Default "binary". */
    encoding?: "binary" | "base64";
  }

  /** A number is CSS pixels; a string has a unit: "96px", "1in", "2.54cm", "25.4mm". */
  type Length = number | string;

  interface PdfOptions {
    /** letter, legal, tabloid, ledger, a0 to a6, in any case; wins over width and height. Default "letter". */
    format?: string;
    width?: Length;
    height?: Length;
    /** Default false. */
    landscape?: boolean;
    /** Default 0 on every side. */
    margin?: { top?: Length; right?: Length; bottom?: Length; left?: Length };
    /** 0.1 to 2. Default 1. */
    scale?: number;
    /** Default false. */
    printBackground?: boolean;
    /** Default: true when there is a template. */
    displayHeaderFooter?: boolean;
    /** HTML; elements of class date, title, url, pageNumber and totalPages are filled in. */
    headerTemplate?: string;
    footerTemplate?: string;
    /** "1-5, 8". Default: all. */
    pageRanges?: string;
    /** Let the page's own @page size win. Default false. */
    preferCSSPageSize?: boolean;
    /** Whether it says what is a heading, a table and the like. Default: the browser's choice, which is that it does. */
    tagged?: boolean;
    /** Whether its headings are its outline. Default false. */
    outline?: boolean;
    /** Transparent instead of white where the page paints nothing. Default false. */
    omitBackground?: boolean;
    /** Whether the document's fonts are waited for. Default true. */
    waitForFonts?: boolean;
    /** Milliseconds; 0 no limit. Default: what `setDefaultTimeout` says. */
    timeout?: number;
    /** A file to write as well. */
    path?: string;
  }

  interface Viewport {
    width: number;
    height: number;
    /** Default 1. */
    deviceScaleFactor?: number;
    /** Default false. */
    isMobile?: boolean;
    /** Default false. */
    hasTouch?: boolean;
    /**
     * Held sideways: `screen.orientation` says landscape, at 90 degrees. Default false: portrait, at 0 degrees.
     */
    isLandscape?: boolean;
  }

  interface CookieParam {
    name: string;
    value: string;
    /** Default, when there is no domain either: the page's. */
    url?: string;
    domain?: string;
    path?: string;
    secure?: boolean;
    httpOnly?: boolean;
    sameSite?: "Strict" | "Lax" | "None" | "Default";
    /** Seconds since 1970; -1 or absent for a session cookie. */
    expires?: number;
    priority?: "Low" | "Medium" | "High";
    sourceScheme?: "Unset" | "NonSecure" | "Secure";
    /** The site at the top of the page, to whose frames the cookie is kept. */
    partitionKey?: CookiePartitionKey | string;
  }

  interface CookiePartitionKey {
    sourceOrigin: string;
    /** Default false. */
    hasCrossSiteAncestor?: boolean;
  }

  interface Cookie {
    name: string;
    value: string;
    domain: string;
    path: string;
    secure: boolean;
    httpOnly: boolean;
    /** Seconds since 1970; -1 for a session cookie. */
    expires: number;
    sameSite?: "Strict" | "Lax" | "None";
    /** Bytes. */
    size: number;
    session: boolean;
    /** With Chromium only, as are the fields that follow. */
    priority?: "Low" | "Medium" | "High";
    sourceScheme?: "Unset" | "NonSecure" | "Secure";
    /** A string where no frame of another site is in between. */
    partitionKey?: CookiePartitionKey | string;
  }

  /** An array is several headers of one name, and undefined is none. */
  type RequestHeaders = Record<string, HeaderValue | readonly HeaderValue[] | undefined>;
  type HeaderValue = string | number | bigint | boolean;

  /** A request that `setRequestInterception` holds until one of its methods is called. */
  interface InterceptedRequest {
    readonly id: string;
    readonly url: string;
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly resourceType: string;
    readonly isNavigation: boolean;
    readonly body?: string;
    /** @param reason "failed" (default), "aborted", "blockedbyclient", "timedout", "accessdenied", ...: Puppeteer's names */
    abort(reason?: string): Promise<void>;
    /** What the browser refuses, such as a header that is none, leaves the request waiting for another decision. */
    continue(overrides?: { url?: string; method?: string; headers?: RequestHeaders; body?: string }): Promise<void>;
    respond(response: {
      status?: number;
      headers?: RequestHeaders;
      contentType?: string;
      body?: string | Buffer;
    }): Promise<void>;
  }

  /** A line that the page's scripts or the browser itself (a 404, a violated policy) wrote to its console. */
  interface ConsoleMessage {
    /** "log", "debug", "info", "error", "warn", "dir", "table", ...; of the browser's also "verbose" */
    type(): ConsoleMessageType;
    /** Primitive values as texts, errors as "TypeError: message", other objects as their handles are called: "JSHandle@array". */
    text(): string;
    /** Handles, also of primitive values. They last as long as the document. None of the browser's own lines. */
    args(): JSHandle[];
    /** Where it was written: the first of `stackTrace()`. Lines and columns count from 0. */
    location(): ConsoleLocation;
    stackTrace(): ConsoleLocation[];
  }

  type ConsoleMessageType =
    | ("log" | "debug" | "info" | "error" | "warn" | "dir" | "dirxml" | "table" | "trace" | "clear")
    | ("startGroup" | "startGroupCollapsed" | "endGroup" | "assert" | "profile" | "profileEnd" | "count" | "timeEnd")
    | "verbose";

  interface ConsoleLocation {
    url?: string;
    lineNumber?: number;
    columnNumber?: number;
  }

  /** An alert, confirm, prompt or beforeunload, which the page's scripts wait for. Without a listener it is dismissed. */
  interface Dialog {
    type(): "alert" | "confirm" | "prompt" | "beforeunload";
    message(): string;
    /** What a prompt suggests. */
    defaultValue(): string;
    accept(promptText?: string): Promise<void>;
    dismiss(): Promise<void>;
  }

  /**
   * A request. With `setRequestInterception(true)` the listeners of "request" decide what becomes of it, by `continue`, `respond`
   * or `abort`; until one of them does, or the item ends, it waits. A decision without a `priority` counts at once. Those with one
   * are proposals: when all listeners have been called, that of the highest priority counts, and of one priority an abort before
   * an answer, and an answer before going on.
   */
  interface HTTPRequest {
    /** The same for a request and those it is redirected to. */
    readonly id: string;
    /** With its fragment. */
    url(): string;
    method(): string;
    /** Names in lower case. */
    headers(): Record<string, string>;
    postData(): string | undefined;
    hasPostData(): boolean;
    /** The body, be it one that `postData` does not tell, such as a Blob's. */
    fetchPostData(): Promise<string | undefined>;
    /** "document", "stylesheet", "image", "media", "font", "script", "xhr", "fetch", "websocket", "other", ... */
    resourceType(): any;
    /** What has caused it, as the DevTools protocol tells it. */
    initiator(): any;
    /** A session with the frame that asks for it, or with the main one. */
    readonly client: CDPSession;
    /** The frame that asks for it; null where there is none, or it is gone. */
    frame(): Frame | null;
    isNavigationRequest(): boolean;
    /** Whether the main frame asks for it. */
    isMainFrame(): boolean;
    /** The requests that were redirected to this one. */
    redirectChain(): HTTPRequest[];
    response(): HTTPResponse | null;
    failure(): { errorText: string } | null;

    /**
     * @throws ERR_INVALID_OPTION where interception is off, or the request has had its decision
     * @throws ERR_BROWSER for what the browser refuses, such as a header that is none; the request then waits for another decision
     */
    continue(overrides?: ContinueRequestOverrides, priority?: number): Promise<void>;
    respond(response: Partial<ResponseForRequest>, priority?: number): Promise<void>;
    /** @param reason "failed" (default), "aborted", "blockedbyclient", "timedout", "accessdenied", ...: Puppeteer's names */
    abort(reason?: string, priority?: number): Promise<void>;
    /** Has a function run, and its promise awaited, after all listeners and before the decision. */
    enqueueInterceptAction(handler: () => unknown): void;
    finalizeInterceptions(): Promise<void>;
    /** What counts so far: "abort", "respond", "continue", "none", "disabled" or "already-handled". */
    interceptResolutionState(): { action: any; priority?: number };
    isInterceptResolutionHandled(): boolean;
    /** What was last proposed, each `{}` or null at first. */
    continueRequestOverrides(): { url?: string; method?: string; postData?: string; headers?: Record<string, any> };
    responseForRequest(): Partial<ResponseForRequest> | null;
    abortErrorReason(): any;
  }

  interface ContinueRequestOverrides {
    /** Not seen by the page. */
    url?: string;
    method?: string;
    postData?: string;
    /** In place of those that it has; undefined is none. */
    headers?: RequestHeaders;
  }

  interface ResponseForRequest {
    /** Default 200. */
    status: number;
    /** Values as in `RequestHeaders`. */
    headers: Record<string, unknown>;
    contentType: string;
    body: string | Uint8Array;
  }

  interface HTTPResponse {
    request(): HTTPRequest;
    url(): string;
    /** 0 where there is none, as of a file, or the engine cannot tell. */
    status(): number;
    statusText(): string;
    /** True for a status from 200 to 299, and where there is none. */
    ok(): boolean;
    /** Names in lower case; several cookies are lines of `set-cookie`. */
    headers(): Record<string, string>;
    remoteAddress(): { ip?: string; port?: number };
    /** Null where the connection is not encrypted. */
    securityDetails(): SecurityDetails | null;
    /** As the DevTools protocol tells it. */
    timing(): any;
    fromCache(): boolean;
    fromServiceWorker(): boolean;
    /** The frame that has asked. */
    frame(): Frame | null;
    /** The body, once all of it is there. @throws ERR_TIMEOUT after 30 seconds */
    buffer(): Promise<Buffer>;
    /** The same bytes as `buffer()`. */
    content(): Promise<Uint8Array>;
    text(): Promise<string>;
    json(): Promise<any>;
  }

  interface SecurityDetails {
    issuer(): string;
    /** Seconds since 1970. */
    validFrom(): number;
    validTo(): number;
    /** "TLS 1.3", for instance. */
    protocol(): string;
    subjectName(): string;
    subjectAlternativeNames(): string[];
  }

  /** A session of the DevTools protocol. Its events have the protocol's names; `*` is each of them, its name before its data. */
  interface CDPSession extends EventEmitter {
    /** Empty, of the session of a frame, a request or a worker, until its first call is answered. */
    id(): string;
    connection(): any;
    readonly detached: boolean;
    /**
     * @param options.timeout milliseconds; by default there is no limit
     * @throws ERR_BROWSER with the browser's own words, ERR_PAGE_CLOSED once the session is detached
     */
    send(method: string, params?: object, options?: { timeout?: number }): Promise<any>;
    detach(): Promise<void>;
  }

  /**
   * A worker that the page's scripts have made (cdp engine). Its events are `console` and `error`, the latter of what its script has
   * not caught; the page has them too, as `console` and `pageerror`.
   */
  class WebWorker extends EventEmitter {
    private constructor();
    /** A session of the DevTools protocol with the worker. */
    readonly client: CDPSession;
    on(event: "console", listener: (message: ConsoleMessage) => void): this;
    on(event: "error", listener: (error: Error) => void): this;
    on(event: string | symbol, listener: (...args: any[]) => void): this;
    /** The address of the worker's script. */
    url(): string;
    evaluate: Page["evaluate"];
    evaluateHandle: Page["evaluateHandle"];
    close(): Promise<void>;
  }

  /** A file that lands in a folder of the item, which goes with its attempt. Unless somebody listens, nothing is downloaded. */
  interface Download {
    url(): string;
    /** A name, never a path. */
    suggestedFilename(): string;
    /** Waits for the end. @throws ERR_NAVIGATION when the download was canceled */
    path(): Promise<string>;
    /** Waits for the end and copies the file to a place that stays. */
    saveAs(file: string): Promise<void>;
    cancel(): Promise<void>;
  }

  /** All but `close` are told by the cdp engine only. */
  interface PageEvents {
    /** The attempt is over; why. */
    close: [reason: string];
    console: [message: ConsoleMessage];
    /** Something that the page's own scripts threw and did not catch. */
    pageerror: [error: Error];
    dialog: [dialog: Dialog];
    request: [request: HTTPRequest];
    response: [response: HTTPResponse];
    requestfinished: [request: HTTPRequest];
    requestfailed: [request: HTTPRequest];
    /** A cache of the page's own process has the answer. */
    requestservedfromcache: [request: HTTPRequest];
    domcontentloaded: [];
    load: [];
    frameattached: [frame: Frame];
    framenavigated: [frame: Frame];
    framedetached: [frame: Frame];
    workercreated: [worker: WebWorker];
    workerdestroyed: [worker: WebWorker];
    /** A page that this one opened; it ends with it. */
    popup: [page: Page];
    download: [download: Download];
    /** An input for files was clicked. While somebody listens, the browser opens no dialog of its own. */
    filechooser: [chooser: FileChooser];
    /** A script has called `console.timeStamp(title)`. */
    metrics: [told: { title: string; metrics: Metrics }];
    crash: [error: Error];
    /** Puppeteer's name of `crash`. */
    error: [error: Error];
  }

  /** A function that runs in the page, or JavaScript as text. Its arguments and result cross as data. */
  type Script<Args extends unknown[], Value> = string | ((...args: Args) => Value);

  /** A handle of what a script gave: of a node an ElementHandle. */
  type HandleFor<Value> = Value extends Node ? ElementHandle<Value> : JSHandle<Value>;
  /** What a function in the page gets for an argument: for a handle the value that it stands for. */
  type FlattenHandle<Value> = Value extends JSHandle<infer Of> ? Of : Value;
  type InnerParams<Params extends unknown[]> = { [Index in keyof Params]: FlattenHandle<Params[Index]> };
  /** A function that runs in the page with these arguments. */
  type EvaluateFunc<Params extends unknown[]> = { run(...params: InnerParams<Params>): unknown }["run"];
  /** The same with an object of the page before them, of which it may know more. */
  type EvaluateFuncWith<Of, Params extends unknown[]> = {
    run(...params: [object: Of, ...InnerParams<Params>]): unknown;
  }["run"];
  /** What a selector finds, as far as the name of the tag at its end tells. */
  type NodeFor<Selector extends string> = Selector extends `${infer Before}/${string}`
    ? // Not CSS, unless in an attribute's value.
      Before extends `${string}[${string}`
      ? NodeForCss<Selector>
      : Element
    : NodeForCss<Selector>;
  type NodeForCss<Selector extends string> = Selector extends `${infer One},${infer Others}`
    ? NodeForCss<One> | NodeForCss<Others>
    : NodeNamed<Lowercase<TagOf<AfterLast<AfterLast<AfterLast<AfterLast<Trimmed<Selector>, " ">, ">">, "+">, "~">>>>;
  type TagOf<Compound extends string> = BeforeFirst<
    BeforeFirst<BeforeFirst<BeforeFirst<Compound, ".">, "#">, "[">,
    ":"
  >;
  type NodeNamed<Tag extends string> = Tag extends keyof HTMLElementTagNameMap
    ? HTMLElementTagNameMap[Tag]
    : Tag extends keyof SVGElementTagNameMap
      ? SVGElementTagNameMap[Tag]
      : Element;
  type Trimmed<Text extends string> = Text extends ` ${infer Rest}` | `${infer Rest} ` ? Trimmed<Rest> : Text;
  type AfterLast<Text extends string, Separator extends string> = Text extends `${string}${Separator}${infer Rest}`
    ? AfterLast<Rest, Separator>
    : Text;
  type BeforeFirst<Text extends string, Separator extends string> = Text extends `${infer Head}${Separator}${string}`
    ? Head
    : Text;
  interface WaitForSelectorOptions extends WaitOptions {
    /** Waits until it is there and can be seen. */
    visible?: boolean;
    /** Waits until it is gone or cannot be seen; excludes `visible`. */
    hidden?: boolean;
    signal?: AbortSignal;
  }

  /** What stays in the page (cdp engine). It can be an argument of scripts in its frame, and lasts as long as its document. */
  class JSHandle<Value = unknown> implements Disposable, AsyncDisposable {
    protected constructor();
    /** For types only. */
    readonly _?: Value;
    /** Calls a function in the page with the handle's value, and then the arguments. */
    evaluate<Params extends unknown[], Func extends EvaluateFuncWith<Value, Params> = EvaluateFuncWith<Value, Params>>(
      script: Func | string,
      ...args: Params
    ): Promise<Awaited<ReturnType<Func>>>;
    evaluateHandle<
      Params extends unknown[],
      Func extends EvaluateFuncWith<Value, Params> = EvaluateFuncWith<Value, Params>,
    >(script: Func | string, ...args: Params): Promise<HandleFor<Awaited<ReturnType<Func>>>>;
    getProperty<Name extends keyof Value>(name: Name | JSHandle<Name>): Promise<HandleFor<Value[Name]>>;
    getProperty(name: string): Promise<JSHandle<any>>;
    /** The value's own enumerable properties, by their names. */
    getProperties(): Promise<Map<string, JSHandle<any>>>;
    jsonValue(): Promise<Value>;
    asElement(): ElementHandle<Node> | null;
    readonly disposed: boolean;
    readonly id: string | undefined;
    /** As the DevTools protocol has it. */
    remoteObject(): {
      type: "bigint" | "boolean" | "function" | "number" | "object" | "string" | "symbol" | "undefined";
      subtype?: any;
      className?: string;
      value?: any;
      unserializableValue?: string;
      description?: string;
      objectId?: string;
    };
    dispose(): Promise<void>;
    /** Keeps the handle past the end of the `using` block that it is declared in. */
    move(): this;
    toString(): string;
    [Symbol.dispose](): void;
    [Symbol.asyncDispose](): Promise<void>;
  }

  /** A node of a document (cdp engine). What a person does to an element begins by scrolling it into view. */
  class ElementHandle<Of extends Node = Element> extends JSHandle<Of> {
    protected constructor();
    readonly frame: Frame;
    asElement(): ElementHandle<Of>;
    $<Selector extends string>(selector: Selector): Promise<ElementHandle<NodeFor<Selector>> | null>;
    $$<Selector extends string>(selector: Selector): Promise<ElementHandle<NodeFor<Selector>>[]>;
    $eval<
      Selector extends string,
      Params extends unknown[],
      Func extends EvaluateFuncWith<NodeFor<Selector>, Params> = EvaluateFuncWith<NodeFor<Selector>, Params>,
    >(selector: Selector, script: Func | string, ...args: Params): Promise<Awaited<ReturnType<Func>>>;
    $$eval<
      Selector extends string,
      Params extends unknown[],
      Func extends EvaluateFuncWith<NodeFor<Selector>[], Params> = EvaluateFuncWith<NodeFor<Selector>[], Params>,
    >(selector: Selector, script: Func | string, ...args: Params): Promise<Awaited<ReturnType<Func>>>;
    waitForSelector<Selector extends string>(
      selector: Selector,
      options?: WaitForSelectorOptions,
    ): Promise<ElementHandle<NodeFor<Selector>> | null>;
    /** Tries an action on the element again and again until that has worked. */
    asLocator(): Locator<Element>;
    toElement<Tag extends keyof HTMLElementTagNameMap | keyof SVGElementTagNameMap>(
      tagName: Tag,
    ): Promise<ElementHandle<NodeNamed<Tag>>>;
    isVisible(): Promise<boolean>;
    isHidden(): Promise<boolean>;
    isIntersectingViewport(options?: { threshold?: number }): Promise<boolean>;
    /** The frame in an `<iframe>` or `<frame>`. */
    contentFrame(): Promise<Frame | null>;
    click(options?: ClickOptions): Promise<void>;
    hover(): Promise<void>;
    focus(): Promise<void>;
    type(text: string, options?: { delay?: number }): Promise<void>;
    press(key: string, options?: KeyDownOptions & { delay?: number }): Promise<void>;
    tap(): Promise<void>;
    touchStart(): Promise<TouchHandle>;
    /** @param touch the finger that comes to it; by default the one that has touched for longest */
    touchMove(touch?: TouchHandle): Promise<void>;
    touchEnd(): Promise<void>;
    /** @returns what is dragged while drags are intercepted; else it is in the mouse's hand, until `drop` */
    drag(target: Point | ElementHandle<any>): Promise<any>;
    dragEnter(data?: any): Promise<void>;
    dragOver(data?: any): Promise<void>;
    /** @param dragged an element, or the data of `drag` */
    drop(dragged?: ElementHandle<any> | any): Promise<void>;
    dragAndDrop(target: ElementHandle<any>, options?: { delay?: number }): Promise<void>;
    select(...values: string[]): Promise<string[]>;
    uploadFile(...paths: string[]): Promise<void>;
    scrollIntoView(): Promise<void>;
    screenshot(options: ScreenshotOptions & { encoding: "base64" }): Promise<string>;
    screenshot(options?: ScreenshotOptions): Promise<Buffer>;
    boundingBox(): Promise<Rectangle | null>;
    boxModel(): Promise<BoxModel | null>;
    clickablePoint(offset?: { x: number; y: number }): Promise<{ x: number; y: number }>;
  }

  /**
   * Finds something again and again until an action has worked, or its time is over: elements that come later, are replaced or
   * move are waited for. Its methods that set something give another locator. Of what failed last before its time was over,
   * ERR_TIMEOUT's `cause` tells. ERR_INVALID_OPTION and ERR_UNSUPPORTED come at once, because another try would fail alike.
   */
  class Locator<Of> extends EventEmitter {
    protected constructor();
    /** For types only. */
    readonly _?: Of;
    /** A locator of what the first of these locators to find something has found. */
    static race<Locators extends readonly Locator<any>[]>(
      locators: Locators,
    ): Locator<Locators[number] extends Locator<infer Of> ? Of : never>;
    readonly timeout: number;
    /** @param timeout milliseconds; 0 no limit. Default 30000 */
    setTimeout(timeout: number): Locator<Of>;
    /** Default null: either will do. */
    setVisibility(visibility: "visible" | "hidden" | null): Locator<Of>;
    /** Default true. */
    setWaitForEnabled(enabled: boolean): Locator<Of>;
    /** Default true. */
    setEnsureElementIsInTheViewport(inView: boolean): Locator<Of>;
    /** Default true. */
    setWaitForStableBoundingBox(stable: boolean): Locator<Of>;
    clone(): Locator<Of>;
    map<To>(mapper: (value: Of) => To): Locator<Awaited<To>>;
    /** The handle is the mapper's own, which may keep it, or dispose of it. */
    mapHandle<To>(mapper: (handle: HandleFor<Of>, signal?: AbortSignal) => Promise<HandleFor<To>>): Locator<To>;
    filter(predicate: (value: Of) => boolean | PromiseLike<boolean>): Locator<Of>;
    filterHandle(
      predicate: (handle: HandleFor<Of>, signal?: AbortSignal) => boolean | PromiseLike<boolean>,
    ): Locator<Of>;
    wait(options?: { signal?: AbortSignal }): Promise<Of>;
    waitHandle(options?: { signal?: AbortSignal }): Promise<HandleFor<Of>>;
    click(options?: ClickOptions & { signal?: AbortSignal }): Promise<void>;
    /**
     * Types into what can be typed into, chooses in a `<select>`, clicks what can be checked if it is not as it should be, and sets
     * the value of any other input.
     * @param options.typingThreshold a text of so many characters is set without keys; default 100
     */
    fill(value: string | boolean, options?: { signal?: AbortSignal; typingThreshold?: number }): Promise<void>;
    hover(options?: { signal?: AbortSignal }): Promise<void>;
    scroll(options?: { signal?: AbortSignal; scrollTop?: number; scrollLeft?: number }): Promise<void>;
  }

  /** Kinds of selectors of the program's own: `name/value`, and `::-p-name(value)` within CSS. */
  const customQueryHandlers: {
    /** @param handler functions that run in the page */
    register(
      name: string,
      handler: {
        queryOne?: (node: any, value: string) => Node | null;
        queryAll?: (node: any, value: string) => Iterable<Node>;
      },
    ): void;
    unregister(name: string): void;
    names(): string[];
    clear(): void;
  };

  /** From the top left corner on, clockwise. */
  type Quad = [Point, Point, Point, Point];

  interface BoxModel {
    content: Quad;
    padding: Quad;
    border: Quad;
    margin: Quad;
    width: number;
    height: number;
  }

  /**
   * The browser that the page is in, as far as the page's item may know of it: of pages, the page and those opened from it of which
   * it was told, which is all of them from the first `page.browser()` on. What Puppeteer's has beyond this is ERR_UNSUPPORTED and
   * says why: `newPage`, `createBrowserContext`, `close`, `disconnect`, `wsEndpoint`, windows, screens, extensions.
   */
  class Browser extends EventEmitter {
    private constructor();
    /** Null for a browser at `browser.url`. */
    process(): { readonly pid: number } | null;
    /** "HeadlessChrome/140.0.7339.0", for instance. */
    version(): Promise<string>;
    userAgent(): Promise<string>;
    /** False once the page's use is over. */
    readonly connected: boolean;
    isConnected(): boolean;
    pages(): Promise<Page[]>;
    targets(): Target[];
    /** One that there is, or the first that comes. @throws ERR_TIMEOUT */
    waitForTarget(
      predicate: (target: Target) => boolean | PromiseLike<boolean>,
      options?: WaitOptions,
    ): Promise<Target>;
    browserContexts(): BrowserContext[];
    defaultBrowserContext(): BrowserContext;
    /** These are the context's. */
    cookies(): Promise<Cookie[]>;
    setCookie(...cookies: CookieParam[]): Promise<void>;
    deleteCookie(...cookies: Pick<Cookie, "name" | "domain" | "path">[]): Promise<void>;
    deleteMatchingCookies(...filters: CookieFilter[]): Promise<void>;
    setPermission(origin: string, ...permissions: PermissionSetting[]): Promise<void>;
    on<Name extends keyof BrowserEvents>(event: Name, listener: (...args: BrowserEvents[Name]) => void): this;
    once<Name extends keyof BrowserEvents>(event: Name, listener: (...args: BrowserEvents[Name]) => void): this;
    off<Name extends keyof BrowserEvents>(event: Name, listener: (...args: BrowserEvents[Name]) => void): this;
  }

  interface BrowserEvents {
    /** A page was opened from the page, or from one of those. */
    targetcreated: [target: Target];
    targetdestroyed: [target: Target];
    /** It has gone to another address. */
    targetchanged: [target: Target];
    /** The page's use is over. */
    disconnected: [];
  }

  /** What the page shares with others: with `isolation: "page"` also with later items, which find its cookies and permissions. */
  class BrowserContext extends EventEmitter {
    private constructor();
    readonly id: undefined;
    readonly closed: boolean;
    browser(): Browser;
    pages(): Promise<Page[]>;
    targets(): Target[];
    waitForTarget(
      predicate: (target: Target) => boolean | PromiseLike<boolean>,
      options?: WaitOptions,
    ): Promise<Target>;
    /** Pages of this origin have these permissions, and no other. */
    overridePermissions(origin: string, permissions: Permission[]): Promise<void>;
    /** @param origin "*" is every one */
    setPermission(origin: string, ...permissions: PermissionSetting[]): Promise<void>;
    clearPermissionOverrides(): Promise<void>;
    /** Of all sites. */
    cookies(): Promise<Cookie[]>;
    /** Each with a `url` or a `domain`. */
    setCookie(...cookies: CookieParam[]): Promise<void>;
    /** Those with the same name, domain and path. */
    deleteCookie(...cookies: Pick<Cookie, "name" | "domain" | "path">[]): Promise<void>;
    /** Those that are as one of these says. */
    deleteMatchingCookies(...filters: CookieFilter[]): Promise<void>;
  }

  type Permission =
    | "accelerometer"
    | "ambient-light-sensor"
    | "background-sync"
    | "camera"
    | "clipboard-read"
    | "clipboard-sanitized-write"
    | "clipboard-write"
    | "geolocation"
    | "gyroscope"
    | "idle-detection"
    | "keyboard-lock"
    | "magnetometer"
    | "microphone"
    | "midi"
    | "midi-sysex"
    | "notifications"
    | "payment-handler"
    | "persistent-storage"
    | "pointer-lock";

  interface PermissionSetting {
    /** As the DevTools protocol describes one: `{ name: "geolocation" }`. */
    permission: { name: string; [more: string]: any };
    state: "granted" | "denied" | "prompt";
  }

  interface CookieFilter {
    name: string;
    /** At which it is sent. */
    url?: string;
    domain?: string;
    path?: string;
    partitionKey?: CookiePartitionKey | string;
  }

  /** A page as a target of the DevTools protocol. */
  class Target {
    private constructor();
    /** "page" */
    type(): any;
    url(): string;
    page(): Promise<Page>;
    asPage(): Promise<Page>;
    worker(): Promise<null>;
    createCDPSession(): Promise<CDPSession>;
    browser(): Browser;
    browserContext(): BrowserContext;
    /** The one that it was opened from. */
    opener(): Target | undefined;
  }

  /** A frame of the page (cdp engine). Methods that a page has too mean the same in it. */
  class Frame {
    private constructor();
    page(): Page;
    url(): string;
    name(): string;
    parentFrame(): Frame | null;
    childFrames(): Frame[];
    isMainFrame(): boolean;
    isDetached(): boolean;
    readonly detached: boolean;
    frameElement(): Promise<ElementHandle<HTMLIFrameElement> | null>;
    /** A session of the DevTools protocol with the frame: of a frame of another site with that alone. */
    readonly client: CDPSession;
    content: Page["content"];
    setContent: Page["setContent"];
    title: Page["title"];
    goto: Page["goto"];
    waitForNavigation: Page["waitForNavigation"];
    evaluate: Page["evaluate"];
    evaluateHandle: Page["evaluateHandle"];
    $: Page["$"];
    $$: Page["$$"];
    $eval: Page["$eval"];
    $$eval: Page["$$eval"];
    addScriptTag: Page["addScriptTag"];
    addStyleTag: Page["addStyleTag"];
    tap: Page["tap"];
    click: Page["click"];
    hover: Page["hover"];
    focus: Page["focus"];
    type: Page["type"];
    select: Page["select"];
    locator: Page["locator"];
    waitForSelector: Page["waitForSelector"];
    waitForFunction: Page["waitForFunction"];
  }

  /**
   * What a handler drives; brand-new for every attempt. Methods reject with ERR_INVALID_OPTION for a wrong argument (an option that
   * a method does not know is a warning of the process, once), ERR_PAGE_CLOSED once the attempt is over,
   * ERR_UNSUPPORTED for what the engine cannot do, and ERR_BROWSER_GONE when the browser dies.
   */
  class Page extends EventEmitter implements AsyncDisposable {
    private constructor();

    /** The cdp engine's, as are `mouse` and `touchscreen`. */
    readonly keyboard: Keyboard;
    readonly mouse: Mouse;
    readonly touchscreen: Touchscreen;
    /** The cdp engine's, as are `coverage` and `tracing`. */
    readonly accessibility: Accessibility;
    readonly coverage: Coverage;
    readonly tracing: Tracing;

    /** Gives back a page of `town.acquire()`; on any other page it rejects with ERR_UNSUPPORTED. */
    release(): Promise<void>;
    [Symbol.asyncDispose](): Promise<void>;
    /**
     * Ends the use of the page before the attempt ends.
     * @param options.runBeforeUnload has the document asked whether it may be left, and does not wait for the answer (cdp engine)
     */
    close(options?: { runBeforeUnload?: boolean }): Promise<void>;
    isClosed(): boolean;
    /** The browser that the page is in. The same for the pages opened from it. */
    browser(): Browser;
    browserContext(): BrowserContext;
    target(): Target;

    /**
     * @throws ERR_UNSUPPORTED for an event that the engine cannot deliver
     * @throws ERR_INVALID_OPTION for one that a page does not have, unless its name is a symbol
     */
    on<Name extends keyof PageEvents>(event: Name, listener: (...args: PageEvents[Name]) => void): this;
    on(event: PhantomEvent, listener: (...args: any[]) => void, ...args: unknown[]): this;
    /** @param runOnPhantom true runs the listener's text beside the page, without its closure */
    on(event: PhantomEvent, runOnPhantom: boolean, listener: (...args: any[]) => void, ...args: unknown[]): this;
    once<Name extends keyof PageEvents>(event: Name, listener: (...args: PageEvents[Name]) => void): this;
    /** Without a listener: removes all of them. */
    off(event: keyof PageEvents | PhantomEvent, listener?: (...args: any[]) => void): this;

    /**
     * @returns the response, of redirects the last; null where there is none: within a document, or at about:blank
     * @throws ERR_NAVIGATION, ERR_TIMEOUT. On the webdriver engine, after a timeout at a server that sends nothing, later
     * calls on this page wait until the attempt ends: the driver does one thing at a time. Fail the item then, to try again
     * on a new page
     */
    goto(url: string | URL, options?: GoToOptions): Promise<HTTPResponse | null>;
    /** @param options.ignoreCache default false */
    reload(options?: NavigationOptions & { ignoreCache?: boolean }): Promise<HTTPResponse | null>;
    /** Null at the history's end too. */
    goBack(options?: NavigationOptions): Promise<HTTPResponse | null>;
    goForward(options?: NavigationOptions): Promise<HTTPResponse | null>;
    waitForNavigation(options?: NavigationOptions): Promise<HTTPResponse | null>;
    /** @param timeout milliseconds, of whatever waits without an option `timeout`; 0 no limit. At first 30000 */
    setDefaultTimeout(timeout: number): void;
    /** The same of navigations and `setContent`, which else have what `setDefaultTimeout` says. */
    setDefaultNavigationTimeout(timeout: number): void;
    getDefaultTimeout(): number;
    getDefaultNavigationTimeout(): number;
    /** @param options as Puppeteer; a string is phantom's second argument, the URL that relative links start from */
    setContent(html: string, options?: NavigationOptions | string): Promise<void>;
    /** The document's HTML with its doctype, and with the comments around it. */
    content(): Promise<string>;
    title(): Promise<string>;
    /** The main frame's address as it is known now. Of the webdriver engine a promise of it. */
    url(): string;
    /** The main frame first, then each frame's children (cdp engine). */
    frames(): Frame[];
    mainFrame(): Frame;

    /**
     * Runs a function in the page, or JavaScript as text: an expression, or a program whose value is its last statement's.
     * Arguments and results may hold everything of JSON, and undefined, NaN, Infinity, -0, BigInt, Date, RegExp, Map, Set, URL,
     * Error, ArrayBuffer and typed arrays. Promises are awaited.
     * As with Puppeteer, symbols, windows and what is inside of itself arrive as undefined, and functions, nodes and other objects
     * as their own properties; functions among the arguments are left out. A handle among the arguments is what it is of.
     * @throws ERR_EVALUATION when the script throws an Error, whose kind, name, message and stack it has, or does not parse;
     *   any other value that is thrown arrives as it is
     * @throws ERR_INVALID_OPTION for an argument that is inside of itself
     */
    evaluate<Params extends unknown[], Func extends EvaluateFunc<Params> = EvaluateFunc<Params>>(
      script: Func,
      ...args: Params
    ): Promise<Awaited<ReturnType<Func>>>;
    evaluate<Value = any>(script: string): Promise<Value>;
    /** The same, whose value stays in the page (cdp engine). */
    evaluateHandle<Params extends unknown[], Func extends EvaluateFunc<Params> = EvaluateFunc<Params>>(
      script: Func,
      ...args: Params
    ): Promise<HandleFor<Awaited<ReturnType<Func>>>>;
    evaluateHandle(script: string): Promise<JSHandle<any>>;
    /** The first element of a selector, or null (cdp engine). */
    $<Selector extends string>(selector: Selector): Promise<ElementHandle<NodeFor<Selector>> | null>;
    /** All elements of a selector (cdp engine). */
    $$<Selector extends string>(selector: Selector): Promise<ElementHandle<NodeFor<Selector>>[]>;
    /** Runs before any script of every document to come. */
    evaluateOnNewDocument<Args extends unknown[]>(
      script: Script<Args, unknown>,
      ...args: Args
    ): Promise<{ identifier: string }>;
    /** Ends what `evaluateOnNewDocument` has begun. */
    removeScriptToEvaluateOnNewDocument(identifier: string): Promise<void>;
    /** An array of all objects with this prototype, in the process of the main frame (cdp engine). */
    queryObjects<Prototype>(prototype: JSHandle<Prototype>): Promise<JSHandle<Prototype[]>>;
    /** Makes `fn` callable in the page as `window[name]` (cdp engine). */
    exposeFunction(
      name: string,
      // biome-ignore lint/complexity/noBannedTypes: Puppeteer takes what is no more than a Function
      fn: Function | { default: Function },
    ): Promise<void>;
    /** Takes away what `exposeFunction` has made; its calls under way are rejected in the page. @throws ERR_INVALID_OPTION for any other name */
    removeExposedFunction(name: string): Promise<void>;
    /** A script with a URL has run then, and a classic one given as text; a module given as text runs when its imports are there. */
    addScriptTag(options: TagOptions & { type?: string }): Promise<ElementHandle<HTMLScriptElement>>;
    addStyleTag(options: Omit<TagOptions, "url">): Promise<ElementHandle<HTMLStyleElement>>;
    addStyleTag(options: TagOptions): Promise<ElementHandle<HTMLLinkElement>>;
    /** Calls the function in the page with the first match. @throws ERR_EVALUATION when nothing matches */
    $eval<
      Selector extends string,
      Params extends unknown[],
      Func extends EvaluateFuncWith<NodeFor<Selector>, Params> = EvaluateFuncWith<NodeFor<Selector>, Params>,
    >(selector: Selector, script: Func | string, ...args: Params): Promise<Awaited<ReturnType<Func>>>;
    /** Calls the function in the page with the array of all matches. */
    $$eval<
      Selector extends string,
      Params extends unknown[],
      Func extends EvaluateFuncWith<NodeFor<Selector>[], Params> = EvaluateFuncWith<NodeFor<Selector>[], Params>,
    >(selector: Selector, script: Func | string, ...args: Params): Promise<Awaited<ReturnType<Func>>>;

    /** Finds an element again and again until an action on it has worked, by a selector or a function that runs in the page (cdp engine). */
    locator<Selector extends string>(selector: Selector): Locator<NodeFor<Selector>>;
    locator<Value>(script: () => Value): Locator<Awaited<Value>>;
    click(selector: string, options?: ClickOptions): Promise<void>;
    hover(selector: string): Promise<void>;
    /** With a finger (cdp engine). */
    tap(selector: string): Promise<void>;
    focus(selector: string): Promise<void>;
    /** @param options.delay milliseconds between keys; default 0 */
    type(selector: string, text: string, options?: { delay?: number }): Promise<void>;
    /** @param key Puppeteer's names: "Enter", "ArrowLeft", "a" */
    press(key: string, options?: { delay?: number; text?: string }): Promise<void>;
    /** @returns the values that are selected now */
    select(selector: string, ...values: string[]): Promise<string[]>;
    uploadFile(selector: string, ...paths: (string | string[])[]): Promise<void>;
    /** The cdp engine's. All that wait for one get the same. @throws ERR_TIMEOUT */
    waitForFileChooser(options?: WaitOptions): Promise<FileChooser>;
    /**
     * Whether a drag that the page begins is left to `mouse.drag` and what follows it, and not to the browser (cdp engine). At
     * first it is the browser's, and a drag is the mouse held down and moved.
     */
    setDragInterception(enabled: boolean): Promise<void>;
    isDragInterceptionEnabled(): boolean;

    /**
     * @returns the element, where the engine has handles; null if there is none
     * @throws ERR_TIMEOUT
     */
    waitForSelector<Selector extends string>(
      selector: Selector,
      options?: WaitForSelectorOptions,
    ): Promise<ElementHandle<NodeFor<Selector>> | null>;
    /**
     * @param options.polling "raf" (default), "mutation", or milliseconds
     * @returns the truthy value, which stays in the page where the engine has handles
     */
    waitForFunction<Params extends unknown[], Func extends EvaluateFunc<Params> = EvaluateFunc<Params>>(
      script: Func | string,
      options?: WaitOptions & { polling?: "raf" | "mutation" | number; signal?: AbortSignal },
      ...args: Params
    ): Promise<HandleFor<Awaited<ReturnType<Func>>>>;
    /**
     * The cdp engine's.
     * @param options.idleTime milliseconds; default 500
     * @param options.concurrency requests without a response that count as idle; default 0
     */
    waitForNetworkIdle(options?: WaitOptions & { idleTime?: number; concurrency?: number }): Promise<void>;

    /**
     * The first request from now on with this URL, or that the predicate accepts. The cdp engine's.
     * @throws ERR_TIMEOUT
     */
    waitForRequest(
      urlOrPredicate: string | URL | ((request: HTTPRequest) => boolean | PromiseLike<boolean>),
      options?: WaitOptions,
    ): Promise<HTTPRequest>;
    /** A frame that the page has, or will have. */
    waitForFrame(
      urlOrPredicate: string | URL | ((frame: Frame) => boolean | PromiseLike<boolean>),
      options?: WaitOptions,
    ): Promise<Frame>;
    waitForResponse(
      urlOrPredicate: string | URL | ((response: HTTPResponse) => boolean | PromiseLike<boolean>),
      options?: WaitOptions,
    ): Promise<HTTPResponse>;

    screenshot(options: ScreenshotOptions & { encoding: "base64" }): Promise<string>;
    screenshot(options?: ScreenshotOptions): Promise<Buffer>;
    pdf(options?: PdfOptions): Promise<Buffer>;
    /** The same as a stream. */
    createPDFStream(options?: PdfOptions): Promise<ReadableStream<Uint8Array>>;

    /** @param viewport null is the size of the page's window (cdp engine) */
    setViewport(viewport: Viewport | null): Promise<void>;
    /** As it was given; null is the size of the page's window. At first 800 × 600. */
    viewport(): Viewport | null;
    /** The viewport and the user agent of a device: one of Puppeteer's KnownDevices, or your own. */
    emulate(device: { name?: string; userAgent: string; viewport: Viewport }): Promise<void>;
    /** @param userAgentMetadata what `navigator.userAgentData` and the client hints say (cdp engine) */
    setUserAgent(userAgent: string, userAgentMetadata?: UserAgentMetadata): Promise<void>;
    /** @param options.platform what `navigator.platform` says */
    setUserAgent(options: {
      userAgent?: string;
      userAgentMetadata?: UserAgentMetadata;
      platform?: string;
    }): Promise<void>;
    setExtraHTTPHeaders(headers: Record<string, string>): Promise<void>;
    /** The cdp engine's, except to remove them. @param credentials null removes them */
    authenticate(credentials: { username: string; password: string } | null): Promise<void>;
    setJavaScriptEnabled(enabled: boolean): Promise<void>;
    /** As `setJavaScriptEnabled` has last said; true at first. */
    isJavaScriptEnabled(): boolean;
    setCookie(...cookies: CookieParam[]): Promise<void>;
    /** @param urls default: the page's */
    cookies(...urls: string[]): Promise<Cookie[]>;
    /**
     * Those of this name and place, in every jar and partition in which `cookies()` finds them; without a place, those that the
     * page's URL is sent. @returns whether there were any
     */
    deleteCookie(...cookies: (string | (Partial<CookieParam> & { name: string }))[]): Promise<boolean>;
    /** Chromium only. Null, or nothing, ends an emulation: what an earlier call set does not stay. */
    emulateMedia(media: {
      media?: "screen" | "print" | null;
      colorScheme?: "light" | "dark" | "no-preference" | null;
      reducedMotion?: "reduce" | "no-preference" | null;
    }): Promise<void>;
    /** @param type in place of the one before; without one the browser's own. What `emulateMediaFeatures` has set stays. */
    emulateMediaType(type?: string): Promise<void>;
    /** @param features in place of those before; without any the browser's own */
    emulateMediaFeatures(features?: MediaFeature[] | null): Promise<void>;
    /** @param timezone an IANA name such as "Asia/Tokyo"; without one the machine's */
    emulateTimezone(timezone?: string): Promise<void>;
    /** The page has no content security policy, from its next document on (cdp engine). */
    setBypassCSP(enabled: boolean): Promise<void>;
    /** Requests do not go through the page's service worker (cdp engine). */
    setBypassServiceWorker(bypass: boolean): Promise<void>;
    isServiceWorkerBypassed(): boolean;
    /** The cdp engine's, as are the next five. @param type default "none" */
    emulateVisionDeficiency(type?: VisionDeficiency): Promise<void>;
    /** @param factor how many times slower the processor is; null, or 1, is as fast as it is */
    emulateCPUThrottling(factor: number | null): Promise<void>;
    /** @param conditions null is as fast as it goes. `setOfflineMode` stays as it is, unless `offline` is given */
    emulateNetworkConditions(conditions: NetworkConditions | null): Promise<void>;
    /** @param overrides what an IdleDetector sees; without them, what is so */
    emulateIdleState(overrides?: { isUserActive: boolean; isScreenUnlocked: boolean }): Promise<void>;
    /** Whether the page believes that it has the focus, as every page does here at first. */
    emulateFocusedPage(enabled: boolean): Promise<void>;
    bringToFront(): Promise<void>;
    /** Durations are in seconds, from the first call on; sizes in bytes (cdp engine). */
    metrics(): Promise<Metrics>;
    /** Writes what is in the memory of the page's scripts, for the DevTools to open (cdp engine). */
    captureHeapSnapshot(options: { path: string }): Promise<void>;
    /** @param position.accuracy metres; default 0 */
    setGeolocation(position: { latitude: number; longitude: number; accuracy?: number }): Promise<void>;
    setOfflineMode(offline: boolean): Promise<void>;
    /** @param enabled default true */
    setCacheEnabled(enabled?: boolean): Promise<void>;
    /**
     * The cdp engine's. A request waits until the handler calls one of its methods, or its item ends; one whose handler throws or
     * rejects is aborted. @param handler true leaves it to the listeners of "request", as Puppeteer; false ends the interception
     */
    setRequestInterception(handler: ((request: InterceptedRequest) => unknown) | boolean): Promise<void>;
    /** Those that there are now. The cdp engine's. */
    workers(): WebWorker[];
    /** Another session of the DevTools protocol with the page; it sees this page and what is part of it. The cdp engine's. */
    createCDPSession(): Promise<CDPSession>;
    /** A command of the DevTools protocol, with Chromium. Isolation "reuse" does not undo what it has set. */
    cdp(method: string, params?: Record<string, unknown>): Promise<any>;
    /**
     * The same page as Puppeteer's own, for as long as the attempt runs: a Page of the package puppeteer-core, which has to be
     * installed. It sees this page and the pages opened from it. Called again it gives the same one. The cdp engine's.
     * @param options.puppeteer one of your own to connect with, such as puppeteer-extra; everything else goes to its `connect`,
     *   but for what says which browser to connect to
     * @see docs/puppeteer.md
     */
    puppeteer(options?: {
      puppeteer?: { connect(options: any): Promise<any> };
      [connectOption: string]: unknown;
    }): Promise<any>;
    /**
     * The same for Playwright: a Page of the package playwright-core. The cdp engine's.
     * @param options.playwright one of your own to connect with; everything else goes to its `chromium.connectOverCDP`
     */
    playwright(options?: {
      playwright?: { chromium: { connectOverCDP(...args: any[]): Promise<any> } };
      [connectOption: string]: unknown;
    }): Promise<any>;

    /**
     * phantom: a URL, or the path of a file. "fail" when it could not be had or timed out, or asks for a password; another HTTP
     * error is a "success". phantom's names reject nothing that PhantomJS accepts: numbers and truths may be text, members that
     * they do not know are ignored, and names that PhantomJS does not know are kept, with one warning.
     */
    open(url: string, settings?: PhantomRequest): Promise<"success" | "fail">;
    open(
      url: string,
      method: string,
      data?: PhantomRequest["data"],
      headers?: Record<string, string>,
    ): Promise<"success" | "fail">;
    openUrl(
      url: string,
      request?: string | PhantomRequest,
      settings?: Partial<PhantomSettings>,
    ): Promise<"success" | "fail">;
    /**
     * Stops loading. A navigation that waits for the load ends with `ERR_NAVIGATION`, and `open` with `"fail"`; what has come
     * stays. With WebDriver it does nothing before that navigation has ended, because a driver does one command at a time.
     */
    stop(): Promise<void>;
    /** @param delay milliseconds; the result is not waited for */
    evaluateAsync<Args extends unknown[]>(
      script: (...args: Args) => unknown,
      delay?: number,
      ...args: Args
    ): Promise<void>;
    /** @param script a function without arguments, or its text; one that throws gives null, and `onError` hears of it */
    evaluateJavaScript(script: string | (() => unknown)): Promise<any>;
    /** @returns the URL */
    includeJs(url: string): Promise<string>;
    /** @returns false when there is no such file, here or in the property libraryPath */
    injectJs(file: string): Promise<boolean>;
    /**
     * Writes the whole page, or its clipRect, honouring zoomFactor and, for pdf, paperSize.
     * @param options.format default: by the file's extension
     * @returns false when there is no such format, or the file cannot be written
     */
    render(file: string, options?: { format?: PhantomFormat; quality?: number | string }): Promise<boolean>;
    /** @param format default "png"; one that there is not gives an empty string */
    renderBase64(format?: PhantomFormat): Promise<string>;
    sendEvent(
      type: "mousemove" | "mousedown" | "mouseup" | "click" | "doubleclick",
      x?: number | null,
      y?: number | null,
      button?: "left" | "right" | "middle" | null,
      modifier?: number,
    ): Promise<void>;
    /** @param key text, or one of PhantomJS's key codes */
    sendEvent(
      type: "keydown" | "keyup" | "keypress",
      key: string | number,
      unused?: null,
      unusedToo?: null,
      modifier?: number,
    ): Promise<void>;
    /** @returns false for what is no cookie, or is too old */
    addCookie(cookie: PhantomCookie): Promise<boolean>;
    /** @returns true */
    clearCookies(): Promise<boolean>;
    /** The cdp engine's. */
    setProxy(url: string): Promise<void>;
    /** @returns false when there is no such frame */
    switchToFrame(frame: number | string): Promise<boolean>;
    switchToMainFrame(): Promise<void>;
    /** The same as `switchToFrame`. */
    switchToChildFrame(frame: number | string): Promise<boolean>;
    /** @returns false in the main frame */
    switchToParentFrame(): Promise<boolean>;
    /** Does nothing: the chosen frame is where input goes. */
    switchToFocusedFrame(): Promise<void>;
    childFramesCount(): Promise<number>;
    childFramesName(): Promise<string[]>;
    currentFrameName(): Promise<string>;
    /** @param steps in the page's history, back below 0; false where there is nothing */
    go(steps: number): Promise<boolean>;
    /** No window that a page has opened is kept by its name. */
    getPage(windowName: string): Promise<null>;
    /** Does nothing: what Chromium keeps in memory is its own matter. */
    clearMemoryCache(): Promise<void>;
    /** @param fn called with the page as `this` */
    defineMethod(name: string, fn: (this: Page, ...args: any[]) => unknown): Promise<void>;
    invokeMethod(name: string, ...args: unknown[]): Promise<any>;
    invokeAsyncMethod(name: string, ...args: unknown[]): Promise<any>;
    property<Name extends keyof PhantomProperties>(name: Name): Promise<PhantomProperties[Name]>;
    property<Name extends keyof PhantomWritable>(name: Name, value: PhantomWritable[Name]): Promise<void>;
    property(event: PhantomEvent): Promise<((...args: any[]) => void) | undefined>;
    /**
     * A callback as phantom's users set it: as `on(event, true, callback, ...args)`, in place of the one that was set before.
     * @param callback null takes it away
     */
    property(event: PhantomEvent, callback: ((...args: any[]) => void) | null, ...args: unknown[]): Promise<void>;
    setting<Name extends keyof PhantomSettings>(name: Name): Promise<PhantomSettings[Name]>;
    setting<Name extends keyof PhantomSettings>(name: Name, value: PhantomSettings[Name]): Promise<void>;
  }

  type PhantomFormat = "png" | "jpeg" | "jpg" | "webp" | "bmp" | "gif" | "pdf" | "PNG" | "JPEG" | "JPG" | "PDF";

  type PhantomEvent =
    | "onLoadStarted"
    | "onLoadFinished"
    | "onInitialized"
    | "onUrlChanged"
    | "onNavigationRequested"
    | "onResourceRequested"
    | "onResourceReceived"
    | "onResourceError"
    | "onResourceTimeout"
    | "onConsoleMessage"
    | "onError"
    | "onAlert"
    | "onConfirm"
    | "onPrompt"
    | "onCallback"
    | "onClosing"
    | "onPageCreated"
    | "onRepaintRequested"
    | "onFilePicker";

  interface PhantomRequest {
    /** Default "GET". */
    operation?: string;
    encoding?: string;
    headers?: Record<string, string>;
    /** An object is sent as a form. Data, headers, and another operation than GET are the cdp engine's. */
    data?: string | Record<string, unknown>;
  }

  interface PhantomCookie {
    name: string;
    value: string;
    domain?: string;
    path?: string;
    httponly?: boolean;
    secure?: boolean;
    /** A date as text, or milliseconds since 1970. */
    expires?: string | number;
    /** Seconds since 1970. */
    expiry?: number;
  }

  interface PhantomHeading {
    height?: Length;
    /** HTML, or a function that makes it for each page, from its number and how many there are. */
    contents: string | ((page: number, pages: number) => string);
  }

  /** Pixels are points, 1/72 inch, as in PhantomJS; so are those of the page that is printed. */
  interface PhantomPaperSize {
    format?: string;
    /** Turns a format; a width and a height are as they are. */
    orientation?: string;
    width?: Length;
    height?: Length;
    margin?: Length | { top?: Length; right?: Length; bottom?: Length; left?: Length };
    header?: PhantomHeading;
    footer?: PhantomHeading;
  }

  interface PhantomWritable {
    clipRect: { top?: number; left?: number; width?: number; height?: number };
    content: string;
    cookies: PhantomCookie[];
    customHeaders: Record<string, string | number>;
    frameContent: string;
    libraryPath: string;
    /** True only with the cdp engine. */
    navigationLocked: boolean;
    paperSize: PhantomPaperSize;
    scrollPosition: { top?: number; left?: number };
    /** All of them, as `setting` has each. */
    settings: Partial<PhantomSettings>;
    viewportSize: { width: number; height: number };
    /** Default 1. */
    zoomFactor: number;
  }

  interface PhantomProperties extends PhantomWritable {
    readonly canGoBack: boolean;
    readonly canGoForward: boolean;
    /** The numbers of keys and modifiers for `sendEvent`. */
    readonly event: { key: Record<string, number>; modifier: Record<string, number> };
    readonly focusedFrameName: string;
    readonly frameName: string;
    readonly framePlainText: string;
    readonly frameTitle: string;
    readonly frameUrl: string;
    readonly framesCount: number;
    readonly framesName: string[];
    readonly loading: boolean;
    /** Percent. */
    readonly loadingProgress: number;
    readonly offlineStoragePath: string;
    /** Bytes. */
    readonly offlineStorageQuota: number;
    readonly ownsPages: boolean;
    readonly pages: [];
    readonly pagesWindowName: [];
    readonly plainText: string;
    readonly title: string;
    readonly url: string;
    readonly windowName: string;
  }

  interface PhantomSettings {
    javascriptEnabled: boolean;
    /** Set only by the cdp engine; without it, phantomFlags `{ "load-images": "false" }`. */
    loadImages: boolean;
    localToRemoteUrlAccessEnabled: boolean;
    userAgent: string;
    userName: string | undefined;
    password: string | undefined;
    XSSAuditingEnabled: boolean;
    webSecurityEnabled: boolean;
    javascriptCanOpenWindows: boolean;
    javascriptCanCloseWindows: boolean;
    /**
     * Milliseconds that each resource may take (cdp engine): the page goes on without one that takes longer. Without it, and on
     * other engines, `open` may take 30000 or so many.
     */
    resourceTimeout: number | undefined;
  }
}
